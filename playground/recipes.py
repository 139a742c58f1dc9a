"""Failures on demand: settings under which a pair fails in a known way, and what cures it.

A teacher starts one from the live tab, a class says beforehand what will happen, and the cure runs beside it. Each was
measured over five seeds: docs/recipes.md has the figures, `python -m playground.benchmark recipes` makes them anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playground.config import MOST_EPOCHS, TrainConfig
from playground.state import FIXED

SCRATCH = "scratch"  # new networks
# Settings with which a pair learns to draw within a minute; each recipe from scratch departs from them in a few.
SOUND: dict[str, Any] = {
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


@dataclass(frozen=True)
class Recipe:
    """One way to fail. `config` are its settings, `sign` is the failure that tells it (live/standing.py, `failures`).

    `origin` is where its run begins: "scratch", or a shipped epoch.

    `guesses` are the three answers a class chooses from: names of recipes, or "learns"; the recipe's own is among them.
    `cure` are the settings to change. The cured run continues with the networks as they are, a fork; `anew` says that
    those are past saving, or of another kind: then it begins anew, with the same seed.
    """

    config: TrainConfig
    sign: str
    guesses: tuple[str, str, str]
    cure: Mapping[str, Any]
    anew: bool = True
    origin: str = SCRATCH


def _spoilt(seconds: int, **settings: Any) -> TrainConfig:
    return TrainConfig(**{**SOUND, "seconds": seconds, **settings})


RECIPES: dict[str, Recipe] = {
    "vanishing": Recipe(
        _spoilt(15, loss="minimax", norm="none", dropout=0, k=5, lr_g=2e-4),
        "vanishing",
        ("learns", "vanishing", "diverged"),
        {"loss": "non-saturating", "seconds": 60.0},
        anew=False,
    ),
    "alike": Recipe(
        _spoilt(20, lr_g=0.3, lr_d=0.3),
        "alike",
        ("learns", "diverged", "alike"),
        {"lr_g": SOUND["lr_g"], "lr_d": SOUND["lr_d"], "seconds": 60.0},
    ),
    "diverged": Recipe(
        _spoilt(20, optimizer="sgd", beta1=0.9, lr_g=1, lr_d=1),
        "diverged",
        ("diverged", "learns", "vanishing"),
        {**{name: SOUND[name] for name in ("lr_g", "lr_d", "beta1")}, "optimizer": "adam", "seconds": 60.0},
    ),
    "collapse": Recipe(
        # From the lecture's last epoch, which draws all ten digits.
        TrainConfig(
            seconds=60, batch_size=128, precision="auto", epochs=MOST_EPOCHS, average=0.99, lr_g=1e-3, lr_d=1e-3
        ),
        "collapse",
        ("alike", "collapse", "learns"),
        {"lr_g": TrainConfig().lr_g, "lr_d": TrainConfig().lr_d},
        origin="199",
    ),
    "blind": Recipe(
        _spoilt(40, widths_d=(1,)),
        "blind",
        ("learns", "vanishing", "blind"),
        {"widths_d": SOUND["widths_d"], "seconds": 60.0},
    ),
    "narrow": Recipe(
        _spoilt(60, latent_dim=2),
        "narrow",
        ("narrow", "alike", "learns"),
        {"latent_dim": TrainConfig().latent_dim},
    ),
    "copies": Recipe(
        _spoilt(40, images=64),
        "copies",
        ("learns", "copies", "collapse"),
        {"images": None, "seconds": 60.0},
    ),
}


def recipe_of(config: TrainConfig, origin: str = SCRATCH) -> str | None:
    """The recipe that has these settings and begins there, whatever its seed; None for no recipe's."""
    for name, recipe in RECIPES.items():
        if replace(config, seed=recipe.config.seed) == recipe.config and origin == recipe.origin:
            return name
    return None


def cured(name: str, config: TrainConfig) -> TrainConfig:
    """The settings that cure a run of that recipe, with its seed."""
    return replace(config, **RECIPES[name].cure)


def can_fork(recipe: Recipe) -> bool:
    """Whether the cured run can continue with the networks of the failed one."""
    return not recipe.anew and not any(name in FIXED for name in recipe.cure)
