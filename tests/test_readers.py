"""Who reads the answers: what nobody comes for is dropped."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from runs import PATIENCE, play

from playground.ui import readers
from playground.ui.guard import door
from playground.ui.page import build_page, launch_options
from playground.ui.readers import Mailboxes, Readers, unread_of
from playground.ui.texts import say
from playground.ui.turns import MOST_UNREAD, TooBusy, Turns

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
    return SimpleNamespace(pending_event_ids_session={}, event_ids_to_events={}, event_queue_per_concurrency_id=lines)


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
            end = 600
            while queue.pending_messages_per_session or queue.pending_event_ids_session:
                end -= 1
                assert end, "they stayed"
                client.get("/robots.txt")
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


def test_what_nobody_reads_is_not_computed(monkeypatch):
    """Work begins when somebody reads, and does not where the reader has gone before its turn came."""

    async def visits():
        queue, known = a_queue(), Readers()
        known.attach(queue)
        boxes, turns = queue.pending_messages_per_session, Turns(known)
        for name in ("nobody", "comes later", "leaves"):
            boxes[name] = asyncio.Queue()

        def do(session, job, *given):
            return asyncio.create_task(turns.do(SimpleNamespace(client=None, session_hash=session), job, *given))

        assert await do("without a queue", max, 1, 2) == 2
        work, leaving = do("comes later", max, 1, 2), asyncio.create_task(boxes["leaves"].get())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not work.done(), "nobody reads yet"
        reading = asyncio.create_task(boxes["comes later"].get())
        assert await work == 2
        monkeypatch.setattr(readers, "FRESH", -1.0)
        left = do("leaves", pytest.fail)
        leaving.cancel()
        monkeypatch.setattr(readers, "UNREAD", 0.0)
        for nobody in (left, do("nobody", pytest.fail)):
            with pytest.raises(TooBusy):
                await nobody
        reading.cancel()

    play(visits())


def test_nobody_fills_the_places_with_what_he_does_not_read(monkeypatch):
    monkeypatch.setattr(readers, "UNREAD", 0.2)

    async def visits():
        queue, known = a_queue(), Readers()
        known.attach(queue)
        queue.pending_messages_per_session["unread"] = asyncio.Queue()
        turns = Turns(known)

        def do(home, session):
            visitor = SimpleNamespace(client=SimpleNamespace(host=home), session_hash=session)
            return asyncio.create_task(turns.do(visitor, max, 1, 2))

        waiting = [do("192.0.2.1", "unread") for _ in range(MOST_UNREAD)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await do("192.0.2.1", "unread")
        assert not any(task.done() for task in waiting)
        assert await do("198.51.100.1", None) == 2
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, TooBusy) for end in ends) and not turns._unread

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
