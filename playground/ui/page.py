"""The page: its tabs, in order."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import gradio as gr
from starlette.applications import Starlette

from playground.checkpoints import CheckpointError
from playground.data import DataError
from playground.devices import free_memory, on_zerogpu
from playground.limits import Limits
from playground.live.line import Line
from playground.live.run import Run
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.live.zerogpu import LentRun
from playground.room.rooms import Rooms
from playground.shipped import Shipped
from playground.ui.assets import routes
from playground.ui.guard.door import guarded
from playground.ui.looks import STYLES, theme
from playground.ui.moving import Porter
from playground.ui.readers import Readers
from playground.ui.room import Desk
from playground.ui.sessions import Page
from playground.ui.tabs.epochs import build_epochs
from playground.ui.tabs.explore import build_explore, read_own
from playground.ui.tabs.interpolate import build_interpolate
from playground.ui.tabs.learn import build_learn
from playground.ui.tabs.train.commands import known, read_point
from playground.ui.tabs.train.tab import Trained, build_train
from playground.ui.texts import SEND_LANGUAGE, i18n, t
from playground.ui.thrift import save_effort
from playground.ui.turns import MOST_WAITING, Turns
from playground.ui.visitors import Caller, handler, visitor_key
from playground.ui.widgets import Banner, Explore, Play, RoomBar

TABS = {name: f"{name}.tab" for name in ("explore", "interpolate", "train", "epochs", "learn")}  # to their labels
HOUR = 3600  # seconds
SHORT_JOBS = 40  # of Gradio's places for jobs, beside those of who waits for a turn or watches a run
SESSIONS = 500  # that Gradio remembers; nothing of ours is lost with an old one
QUEUE_NAP = 0.02  # seconds; by default Gradio checks its queue a thousand times a second, which slows training


def build_page(
    shipped: Shipped | None = None, store: Store | None = None, limits: Limits | None = None, lan: str | None = None
) -> gr.Blocks:
    """The whole page, ready to launch with `launch_options()`; `store` keeps visitors' runs.

    `lan` is the machine's address for a class that opens the page on its own devices. A tab whose files are missing
    says so; the other tabs work.
    """
    save_effort()
    shipped, limits = shipped or Shipped(), limits or Limits()
    workshop = Workshop(Line(limits, LentRun if on_zerogpu() else Run), store or Store())
    turns = Turns(Readers())
    page = Page(title="GAN playground", fill_width=True, analytics_enabled=False, delete_cache=(HOUR, HOUR))
    with page:
        language = gr.Textbox("en", visible=False)  # first, so that it is the first input of every event
        visitor = visitor_key()
        with gr.Row(elem_id="head"):
            gr.Markdown(t("page.title"), elem_id="title")
            Banner(list(TABS.values()), lan, elem_id="banner")
            RoomBar(lan, elem_id="room")
            Play(limits.uploads, elem_id="together")
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):  # head.css lets them scroll sideways instead
            with _tab("explore"):
                gr.Markdown(t("page.about"), elem_id="about")
                stage = build_explore(language, shipped, turns, limits.uploads)
            with _tab("interpolate"):
                build_interpolate(language, shipped, turns)
            with _tab("train"):
                trained = build_train(page, language, visitor, shipped, workshop, turns)
            with _tab("epochs"):
                _build_or_say(build_epochs)
            with _tab("learn"):
                _build_or_say(build_learn, shipped)
        _open_trained(trained, stage, turns)
    page.queue(max_size=200, default_concurrency_limit=8)
    page._queue.sleep_when_free = QUEUE_NAP
    page.workshop = workshop
    turns.readers.attach(page._queue)
    free_memory()  # of the lesson's turn
    return page


def _build_or_say(build: Callable[..., None], *what: Any) -> None:
    """Lay out a tab. Where a file that it needs is missing or damaged, say so there; the other tabs still work."""
    try:
        build(*what)
    except (CheckpointError, DataError, OSError) as error:
        print(error, file=sys.stderr)
        gr.Markdown(t("page.missing"))


def _tab(name: str) -> gr.Tab:
    """A tab, called `name` in the page's address."""
    return gr.Tab(t(TABS[name]), elem_id=f"tab-{name}")


def _open_trained(trained: Trained, stage: Explore, turns: Turns) -> None:
    """Open the pair that the live tab has trained as a fourth epoch in Explore, like an uploaded file."""

    def join(caller: Caller, point: str) -> dict[str, Any]:
        own = read_own(trained.pair(caller, point))
        return {"own": {**own, "run": known(read_point(point))._asdict()}}

    opened = handler(join, otherwise=gr.skip(), turns=turns)
    event = trained.explore.click(opened, trained.inputs, stage, js=SEND_LANGUAGE, api_visibility="private")
    # A tab that was never opened has no widget yet that could take the pair: the page opens the tab first.
    news = "(value) => { window.ganPage.receive(value?.own?.token); }"
    event.then(None, stage, None, js=news, api_visibility="private")


def _kept(
    guard: Callable[[Starlette], AbstractAsyncContextManager[None]], desk: Desk
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """The server's lifespan: behind its guard, and with rooms that are deleted in time."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with guard(app):
            sweeping = asyncio.create_task(desk.keep_swept())
            try:
                yield
            finally:
                sweeping.cancel()

    return lifespan


def launch_options(
    limits: Limits | None = None,
    names: Collection[str] = (),
    rooms: Rooms | None = None,
    shipped: Shipped | None = None,
    workshop: Workshop | None = None,
) -> dict[str, Any]:
    """The arguments of `launch()`: looks, texts, routes; nothing that asks another host.

    `names` are those by which a proxy makes the server known, `rooms` those of its classes; `shipped` are the page's
    networks, so that they are in memory once; by the page's `workshop` runs come and go.
    """
    limits = limits or Limits()
    ways = Porter(workshop).routes() if workshop else []
    desk = Desk(rooms or Rooms(), shipped or Shipped(), limits)
    return {
        "i18n": i18n(),
        "theme": theme(),
        "css_paths": STYLES,
        "app_kwargs": {
            "routes": [*routes(names), *desk.routes(), *ways],
            "lifespan": _kept(guarded(limits, names), desk),
        },
        "footer_links": ["api", "settings"],
        "run_history": False,
        "ssr_mode": False,
        "max_file_size": f"{limits.upload_mb}mb",
        "show_error": False,
        "share": False,  # whatever the environment says: nobody outside gets in without being asked
        "state_session_capacity": SESSIONS,
        "max_threads": limits.line + MOST_WAITING + SHORT_JOBS,
        # Gradio would ask its own page and give up where no answer comes within 3 seconds: on a busy machine.
        "_frontend": False,
    }
