"""Train live: the pair learns before the class's eyes, is paused, taken on step by step, forked and compared.

Lays out the tab and wires its events; what they do stands in handlers.py.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from playground.live.record import CHANGEABLE
from playground.live.workshop import Workshop
from playground.shipped import Shipped
from playground.training import TrainConfig
from playground.ui.downloads import SAVE
from playground.ui.tabs.train.commands import Command, Commands
from playground.ui.tabs.train.controls import (
    DIALS,
    INPUTS,
    OUTPUTS,
    STEPS,
    Controls,
    lay_out,
    read_settings,
    settings_of,
)
from playground.ui.tabs.train.endpoint import add_train
from playground.ui.tabs.train.handlers import Handlers
from playground.ui.texts import SEND_LANGUAGE
from playground.ui.turns import Turns
from playground.ui.visitors import Caller, handler, leave

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
SPOKEN: dict[str, Any] = {"js": SEND_LANGUAGE, **PRIVATE}


class Trained(NamedTuple):
    """What a run leaves for another tab: the button that opens it there, and `pair`, which makes both networks' files.

    `inputs` are what a handler needs for a Caller and the point; `pair(caller, point)` gives the paths.
    """

    explore: gr.Button
    inputs: list[Any]
    pair: Callable[[Caller, str], list[str]]


def build_train(
    page: gr.Blocks,
    language: gr.Textbox,
    visitor: gr.BrowserState,
    shipped: Shipped,
    workshop: Workshop,
    turns: Turns,
) -> Trained:
    """Lay out the tab and wire it."""
    parts = lay_out(workshop.line.limits)
    tab = Tab(parts, [language, visitor], Handlers(parts, visitor, workshop, turns.readers))
    tab.wire_commands(Commands(workshop, shipped))
    tab.wire_settings()
    tab.wire_device()
    tab.wire_points()
    tab.wire_files(turns)
    page.unload(leave)
    add_train(workshop.line, turns.readers)
    return Trained(tab.parts.explore, [*tab.caller, tab.parts.point], tab.handlers.pair)


class Tab:
    """Which event calls which handler. `caller` are the inputs that say who sends it."""

    def __init__(self, parts: Controls, caller: list[Any], handlers: Handlers) -> None:
        self.parts, self.caller, self.handlers = parts, caller, handlers
        trained = [parts.start, parts.pause, parts.go_on, parts.more, parts.cure, parts.stop, *parts.steps.values()]
        self.buttons = [*trained, parts.recipe, parts.fork, parts.drop, parts.reset, parts.undo, parts.files_row]
        # Where a run begins first: a file of settings does not say it.
        self.fields = [parts.settings[name] for name in ("begin", *settings_of(TrainConfig()))]
        self.standing = [*self.buttons, parts.points_row, parts.point, parts.status]

    def wire_commands(self, commands: Commands) -> None:
        """The buttons that train, and those that end it."""
        parts, handlers = self.parts, self.handlers
        pressed: dict[gr.Button, Command] = {parts.start: commands.start, parts.go_on: commands.go_on}
        pressed |= {parts.fork: commands.fork, parts.more: commands.more}
        pressed |= {button: commands.step_of(STEPS[name]) for name, button in parts.steps.items()}
        asked, ran = [*self.caller, parts.point, *parts.settings.values()], [*self.caller, parts.ticket]
        conclude = handler(handlers.conclude, otherwise=handlers.nothing)
        for button, command in {**pressed, parts.cure: commands.cure}.items():
            cure = button is parts.cure
            press = handler(partial(handlers.press_cure if cure else handlers.press, command), {parts.ticket: ""})
            given = asked[: len(self.caller) + 1] if cure else asked  # a cure brings its own settings
            changed = [parts.ticket, *self.buttons, *(self.fields if cure else [])]
            event = button.click(press, given, changed, **SPOKEN)
            event = event.then(handlers.watch, ran, parts.status, **SPOKEN)
            event.then(conclude, ran, self.standing, **SPOKEN)
        for button, ending in ((parts.pause, "paused"), (parts.stop, "stopped")):
            button.click(handler(partial(handlers.halt, ending)), self.caller, queue=False, **PRIVATE)

    def wire_settings(self) -> None:
        """Presets, recipes, settings that change a run under way, and files of settings."""
        parts, fields, handlers = self.parts, self.fields, self.handlers
        for chosen, take, other in (
            (parts.preset, handlers.take_preset, parts.recipe),
            (parts.recipe, handlers.take_recipe, parts.preset),
        ):
            taken = handler(take, otherwise=handlers.nothing)
            chosen.input(taken, [*self.caller, chosen], [*fields, other, parts.status, parts.reset], **SPOKEN)
        for name in CHANGEABLE:
            field: Any = parts.settings[name]
            events = [field.input] if isinstance(field, gr.Radio) else [field.blur, field.submit]
            gr.on(events, handler(partial(self.handlers.change, name)), [*self.caller, field], **SPOKEN)

        for name in DIALS:  # a slider follows its field
            number: Any = parts.settings[name]
            number.change(None, number, None, js=f"(value) => window.ganDial?.('{name}', value)", **PRIVATE)

        def open_settings(_: Caller, path: str) -> list[Any]:
            return [gr.skip(), *read_settings(Path(path).read_bytes()).values()]

        opened = handler(open_settings, otherwise=[gr.skip()] * len(fields))
        parts.open.upload(opened, [*self.caller, parts.open], fields, **SPOKEN)

    def wire_device(self) -> None:
        """Runs in the visitor's own browser: nothing here asks the server."""
        parts, settings = self.parts, self.parts.settings
        named = {**parts._asdict(), **parts.steps, **parts.files, **settings, "visitor": self.caller[1]}
        given, changed = [named[name] for name in INPUTS], [named[name] for name in OUTPUTS]
        parts.act.click(None, given, changed, js="(...given) => window.ganDevice.act(given)", **PRIVATE)
        for name in CHANGEABLE:
            field: Any = settings[name]
            events = [field.input] if isinstance(field, gr.Radio) else [field.blur, field.submit]
            gr.on(events, None, field, None, js=f"(value) => window.ganDevice.change('{name}', value)", **PRIVATE)

    def wire_points(self) -> None:
        """What a visitor finds again, chooses and deletes."""
        parts, handlers, chosen = self.parts, self.handlers, [*self.caller, self.parts.point]
        # Not at the page's load: a widget of a tab never opened would lose its properties with its first update.
        found = [handlers.visitor, parts.preset, *self.fields, *self.standing]
        parts.status.select(handlers.recall, self.caller, found, **SPOKEN)
        parts.point.input(handler(handlers.choose, handlers.nothing), chosen, self.standing, **SPOKEN)
        parts.drop.click(handler(handlers.drop, handlers.nothing), chosen, self.standing, **SPOKEN)
        parts.reset.click(handler(handlers.reset, handlers.nothing), self.caller, self.standing, **SPOKEN)
        parts.undo.click(handler(handlers.undo, handlers.nothing), self.caller, self.standing, **SPOKEN)

    def wire_files(self, turns: Turns) -> None:
        """A click makes the file, and the page saves it."""
        made, chosen = gr.JSON(visible=False), [*self.caller, self.parts.point]
        for name, button in self.parts.files.items():
            save = handler(partial(self.handlers.save, name), turns=turns)
            event = button.click(save, chosen, made, **SPOKEN)
            event.then(None, made, None, js=SAVE, **PRIVATE)
