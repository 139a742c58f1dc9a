"""The glossary of docs/, as the lesson explains its terms: each with the words by which a text names it."""

import re
import sys
from pathlib import Path
from typing import TypedDict

from playground.data import PROJECT
from playground.ui.texts import LANGUAGES

FILES = {"en": "glossary.md", "ko": "glossary.ko.md"}
# Words that a text mostly means otherwise ("D only judges", "the button Step"), and too short ones.
EVERYDAY = {"run", "continue", "step", "judge", "recognisable", "arc", "straight line"}
EVERYDAY |= {"학습", "이어서 학습", "스텝", "알아볼 수 있음", "직선"}
SHORTEST = 2  # letters: G and D stand in every sentence


class Term(TypedDict):
    """A term as the glossary names it, its name in the other language, what it is, and the words to find it by."""

    name: str
    other: str
    meaning: str
    words: list[str]


def read_glossary(folder: Path = PROJECT / "docs") -> dict[str, list[Term]]:
    """Language to its terms. Raises OSError where a file is missing, ValueError for a row with too few cells."""
    return {language: _read(folder / FILES[language]) for language in LANGUAGES}


def glossary_or_none() -> dict[str, list[Term]]:
    """The same; no terms where a file cannot be read, since the lesson can do without them."""
    try:
        return read_glossary()
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return {language: [] for language in LANGUAGES}


def _read(path: Path) -> list[Term]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in lines[2:]]
    if short := next((row for row in rows if len(row) < 3 or not all(row)), None):
        raise ValueError(f"{path}: a row has a name, the other language's and a meaning, one has only {short}")
    terms: list[Term] = [
        {"name": name, "other": other, "meaning": meaning, "words": words_of(name)} for name, other, meaning in rows
    ]
    return [term for term in terms if term["words"]]


def words_of(name: str) -> list[str]:
    """How a text may name a term: `generator (forger), G` is found as generator, forger, and their plurals."""
    parts = [part.strip() for part in re.split(r"[(),]", name)]
    parts += [part.removesuffix(" z") for part in parts if part.endswith(" z")]
    singular = [part for part in parts if len(part) >= SHORTEST and part not in EVERYDAY]
    return singular + [_plural(word) for word in singular if word.isascii()]


def _plural(word: str) -> str:
    return word + ("es" if word.endswith(("s", "tch")) else "s")
