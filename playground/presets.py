"""Settings that somebody has tried: what a class presses Start with. README.md has what each was measured at."""

from playground.config import TrainConfig

# Digits within a minute: networks half as deep, BatchNorm in G, a moving average of it, a short memory of gradients.
QUICK = {
    "widths_g": (256, 512), "widths_d": (512, 256), "norm": "batch", "average": 0.99, "lr_g": 8e-4, "lr_d": 8e-4,
    "beta1": 0.0, "beta2": 0.99, "batch_size": 128, "precision": "auto", "epochs": 100_000,
}  # fmt: skip

PRESETS = {
    "lecture": TrainConfig(),
    "classroom": TrainConfig(seconds=60, **QUICK),
    "one_digit": TrainConfig(seconds=20, digits=(3,), **QUICK),
    "modern": TrainConfig(seconds=120, loss="r3gan", dropout=0, **QUICK),
}
