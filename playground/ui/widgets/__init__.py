"""Widgets of our own: each a gr.HTML subclass with template.html, script.js and style sheets in its folder."""

import inspect
from pathlib import Path
from typing import Any

import gradio as gr

from playground.ui.assets import addresses
from playground.ui.texts import words

COMMON = Path(__file__).parent / "common.js"


class Widget(gr.HTML):
    """A gr.HTML made of three files. Its script finds the texts below `texts` and `common`, in all languages."""

    def __init__(self, value: Any = None, *, texts: str, **props: Any) -> None:
        self.texts = texts
        folder = Path(inspect.getfile(type(self))).parent
        script = COMMON.read_text(encoding="utf-8") + (folder / "script.js").read_text(encoding="utf-8")
        super().__init__(
            value,
            html_template=(folder / "template.html").read_text(encoding="utf-8"),
            css_template="".join(sheet.read_text(encoding="utf-8") for sheet in sorted(folder.glob("*.css"))),
            js_on_load=script,
            words=words("common", texts),
            assets=addresses(),
            **props,
        )


# What a visitor sends reaches the engine as it came: the engine checks it, and the page says what is allowed in the
# visitor's language. Gradio's own checks speak English. It finds a component's script by the name of its class.


class Number(gr.Number):
    """gr.Number without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload


class Slider(gr.Slider):
    """gr.Slider without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload


class Radio(gr.Radio):
    """gr.Radio without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload
