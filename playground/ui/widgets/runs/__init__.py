"""The sheets of all runs side by side: the same 64 noises, and on demand D's verdict under each drawing."""

from typing import Any

from playground.ui.widgets import Widget


class Runs(Widget):
    """Shows {"runs": [{"name", "step", "origin", "src" (data URL of a sheet), "verdicts" (64 numbers)}, ...]}.

    `origin` is "scratch", an epoch, or "A:512": another run's name and step.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="runs", **props)
