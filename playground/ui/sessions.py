"""Gradio's page with sessions that cost little and connections that are bounded.

Gradio makes that copy for every session, and a session for every endpoint call that names none. Nothing reads it, and
it cost 16 ms and 223 kB, measured, while all other visitors waited.
"""

from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
from gradio.routes import App
from gradio.state_holder import StateHolder

from playground.live.workshop import Workshop
from playground.ui.guard.connections import bound_connections


class Page(gr.Blocks):
    """Blocks whose sessions start without that copy. They still record what they change.

    `workshop` has the runs of the page's visitors.
    """

    workshop: Workshop

    def launch(self, *arguments: Any, **options: Any) -> tuple[App, str, str]:
        """Gradio's own, with bounded connections where it returns at once: `prevent_thread_lock`."""
        launched: tuple[App, str, str] = super().launch(*arguments, **options)
        bound_connections(self.server)
        return launched

    @property
    def state_holder(self) -> StateHolder:
        """Gradio's sessions by name."""
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        # A session copies the configuration of all blocks in `holder.blocks.blocks`: there are none.
        holder.blocks = cast(gr.Blocks, SimpleNamespace(default_config=self.default_config, blocks={}))
        self._state_holder = holder
