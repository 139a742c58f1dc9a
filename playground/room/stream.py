"""News of a room for all who listen: each gets the newest only, encoded once. Knows neither rooms nor HTTP."""

import asyncio
from collections.abc import AsyncIterator

PULSE = 15.0  # seconds


class Channel:
    """One room's news. Only the event loop's thread comes here.

    Who is slow misses what is no longer true: no queue grows, however many listen.
    """

    def __init__(self) -> None:
        self._newest = b""
        self._number = 0
        self._changed = asyncio.Event()
        self.listeners = 0

    def publish(self, news: bytes) -> None:
        """Tell all who listen, and who comes later; unless it is nothing new."""
        if news == self._newest:
            return
        self._newest, self._number = news, self._number + 1
        self._wake()

    def end(self) -> None:
        """Let all who listen go."""
        self._number = -1
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def listen(self) -> AsyncIterator[bytes]:
        """The newest now, and each that is the newest when the listener comes for it, until the end.

        Empty bytes where there was nothing for PULSE seconds: so that no proxy takes the line for dead.
        """
        heard = 0
        self.listeners += 1
        try:
            while self._number >= 0:
                changed = self._changed
                if heard != self._number:
                    heard = self._number
                    yield self._newest
                elif not await _within(changed, PULSE):
                    yield b""
        finally:
            self.listeners -= 1


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event comes within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True
