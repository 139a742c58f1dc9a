"""A row of small pictures, each of which can be saved, and files made of them."""

from typing import Any

from playground.ui.widgets import Widget


class Pictures(Widget):
    """Value: {"pictures": [{"src", "name", "caption" (a key below `pictures.`) or "label"}], "files": [...]}.

    All are data URLs; `files` (each "src", "name", "caption") become links under the row. `size` is a picture's
    smallest width in pixels.
    """

    def __init__(self, size: int, **props: Any) -> None:
        self.size = size
        super().__init__(texts="pictures", size=size, **props)
