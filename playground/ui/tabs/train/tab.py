"""Train live: the pair learns before the class's eyes, is paused, taken on step by step, forked and compared."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from playground.checked import ConfigError
from playground.config import TrainConfig, check_same
from playground.images import data_url, timelapse
from playground.live.line import Line
from playground.live.record import CHANGEABLE, Record
from playground.live.run import Order, Run
from playground.live.store import KEY, Gone, NoPoint, Point, Shelf
from playground.live.workshop import Workshop
from playground.presets import PRESETS
from playground.shipped import EPOCHS, Shipped
from playground.state import TrainState
from playground.ui.downloads import as_file, clear, offer
from playground.ui.tabs.train.controls import (
    LAST,
    SCRATCH,
    STEPS,
    Controls,
    lay_out,
    read_config,
    read_settings,
    settings_of,
)
from playground.ui.tabs.train.shown import Glimpses, all_parts, losses_file, network_file, settings_file, update
from playground.ui.texts import SEND_LANGUAGE, explain, plainly, politely

LOOK_EVERY = 0.45  # seconds between two looks at a run
PRIVATE = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
SAVE = "(file) => { if (file) window.ganPage.save(file); }"
# The key lies in the browser, encrypted with a secret that is none: it must be the same after a restart.
STORAGE, SECRET = "gan-playground-visitor", "the forger and the detective"
SALT = secrets.token_bytes(16)  # without it, a session that an access log names would give its visitor's key away

Act = Callable[["Asked"], Run]


class Trained(NamedTuple):
    """What a run leaves for another tab: the button that opens it there, and both networks' files."""

    explore: gr.Button
    generator: gr.DownloadButton
    discriminator: gr.DownloadButton


class Asked(NamedTuple):
    """What came with a click. `begin` is "scratch", an epoch, or "last"; `point` the chosen kept run, if any."""

    visitor: str
    config: TrainConfig
    begin: str | int
    point: Point | None


def visitor_key() -> gr.BrowserState:
    """Where a visitor's browser keeps the key to its runs: outside of all tabs, since a closed one is not there yet."""
    return gr.BrowserState("", storage_key=STORAGE, secret=SECRET)


def build_train(
    page: gr.Blocks, language: gr.Textbox, visitor: gr.BrowserState, shipped: Shipped, workshop: Workshop
) -> Trained:
    """Lay out the tab and wire it."""
    parts = lay_out(workshop.line.limits)
    tab = TrainTab(parts, language, visitor, shipped, workshop)
    tab.wire_runs()
    tab.wire_settings()
    tab.wire_kept(page)
    _add_train(workshop.line)
    return Trained(parts.explore, parts.generator, parts.discriminator)


class TrainTab:
    """The tab's events. Every handler reads what came, asks the workshop, and returns what is shown."""

    def __init__(self, parts: Controls, language: gr.Textbox, visitor: gr.BrowserState, shipped: Shipped,
                 workshop: Workshop) -> None:  # fmt: skip
        self.parts, self.language, self.visitor = parts, language, visitor
        self.shipped, self.workshop = shipped, workshop
        self.ticket = gr.Textbox(visible=False)
        self.inputs = {language, visitor, parts.point, *parts.settings.values()}
        self.buttons = {
            parts.start, parts.pause, parts.go_on, parts.stop, *parts.steps.values(), parts.fork, parts.drop,
            parts.reset, parts.keep,
        }  # fmt: skip
        files = {parts.generator, parts.discriminator, parts.losses, parts.saved}
        self.standing = {*self.buttons, *files, parts.kept, parts.point, parts.status}

    @property
    def nothing(self) -> dict[Any, Any]:
        """What a handler returns that changes nothing: Gradio takes an empty dict for a value."""
        return {self.parts.reset: gr.skip()}

    def wire_runs(self) -> None:
        """The buttons that train, and those that end it."""
        parts = self.parts
        acts = {parts.start: self._start, parts.go_on: self._go_on, parts.fork: self._fork}
        acts |= {button: self._step(STEPS[name]) for name, button in parts.steps.items()}
        few = [self.language, self.visitor, self.ticket]
        for button, act in acts.items():
            outputs = {self.ticket, *self.buttons}
            pressed = button.click(self._pressing(act), self.inputs, outputs, js=SEND_LANGUAGE, **PRIVATE)
            watched = pressed.then(self._watch, few, parts.status, js=SEND_LANGUAGE, **PRIVATE)
            watched.then(self._conclude, few, self.standing, js=SEND_LANGUAGE, **PRIVATE)
        for button, ending in ((parts.pause, "paused"), (parts.stop, "stopped")):
            button.click(self._ending(ending), [self.language, self.visitor], queue=False, **PRIVATE)

    def wire_settings(self) -> None:
        """Presets, settings that change a run under way, and files of settings."""
        parts, fields = self.parts, [self.parts.settings[name] for name in settings_of(TrainConfig())]
        parts.preset.change(lambda name: list(settings_of(PRESETS[name]).values()), parts.preset, fields, **PRIVATE)
        for name in CHANGEABLE:
            field = parts.settings[name]
            events = [field.input] if isinstance(field, gr.Radio) else [field.blur, field.submit]
            inputs = [self.language, self.visitor, field]
            gr.on(events, self._changing(name), inputs, js=SEND_LANGUAGE, **PRIVATE)

        def open_settings(language: str, path: str) -> list[Any]:
            with politely(language):
                return list(read_settings(Path(path).read_bytes()).values())
            return [gr.skip()] * len(fields)

        parts.open.upload(open_settings, [self.language, parts.open], fields, js=SEND_LANGUAGE, **PRIVATE)

    def wire_kept(self, page: gr.Blocks) -> None:
        """What a visitor finds again, chooses, saves and puts away."""
        parts, few = self.parts, [self.language, self.visitor, self.parts.point]
        # Not at the page's load: a widget of a tab never opened would lose its properties with its first update.
        parts.status.select(self._recall, few, [self.visitor, *self.standing], js=SEND_LANGUAGE, **PRIVATE)
        parts.point.input(self._choose, few, self.standing, js=SEND_LANGUAGE, **PRIVATE)
        parts.drop.click(self._drop, few, self.standing, js=SEND_LANGUAGE, **PRIVATE)
        parts.reset.click(self._reset, few, self.standing, js=SEND_LANGUAGE, **PRIVATE)
        made = gr.JSON(visible=False)
        event = parts.film.click(self._film, few, made, js=SEND_LANGUAGE, **PRIVATE)
        event.then(None, made, None, js=SAVE, **PRIVATE)
        page.unload(_leave)

    def _pressing(self, act: Act) -> Callable[..., Any]:
        """The handler of a button that trains: `act` puts a run into the line. What it gives is the run's ticket."""

        async def press(values: dict[Any, Any], request: gr.Request) -> dict[Any, Any]:
            with politely(values[self.language]):
                run = await asyncio.to_thread(act, self._read(values, request))
                return {self.ticket: run.ticket, **self._buttons(busy=True)}
            return {self.ticket: ""}

        return press

    async def _watch(
        self, language: str, visitor: str, ticket: str, request: gr.Request
    ) -> AsyncIterator[dict[str, Any]]:
        """Show a run to its end. It has one output: Gradio makes each anew with every yield, also those left out."""
        shelf = self._shelf(visitor, request)
        if shelf.run is None or shelf.run.ticket != ticket:
            return
        run, glimpses = shelf.run, Glimpses(shelf, language)
        try:
            while not run.over:
                yield glimpses.next()
                await asyncio.sleep(LOOK_EVERY)
            yield glimpses.last()
        finally:  # also when the visitor has closed the tab
            run.halt()

    async def _conclude(self, language: str, visitor: str, ticket: str, request: gr.Request) -> dict[Any, Any]:
        """What may be kept of a run that has ended."""
        shelf = self._shelf(visitor, request)
        if not ticket:  # the click was refused
            return self.nothing
        if shelf.run is None or shelf.run.ticket != ticket or not shelf.run.over:
            return self._buttons(busy=False)
        key, name = key_of(visitor, request), shelf.run.record.name
        with politely(language):
            return await asyncio.to_thread(self._kept, key, request, name)
        return self._buttons(busy=False)

    def _read(self, values: dict[Any, Any], request: gr.Request) -> Asked:
        chosen = {name: values[field] for name, field in self.parts.settings.items()}
        begin = chosen.pop("begin")
        return Asked(
            key_of(values[self.visitor], request), read_config(chosen), begin, read_point(values[self.parts.point])
        )

    def _start(self, asked: Asked) -> Run:
        if asked.begin == LAST:
            return self._fork(asked)
        return self._begin(asked, None)

    def _begin(self, asked: Asked, players: tuple[str, ...] | None) -> Run:
        first = read_beginning(self.shipped, asked.begin)
        if first is not TrainState:
            check_same(asked.config, TrainConfig(), ("norm", "widths_g", "widths_d"))  # the shipped networks
        return self.workshop.start(asked.visitor, asked.config, first, str(asked.begin), players)

    def _go_on(self, asked: Asked) -> Run:
        return self.workshop.go_on(asked.visitor, _known(asked.point), asked.config)

    def _fork(self, asked: Asked) -> Run:
        return self.workshop.fork(asked.visitor, _known(asked.point), asked.config)

    def _step(self, players: tuple[str, ...]) -> Act:
        def step(asked: Asked) -> Run:
            if asked.point is None and asked.begin != LAST:
                return self._begin(asked, players)
            return self.workshop.go_on(asked.visitor, _known(asked.point), asked.config, players)

        return step

    def _ending(self, ending: str) -> Callable[..., None]:
        def end(language: str, visitor: str, request: gr.Request) -> None:
            run = self._shelf(visitor, request).run
            if run is not None:
                run.halt(ending)

        return end

    def _changing(self, name: str) -> Callable[..., None]:
        """The handler of a field that a run under way follows."""

        def change(language: str, visitor: str, value: Any, request: gr.Request) -> None:
            run = self._shelf(visitor, request).run
            if run is not None and not run.over:
                with politely(language):
                    run.change(**{name: value})

        return change

    async def _recall(self, language: str, visitor: str, _: Any, request: gr.Request) -> dict[Any, Any]:
        """What a visitor finds who comes back: the runs of the last hour. A new one gets a key."""
        if not (isinstance(visitor, str) and KEY.fullmatch(visitor)):
            return {self.visitor: key_of(visitor, request)}  # a run begun before this answer has come stays theirs
        shelf = self._shelf(visitor, request)
        while shelf.run is not None and not shelf.run.over and shelf.run.phase != "waiting" and shelf.run.halting:
            await asyncio.sleep(LOOK_EVERY)  # the tab it was watched in has just been closed
        if not shelf.records or (shelf.run is not None and not shelf.run.over):
            return {self.visitor: visitor}
        with politely(language):
            name = list(shelf.records)[-1]
            kept = await asyncio.to_thread(self._kept, visitor, request, name, phase="kept")
            return {self.visitor: visitor, **kept}
        return {self.visitor: visitor}

    def _choose(self, language: str, visitor: str, point: str, request: gr.Request) -> dict[Any, Any]:
        """Another kept run in front: its curves, its files."""
        with politely(language):
            return self._kept(key_of(visitor, request), request, None, _known(read_point(point)), phase="kept")
        return self.nothing

    def _drop(self, language: str, visitor: str, point: str, request: gr.Request) -> dict[Any, Any]:
        with politely(language):
            key = key_of(visitor, request)
            self.workshop.drop(key, _known(read_point(point)).name)
            phase = "kept" if self.workshop.store.shelf(key).points else "idle"
            return self._kept(key, request, None, phase=phase)
        return self.nothing

    def _reset(self, language: str, visitor: str, _: Any, request: gr.Request) -> dict[Any, Any]:
        with politely(language):
            key = key_of(visitor, request)
            self.workshop.drop(key)
            return self._kept(key, request, None, phase="idle")
        return self.nothing

    def _film(self, language: str, visitor: str, point: str, request: gr.Request) -> dict[str, str] | None:
        with politely(language):
            asked = _known(read_point(point))
            record = self._shelf(visitor, request).records.get(asked.name)
            if record is None or not record.film:
                raise Gone
            film = timelapse([sheet for _, sheet in record.film])
            return {"src": data_url(film, "image/gif"), "name": f"run-{record.name}-step-{record.step}.gif"}
        return None

    def _shelf(self, visitor: str, request: gr.Request) -> Shelf:
        return self.workshop.store.shelf(key_of(visitor, request))

    def _kept(self, key: str, request: gr.Request, name: str | None, point: Point | None = None,
              phase: str | None = None) -> dict[Any, Any]:  # fmt: skip
        """All that stands still: the visitor's runs, the last point of run `name` (or `point`, or any) in front."""
        parts, shelf = self.parts, self.workshop.store.shelf(key)
        point = point or shelf.last_of(name or "") or (shelf.points[-1] if shelf.points else None)
        record = shelf.records.get(point.name) if point else None
        choices = [(say_point(one), f"{one.name}:{one.step}") for one in sorted(shelf.points)]
        shown = {
            parts.kept: gr.update(visible=bool(point)),
            parts.point: gr.update(choices=choices, value=f"{point.name}:{point.step}" if point else None),
            parts.keep: gr.update(visible=bool(point)),
            **self._buttons(busy=False, kept=bool(point)),
        }
        if phase:
            shown[parts.status] = {"status": {"phase": phase}, **all_parts(shelf, record)}
        return {**shown, **self._files(key, request, record, point)} if record else shown

    def _files(self, key: str, request: gr.Request, record: Record, point: Point) -> dict[Any, Any]:
        """What may be kept of a run, as files in the visitor's own folder."""
        parts, owner = self.parts, owner_of(request)
        state = self.workshop.store.state(key, point)
        files = {parts.losses: losses_file(record), parts.saved: settings_file(record)}
        files |= {parts.generator: network_file(state, "generator")}
        files |= {parts.discriminator: network_file(state, "discriminator")}
        return {button: offer(*file, owner) for button, file in files.items()}

    def _buttons(self, busy: bool, kept: bool = False) -> dict[Any, Any]:
        """Those that can be pressed; what could be kept of the last run goes when the next leg begins."""
        parts = self.parts
        idle = (parts.start, parts.fork, parts.drop, parts.reset, *parts.steps.values())
        updates = {button: gr.update(interactive=not busy) for button in idle}
        updates |= {button: gr.update(interactive=busy) for button in (parts.pause, parts.stop)}
        updates[parts.go_on] = gr.update(interactive=kept and not busy)
        return {**updates, parts.keep: gr.update(visible=False)} if busy else updates


def _add_train(line: Line) -> None:
    """The endpoint /train of the Contract."""

    async def train(settings: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        with plainly():
            run = line.join(Order(Record("A", TrainConfig.from_mapping(settings))))
        try:
            while not run.over:
                yield update(run)
                await asyncio.sleep(LOOK_EVERY)
            if run.state is None:
                raise gr.Error(explain("en", run.error), print_exception=False)
            file = await asyncio.to_thread(as_file, *network_file(run.state, "generator"))
            yield {**update(run), "generator": file}
        finally:
            run.halt()

    gr.api(train, api_name="train", concurrency_limit=None, api_description=(
        "Train the pair on all of MNIST with `settings`, a JSON object of TrainConfig's fields, for example "
        '{"epochs": 1} or {"seconds": 30, "precision": "bf16"}. Streams one object an update: phase, place (in line), '
        "step, epoch, loss_g, loss_d, d_real, d_fake, images_per_second; the last one has the generator's file."
    ))  # fmt: skip


def key_of(visitor: Any, request: gr.Request) -> str:
    """The visitor's key; where a browser keeps none (yet), one that lasts as long as the page is open."""
    if isinstance(visitor, str) and KEY.fullmatch(visitor):
        return visitor
    return hashlib.blake2b(str(request.session_hash).encode(), key=SALT, digest_size=16).hexdigest()


def owner_of(request: gr.Request) -> str:
    """The name of the folder for a page's files."""
    return "visitor-" + hashlib.sha256(f"files of {request.session_hash}".encode()).hexdigest()[:32]


def _leave(request: gr.Request) -> None:
    clear(owner_of(request))


def read_point(value: Any) -> Point | None:
    """A point as the page names it, "A:512"; None for none, or for what is no point."""
    name, _, step = str(value or "").partition(":")
    return Point(name, int(step)) if name and step.isdecimal() and len(step) < 12 else None


def say_point(point: Point) -> str:
    """A point for the eye: the same in every language, since a radio's options are not told of a switch."""
    return f"{point.name} · {point.step:,}"


def _known(point: Point | None) -> Point:
    if point is None:
        raise NoPoint
    return point


def read_beginning(shipped: Shipped, begin: str | int) -> Callable[[TrainConfig], TrainState]:
    """What makes a run's first state: fresh networks, or both of a shipped epoch.

    Raises CheckpointError, and ConfigError for another beginning.
    """
    if begin == SCRATCH:
        return TrainState
    if begin not in EPOCHS:
        raise ConfigError("begin", begin, "choice", options=", ".join(map(str, (SCRATCH, *EPOCHS, LAST))))
    networks = [shipped.network(begin, role) for role in ("generator", "discriminator")]

    def shipped_state(config: TrainConfig) -> TrainState:
        return TrainState(config).take_weights(*networks)

    return shipped_state
