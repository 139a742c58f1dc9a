"""One picture from the server, large: what a live run draws."""

from typing import Any

from playground.ui.widgets import Widget


class Drawing(Widget):
    """Value: the data URL of a picture, or None before there is one."""

    def __init__(self, caption: str, **props: Any) -> None:
        """`caption` names a text below `drawing.`."""
        self.caption = caption
        super().__init__(texts="drawing", caption=caption, **props)
