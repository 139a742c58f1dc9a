"""Gradio's page with sessions that cost little and connections that are bounded.

For every session, and for every endpoint call that names none, Gradio copies the configuration of the whole page, and
describes anew each component that an event brings along. Only its deep links read that, which this page has not. The
copy cost 16 ms and 223 kB, the descriptions an eighth of the time of a busy server, measured, while all others waited.
"""

from copy import copy
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
from gradio.blocks import BlocksConfig
from gradio.routes import App
from gradio.state_holder import StateHolder

from playground.live.workshop import Workshop
from playground.ui.guard.connections import bound_connections


class Page(gr.Blocks):
    """Blocks whose sessions keep the values of their own components, and no configuration.

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
        # A session describes the blocks in `holder.blocks.blocks`: there are none.
        holder.blocks = cast(gr.Blocks, SimpleNamespace(default_config=_Undescribed(self.default_config), blocks={}))
        self._state_holder = holder


class _Undescribed:
    """The page's components for sessions to copy; the copies describe none of them."""

    def __init__(self, config: BlocksConfig) -> None:
        self._config = config

    def __copy__(self) -> BlocksConfig:
        mine = copy(self._config)
        mine.config_for_block = lambda *_: {}  # type: ignore[method-assign]
        return mine
