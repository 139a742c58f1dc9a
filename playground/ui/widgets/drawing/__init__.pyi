"""One drawing, large, with the detective's verdict as a meter beneath it."""

from typing import Any

from playground.ui.widgets import Widget

from gradio.events import Dependency

class Drawing(Widget):
    """Value: {"src": data URL of a 28 x 28 PNG, "verdict": 0 forged to 1 real, or None for no meter}."""

    def __init__(self, caption: str, **props: Any) -> None:
        """`caption` names a text below `drawing.`; `{epoch}` in it is filled from `epoch`."""
        self.caption = caption
        super().__init__(texts="drawing", caption=caption, **props)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component
