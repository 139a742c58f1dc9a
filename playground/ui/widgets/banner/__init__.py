"""The head of the page: the switch of languages, the link to what one sees, and a word when a link is damaged."""

from collections.abc import Sequence
from typing import Any

from playground.ui.texts import texts
from playground.ui.widgets import Widget


class Banner(Widget):
    """Without a value: what it shows comes from the page's address."""

    def __init__(self, tabs: Sequence[str], lan: str | None = None, **props: Any) -> None:
        """`tabs` are the keys of the tabs' names, which Gradio leaves in their first language until they are opened.

        `lan` is the machine's address in its network, where the page is served to that.
        """
        names = [[entries[key] for entries in texts().values()] for key in tabs]
        super().__init__(texts="banner", languages=list(texts()), tabs=names, lan=lan, **props)
