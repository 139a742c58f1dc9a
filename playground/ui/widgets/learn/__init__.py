"""The lesson: nine guided pages, each a module of playground/ui/browser/lessons and a style sheet here."""

from collections.abc import Mapping
from typing import Any

from playground.ui.widgets import Widget


class Learn(Widget):
    """Without a value: the page that is open stands in the address. `facts` holds what each page shows, by its name."""

    def __init__(self, facts: Mapping[str, Any], **props: Any) -> None:
        super().__init__(texts="learn", facts=dict(facts), **props)
