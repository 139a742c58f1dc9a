"""What the server keeps of every session: Gradio writes the whole page's configuration anew for each.

Nothing reads that copy, and every call of an endpoint that names no session makes one: 16 ms and 223 kB, measured,
while everybody else waits.
"""

from types import SimpleNamespace

import gradio as gr
from gradio.state_holder import StateHolder


class Page(gr.Blocks):
    """Blocks whose sessions begin without that copy: what a session changes is still written down in it."""

    @property
    def state_holder(self) -> StateHolder:
        """Gradio's sessions by name."""
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        # A session copies the configuration of those blocks that the page counts as its own: of none.
        holder.blocks = SimpleNamespace(default_config=self.default_config, blocks={})
        self._state_holder = holder
