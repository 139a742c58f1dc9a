"""Settings that were tried out, for a class to start with. docs/speed.md has the measurements of *Classroom*."""

from typing import Any

from playground.config import MOST_EPOCHS, TrainConfig

# Digits within a minute: fewer layers, BatchNorm in G, a moving average of G, optimisers with a short memory.
QUICK: dict[str, Any] = {
    "widths_g": (256, 512),
    "widths_d": (512, 256),
    "norm": "batch",
    "average": 0.99,
    "lr_g": 8e-4,
    "lr_d": 8e-4,
    "beta1": 0.0,
    "beta2": 0.99,
    "batch_size": 128,
    "precision": "auto",
    "epochs": MOST_EPOCHS,
}

PRESETS = {
    "lecture": TrainConfig(),
    "classroom": TrainConfig(seconds=60, **QUICK),
    "one_digit": TrainConfig(seconds=20, digits=(3,), **QUICK),
    "modern": TrainConfig(seconds=120, loss="r3gan", dropout=0, **QUICK),
}
