"""A class that waits for the machine, and strangers who take places that they do not use."""

import asyncio
import contextlib
import time

import httpx
import pytest
from runs import PATIENCE, play

from playground.benchmark.calls import Events, Trainer
from playground.benchmark.hostile import Pupil
from playground.benchmark.load import Seen
from playground.limits import Limits
from playground.live import run as runs
from playground.live.line import MOST_KEYLESS, Line
from playground.live.store import Store
from playground.ui import page as pages
from playground.ui.page import build_page, launch_options
from playground.ui.texts import say

CROWD = 45  # visitors who wait; Gradio has room for 40 handlers by default
DRAW = {"data": [199, 7, 1, 1.0, [0] * 8]}


class Known(Line):
    """A line that tells who has joined it."""

    def __init__(self, *how):
        super().__init__(*how)
        self.joined = []

    def join(self, order):
        self.joined.append(super().join(order))
        return self.joined[-1]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page whose line has room for CROWD runs; its `line` tells who has joined it."""
    limits = Limits(line=CROWD)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages, "Line", lambda *how: lines.append(Known(*how)) or lines[0])
        lines = []
        page = build_page(store=Store(tmp_path_factory.mktemp("crowd")), limits=limits)
    page.line = lines[0]
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(limits))
    yield page
    page.close()


@pytest.fixture(autouse=True)
def line(page):
    """The page's line, empty at first: a class that has left at the end of a test would still fill it."""
    page.line.joined.clear()
    yield page.line
    for run in page.line.joined:
        run.halt()
    for run in page.line.joined:
        run.join()


def at(page) -> httpx.AsyncClient:
    bounds = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=page.local_url, timeout=PATIENCE, limits=bounds, trust_env=False)


async def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never held"
        await asyncio.sleep(0.02)


async def draw(client) -> str:
    """Draw by the endpoint; the answer's text."""
    event = (await client.post("/gradio_api/call/generate", json=DRAW)).json()["event_id"]
    return (await client.get(f"/gradio_api/call/generate/{event}")).text


async def look_on(trainer: Trainer, places: dict) -> None:
    """Wait in line, as a page does."""
    with contextlib.suppress(httpx.HTTPError):
        async for status in trainer.watch():
            places[trainer] = status["place"]


def test_a_click_is_answered_while_a_class_waits_in_line(page):
    async def visits():
        places, waiting = {}, []
        async with at(page) as client:
            events = await Events.of(client)
            try:
                for _ in range(CROWD):
                    trainer = Trainer(client, events)
                    assert await trainer.start(), trainer.said
                    waiting.append(asyncio.create_task(look_on(trainer, places)))
                await until(lambda: len(places) == CROWD)
                assert len(set(places.values())) >= CROWD - 2 and max(places.values()) >= CROWD - 2
                assert "event: complete" in await draw(client)
                late = Trainer(client, events)
                assert not await late.start() and late.said == [say("en", "error.full")]
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)

    play(visits())


def test_a_run_that_nobody_reads_ends_also_in_the_line(page, monkeypatch):
    async def visits():
        async with at(page) as client:
            events = await Events.of(client)
            for _ in range(3):  # on the page
                assert await Trainer(client, events).start()
            for _ in range(2):  # and by the endpoint, where nobody has read anything: they do not begin
                await client.post("/gradio_api/call/train", json={"data": [{"seconds": 60}]})
            monkeypatch.setattr(runs, "LONELY", 0.5)  # not before they stand in the line, however long that takes
            await until(lambda: all(run.over for run in page.line.joined))

    play(visits())
    assert len(page.line.joined) == 3
    assert {run.phase for run in page.line.joined} <= {"left", "paused"}


def test_an_address_has_three_trainings_by_the_endpoint(page):
    async def visits():
        async with at(page) as client, contextlib.AsyncExitStack() as streams:
            for _ in range(MOST_KEYLESS):
                await streams.enter_async_context(await train(client))
            await until(lambda: len(page.line._order) == MOST_KEYLESS)
            async with await train(client) as refused:
                assert f"{MOST_KEYLESS} trainings" in (await refused.aread()).decode()
            assert await Trainer(client, await Events.of(client)).start()  # on the page everybody may

    play(visits())


async def train(client):
    """The stream of a training by the endpoint."""
    call = "/gradio_api/call/train"
    event = (await client.post(call, json={"data": [{"seconds": 60}]})).json()["event_id"]
    return client.stream("GET", f"{call}/{event}")


def test_the_second_who_watches_a_run_takes_over(page):
    """Otherwise a stranger takes every place for handlers with one run."""

    async def visits():
        async with at(page) as client:
            first = Trainer(client, await Events.of(client))
            assert await first.start()
            second = Trainer(client, first.events)
            second.key, second.ticket = first.key, first.ticket
            shown = first.watch()
            await anext(shown)
            others = second.watch()
            await anext(others)
            async for _ in shown:  # ends
                pass
            assert (await anext(others))["phase"] in ("waiting", "loading", "running", "timed")
            await shown.aclose()
            await others.aclose()

    play(visits())


def test_who_has_opened_the_tab_finds_the_run_for_an_hour_and_a_script_for_minutes(page):
    """Also where the page sleeps in the middle of a run, as a phone does, and asks for nothing any more."""

    async def visits():
        async with at(page) as client:
            events = await Events.of(client)
            pupil, script = Trainer(client, events), Trainer(client, events)
            pupil.key = await Pupil(client, events, Seen()).come()
            assert await pupil.start() and await script.start()
        shelf = page.workshop.store.shelf
        assert shelf(pupil.key).claimed and not shelf(script.key).claimed

    play(visits())
