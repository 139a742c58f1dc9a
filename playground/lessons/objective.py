"""The objective V(D, G): places of the real run that the page sets its two verdicts to."""

from collections.abc import Sequence
from typing import Any

from playground.history import Row, chapters

PLACES = {"wins": "detective_wins", "end": "end"}  # a button of the page to the chapter of the story


def describe_objective(rows: Sequence[Row]) -> dict[str, Any]:
    """By button: the `epoch`, and its mean verdicts `d_real` and `d_fake` (0 forged to 1 real).

    Goodfellow et al. 2014, equation 1; the rows are those of `read_history`.
    """
    found = chapters(rows)
    return {name: {key: rows[found[chapter]][key] for key in ("epoch", "d_real", "d_fake")}
            for name, chapter in PLACES.items()}  # fmt: skip
