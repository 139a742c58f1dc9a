"""Every visible word, in both languages: texts/en.json and texts/ko.json hold the same keys."""

import html
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import gradio as gr
import torch
from gradio.i18n import I18nData

from playground.checked import Phrase, Refusal

LANGUAGES = ("en", "ko")
FOLDER = Path(__file__).parent / "texts"

# The page sends its language as the first input of an event: Accept-Language knows nothing of the switch on the page.
SEND_LANGUAGE = "(_, ...values) => [document.documentElement.lang, ...values]"


@cache
def texts() -> dict[str, dict[str, str]]:
    """Language to key to text."""
    return {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in LANGUAGES}


def i18n() -> gr.I18n:
    """The texts as Gradio's `launch` takes them."""
    return gr.I18n(**texts())


def t(key: str) -> I18nData:
    """A text that Gradio shows in the language of the visitor's browser. Raises KeyError for an unknown key."""
    if key not in texts()["en"]:
        raise KeyError(key)
    return I18nData(key)


def say(language: str | None, key: str, **values: object) -> str:
    """A text in the visitor's language, with `values` in its gaps; English for any other than LANGUAGES."""
    entries = texts().get((language or "en")[:2], texts()["en"])
    return entries[key].format(**values)


REFUSALS = (Refusal, OSError)  # not the program's fault


def explain(language: str | None, error: Exception) -> str:
    """An error as one sentence in the visitor's language: what went wrong, and what is allowed. Plain text, no HTML."""
    if isinstance(error, Refusal):
        return say(language, error.key, **_in_words(language, error.values))
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return say(language, "error.memory")
    if isinstance(error, OSError):
        return say(language, "error.disk", what=error.strerror or str(error))
    return say(language, "error.other", what=str(error).splitlines()[0][:200] if str(error) else type(error).__name__)


def _in_words(language: str | None, values: Mapping[str, object]) -> dict[str, object]:
    """The values of a sentence, with each Phrase among them put into the visitor's language."""
    return {name: _phrase(language, got) if isinstance(got, Phrase) else got for name, got in values.items()}


def _phrase(language: str | None, phrase: Phrase) -> str:
    if phrase.key not in texts()["en"]:
        return phrase.english
    return say(language, phrase.key, **_in_words(language, phrase.values))


@contextmanager
def politely(language: str | None) -> Iterator[None]:
    """Show a refusal as a toast, and continue after the `with` block."""
    try:
        yield
    except REFUSALS as error:
        gr.Warning(html.escape(explain(language, error), quote=False))  # toasts render HTML


@contextmanager
def plainly() -> Iterator[None]:
    """Raise a refusal as Gradio's error instead, for an endpoint's caller: in English, with the endpoint's names."""
    try:
        yield
    except REFUSALS as error:
        said = "" if isinstance(error, OSError) else str(error)  # the system's own words would name our folders
        raise gr.Error(said or explain("en", error), print_exception=False) from None
