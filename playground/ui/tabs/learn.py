"""Learn: the lecture as nine guided pages, on the real networks' and the real run's own numbers.

The pages live in the visitor's browser (playground/ui/browser/lessons); what they show of the networks, the data and
a turn of training is computed here once, when the page is built.
"""

from typing import Any

from playground.shipped import Shipped
from playground.ui.widgets.learn import Learn


def build_learn(shipped: Shipped) -> None:
    """Lay out the tab. Raises CheckpointError and DataError."""
    Learn(facts(shipped), elem_id="learn")


def facts(shipped: Shipped) -> dict[str, Any]:
    """What each page of the lesson shows, by the page's name, as plain data."""
    return {}
