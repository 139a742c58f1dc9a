"""Whose drawing, film or file is made next: however much one address asks for, the others hardly wait.

Gradio would begin everything at once, in a thread each. Beside somebody who orders films without a pause a drawing took
1.5 seconds, and one of a hundred four.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import gradio as gr

from playground.checked import Refusal
from playground.ui.guard.budgets import network_of
from playground.ui.readers import Readers

AT_ONCE = 2  # jobs: a short one passes a long one
MOST_WAITING = 300

T = TypeVar("T")
Line = tuple[str, str]  # an address, and a kind of job


class TooBusy(Refusal, RuntimeError):
    """Too much is asked for at once, most of it from this address."""

    key = "error.crowded"


class Turns:
    """Hands out AT_ONCE places. For each kind of job an address has a line, and all lines get the same time.

    So a class behind one address still draws while some of it make films. Each line has a clock, which goes on by what
    its jobs take; next comes the line whose clock is behind the others'. One that comes anew starts at the clock of the
    line that was served last: nobody saves time up, and nobody pays for what was free (Goyal et al. 1996, "Start-time
    Fair Queuing"). Where more than `most` wait, the last one of the longest line is refused. Everything here happens in
    the server's event loop, the jobs themselves in threads.
    """

    def __init__(self, readers: Readers, at_once: int = AT_ONCE, most: int = MOST_WAITING) -> None:
        self.readers, self._free, self._most = readers, at_once, most
        self._waiting: dict[Line, deque[asyncio.Future[None]]] = {}
        self._clocks: dict[Line, float] = {}  # seconds; without those that are behind
        self._now = 0.0  # by the clock of the line that was served last

    async def do(self, request: gr.Request, job: Callable[..., T], *given: Any) -> T:
        """Do a job for a request, in its turn.

        Raises what the job raises, and TooBusy, also where nobody waits for the answer any more.
        """
        address = request.client.host if request.client else ""
        async with self.turn(address, getattr(job, "__qualname__", "")):
            if self.readers.gone(request.session_hash):
                raise TooBusy
            return await asyncio.to_thread(job, *given)

    @asynccontextmanager
    async def turn(self, address: str, kind: str = "") -> AsyncIterator[None]:
        """A place for such a job of this address. Raises TooBusy."""
        line = network_of(address), kind
        if self._free:
            self._free -= 1
        else:
            await self._wait(line)
        self._now, began = self._clock(line), time.monotonic()
        try:
            yield
        finally:
            self._clocks[line] = self._clock(line) + time.monotonic() - began
            self._clocks = {line: clock for line, clock in self._clocks.items() if clock > self._now}
            self._hand_on()

    async def _wait(self, line: Line) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        places = self._waiting.setdefault(line, deque())
        places.append(place)
        waiting = self._lines().values()
        if sum(map(len, waiting)) > self._most:
            max(waiting, key=len).pop().set_exception(TooBusy())
        try:
            await place
        except asyncio.CancelledError:  # the visitor has left
            if place in places:
                places.remove(place)
            elif not place.cancelled() and place.exception() is None:  # just when the place had come
                self._hand_on()
            raise
        finally:
            if not places and self._waiting.get(line) is places:  # by now others may wait in a new line of that name
                del self._waiting[line]

    def _clock(self, line: Line) -> float:
        return max(self._now, self._clocks.get(line, 0.0))

    def _hand_on(self) -> None:
        """Give a place that has become free to somebody who waits."""
        lines = self._lines()
        if lines:
            lines[min(lines, key=self._clock)].popleft().set_result(None)
        else:
            self._free += 1

    def _lines(self) -> dict[Line, deque[asyncio.Future[None]]]:
        """The lines in which somebody waits. Who has left stands in them until the event loop tells him so."""
        for places in self._waiting.values():
            for place in [place for place in places if place.cancelled()]:
                places.remove(place)
        return {line: places for line, places in self._waiting.items() if places}
