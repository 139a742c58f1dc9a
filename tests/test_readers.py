"""Who reads the answers: what nobody comes for is dropped."""

import asyncio
import time
from types import SimpleNamespace

import httpx
import pytest
from runs import PATIENCE, play

from playground.benchmark.calls import JOIN, Events
from playground.ui import readers
from playground.ui.guard import door
from playground.ui.page import build_page, launch_options
from playground.ui.readers import Mailbox, Mailboxes, Readers, held_of, unread_of
from playground.ui.tabs import explore
from playground.ui.texts import say
from playground.ui.turns import TooBusy, Turns

GENERATE, DRAW = "/gradio_api/call/generate", {"data": [199, 7, 1, 1.0, [0] * 8]}


@pytest.fixture
def clock(monkeypatch):
    """What time it is, for a test to set."""
    now = [1000.0]
    monkeypatch.setattr(readers.time, "monotonic", lambda: now[0])
    return now


def a_queue() -> SimpleNamespace:
    """As much of Gradio's queue as is needed."""
    lines = {"x": SimpleNamespace(queue=[])}
    return SimpleNamespace(
        pending_event_ids_session={}, event_ids_to_events={}, event_queue_per_concurrency_id=lines, push=None
    )


def ask(queue, session: str, waits: bool) -> SimpleNamespace:
    """Let a session ask for something; `waits` for its turn."""
    event = SimpleNamespace(alive=True, concurrency_id="x")
    queue.pending_event_ids_session.setdefault(session, set()).add(session)
    queue.event_ids_to_events[session] = event
    if waits:
        queue.event_queue_per_concurrency_id["x"].queue.append(event)
    return event


def test_what_nobody_reads_is_dropped_and_what_was_asked_for_ends(clock):
    async def visits():
        queue = a_queue()
        boxes = queue.pending_messages_per_session = Mailboxes(queue)
        events = [ask(queue, name, waits=name != "works") for name in ("works", "waits", "read")]
        for name in ("works", "waits", "read"):
            boxes[name] = asyncio.Queue()
        boxes["works"].put_nowait("a film")
        reading = asyncio.create_task(boxes["read"].get())
        await asyncio.sleep(0)
        clock[0] += readers.UNREAD + 1
        boxes._sweep()
        assert list(boxes) == list(queue.pending_event_ids_session) == list(queue.event_ids_to_events) == ["read"]
        assert [event.alive for event in events] == [False, False, True]
        assert queue.event_queue_per_concurrency_id["x"].queue == [events[2]]
        boxes["read"].put_nowait("hello")
        assert await reading == "hello"

    play(visits())


def test_a_session_is_read_while_somebody_waits_for_messages_and_a_moment_longer(clock):
    async def visits():
        queue, known = a_queue(), Readers()
        assert not known.read("a")
        known.attach(queue)
        boxes = queue.pending_messages_per_session
        boxes["a"] = asyncio.Queue()
        clock[0] += readers.FRESH + 1
        assert not known.read("a") and not known.read("b") and not known.read(None)
        reading = asyncio.create_task(boxes["a"].get())
        await asyncio.sleep(0)
        clock[0] += 100
        assert known.read("a")
        boxes["a"].put_nowait(1)
        await reading
        assert known.read("a")
        clock[0] += readers.FRESH + 1
        assert not known.read("a")

    play(visits())


def test_the_server_forgets_films_that_nobody_fetches(monkeypatch):
    monkeypatch.setattr(readers, "UNREAD", 0.3)
    page = build_page()
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    queue = page._queue
    try:
        with httpx.Client(base_url=page.local_url, timeout=PATIENCE, trust_env=False) as client:
            for _ in range(5):
                body = {"data": [199, 1, 2, 32, "slerp"]}
                assert client.post("/gradio_api/call/interpolate", json=body).status_code == 200
            end = time.monotonic() + PATIENCE
            while queue.pending_messages_per_session or queue.pending_event_ids_session:
                assert time.monotonic() < end, "they stayed"
                client.get("/robots.txt")
                time.sleep(0.02)
            # and who comes in time is answered
            event = client.post("/gradio_api/call/interpolate", json=body).json()["event_id"]
            assert "event: complete" in client.get(f"/gradio_api/call/interpolate/{event}").text
    finally:
        page.close()


def test_who_leaves_many_answers_unread_is_not_served_and_others_are(monkeypatch):
    """At one address nobody comes for the answers, at the other one somebody does."""
    monkeypatch.setattr(readers, "FRESH", 0.0)
    monkeypatch.setattr(door, "PAUSE", 0.0)
    monkeypatch.setattr(door, "MOST_UNREAD", 5)
    page = build_page()
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())

    async def calls(home: str, read: bool) -> list[int]:
        transport = httpx.AsyncHTTPTransport(local_address=home)
        async with httpx.AsyncClient(base_url=page.local_url, transport=transport, timeout=PATIENCE) as client:
            said = []
            for _ in range(8):
                answer = await client.post(GENERATE, json=DRAW)
                said.append(answer.status_code)
                if read and answer.status_code == 200:
                    await client.get(f"{GENERATE}/{answer.json()['event_id']}")
            refused = answer.json().get("detail")
            assert refused in (None, say("en", "guard.unread"))
            return said

    async def visits():
        assert await calls("127.0.0.2", read=False) == [200] * 6 + [429] * 2
        assert await calls("127.0.0.3", read=True) == [200] * 8
        assert unread_of("127.0.0.2") == 6 and unread_of("127.0.0.3") == 0

    try:
        play(visits())
    finally:
        page.close()


def test_what_nobody_reads_does_not_begin(monkeypatch):
    """The drawing that somebody comes for is made; the other one only takes a place in its own session."""
    drawn, make = [], explore.draw
    monkeypatch.setattr(
        explore, "draw", lambda shipped, asked, owner: drawn.append(asked.seed) or make(shipped, asked, owner)
    )
    page = build_page()
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    try:
        with httpx.Client(base_url=page.local_url, timeout=PATIENCE, trust_env=False) as client:

            def order(seed: int) -> str:
                return client.post(GENERATE, json={"data": [199, seed, 1, 1.0, [0] * 8]}).json()["event_id"]

            order(1)
            for seed in (2, 3):
                assert "event: complete" in client.get(f"{GENERATE}/{order(seed)}").text
            assert drawn == [2, 3] and len(page._queue) == 0 and held_of("127.0.0.1") == 1
    finally:
        page.close()


def test_what_is_held_begins_once_when_a_reader_comes():
    async def visits():
        box, begun = Mailbox(), []
        box.hold(lambda: begun.append(1))
        box.hold(lambda: begun.append(2))
        assert begun == [] and box.held == 2
        reading = asyncio.create_task(box.get())
        await asyncio.sleep(0)
        assert begun == [1, 2] and box.held == 0
        box.hold(lambda: begun.append(3))  # somebody reads already
        box.put_nowait("an answer")
        assert await reading == "an answer" and begun == [1, 2, 3]

    play(visits())


def test_nobody_asks_for_more_and_more_without_reading(monkeypatch):
    """All in one session, whose answers are not late yet."""
    monkeypatch.setattr(door, "MOST_HELD", 5)
    page = build_page()
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())

    async def visits():
        transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
        async with httpx.AsyncClient(base_url=page.local_url, transport=transport, timeout=PATIENCE) as client:
            event = Events(page.get_config_file()).chain("save-gif")[0]
            body = Events(page.get_config_file()).body(event, "one session")
            return [(await client.post(JOIN, json=body)).status_code for _ in range(8)]

    try:
        assert play(visits()) == [200] * 6 + [429] * 2
        assert held_of("127.0.0.2") == 6 and len(page._queue) == 0
    finally:
        page.close()


def test_work_does_not_begin_where_the_reader_has_gone_before_its_turn(monkeypatch):
    async def visits():
        queue, known = a_queue(), Readers()
        known.attach(queue)
        boxes, turns = queue.pending_messages_per_session, Turns(known)
        boxes["leaves"] = asyncio.Queue()

        def do(session, job, *given):
            return asyncio.create_task(turns.do(SimpleNamespace(client=None, session_hash=session), job, *given))

        assert await do("without a queue", max, 1, 2) == 2
        leaving = asyncio.create_task(boxes["leaves"].get())
        await asyncio.sleep(0)
        assert await do("leaves", max, 1, 2) == 2
        leaving.cancel()
        monkeypatch.setattr(readers, "FRESH", -1.0)
        with pytest.raises(TooBusy):
            await do("leaves", pytest.fail)

    play(visits())


def test_a_page_that_asks_again_after_a_while_is_no_stranger(clock):
    async def visits():
        queue, known = a_queue(), Readers()
        known.attach(queue)
        boxes = queue.pending_messages_per_session = known._mailboxes
        boxes["a page"] = asyncio.Queue()
        boxes["a page"].put_nowait("a film")
        assert await boxes["a page"].get() == "a film"
        clock[0] += 10 * readers.FRESH
        boxes["a page"].put_nowait("the next one")  # its stream is not open yet
        assert known.read("a page") and not known.gone("a page")
        clock[0] += readers.FRESH + 1
        boxes["a page"].put_nowait("more of it")
        assert known.gone("a page")

    play(visits())
