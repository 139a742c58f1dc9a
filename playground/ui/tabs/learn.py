"""Learn: the lecture as nine guided pages, on the real networks' and the real run's own numbers.

The pages run in the visitor's browser (playground/ui/browser/learn). Their facts about the networks, the data and a
turn of training are computed once, when the page is built.
"""

from typing import Any

from playground.data import load_mnist
from playground.history import read_history
from playground.lessons.code import describe_code
from playground.lessons.curves import describe_curves
from playground.lessons.data import describe_data
from playground.lessons.game import describe_game
from playground.lessons.networks import describe_networks
from playground.lessons.objective import describe_objective
from playground.lessons.turn import describe_turn
from playground.shipped import Shipped
from playground.ui.glossary import glossary_or_none
from playground.ui.texts import texts
from playground.ui.widgets import Learn


def build_learn(shipped: Shipped) -> None:
    """Lay out the tab. Raises CheckpointError and DataError."""
    Learn(facts(shipped), glossary_or_none(), elem_id="learn")


def facts(shipped: Shipped) -> dict[str, Any]:
    """The facts that each page of the lesson shows, by the page's name, as plain data."""
    return {
        "game": describe_game(read_history()),
        "networks": describe_networks(shipped),
        "objective": describe_objective(read_history()),
        "turn": describe_turn(shipped, load_mnist()[0]),
        "data": describe_data(*load_mnist(train=False)),
        "code": describe_code(texts()),
        "curves": describe_curves(read_history()),
    }
