"""Files that a page sends as the body of a request: one of each sender, so many at once, so many bytes, in time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from playground.ui.guard.budgets import Budget, caller_of
from playground.ui.guard.refused import Refused
from playground.ui.guard.uploads import MIB

READ_ON = 4  # so many times what is allowed is read to its end


@dataclass
class Arriving:
    """A door for such files.

    Each has `most` MiB at most, and `seconds` to arrive; `at_once` are on their way together, and an address sends
    `often` of the largest in a minute: a class may stand behind one.
    """

    most: int
    often: int
    at_once: int
    seconds: float
    _who: set[str] = field(default_factory=set)
    _waiting: dict[str, object] = field(default_factory=dict)  # the newest request of each sender that waits
    _turns: Counter[str] = field(default_factory=Counter)  # of addresses
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    _bytes: Budget = field(default_factory=Budget)

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """A place for a sender's file. Raises Refused."""
        if who in self._who or len(self._who) >= self.at_once:
            raise Refused(429, "room.often")
        self._who.add(who)
        try:
            yield
        finally:
            self._who.remove(who)

    @asynccontextmanager
    async def turn(self, who: str, address: str) -> AsyncIterator[None]:
        """A place for which a sender waits while there is none; an address has half of them at most.

        Its file waits with it, in the sender's hands. Raises Refused for a second file while the first arrives, after
        `seconds`, and where the same sender has come anew: who stops and begins again does not wait for itself.
        """
        if who in self._who:
            raise Refused(429, "room.often")
        try:
            await asyncio.wait_for(self._enter(who, address), self.seconds)
        except asyncio.TimeoutError:
            raise Refused(503, "guard.full") from None
        try:
            yield
        finally:
            self._who.remove(who)
            await self._leave(address)

    async def _enter(self, who: str, address: str) -> None:
        mine = self._waiting[who] = object()

        def is_free() -> bool:
            return self._turns.total() < self.at_once and self._turns[address] < max(1, self.at_once // 2)

        try:
            async with self._moved:
                self._moved.notify_all()  # an earlier request of the same sender
                await self._moved.wait_for(lambda: self._waiting.get(who) is not mine or is_free())
                if self._waiting.get(who) is not mine or who in self._who:
                    raise Refused(429, "room.often")
                self._who.add(who)
                self._turns[address] += 1
        finally:
            if self._waiting.get(who) is mine:
                del self._waiting[who]

    async def _leave(self, address: str) -> None:
        async with self._moved:
            self._turns[address] -= 1
            self._turns += Counter()  # without those that have none
            self._moved.notify_all()

    async def receive(self, request: Request, path: Path) -> None:
        """Write a body into a file, as far as it is allowed and comes in time. Raises Refused."""
        try:
            await asyncio.wait_for(self._write(request, path), self.seconds)
        except asyncio.TimeoutError:
            raise Refused(408, "room.slow", seconds=int(self.seconds)) from None
        except ClientDisconnect:  # nobody hears why
            raise Refused(400, "guard.no_upload") from None

    async def _write(self, request: Request, path: Path) -> None:
        most, come = self.most * MIB, 0
        with path.open("wb") as file:
            async for part in request.stream():
                come += len(part)
                if self._bytes.spend(caller_of(request.scope), len(part)) > self.often * most:
                    raise Refused(429, "guard.many_bytes", most=self.often * self.most)
                if come <= most:
                    file.write(part)
                elif come > READ_ON * most:
                    break
        if come > most:  # said once it has come: a browser reads no answer while it is still sending
            raise Refused(413, "guard.file_large", most=self.most)
