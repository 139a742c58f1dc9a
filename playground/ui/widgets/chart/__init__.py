"""Both losses as they come, in one chart that keeps its zoom: Plotly.react on the plotly.js of the plotly package."""

from typing import Any

from playground.ui.widgets import Widget


class Chart(Widget):
    """Value: {"run": name of the run, "points": [[step, loss_g, loss_d, d_real, d_fake], ...], "balance"}.

    `balance` is that of the run's Loss.
    """

    def __init__(self, **props: Any) -> None:
        super().__init__(texts="chart", **props)
