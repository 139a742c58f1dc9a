"""Every visible word, in both languages: texts/en.json and texts/ko.json hold the same keys."""

import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import gradio as gr
import torch
from gradio.i18n import I18nData

from playground.checked import ConfigError, shorten
from playground.checkpoints import ROLES, CheckpointError
from playground.data import DataError
from playground.live.store import Gone
from playground.live.workshop import Busy
from playground.live.line import LineFull, NoTraining
from playground.training import Diverged
from playground.live.zerogpu import NoGpu

LANGUAGES = ("en", "ko")
FOLDER = Path(__file__).parent / "texts"

# The page tells its language as the first input of an event: Accept-Language does not know of a visitor's choice.
SEND_LANGUAGE = "(_, ...values) => [document.documentElement.lang, ...values]"


@cache
def texts() -> dict[str, dict[str, str]]:
    """Language to key to text."""
    return {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in LANGUAGES}


def i18n() -> gr.I18n:
    """The texts as Gradio's `launch` takes them."""
    return gr.I18n(**texts())


def t(key: str) -> I18nData:
    """A text that the visitor's browser puts into its language. Raises KeyError for a key that does not exist."""
    if key not in texts()["en"]:
        raise KeyError(key)
    return I18nData(key)


def say(language: str | None, key: str, **values: object) -> str:
    """A text in the visitor's language, English where we do not speak it."""
    entries = texts().get((language or "en")[:2], texts()["en"])
    return entries[key].format(**values)


class NoPoint(LookupError):
    """Nothing was chosen that could be gone on from."""


SHORT = {LineFull: "error.full", Busy: "error.busy", Gone: "error.gone", NoPoint: "error.no_point",
         NoTraining: "error.no_training"}  # fmt: skip


def explain(language: str | None, error: Exception) -> str:
    """What went wrong and what is allowed, in one sentence of the visitor's language, as plain text."""
    if isinstance(error, ConfigError):
        label = f"field.{error.field}"
        name = say(language, label) if label in texts()["en"] else error.field
        got = say(language, "error.nothing") if error.got in (None, "") else shorten(error.got)
        limits = {key: str(value) for key, value in error.limits.items()}
        return say(language, f"error.{error.rule}", field=name, got=got, **limits)
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return say(language, "error.memory")
    if isinstance(error, Diverged):
        return say(language, "error.diverged", step=error.step)
    if isinstance(error, NoGpu):
        return say(language, "error.no_gpu", what=str(error).rstrip(".")[:200])
    for kind, key in SHORT.items():
        if isinstance(error, kind):
            return say(language, key)
    if isinstance(error, CheckpointError):
        known = f"file.{error.rule}"
        values = {
            name: say(language, f"role.{value}") if value in ROLES else value for name, value in error.values.items()
        }
        reason = say(language, known, **values) if known in texts()["en"] else error.reason
        return say(language, "error.file", name=Path(error.path).name, reason=reason)
    if isinstance(error, DataError):
        return say(language, "error.data", what=str(error))
    if isinstance(error, OSError):
        return say(language, "error.disk", what=error.strerror or str(error))
    return say(language, "error.other", what=str(error).splitlines()[0][:200] if str(error) else type(error).__name__)


REFUSALS = (ConfigError, CheckpointError, DataError, OSError, *SHORT)  # not the program's fault


@contextmanager
def politely(language: str | None) -> Iterator[None]:
    """Say in a toast what a visitor asked for that cannot be, and go on after the block."""
    try:
        yield
    except REFUSALS as error:
        gr.Warning(html.escape(explain(language, error), quote=False))  # toasts render HTML


@contextmanager
def plainly() -> Iterator[None]:
    """The same for an endpoint's caller: an error, in English and in the names that the endpoint has."""
    try:
        yield
    except REFUSALS as error:
        raise gr.Error(str(error) or explain("en", error), print_exception=False) from None
