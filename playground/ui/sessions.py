"""Gradio's sessions without their copy of the page's configuration.

Gradio makes that copy for every session, and a session for every endpoint call that names none. Nothing reads it, and
it cost 16 ms and 223 kB, measured, while all other visitors waited.
"""

from types import SimpleNamespace
from typing import cast

import gradio as gr
from gradio.state_holder import StateHolder

from playground.live.workshop import Workshop


class Page(gr.Blocks):
    """Blocks whose sessions start without that copy. They still record what they change.

    `workshop` has the runs of the page's visitors.
    """

    workshop: Workshop

    @property
    def state_holder(self) -> StateHolder:
        """Gradio's sessions by name."""
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        # A session copies the configuration of all blocks in `holder.blocks.blocks`: there are none.
        holder.blocks = cast(gr.Blocks, SimpleNamespace(default_config=self.default_config, blocks={}))
        self._state_holder = holder
