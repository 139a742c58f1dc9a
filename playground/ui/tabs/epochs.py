"""200 epochs: the whole shipped run with one slider, from its own log and drawings.

Everything plays in the visitor's browser (playground/ui/browser/epochs/story.js).
"""

from functools import cache
from typing import Any

from plotly.io import templates

from playground.history import chapters, read_history
from playground.ui.widgets import Story

STYLES = ("plotly_white", "plotly", "ggplot2", "seaborn", "simple_white", "presentation", "plotly_dark")


def build_epochs() -> None:
    """Lay out the tab. Raises DataError."""
    rows = read_history()
    Story(rows, chapters(rows), styles(), elem_id="story")


@cache
def styles() -> dict[str, Any]:
    """Plotly's own templates by name, in place of the lecture's matplotlib style sheets (code 13-22)."""
    return {name: templates[name].to_plotly_json() for name in STYLES}
