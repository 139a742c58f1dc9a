"""What D tells G: eight drawings, and under each the gradient of G's loss by its pixels."""

from typing import Any

from playground.ui.widgets import Widget


class Lesson(Widget):
    """Shows {"src" (data URL of both rows), "strength" (of the largest gradient)}, or None before a run."""

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="lesson", **props)
