"""Who reads the answers. Gradio works for clients that never come for them, and keeps what they do not read for good.

Gradio puts the messages of each session into a queue, from which the session's stream takes them. Our queues know
whether somebody reads them. What a session asks for begins when somebody does; what nobody reads is dropped, with all
that was asked for in that session. And the door serves nobody who leaves many of them unread.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ClassVar
from weakref import WeakSet

from gradio.queueing import Event, Queue
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
        self._readers, self._read = 0, time.monotonic()
        self._held: list[Callable[[], None]] = []
        self.of_callers[CALLER.get()].add(self)

    def put_nowait(self, item: Any) -> None:
        """Add a message. A page that has read all so far begins to wait anew: it opens its stream for each event."""
        if self.empty():
            self._read = time.monotonic()
        super().put_nowait(item)

    async def get(self) -> Any:
        """The next message, as soon as there is one."""
        self._readers += 1
        self._begin()
        try:
            return await super().get()
        finally:
            self._readers -= 1
            self._read = time.monotonic()

    def hold(self, begin: Callable[[], None]) -> None:
        """Begin something as soon as somebody reads here."""
        self._held.append(begin)
        if self._readers:
            self._begin()

    def _begin(self) -> None:
        held, self._held = self._held, []
        for begin in held:
            begin()

    @property
    def held(self) -> int:
        """How much has not begun, because nobody has come to read."""
        return len(self._held)

    @property
    def unread(self) -> float:
        """Seconds since somebody has read here last; 0 while somebody waits for a message."""
        return 0.0 if self._readers else time.monotonic() - self._read


def unread_of(address: str) -> int:
    """How many sessions of an address have messages that have waited for their reader for longer than FRESH."""
    return sum(mailbox.unread > FRESH and not mailbox.empty() for mailbox in _boxes_of(address))


def held_of(address: str) -> int:
    """How much an address has asked for that has not begun, because nobody has come to read."""
    return sum(mailbox.held for mailbox in _boxes_of(address))


def _boxes_of(address: str) -> WeakSet[Mailbox]:
    boxes = Mailbox.of_callers[address]
    if not boxes:
        del Mailbox.of_callers[address]
    return boxes


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
    """Tells whether a session's messages are read; knows it once the page's queue has been given.

    From then on the queue is given an event when somebody reads its session.
    """

    def __init__(self) -> None:
        self._mailboxes: Mailboxes | None = None

    def attach(self, queue: Queue) -> None:
        """Let Gradio's queue use our mailboxes, and take in only what somebody reads."""
        self._mailboxes = Mailboxes(queue)
        queue.pending_messages_per_session = self._mailboxes  # type: ignore[assignment]  # a dictionary like theirs
        take_in = queue.push

        async def push(*given: Any, **named: Any) -> Any:
            answer = await take_in(*given, **named)  # nothing else happens between its last line and ours
            done, name, _ = answer
            if done and name in queue.event_ids_to_events:
                self._hold(queue, queue.event_ids_to_events[name])
            return answer

        queue.push = push  # type: ignore[method-assign]

    def _hold(self, queue: Queue, event: Event) -> None:
        """Let an event that has just joined wait for its reader outside of the queue."""
        mailbox, waiting = self._mailbox(event.session_hash), queue.event_queue_per_concurrency_id[event.concurrency_id]
        if mailbox is not None and event in waiting.queue:
            waiting.queue.remove(event)
            mailbox.hold(lambda: waiting.queue.append(event))

    def read(self, session: str | None) -> bool:
        """Whether somebody reads the messages of that session."""
        mailbox = self._mailbox(session)
        return mailbox is not None and mailbox.unread < FRESH

    def gone(self, session: str | None) -> bool:
        """Whether nobody reads that session's messages. Who asks without a queue has none, and reads at once."""
        mailbox = self._mailbox(session)
        return mailbox is not None and mailbox.unread > FRESH

    def _mailbox(self, session: str | None) -> Mailbox | None:
        return self._mailboxes.get(str(session)) if self._mailboxes is not None else None
