"""The objective V(D, G): epochs of the real run whose two verdicts the page can show."""

from collections.abc import Sequence
from typing import Any

from playground.history import Row, chapters

PLACES = {"wins": "detective_wins", "end": "end"}  # a button of the page to a chapter of the run


def describe_objective(rows: Sequence[Row]) -> dict[str, Any]:
    """By button: the `epoch`, its mean verdicts `d_real` and `d_fake` (0 forged to 1 real), and its mean losses.

    Goodfellow et al. 2014, equation 1; the rows are those of `read_history`. The losses are larger than those of the
    mean verdicts: the mean of logarithms is not the logarithm of the mean.
    """
    found = chapters(rows)
    named = {name: rows[found[chapter]] for name, chapter in PLACES.items()}
    told = ("epoch", "d_real", "d_fake", "loss_d", "loss_g")
    return {name: {key: row[key] for key in told} for name, row in named.items()}
