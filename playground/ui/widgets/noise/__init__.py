"""More ways to move the noise: 128 bars to paint, a plane between four seeds, a walk that plays by itself."""

from typing import Any

from playground.ui.widgets import Widget


class Noise(Widget):
    """Without a value: it moves what `Explore` shows."""

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="noise", **props)
