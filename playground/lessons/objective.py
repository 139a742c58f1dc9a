"""The objective V(D, G): epochs of the real run whose two verdicts the page can show."""

from collections.abc import Sequence
from typing import Any

from playground.history import Row, chapters

PLACES = {"wins": "detective_wins", "end": "end"}  # a button of the page to a chapter of the run


def describe_objective(rows: Sequence[Row]) -> dict[str, Any]:
    """By button: the `epoch`, and its mean verdicts `d_real` and `d_fake` (0 forged to 1 real).

    Goodfellow et al. 2014, equation 1; the rows are those of `read_history`.
    """
    found = chapters(rows)
    named = {name: rows[found[chapter]] for name, chapter in PLACES.items()}
    return {name: {key: row[key] for key in ("epoch", "d_real", "d_fake")} for name, row in named.items()}
