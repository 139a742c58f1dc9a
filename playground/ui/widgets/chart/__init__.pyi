"""Both losses as they come, in one chart that keeps its zoom: Plotly.react on the plotly.js of the plotly package."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

from playground.ui.widgets import Widget

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

from gradio.events import Dependency

class Chart(Widget):
    """Value: {"run": number of the run, "points": [[step, loss_g, loss_d, d_real, d_fake], ...]}."""

    def __init__(self, **props: Any) -> None:
        gr.set_static_paths([PLOTLY])
        source = f"/gradio_api/file={PLOTLY.as_posix()}?v={_version()}"
        super().__init__(texts="chart", source=source, **props)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component

@cache
def _version() -> str:
    """A part of the address that changes with the content, so that a browser may keep the file."""
    return hashlib.sha256(PLOTLY.read_bytes()).hexdigest()[:12]
