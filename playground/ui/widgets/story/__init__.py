"""The story of a whole run: one handle for its curves, its drawings and its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from playground.ui.widgets import Widget


class Story(Widget):
    """Without a value: the epoch that the handle stands at is in the address.

    `rows` are those of the run's log, `chapters` name the epochs to jump to, `styles` are Plotly's templates by name.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, float]],
        chapters: Mapping[str, int],
        styles: Mapping[str, Any],
        **props: Any,
    ) -> None:
        super().__init__(texts="epochs", rows=list(rows), chapters=dict(chapters), styles=dict(styles), **props)
