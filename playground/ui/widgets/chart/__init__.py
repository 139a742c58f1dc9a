"""The curves of all runs in one plot that keeps its zoom: Plotly.react on the plotly.js of the plotly package."""

from typing import Any

from playground.ui.widgets import Widget


class Chart(Widget):
    """Shows {"runs": [{"name", "points": [[step, loss_g, loss_d, d_real, d_fake], ...], "marks": [[step, {language:
    words}], ...], "frechet": [[step, distance], ...], "balance" (of its Loss)}, ...], "current" (a name), "token"}.

    The zoom is kept as long as `token` stays.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="chart", **props)
