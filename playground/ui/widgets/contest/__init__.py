"""How the contest stands: a sentence, D's verdicts as histograms, and a census of what G draws."""

from typing import Any

from playground.ui.widgets import Widget


class Contest(Widget):
    """Shows {"stand" (a sentence of playground/contest.py), "d_real", "d_fake", "hist_real", "hist_fake" (counts),
    "counts" (ten, or None), "digits" (learnt from), "recognisable", "missing", "frechet" and "frechet_step" (or None),
    "move" (what one step changed, or None)}; or None before a run.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="contest", **props)
