"""The walk through two to four noises, along the arc and along the straight line at the same time."""

from collections.abc import Sequence
from typing import Any

from playground.ui.widgets import Widget


class Route(Widget):
    """Without a value: seeds, way and path stand in the page's address."""

    def __init__(self, epochs: Sequence[int], **props: Any) -> None:
        super().__init__(texts="route", epochs=list(epochs), **props)
