"""Connections: how many each address may hold, and how long a request may take to arrive.

The server (uvicorn) waits for ever for a request that was begun, and takes connections until the system has none left.
"""

import asyncio
import logging
import sys
import time
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import Server

from playground.ui.guard.budgets import MINUTE, network_of

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as AutoHTTPProtocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

MOST_OF_ONE = 256  # connections of an address: a browser opens six, and a class may stand behind one
MOST, LEAST = 2048, 64  # of all addresses together, where the system allows so many open files
SPARE = 256  # open files that the program needs beside its connections
ARRIVING = 2048  # connections that uvicorn accepts before one of them is looked at
PATIENCE = 20.0  # seconds in which a request arrives, and for a long one as many more as it takes at SLOWEST
SLOWEST = 8192  # bytes a second


class Room:
    """The connections of a server by address. Only one thread, the server's, comes here."""

    def __init__(self, proxies: Any, most: int) -> None:
        self._proxies, self._most = proxies, most
        self._held: defaultdict[str, dict[Connection, None]] = defaultdict(dict)  # of each the oldest first

    def enter(self, connection: "Connection", address: str) -> bool:
        """Whether a connection may stay; a proxy's may, since it sees to its own clients.

        Where there are too many, one goes of the address that has the most: the oldest that asks for nothing, if any.
        """
        held = self._held[address]
        held[connection] = None
        if len(held) > MOST_OF_ONE and address not in self._proxies:
            return False
        if sum(map(len, self._held.values())) > self._most:
            greediest = max(self._held.values(), key=len)
            next((one for one in greediest if one.arriving), next(iter(greediest))).abort()
        return True

    def leave(self, connection: "Connection", address: str) -> None:
        """Forget a connection that has ended."""
        self._held[address].pop(connection, None)
        if not self._held[address]:
            del self._held[address]


class Connection(AutoHTTPProtocol):
    """A connection whose requests must arrive in time."""

    def __init__(self, room: Room, **how: Any) -> None:
        super().__init__(**how)
        self._room, self._address = room, ""
        self._due: asyncio.TimerHandle | None = None
        self._since, self._arrived = 0.0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request, if the address may have one more connection."""
        super().connection_made(transport)  # type: ignore[arg-type]  # as in uvicorn itself
        self._address = network_of(self.client[0] if self.client else "")
        if self._room.enter(self, self._address):
            self._wait()
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave room for another one."""
        self._rest()
        self._room.leave(self, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived of a request."""
        if self._due is None and self.arriving:
            self._wait()
        self._arrived += len(data)
        super().data_received(data)
        if not self.arriving:
            self._rest()

    def abort(self) -> None:
        """End the connection without a word."""
        self._rest()
        self.transport.abort()

    @property
    def arriving(self) -> bool:
        """Whether the client has still to send something of its request, or the next one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _wait(self) -> None:
        self._since, self._arrived = self.loop.time(), 0
        self._due = self.loop.call_later(PATIENCE, self._look)

    def _rest(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look(self) -> None:
        """End what did not arrive in time, unless it is a long body that comes fast enough."""
        end = self._since + PATIENCE + self._arrived / SLOWEST
        if self.flow.read_paused:  # it is we who are slow
            end = self.loop.time() + PATIENCE
        is_body = self.cycle is not None and not self.cycle.response_complete
        if is_body and end > self.loop.time():
            self._due = self.loop.call_at(end, self._look)
        else:
            self.abort()

    def _should_upgrade(self) -> bool:
        """No: nothing of ours speaks WebSocket. (uvicorn would write two lines into its log each time.)"""
        return False


class Seldom(logging.Filter):
    """Lets each of a client's mistakes into the log once a minute: thousands would fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        mistake = record.levelno <= logging.WARNING or str(record.msg).startswith("socket.accept()")
        if not mistake or time.monotonic() - self._said.get(str(record.msg), -MINUTE) >= MINUTE:
            self._said[str(record.msg)] = time.monotonic()
            return True
        return False


SELDOM = Seldom()


def bound_connections(server: Server) -> None:
    """Let a server that runs bound its connections from now on."""
    proxies = ProxyHeadersMiddleware(server.config.app, server.config.forwarded_allow_ips).trusted_hosts  # type: ignore[arg-type]
    protocol = partial(Connection, Room(proxies, room_in(open_files())))
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(SELDOM)
    server.config.http_protocol_class = protocol  # type: ignore[assignment]  # whatever makes a protocol


def room_in(files: int) -> int:
    """How many connections there may be where so many files may be open."""
    return max(LEAST, min(MOST, max(files - SPARE - ARRIVING, files // 2)))


def open_files() -> int:
    """How many files and connections the program may have open: as many as the system lets it, if those suffice."""
    enough = MOST + SPARE + ARRIVING
    if sys.platform == "win32":
        return enough
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = enough if most == resource.RLIM_INFINITY else min(most, enough)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
        now = wanted
    return enough if now == resource.RLIM_INFINITY else now
