"""Widgets of our own: each a gr.HTML subclass with template.html, style.css and script.js in its folder."""

import inspect
from pathlib import Path
from typing import Any

import gradio as gr

from playground.ui.texts import words

COMMON = Path(__file__).parent / "common.js"

from gradio.events import Dependency

class Widget(gr.HTML):
    """A gr.HTML made of three files. Texts below `texts` reach the script in both languages as `props.words`."""

    def __init__(self, value: Any = None, *, texts: str, **props: Any) -> None:
        self.texts = texts
        folder = Path(inspect.getfile(type(self))).parent
        script = COMMON.read_text(encoding="utf-8") + (folder / "script.js").read_text(encoding="utf-8")
        super().__init__(
            value,
            html_template=(folder / "template.html").read_text(encoding="utf-8"),
            css_template=(folder / "style.css").read_text(encoding="utf-8"),
            js_on_load=script,
            words=words(texts),
            **props,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component

class _AsItCame:
    """Hands over what the visitor sent: the engine checks it and says what is allowed in the visitor's language."""

    is_template = True  # tells Gradio to draw the parent component

    def preprocess(self, payload: Any) -> Any:
        return payload

class Number(gr.Number):
    """gr.Number without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component

class Slider(gr.Slider):
    """gr.Slider without errors of its own."""

    def preprocess(self, payload: Any) -> Any:
        """Hand over what the visitor sent."""
        return payload
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component
