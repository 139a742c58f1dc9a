"""How a run stands: a bar and two sentences that move in place."""

from typing import Any

from playground.ui.widgets import Widget


class Status(Widget):
    """Value: {"phase", "place", "fraction", "step", "epoch", "epochs", "left" (seconds), "speed", "memory" (bytes, or
    None), "d_real", "d_fake", "error"}.

    `device` is what `devices.describe` says of the machine.
    """

    def __init__(self, device: dict[str, Any], **props: Any) -> None:
        self.device = device
        super().__init__(texts="status", device=device, **props)
