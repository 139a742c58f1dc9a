"""Look inside: the hidden layers of G as heat maps, and the drawing as a sum of its last layer's templates."""

from typing import Any

from playground.ui.widgets import Widget


class Inside(Widget):
    """Without a value: it looks into what `Explore` shows."""

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="inside", **props)
