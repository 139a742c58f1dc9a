"""What the live tab's events call: each handler asks the workshop or the store, and returns what is shown."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from playground.checked import ConfigError
from playground.config import TrainConfig
from playground.live.run import Run
from playground.live.shelf import Gone, Point, Shelf
from playground.live.workshop import Workshop
from playground.presets import PRESETS
from playground.recipes import RECIPES, SCRATCH
from playground.ui.downloads import as_file
from playground.ui.readers import Readers
from playground.ui.tabs.train.commands import Asked, Command, known, read_point
from playground.ui.tabs.train.controls import Controls, read_config, settings_of
from playground.ui.tabs.train.files import make_file
from playground.ui.tabs.train.shown import Glimpses, News, all_parts, expected, failure, wants_time
from playground.ui.texts import politely
from playground.ui.visitors import KEYS, Caller, Page, is_key

LOOK_EVERY = 0.45  # seconds between two looks at a run
WAIT_EVERY = 1.5  # seconds between two looks at a run in line, behind others
Updates = dict[Any, Any]  # components to what they become; those left out stay as they are


class Handlers:
    """The handlers. Those that take a Caller are made handlers of Gradio's by `visitors.handler`."""

    def __init__(self, parts: Controls, visitor: gr.BrowserState, workshop: Workshop, readers: Readers) -> None:
        self.parts, self.visitor, self.workshop, self.readers = parts, visitor, workshop, readers

    @property
    def nothing(self) -> Updates:
        """What changes nothing: Gradio takes an empty dict for a value."""
        return {self.parts.reset: gr.skip()}

    def press(self, command: Command, caller: Caller, point: str, *settings: Any) -> Updates:
        """A button that trains: put a run into the line. The ticket tells `watch` and `conclude` which one."""
        chosen = dict(zip(self.parts.settings, settings, strict=True))
        origin = chosen.pop("begin")
        run = command(Asked(caller.key, caller.address, read_config(chosen), origin, read_point(point)))
        return {self.parts.ticket: run.ticket, **self.buttons(busy=True)}

    def press_cure(self, command: Command, caller: Caller, point: str) -> Updates:
        """The cure: put it into the line, and show its settings."""
        run = command(Asked(caller.key, caller.address, TrainConfig(), SCRATCH, read_point(point)))
        fields = self.fields(run.order.config or run.record.config, run.record.origin)
        ticket = {self.parts.ticket: run.ticket, self.parts.recipe: gr.update(value=None, interactive=False)}
        return {**self.buttons(busy=True), **ticket, **fields}

    def take_preset(self, caller: Caller, name: str) -> Updates:
        """The settings of a preset."""
        if name not in tuple(PRESETS):
            raise ConfigError("preset", name, "choice", options=", ".join(PRESETS))
        parts = self.parts
        return {**self.fields(PRESETS[name], SCRATCH), parts.recipe: None, parts.status: {"failure": None}}

    def take_recipe(self, caller: Caller, name: str) -> Updates:
        """The settings of a recipe; the class is asked what they will do."""
        if name not in tuple(RECIPES):
            raise ConfigError("recipe", name, "choice", options=", ".join(RECIPES))
        parts, recipe = self.parts, RECIPES[name]
        fields = self.fields(recipe.config, recipe.origin)
        return {**fields, parts.preset: None, parts.status: {"failure": expected(name)}}

    def fields(self, config: TrainConfig, origin: str) -> Updates:
        """The fields as a config has them, and where a run begins: for a fork's beginning there is no field."""
        begin = {"begin": int(origin) if origin.isdecimal() else SCRATCH}
        return {self.parts.settings[name]: value for name, value in {**begin, **settings_of(config)}.items()}

    async def watch(
        self, request: gr.Request, language: str, visitor: Any, ticket: str
    ) -> AsyncIterator[dict[str, Any]]:
        """Show a run to its end. It has one output: Gradio makes each anew with every yield, also those left out.

        A run has one watcher: where a second one comes, the first ends.
        """
        shelf = await asyncio.to_thread(self.shelf, Caller.of(request, language, visitor))  # the store may be busy
        if shelf.run is None or shelf.run.ticket != ticket:
            return
        run, glimpses, news = shelf.run, Glimpses(shelf, shelf.run, language), News(shelf.run)
        run.watcher = glimpses
        try:
            while not run.over and run.watcher is glimpses:
                if self.readers.read(request.session_hash):
                    run.seen()
                if news.due():
                    yield glimpses.next()
                await asyncio.sleep(WAIT_EVERY if run.place else LOOK_EVERY)
            if run.over:
                yield glimpses.last()
        finally:  # also when the visitor has closed the tab
            if run.watcher is glimpses:
                run.halt()

    def conclude(self, caller: Caller, ticket: str) -> Updates:
        """After a run: what it can be continued from."""
        if not ticket:  # the click was refused
            return self.nothing
        shelf = self.workshop.store.claim(caller.key)
        if shelf.run is None or shelf.run.ticket != ticket or not shelf.run.over:
            return self.buttons(busy=False)
        run, at_rest = shelf.run, self.at_rest(shelf, latest(shelf, shelf.run.record.name))
        more = run.phase == "finished" and not run.order.players and wants_time(run.record)
        at_rest[self.parts.status]["desk"]["more"] = more
        return {**at_rest, self.parts.more: gr.update(visible=more)}

    def halt(self, ending: str, caller: Caller) -> None:
        """End the visitor's run, "paused" or "stopped"."""
        run = self.shelf(caller).run
        if run is not None:
            run.halt(ending)

    def change(self, name: str, caller: Caller, value: Any) -> None:
        """A setting that a run under way follows."""
        run = under_way(self.shelf(caller))
        if run is not None:
            run.change(**{name: value})

    async def recall(self, request: gr.Request, language: str, visitor: Any) -> Updates:
        """What a visitor finds who comes back: the runs of the last hour, and the last one's settings.

        A new visitor gets a key. The page hears whether a run would begin at once.
        """
        free = {"free": self.workshop.line.free}
        if not is_key(visitor):  # a new one; a run begun before this answer has come stays theirs
            visitor = KEYS.give(Page.of(request))
            await asyncio.to_thread(self.workshop.store.claim, visitor)
            return {self.visitor: visitor, self.parts.status: free}
        key = {self.visitor: visitor, self.parts.status: free}
        shelf = await asyncio.to_thread(self.workshop.store.claim, visitor)
        await asyncio.to_thread(self.workshop.store.discard, visitor)  # a page opened anew offers no undo
        while (run := under_way(shelf)) is not None and run.phase != "waiting" and run.halting:
            await asyncio.sleep(LOOK_EVERY)  # the tab it was watched in has just been closed
        if not shelf.records or run is not None:
            return key
        name, record = list(shelf.records.items())[-1]
        preset = next((preset for preset, config in PRESETS.items() if config == record.config), None)
        fields = {self.parts.preset: preset, **self.fields(record.config, record.origin)}
        found = await asyncio.to_thread(self.at_rest, shelf, latest(shelf, name), "kept")
        return {**key, **fields, **found, self.parts.status: {**found[self.parts.status], **free}}

    def choose(self, caller: Caller, point: str) -> Updates:
        """Another point to continue from: its run is in front."""
        shelf, chosen = self.shelf(caller), known(read_point(point))
        if chosen not in shelf.points:
            raise Gone
        return self.at_rest(shelf, chosen, phase="kept")

    def drop(self, caller: Caller, point: str) -> Updates:
        """Delete the run of the chosen point."""
        self.workshop.drop(caller.key, known(read_point(point)).name)
        return self.what_is_kept(caller)

    def reset(self, caller: Caller) -> Updates:
        """Delete all of the visitor's runs; the page has asked, and offers to undo it."""
        self.workshop.drop(caller.key)
        return self.what_is_kept(caller)

    def undo(self, caller: Caller) -> Updates:
        """Bring back the runs that were deleted all at once."""
        with politely(caller.language):  # gone, where another page was opened meanwhile: it is not offered any more
            self.workshop.take_back(caller.key)
        return self.what_is_kept(caller)

    def what_is_kept(self, caller: Caller) -> Updates:
        """The tab with the visitor's runs as they are now, the last point chosen."""
        shelf = self.shelf(caller)
        return self.at_rest(shelf, latest(shelf), phase="kept" if shelf.points else "idle")

    def save(self, name: str, caller: Caller, point: str) -> dict[str, Any]:
        """Make one of the files of FILES, and offer it for the page to save."""
        content, file_name = make_file(name, self.workshop.store, caller.key, known(read_point(point)))
        return as_file(content, file_name, caller.owner)

    def pair(self, caller: Caller, point: str) -> list[str]:
        """The paths of both networks' files, made now."""
        return [self.save(role, caller, point)["path"] for role in ("generator", "discriminator")]

    def shelf(self, caller: Caller) -> Shelf:
        """The visitor's runs."""
        return self.workshop.store.shelf(caller.key)

    def at_rest(self, shelf: Shelf, point: Point | None, phase: str | None = None) -> Updates:
        """The tab while nothing trains, `point` chosen; with a `phase` of the status also what the widgets show."""
        parts, shown = self.parts, self.buttons(busy=False, stored=point is not None)
        choices = [(say_point(one), name_of(one)) for one in sorted(shelf.points)]
        shown |= {row: gr.update(visible=point is not None) for row in (parts.points_row, parts.files_row)}
        record = shelf.records.get(point.name) if point else None
        found = failure(record, over=True) if record else None
        shown[parts.cure] = gr.update(visible=found is not None and found["phase"] == "failed")
        shown[parts.undo] = gr.update(visible=shelf.aside is not None)
        shown[parts.point] = gr.update(choices=choices, value=name_of(point) if point else None)
        offered = {"cure": found is not None and found["phase"] == "failed", "undo": shelf.aside is not None}
        desk = {"busy": False, "more": False, **offered, "choices": choices, "value": name_of(point) if point else None}
        shown[parts.status] = {"desk": desk}
        if phase:
            came = record is not None and record.origin.startswith("device-") and not record.curve.all_points
            status = {"phase": "came_device", "step": record.step} if record and came else {"phase": phase}
            shown[parts.status] |= {"status": status, **all_parts(shelf, record)}
        return shown

    def buttons(self, busy: bool, stored: bool = False) -> Updates:
        """Those that can be pressed; what could be saved of the last run disappears when the next one begins."""
        parts = self.parts
        idle = (parts.recipe, parts.start, parts.fork, parts.drop, parts.reset, *parts.steps.values())
        updates = {button: gr.update(interactive=not busy) for button in idle}
        updates |= {button: gr.update(interactive=busy) for button in (parts.pause, parts.stop)}
        updates[parts.go_on] = gr.update(interactive=stored and not busy)
        updates |= {parts.more: gr.update(visible=False), parts.cure: gr.update(visible=False)}
        gone = (parts.files_row, parts.undo) if busy else ()
        return {**updates, **{part: gr.update(visible=False) for part in gone}}


def under_way(shelf: Shelf) -> Run | None:
    """The visitor's run that trains or waits in the line; None where there is none."""
    return shelf.run if shelf.run is not None and not shelf.run.over else None


def latest(shelf: Shelf, name: str = "") -> Point | None:
    """The last point of a run, else of all; None where there is none."""
    return shelf.last_of(name) or (shelf.points[-1] if shelf.points else None)


def name_of(point: Point) -> str:
    """A point as the page names it."""
    return f"{point.name}:{point.step}"


def say_point(point: Point) -> str:
    """A point for the eye: the same in every language, since a radio's options are not told of a switch."""
    return f"{point.name} · {point.step:,}"
