"""One noise under the visitor's hand, drawn by the forger of every epoch: large drawings, and what moves them."""

from collections.abc import Sequence
from typing import Any

from playground.ui.widgets import Widget


class Explore(Widget):
    """Value: {"own": {"name", "metadata", "generator", "discriminator" or None}} when a visitor's own pair joins.

    `reals` is a picture (data URL) of real digits, ten by ten, for the one that can be laid beside;
    None where there are none.
    """

    def __init__(self, epochs: Sequence[int], reals: str | None, **props: Any) -> None:
        super().__init__(texts="explore", epochs=list(epochs), reals=reals, **props)
