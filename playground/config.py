"""The settings of a training run, which check themselves. Knows every limit, and nothing of torch."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from models import ARCHITECTURES


class ConfigError(ValueError):
    """A setting is out of bounds. `field`, `got` and `allowed` say which, so that a page can say it in its language."""

    def __init__(self, field: str, got: object, allowed: str) -> None:
        super().__init__(f"{field}: got {got!r}, allowed is {allowed}")
        self.field, self.got, self.allowed = field, got, allowed


def number(default: float | None, low: float, high: float, kind: type = float, optional: bool = False) -> Any:
    """A field for one number from `low` to `high`, both allowed."""
    return field(default=default, metadata={"kind": kind, "low": low, "high": high, "optional": optional})


def choice(default: str, *options: str) -> Any:
    """A field for one of a few words."""
    return field(default=default, metadata={"options": options})


def layers(*default: int) -> Any:
    """A field for the widths of one to eight hidden layers."""
    return field(default=default, metadata={"low": 1, "high": 4096, "most": 8})


@dataclass(frozen=True)
class TrainConfig:
    """What a run is made of; the defaults are the lecture's (codes 13-23 and 13-28).

    A run ends when its state has made `steps` steps where that is given, else `epochs` epochs, and in any case
    after `seconds` of wall time where that is given. `latent_dim` and the widths count units, learning rates are
    Adam's. A bad value raises ConfigError (a ValueError) that names the field, what it got and what is allowed.
    """

    architecture: str = choice("mlp", *ARCHITECTURES)
    batch_size: int = number(512, 1, 2048, int)
    epochs: int = number(200, 1, 100_000, int)
    steps: int | None = number(None, 1, 10_000_000, int, optional=True)
    seconds: float | None = number(None, 1, 604_800, optional=True)
    latent_dim: int = number(128, 1, 1024, int)
    k: int = number(1, 1, 10, int)
    lr_g: float = number(2e-4, 1e-7, 1.0)
    lr_d: float = number(2e-4, 1e-7, 1.0)
    beta1: float = number(0.9, 0.0, 0.9999)
    beta2: float = number(0.999, 0.0, 0.99999)
    loss: str = choice("non-saturating", "non-saturating")
    seed: int = number(0, 0, 2**31 - 1, int)
    device: str = choice("auto", "auto", "cpu", "cuda", "mps")
    precision: str = choice("fp32", "fp32", "bf16", "auto")
    widths_g: tuple[int, ...] = layers(256, 512, 1024)
    widths_d: tuple[int, ...] = layers(1024, 512, 256)

    def __post_init__(self) -> None:
        for setting in fields(self):
            object.__setattr__(self, setting.name, _checked(setting, getattr(self, setting.name)))

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any]) -> "TrainConfig":
        """A config from a JSON object; a name that is no setting raises ConfigError."""
        if not isinstance(settings, Mapping):
            raise ConfigError("settings", settings, "a JSON object")
        names = [setting.name for setting in fields(cls)]
        for name in settings:
            if name not in names:
                raise ConfigError(str(name), settings[name], f"one of the settings {', '.join(names)}")
        return cls(**settings)

    def to_json(self) -> str:
        """The config as it travels in a checkpoint's metadata."""
        return json.dumps(asdict(self))


def _checked(setting: Field, value: Any) -> Any:
    """The value as the field keeps it, or ConfigError."""
    rule = setting.metadata
    if "options" in rule:
        if value not in rule["options"]:
            raise ConfigError(setting.name, value, " or ".join(rule["options"]))
        return value
    if "most" in rule:
        return _checked_widths(setting.name, value, rule)
    if value is None and rule["optional"]:
        return None
    return _checked_number(setting.name, value, rule)


def _checked_number(name: str, value: Any, rule: Mapping[str, Any]) -> float:
    whole = rule["kind"] is int
    allowed = f"{'a whole number' if whole else 'a number'} from {rule['low']:g} to {rule['high']:.10g}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(name, value, allowed)
    if not rule["low"] <= value <= rule["high"] or (whole and value != int(value)):
        raise ConfigError(name, value, allowed)
    return rule["kind"](value)


def _checked_widths(name: str, value: Any, rule: Mapping[str, Any]) -> tuple[int, ...]:
    allowed = f"a list of one to {rule['most']} whole numbers from {rule['low']} to {rule['high']}"
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= rule["most"]:
        raise ConfigError(name, value, allowed)
    if any(type(width) is not int or not rule["low"] <= width <= rule["high"] for width in value):
        raise ConfigError(name, value, allowed)
    return tuple(value)
