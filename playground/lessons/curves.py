"""How to read a run's curves: the epochs to look at, and which digits its drawings repeat."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.gan import IMAGE_SIDE
from playground.data import normalise
from playground.history import Row, chapters
from playground.metrics import SAMPLES, census, load_judge
from playground.shipped import CHECKPOINTS, EPOCHS

FLAT = (36, 53, 70)  # G's loss stays the same from the first to the last of these epochs; the drawings improve
LECTURE = (  # epoch, loss of G, loss of D: the lines that the lecture prints of its own run (code 13-32)
    (0, 1.28965569, 0.94043517),
    (1, 2.55902362, 1.09625375),
    (2, 6.74595404, 0.20054729),
    (3, 1.58426058, 1.02565455),
    (4, 2.40962863, 1.11043680),
    (5, 4.19420624, 0.73168665),
    (194, 1.26986551, 1.09756744),
    (195, 1.28353238, 1.06755567),
    (196, 1.26950192, 1.08437514),
    (197, 1.23257947, 1.10518491),
    (198, 1.28899515, 1.08550680),
    (199, 1.31970513, 1.07432187),
)
FEW, MANY = 5, 9  # digits: an epoch with readable drawings and few of them repeats itself, one with many does not


def describe_curves(rows: Sequence[Row], folder: Path = CHECKPOINTS) -> dict[str, Any]:
    """What page 7 shows of the run in `folder` with the log `rows` (lecture, figure 13-31).

    `loss_g` and `loss_d` by epoch; `rows`, the log's rows that the text mentions, named as in `name_places`; and the
    `census` (see `count_digits`) of the epoch that repeats itself and of two later ones. `samples` is the number of
    drawings behind each row of the log, and `lecture` has the lines of the lecture's own log.
    Raises CheckpointError, and OSError for a sheet that is missing.
    """
    named = name_places(rows)
    _, *later = EPOCHS
    return {
        "loss_g": [row["loss_g"] for row in rows],
        "loss_d": [row["loss_d"] for row in rows],
        "rows": {name: rows[epoch] for name, epoch in named.items()},
        "samples": SAMPLES,
        "lecture": [dict(zip(("epoch", "loss_g", "loss_d"), line, strict=True)) for line in LECTURE],
        "census": [count_digits(epoch, folder) for epoch in (named["repeats"], *later)],
    }


def name_places(rows: Sequence[Row]) -> dict[str, int]:
    """The epochs that the text mentions, by name.

    G's loss is highest at `rise` and, while nothing can be read, lowest at `low`; D's is highest at `stumble` and, from
    there on, lowest at `lead`; `flat` lies in a plateau from `flat_from` to `flat_to`. `repeats` is the most readable
    epoch with at most FEW digits, and of those with MANY `varied` has the losses most like it. In `collapse` digits are
    lost that `drew`, the epoch before, had; `begin` and `late` are the first and the last epoch.
    """
    begin, _, late = EPOCHS
    found = chapters(rows)
    repeats = max((row for row in rows if row["digits"] <= FEW), key=lambda row: row["recognisable"])
    varied = min((row for row in rows if row["digits"] == MANY), key=lambda row: _apart(row, repeats))
    low = min((row for row in rows[1:] if not row["recognisable"]), key=lambda row: row["loss_g"])
    return {
        "begin": begin,
        "rise": found["detective_wins"],
        "low": int(low["epoch"]),
        "stumble": int(max(rows, key=lambda row: row["loss_d"])["epoch"]),
        "lead": int(min(rows[int(low["epoch"]) :], key=lambda row: row["loss_d"])["epoch"]),
        **dict(zip(("flat_from", "flat", "flat_to"), FLAT, strict=True)),
        "repeats": int(repeats["epoch"]),
        "varied": int(varied["epoch"]),
        "drew": found["collapse"] - 1,
        "collapse": found["collapse"],
        "late": late,
    }


def _apart(row: Row, other: Row) -> float:
    """How far the losses of two epochs are from each other."""
    return abs(row["loss_g"] - other["loss_g"]) + abs(row["loss_d"] - other["loss_d"])


def count_digits(epoch: int, folder: Path = CHECKPOINTS) -> dict[str, Any]:
    """How often the judge finds each digit on an epoch's sheet: {"epoch", "counts" (ten numbers), "drawings" (64)}."""
    sheet = np.array(Image.open(folder / "drawings" / f"epoch-{epoch:03d}.png"))
    rows = torch.from_numpy(sheet).split(IMAGE_SIDE)
    drawings = torch.cat([torch.stack(row.split(IMAGE_SIDE, dim=1)) for row in rows])
    judge = load_judge(folder / "judge.safetensors")
    with torch.inference_mode():
        answers = judge.answer(judge.embed(normalise(drawings)[:, None]))
    return {"epoch": epoch, "counts": list(census(answers).counts), "drawings": len(drawings)}
