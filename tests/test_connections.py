"""Connections that are opened and not used, or used byte by byte, and an address that opens hundreds."""

import logging
import socket
import time
from contextlib import ExitStack

import httpx
import pytest
from runs import PATIENCE

from playground.ui.guard import connections
from playground.ui.guard.connections import Room, Seldom, open_files
from playground.ui.page import build_page, launch_options

MOST_OF_ONE, MOST = 8, 20


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "MOST", MOST)
        patched.setattr(connections, "LEAST", MOST)
        page = build_page()
        page.launch(server_name="0.0.0.0", prevent_thread_lock=True, quiet=True, **launch_options())
        yield page
        page.close()


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ONE", MOST_OF_ONE)


def room_of(page) -> Room:
    return page.server.config.http_protocol_class.args[0]


def connect(page, address: str) -> socket.socket:
    """A connection from an address of this machine."""
    return socket.create_connection(("127.0.0.1", page.server_port), PATIENCE, source_address=(address, 0))


def holds(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has ended a connection; waits for that, or for its answer."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def serves(page, address: str) -> bool:
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=f"http://127.0.0.1:{page.server_port}", transport=transport, timeout=PATIENCE) as client:
        return client.get("/robots.txt").status_code == 200


def empty(page):
    """Wait until the server has noticed that all have gone."""
    holds(lambda: not room_of(page)._held)


def test_an_address_holds_so_many_connections_and_others_are_served(page):
    empty(page)
    with ExitStack() as opened:
        held = [opened.enter_context(connect(page, "127.0.0.2")) for _ in range(MOST_OF_ONE)]
        holds(lambda: len(room_of(page)._held["127.0.0.2"]) == MOST_OF_ONE)
        assert is_closed(opened.enter_context(connect(page, "127.0.0.2")))
        assert serves(page, "127.0.0.3")
        held[0].sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert held[0].recv(12) == b"HTTP/1.1 200"
    empty(page)


def test_a_proxy_may_hold_more(page):
    empty(page)
    with ExitStack() as opened:
        for _ in range(MOST_OF_ONE + 3):
            opened.enter_context(connect(page, "127.0.0.1"))
        holds(lambda: len(room_of(page)._held["127.0.0.1"]) == MOST_OF_ONE + 3)
        assert serves(page, "127.0.0.1")
    empty(page)


def test_where_all_places_are_taken_who_has_the_most_gives_one_back(page):
    empty(page)
    with ExitStack() as opened:
        greedy = [opened.enter_context(connect(page, "127.0.0.2")) for _ in range(MOST_OF_ONE)]
        others = [opened.enter_context(connect(page, f"127.0.0.{3 + n // 6}")) for n in range(MOST - MOST_OF_ONE)]
        holds(lambda: sum(map(len, room_of(page)._held.values())) == MOST)
        assert serves(page, "127.0.0.9")
        assert is_closed(greedy[0])
        others[0].sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert others[0].recv(12) == b"HTTP/1.1 200"
    empty(page)


HEAD = b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize("begun", [b"", b"G", HEAD, HEAD + b"Content-Length: 50\r\n\r\n{",
                                   b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nG"])  # fmt: skip
def test_a_request_that_does_not_arrive_is_given_up(page, monkeypatch, begun):
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    with connect(page, "127.0.0.2") as connection:
        connection.sendall(begun)
        while not is_closed(connection):  # reads an answer to the end, too
            pass
    empty(page)


def test_a_head_that_comes_byte_by_byte_is_given_up_too(page, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    with connect(page, "127.0.0.2") as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nA: ")
        with pytest.raises(ConnectionError):
            while True:
                connection.sendall(b"a")
                time.sleep(0.01)


def test_a_long_body_has_as_long_as_it_takes_if_it_comes_fast_enough(page, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    monkeypatch.setattr(connections, "SLOWEST", 1000)
    body = b'{"data": ["' + b"x" * 4000 + b'"]}'
    with connect(page, "127.0.0.2") as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 500):  # in 0.9 s
            connection.sendall(body[start : start + 500])
            time.sleep(0.1)
        assert connection.recv(9) == b"HTTP/1.1 "


def test_an_answer_may_take_as_long_as_it_takes(page, monkeypatch):
    """A page's stream of updates stays open for an hour."""
    monkeypatch.setattr(connections, "PATIENCE", 0.2)
    with connect(page, "127.0.0.2") as connection:
        connection.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        time.sleep(0.5)
        holder = room_of(page)._held["127.0.0.2"]
        assert len(holder) == 1 and not next(iter(holder)).arriving


def test_nobody_speaks_websocket_and_leaves_a_place_taken(page):
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==\r\n"
    with connect(page, "127.0.0.2") as connection:
        connection.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n" + upgrade + b"\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
    empty(page)


def test_a_clients_mistakes_are_logged_seldom():
    seldom = Seldom()

    def logged(level, text):
        return seldom.filter(logging.LogRecord("uvicorn.error", level, "", 0, text, (), None))

    assert [logged(logging.WARNING, "Invalid HTTP request received.") for _ in range(3)] == [True, False, False]
    assert [logged(logging.ERROR, "Exception in ASGI application\n") for _ in range(2)] == [True, True]
    assert [logged(logging.ERROR, "socket.accept() out of system resource") for _ in range(2)] == [True, False]


def test_the_program_may_have_as_many_files_open_as_the_system_lets_it(monkeypatch):
    monkeypatch.setattr(connections, "MOST", 2048)
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        found = open_files()
        assert found == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_there_is_room_for_those_who_come_all_at_once(monkeypatch):
    monkeypatch.setattr(connections, "MOST", 2048)
    monkeypatch.setattr(connections, "LEAST", 64)
    assert [connections.room_in(files) for files in (100, 1024, 4096, 10_000)] == [64, 512, 2048, 2048]
