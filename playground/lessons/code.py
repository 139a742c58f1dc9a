"""The lecture's program as cells, and as a Jupyter notebook in a language of the page."""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playground.data import PROJECT

PROGRAM = PROJECT / "playground" / "lessons" / "program.py"
HEADING = re.compile(r"^# %% (13-\d\d) (\w+)\n", re.MULTILINE)

Words = Mapping[str, str]  # key to text, in one language
Notebook = dict[str, Any]


class Cell(NamedTuple):
    """A part of the program: the lecture's `number` of its code, our name for it, and its lines."""

    number: str
    name: str
    code: str


def describe_code(words: Mapping[str, Words]) -> dict[str, Any]:
    """What page 6 shows: `notebooks` by language, and the `settings` that the program sets (whole numbers).

    `batches` is the number of batches of an epoch, `last` the number of the last one, counted from 0. `words` are the
    texts of the page by language. Raises OSError where the program is missing.
    """
    cells = read_cells()
    settings = read_settings(cells)
    batches = -(-settings["images"] // settings["batch_size"])
    return {
        "notebooks": {language: make_notebook(cells, texts) for language, texts in words.items()},
        "settings": settings,
        "batches": batches,
        "last": batches - 1,
    }


def read_cells(path: Path = PROGRAM) -> list[Cell]:
    """The cells of a program, each of which begins with a line `# %% 13-24 name`. Raises OSError."""
    _, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    return [Cell(parts[i], parts[i + 1], parts[i + 2].strip()) for i in range(0, len(parts), 3)]


def read_settings(cells: Sequence[Cell]) -> dict[str, int]:
    """The names and whole numbers that the cell `settings` sets (lecture, code 13-23)."""
    code = next(cell.code for cell in cells if cell.name == "settings")
    found = {}
    for line in ast.parse(code).body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(number))):
                found[name] = number
    return found


def make_notebook(cells: Sequence[Cell], words: Words) -> Notebook:
    """A notebook (nbformat 4.5): a title, and before every cell of code its heading and a sentence from `words`."""
    made = [_markdown("title", f"# {words['learn.code_notebook']}\n\n{words['learn.code_needs']}")]
    for number, name, code in cells:
        heading = f"## {number} {words[f'learn.code_{name}_title']}"
        made.append(_markdown(f"about-{name}", f"{heading}\n\n{words[f'learn.code_{name}_text']}"))
        about = {"lecture": number}
        made.append(
            {"cell_type": "code", "id": name, "metadata": about, "source": code, "execution_count": None, "outputs": []}
        )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
