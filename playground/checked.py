"""Dataclasses that check themselves: each field carries its limits, and a bad value gives one clear sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, NamedTuple, TypeVar

Self = TypeVar("Self", bound="Checked")


class Phrase(NamedTuple):
    """A part of a sentence that each language has words for: a key of the page's texts and what fills its gaps.

    `english` stands in where the texts have no such key.
    """

    key: str
    english: str
    values: Mapping[str, object] = {}


class Refusal(Exception):
    """Base of all errors that are not the program's fault: what was asked for cannot be done.

    `key` names a sentence of the page's texts ("error.full", ...) and `values` fill its gaps: text, numbers or Phrases.
    A subclass whose sentence never changes has its `key` as a class attribute. `message` is the English that `str()`
    gives, empty where only the page's texts have a sentence.
    """

    key: str

    def __init__(self, key: str = "", /, message: str = "", **values: object) -> None:
        self.key, self.values = key or self.key, values
        super().__init__(message)


class ConfigError(Refusal, ValueError):
    """The setting `field` is out of bounds: it `got` a value that breaks the `rule` of SENTENCES with its `limits`."""

    def __init__(self, field: str, got: object, rule: str, **limits: object) -> None:
        self.field, self.got, self.rule, self.limits = field, got, rule, limits
        super().__init__(
            f"error.{rule}",
            message=f"{field}: got {shorten(got)}, allowed is {SENTENCES[rule].format(**limits)}",
            field=Phrase(f"field.{field}", field),
            got=Phrase("error.nothing", "nothing") if got is None or got == "" else shorten(got),
            **{name: str(limit) for name, limit in limits.items()},
        )


SENTENCES = {
    "whole": "a whole number from {low} to {high}",
    "number": "a number from {low} to {high}",
    "numbers": "a list of {count} numbers from {low} to {high}",
    "wholes": "a list of {least} to {most} whole numbers from {low} to {high}",
    "weights": "layers of at most {high} weights together, these have {count}",
    "choice": "{options}",
    "object": "a JSON object",
    "name": "one of the names {options}",
    "flag": "true or false",
}


def shorten(got: object, longest: int = 40) -> str:
    """A value as text that is short enough for a sentence."""
    try:
        text = repr(got)
    except ValueError:  # a whole number with more digits than Python prints
        text = "a huge number"
    return text if len(text) <= longest else text[:longest] + "…"


def number(default: float | None, low: float, high: float, whole: bool = False, optional: bool = False) -> Any:
    """A field for one number from `low` to `high`, both allowed."""
    rule = "whole" if whole else "number"
    return field(default=default, metadata={"rule": rule, "low": low, "high": high, "optional": optional})


def whole(default: int | None, low: int, high: int, optional: bool = False) -> Any:
    """A field for one whole number from `low` to `high`, both allowed."""
    return number(default, low, high, True, optional)


def numbers(count: int, low: float, high: float) -> Any:
    """A field for a list of `count` numbers from `low` to `high`, all 0 by default."""
    return field(default=(0.0,) * count, metadata={"rule": "numbers", "count": count, "low": low, "high": high})


def wholes(default: tuple[int, ...], low: int, high: int, least: int, most: int) -> Any:
    """A field for a list of `least` to `most` whole numbers from `low` to `high`."""
    return field(default=default, metadata={"rule": "wholes", "low": low, "high": high, "least": least, "most": most})


def widths(*default: int) -> Any:
    """A field for the widths of one to eight hidden layers."""
    return wholes(default, 1, 4096, 1, 8)


def choice(default: Any, *options: Any) -> Any:
    """A field for one of a few words or numbers."""
    return field(default=default, metadata={"rule": "choice", "options": options})


def flag(default: bool) -> Any:
    """A field for yes or no."""
    return field(default=default, metadata={"rule": "flag"})


@dataclass(frozen=True)
class Checked:
    """Base of a frozen dataclass whose fields the functions above make. A bad value raises ConfigError."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = _CHECKS[setting.metadata["rule"]](setting, getattr(self, setting.name))
            object.__setattr__(self, setting.name, value)

    @classmethod
    def from_mapping(cls: type[Self], settings: Mapping[str, Any]) -> Self:
        """Made from a JSON object. A name that is not a field raises ConfigError too."""
        if not isinstance(settings, Mapping):
            raise ConfigError("settings", settings, "object")
        known = [setting.name for setting in fields(cls)]
        for name in settings:
            if name not in known:
                raise ConfigError(shorten(name).strip("'\""), settings[name], "name", options=", ".join(known))
        return cls(**settings)


def rules_of(kind: type[Checked]) -> dict[str, dict[str, Any]]:
    """Each field's rule, limits and default as plain data, for checks in the browser (engine/config.js)."""
    return {setting.name: {**setting.metadata, "default": setting.default} for setting in fields(kind)}


def _check_number(setting: Field[Any], value: Any) -> float | None:
    rule = setting.metadata
    if value is None and rule["optional"]:
        return None
    is_whole = rule["rule"] == "whole"
    if not _fits(value, rule) or (is_whole and value != int(value)):
        raise ConfigError(setting.name, value, rule["rule"], **_limits(rule))
    return int(value) if is_whole else float(value)


def _check_numbers(setting: Field[Any], value: Any) -> tuple[float, ...]:
    rule = setting.metadata
    if not _is_list(value) or len(value) != rule["count"] or not all(_fits(item, rule) for item in value):
        raise ConfigError(setting.name, value, "numbers", count=rule["count"], **_limits(rule))
    return tuple(float(item) for item in value)


def _check_wholes(setting: Field[Any], value: Any) -> tuple[int, ...]:
    rule = setting.metadata
    fits = _is_list(value) and rule["least"] <= len(value) <= rule["most"]
    if not fits or not all(type(item) is int and _fits(item, rule) for item in value):
        raise ConfigError(setting.name, value, "wholes", least=rule["least"], most=rule["most"], **_limits(rule))
    return tuple(value)


def _check_choice(setting: Field[Any], value: Any) -> Any:
    options = setting.metadata["options"]
    if isinstance(value, bool) or value not in options:
        raise ConfigError(setting.name, value, "choice", options=", ".join(map(str, options)))
    return options[options.index(value)]


def _check_flag(setting: Field[Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(setting.name, value, "flag")
    return value


def _fits(value: Any, rule: Mapping[str, Any]) -> bool:
    """Whether this is a number within the rule's limits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(rule["low"] <= value <= rule["high"])  # false for NaN


def _limits(rule: Mapping[str, Any]) -> dict[str, str]:
    return {name: f"{rule[name]:.10f}".rstrip("0").rstrip(".") for name in ("low", "high")}  # never 1e-07


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


_CHECKS: dict[str, Callable[[Field[Any], Any], Any]] = {
    "whole": _check_number,
    "number": _check_number,
    "numbers": _check_numbers,
    "wholes": _check_wholes,
    "choice": _check_choice,
    "flag": _check_flag,
}
