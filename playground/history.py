"""The log of a whole run, one row an epoch, and the moments in it that a class should see."""

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from playground.data import DataError
from playground.metrics import LEAST_RECOGNISED
from playground.shipped import CHECKPOINTS, EPOCHS

COLUMNS = ["epoch", "loss_g", "loss_d", "d_real", "d_fake", "frechet", "recognisable", "digits", "entropy", "seconds"]
WHOLE = ("epoch", "digits")

Row = dict[str, float]


def read_history(folder: Path = CHECKPOINTS) -> list[Row]:
    """The rows of a run's history.csv, by column, in the order of its epochs.

    `loss_g`, `loss_d`, `d_real` and `d_fake` are means over the epoch (0 and more; verdicts 0 to 1), `frechet` is the
    distance of 10,000 drawings from the test images, `recognisable` a share (0 to 1), `digits` a count (0 to 10),
    `entropy` 0 to 1, `seconds` the duration of the epoch. Raises DataError where the file is missing or damaged.
    """
    path = folder / "history.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name: float(row[name]) for name in COLUMNS} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    return [row | {name: int(row[name]) for name in WHOLE} for row in rows]


def chapters(rows: Sequence[Row]) -> dict[str, int]:
    """The chapters of a whole run: name to the epoch that it starts with, in the order of time.

    D wins where G's loss is highest. The first digits come when the judge accepts a fifth of the drawings. A collapse
    is the epoch that has lost most of the digits that the epoch before still drew, both of them readable.
    """
    detective_wins = max(rows, key=lambda row: row["loss_g"])
    first_digits = next(row for row in rows if row["recognisable"] >= LEAST_RECOGNISED)
    begin, middle, end = EPOCHS
    named = {
        "begin": begin,
        "detective_wins": int(detective_wins["epoch"]),
        "first_digits": int(first_digits["epoch"]),
        **_collapse(rows),
        "middle": middle,
        "end": end,
    }
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _collapse(rows: Sequence[Row]) -> dict[str, int]:
    """The chapter of the collapse; none where no digit was lost."""
    readable = [pair for pair in pairwise(rows) if min(row["recognisable"] for row in pair) >= LEAST_RECOGNISED]
    losses = [(before["digits"] - after["digits"], -int(after["epoch"])) for before, after in readable]
    lost, epoch = max(losses, default=(0, 0))
    return {"collapse": -epoch} if lost > 0 else {}
