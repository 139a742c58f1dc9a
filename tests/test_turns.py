"""Whose drawing, film or file is made next."""

import asyncio
import json
import random
import threading
from types import SimpleNamespace

import httpx
import pytest
from runs import PATIENCE, play

from playground.benchmark.calls import Events, ask
from playground.limits import Limits
from playground.ui import turns as module
from playground.ui.page import build_page, launch_options
from playground.ui.readers import Readers
from playground.ui.tabs import interpolate
from playground.ui.turns import TooBusy, Turns

DRAW = {"data": [199, 7, 1, 1.0, [0] * 8]}
FILM = {"textbox": json.dumps({"epoch": 199, "seeds": [7, 31], "path": "slerp"}), "frames": 5}
SOMEBODY = SimpleNamespace(client=None, session_hash=None)
SENDER, OTHER = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def clock(monkeypatch):
    """What time it is, for a test to set."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


class Work:
    """Jobs that each take some seconds of the clock; `done` are those that have ended, in order."""

    def __init__(self, turns, clock):
        self.turns, self.clock, self.done, self.tasks = turns, clock, [], []

    async def ask(self, address: str, *names: str, seconds: float = 1.0):
        for name in names:
            self.tasks.append(asyncio.create_task(self._do(address, name, seconds)))
        await asyncio.sleep(0)

    async def _do(self, address, name, seconds):
        async with self.turns.turn(address):
            await asyncio.sleep(0)
            self.clock[0] += seconds
            self.done.append(name)

    async def end(self):
        return await asyncio.gather(*self.tasks, return_exceptions=True)


def test_lines_get_the_same_time(clock):
    async def visits():
        work = Work(Turns(Readers(), 1), clock)
        await work.ask("a", *(f"film {n}" for n in range(4)), seconds=9)
        await work.ask("b", *(f"drawing {n}" for n in range(20)), seconds=1)
        await work.end()
        before = [work.done[: work.done.index(f"film {n}")] for n in range(1, 4)]
        # the second film began before a drawing was asked for; after that there are nine drawings for each film
        assert [sum("drawing" in name for name in names) for names in before] == pytest.approx([0, 9, 18], abs=1)

    play(visits())


def test_nobody_pays_for_what_was_free_and_nobody_saves_time_up(clock):
    async def visits():
        work = Work(Turns(Readers(), 1), clock)
        for n in range(50):  # a class has the server for itself
            await work.ask("a", f"early {n}")
            await work.end()
        async with work.turns.turn("c"):
            await work.ask("a", "a 0", "a 1", "a 2")
            await work.ask("stranger", *(f"s {n}" for n in range(50)))
        await work.end()
        assert work.done.index("a 2") < work.done.index("s 4"), work.done[50:]

    play(visits())


def test_the_longest_line_is_cut_and_nobody_elses(clock):
    async def visits():
        work = Work(Turns(Readers(), 1, most=5), clock)
        async with work.turns.turn("c"):
            await work.ask("a", *"01234567")
            await work.ask("b", "b's")
        ended = await work.end()
        refused = [n for n, how in enumerate(ended) if isinstance(how, TooBusy)]
        assert refused == [4, 5, 6, 7], "five in line, of which b takes one"
        assert "b's" in work.done
        await work.ask("a", "again")
        assert await work.end() and work.done[-1] == "again"

    play(visits())


@pytest.mark.parametrize("granted", [False, True], ids=["in line", "just when the place comes"])
def test_who_leaves_takes_no_place_along(clock, granted):
    async def visits():
        turns = Turns(Readers(), 1)
        work = Work(turns, clock)
        async with turns.turn("a"):
            await work.ask("b", "left")
            await work.ask("c", "stays")
            if not granted:
                work.tasks[0].cancel()
                await asyncio.sleep(0)
        work.tasks[0].cancel()
        await work.end()
        assert work.done == ["stays"]
        assert await asyncio.wait_for(turns.do(SOMEBODY, max, 1, 2), PATIENCE) == 2
        assert turns._waiting == {}

    play(visits())


def test_a_job_that_fails_gives_its_place_back():
    async def visits():
        turns = Turns(Readers(), 1)
        with pytest.raises(ZeroDivisionError):
            await turns.do(SOMEBODY, lambda: 1 / 0)
        assert await asyncio.wait_for(turns.do(SOMEBODY, max, 1, 2), PATIENCE) == 2

    play(visits())


@pytest.mark.parametrize("seed", range(20))
def test_everybodys_turn_comes_whatever_comes_between(seed):
    dice, turns = random.Random(seed), Turns(Readers(), 2, 20)

    async def visit(address, steps):
        async with turns.turn(address):
            for _ in range(steps):
                await asyncio.sleep(0)

    async def visits():
        tasks = []
        for _ in range(300):
            tasks.append(asyncio.create_task(visit(dice.choice("ab"), dice.randrange(4))))
            if dice.random() < 0.1:
                dice.choice(tasks).cancel()
            for _ in range(dice.randrange(4)):
                await asyncio.sleep(0)
        for _ in range(10_000):  # many more than they take; a visit that is forgotten waits for ever
            await asyncio.sleep(0)
        return [task for task in tasks if not task.done()]

    assert not play(visits()), "nobody is forgotten"
    assert turns._free == 2 and not turns._waiting


def test_a_drawing_does_not_wait_for_somebody_elses_films(monkeypatch):
    """Twenty films are ordered from one address, and none is made before the test lets it."""
    going, begun, made = threading.Semaphore(0), [], []

    def slowly(*asked):
        begun.append(asked)
        going.acquire()
        made.append(asked)
        return b"a film", "film.gif"

    monkeypatch.setattr(interpolate, "film", slowly)
    page = build_page(limits=Limits())
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(Limits()))

    def at(home: str) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(local_address=home, limits=httpx.Limits(max_connections=None))
        return httpx.AsyncClient(base_url=page.local_url, transport=transport, timeout=PATIENCE)

    async def visits():
        async with at(SENDER) as sender, at(OTHER) as other:
            event = (events := await Events.of(sender)).chain("save-gif")[0]
            orders = [ask(sender, events.body(event, f"s{n}", given=FILM)) for n in range(20)]
            films = asyncio.gather(*orders)
            while len(page.app.get_blocks()._queue.pending_event_ids_session) < 20:
                await asyncio.sleep(0.02)
            asked = (await other.post("/gradio_api/call/generate", json=DRAW)).json()["event_id"]
            drawn = asyncio.create_task(other.get(f"/gradio_api/call/generate/{asked}"))
            while not drawn.done():
                going.release()
                await asyncio.wait({drawn}, timeout=0.3)
            assert "complete" in drawn.result().text
            assert len(made) < 15 and len(begun) <= len(made) + module.AT_ONCE
            going.release(20)
            assert all(file["orig_name"] == "film.gif" for (file,) in await films)

    try:
        play(visits())
    finally:
        going.release(40)
        page.close()
