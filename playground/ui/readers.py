"""Who reads the answers. Gradio works for clients that never come for them, and keeps what they do not read for good.

Gradio puts the messages of each session into a queue, from which the session's stream takes them. Our queues know
whether somebody reads them. Long work begins when somebody does; what nobody reads is dropped, with all that was asked
for in that session. And the door serves nobody who leaves many of them unread.
"""

import asyncio
import time
from collections import defaultdict
from contextvars import ContextVar
from typing import Any, ClassVar
from weakref import WeakSet

from gradio.queueing import Queue
from gradio.utils import LRUCache

UNREAD = 30.0  # seconds without a reader after which a session's messages are dropped
FRESH = 5.0  # seconds; a reader who has just taken a message may still be sending it on
MOST_SESSIONS = 2000  # Gradio's own bound
CALLER: ContextVar[str] = ContextVar("CALLER", default="")  # the address that the call under way comes from


class Mailbox(asyncio.Queue[Any]):
    """The messages of one session. It is made while its CALLER asks for something."""

    of_callers: ClassVar[defaultdict[str, WeakSet["Mailbox"]]] = defaultdict(WeakSet)

    def __init__(self) -> None:
        super().__init__()
        self._readers, self._read, self._come = 0, time.monotonic(), asyncio.Event()
        self.of_callers[CALLER.get()].add(self)

    def put_nowait(self, item: Any) -> None:
        """Add a message. A page that has read all so far begins to wait anew: it opens its stream for each event."""
        if self.empty():
            self._read = time.monotonic()
        super().put_nowait(item)

    async def get(self) -> Any:
        """The next message, as soon as there is one."""
        self._readers += 1
        self._come.set()
        try:
            return await super().get()
        finally:
            self._readers -= 1
            self._read = time.monotonic()
            if not self._readers:
                self._come.clear()

    async def reader(self) -> None:
        """Wait until somebody reads here. Raises TimeoutError where nobody comes for UNREAD seconds."""
        await asyncio.wait_for(self._come.wait(), UNREAD)

    @property
    def unread(self) -> float:
        """Seconds since somebody has read here last; 0 while somebody waits for a message."""
        return 0.0 if self._readers else time.monotonic() - self._read


def unread_of(address: str) -> int:
    """How many sessions of an address have messages that have waited for their reader for longer than FRESH."""
    boxes = Mailbox.of_callers[address]
    if not boxes:
        del Mailbox.of_callers[address]
    return sum(mailbox.unread > FRESH and not mailbox.empty() for mailbox in boxes)


class Mailboxes(LRUCache[str, Mailbox]):
    """All sessions' mailboxes by the session's name, in the place of those that Gradio makes.

    Everything here happens in the server's event loop.
    """

    def __init__(self, queue: Queue) -> None:
        super().__init__(MOST_SESSIONS)
        self._queue = queue
        self._sweeping = False

    def __setitem__(self, session: str, queue: Any) -> None:
        """Give a session a mailbox; the `queue` that Gradio has made for it is not used."""
        super().__setitem__(session, Mailbox())
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(UNREAD, self._sweep)

    def _sweep(self) -> None:
        """Drop what nobody reads, now and again until nothing is left."""
        for session in [session for session, mailbox in self.items() if mailbox.unread > UNREAD]:
            self._drop(session)
        self._sweeping = bool(self)
        if self._sweeping:
            asyncio.get_running_loop().call_later(UNREAD, self._sweep)

    def _drop(self, session: str) -> None:
        """Forget a session's messages, and end what it has asked for: its handlers stop at their next yield."""
        for name in self._queue.pending_event_ids_session.pop(session, set()):
            event = self._queue.event_ids_to_events.pop(name, None)
            if event is not None:
                event.alive = False
                waiting = self._queue.event_queue_per_concurrency_id[event.concurrency_id].queue
                if event in waiting:
                    waiting.remove(event)
        del self[session]


class Readers:
    """Tells whether a session's messages are read; knows it once the page's queue has been given."""

    def __init__(self) -> None:
        self._mailboxes: Mailboxes | None = None

    def attach(self, queue: Queue) -> None:
        """Let Gradio's queue use our mailboxes."""
        self._mailboxes = Mailboxes(queue)
        queue.pending_messages_per_session = self._mailboxes  # type: ignore[assignment]  # a dictionary like theirs

    def read(self, session: str | None) -> bool:
        """Whether somebody reads the messages of that session."""
        mailbox = self._mailbox(session)
        return mailbox is not None and mailbox.unread < FRESH

    def gone(self, session: str | None) -> bool:
        """Whether nobody reads that session's messages. Who asks without a queue has none, and reads at once."""
        mailbox = self._mailbox(session)
        return mailbox is not None and mailbox.unread > FRESH

    async def come(self, session: str | None) -> None:
        """Wait until somebody reads that session's messages. Raises TimeoutError where nobody does."""
        mailbox = self._mailbox(session)
        if mailbox is not None:
            await mailbox.reader()

    def _mailbox(self, session: str | None) -> Mailbox | None:
        return self._mailboxes.get(str(session)) if self._mailboxes is not None else None
