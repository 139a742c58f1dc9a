"""Sixty-four drawings of every epoch, beside sixty-four real digits: the lecture's figures 13-25, 13-27 and 13-30."""

from typing import Any

from playground.ui.widgets import Widget


class Many(Widget):
    """Without a value: it draws the seeds that follow the one in `Explore`."""

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="many", **props)
