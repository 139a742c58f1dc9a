"""Settings that were tried out, for a class to start with. docs/speed.md has what was measured of them."""

from typing import Any

from playground.config import MOST_EPOCHS, TrainConfig

# Digits within half a minute, on a phone too: small networks, BatchNorm in G, a moving average of it, optimisers with a
# short memory. Without dropout, D learns so quickly that its rate has to be the lower one (Heusel et al. 2017).
QUICK: dict[str, Any] = {
    "widths_g": (64, 128, 256),
    "widths_d": (256, 256),
    "norm": "batch",
    "average": 0.998,
    "dropout": 0,
    "lr_g": 2e-3,
    "lr_d": 6e-4,
    "beta1": 0.0,
    "beta2": 0.99,
    "batch_size": 128,
    "precision": "auto",
    "epochs": MOST_EPOCHS,
}

PRESETS = {
    "lecture": TrainConfig(),
    "pocket": TrainConfig(**QUICK),
    "classroom": TrainConfig(seconds=60, **QUICK),
    "one_digit": TrainConfig(seconds=20, digits=(3,), **{**QUICK, "batch_size": 32}),
    "modern": TrainConfig(seconds=120, loss="r3gan", **QUICK),
}
BEGINS = {"device": "pocket", "server": "classroom"}  # where a run trains, to the preset that it begins with
