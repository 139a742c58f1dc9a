"""How a run stands: a bar and two sentences that move in place. It also hands on what the tab's other widgets show."""

from typing import Any

from playground.limits import Limits
from playground.ui.widgets import Widget


class Status(Widget):
    """Value: what is news of {"status", "chart", "sheets", "contest", "lesson"}, each as its widget describes it.

    "status" is {"phase", "place", "fraction", "step", "epoch", "epochs", "left" (seconds), "speed", "memory" (bytes, or
    None), "d_real", "d_fake", "error"}. `device` is what `devices.describe` says of the machine, and
    `limits` what a run may take. It is selected, as Gradio calls it, when the tab is opened for the first
    time.
    """

    def __init__(self, device: dict[str, Any], limits: Limits, **props: Any) -> None:
        self.device = device
        super().__init__(texts="status", device=device, minutes=round(limits.run_seconds / 60), **props)
