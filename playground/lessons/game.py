"""The game between forger and detective: one noise, and D's mean verdicts epoch by epoch."""

from collections.abc import Sequence
from typing import Any

from playground.history import Row
from playground.latent import noise
from playground.shipped import DrawRequest

SEED = DrawRequest().seed  # Explore opens with it, and every sheet of drawings shows it


def describe_game(rows: Sequence[Row]) -> dict[str, Any]:
    """The page's numbers: `seed` (0 to 63), its `noise` (128 numbers), `d_real` and `d_fake` (one verdict an epoch).

    A verdict is the mean of an epoch, 0 forged to 1 real (lecture, figures 13-21 and 13-23).
    """
    return {
        "seed": SEED,
        "noise": [round(value, 3) for value in noise(SEED).tolist()],
        "d_real": [row["d_real"] for row in rows],
        "d_fake": [row["d_fake"] for row in rows],
    }
