"""Refuses requests that our page never sends, before Gradio sees them.

Gradio offers more than this page needs: it fetches any address that a client names, answers every site's pages, accepts
bodies of any size, and does not limit the number of requests.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.limits import Limits
from playground.ui.guard.budgets import Budget, caller_of
from playground.ui.guard.calls import FETCHED, check_json, read_body, replay
from playground.ui.guard.front import PATHS, Front
from playground.ui.guard.hosts import check_host, check_origin, is_secure
from playground.ui.guard.ranges import plain_ranges
from playground.ui.guard.refused import Refused
from playground.ui.guard.uploads import MIB, Upload, adopting
from playground.ui.readers import CALLER, held_of, unread_of

API = "/gradio_api"
OWN = re.compile(
    r"/|/(config|theme\.css|robots\.txt|favicon\.ico|manifest\.json|pwa_icon(/\d+)?)/?|/(assets|static|svelte|kept)/.*"
)
READ = re.compile(
    rf"{API}/(info|openapi\.json|startup-events|app_id|queue/(data|status)|theme\.css|upload_progress"
    r"|heartbeat/\w+|call/\w+/\w+|file=.*)/?"
)
CALLS = re.compile(rf"{API}/(queue/join|run/\w+|api/\w+|call/(v2/)?\w+|cancel|reset)/?")
UPLOAD = re.compile(rf"{API}/upload/?")
# A class together: ui/room.py counts by who is in the room, and reads what is sent to its wall.
ROOM = re.compile(r"/room/\w{1,16}(/\w{1,24}){0,2}(\.\w{1,16})?")
SHARE = re.compile(r"/room/\w{1,16}/share/\w{1,16}")
WALL = re.compile(r"/room/\w{1,16}/wall")
# A run's way between the server and a device: ui/moving.py reads what is sent.
RUN, KEPT_RUN = re.compile(r"/run"), re.compile(r"/run/[A-Z]-\d{1,15}")
# What costs much more to answer than a file (1 ms) counts as so many requests.
RENDERED = 20  # the page, for an address under which nobody has asked for it lately
COSTLY = {re.compile(r"/kept/qr/.*"): 100, KEPT_RUN: 20, re.compile(rf"{API}/(info|openapi\.json)/?"): 3}
A_CALL = 64 * 2**10  # bytes of a body that count as one call
A_ROOMS_CALL, A_SHARE = 8 * 2**10, 128 * 2**10  # bytes of a body that a room takes, and of what is shared there
UPLOADS = 40  # of the largest files, a minute from one address: a class may stand behind it
BURST, MOST_AT_ONCE = 10.0, 100  # seconds in which a sixth of a minute's calls may come, so many at least
MOST_HELD = 200  # things that an address has asked for without opening the stream of their answers
MOST_UNREAD = 40  # answers that an address has not come for: phones fall asleep, but seldom a whole class
PAUSE = 1.0  # seconds that who asks too often waits for that answer
# Such a page may let its workers share memory; what another site would add to it comes without that site's cookies.
ISOLATED = [(b"cross-origin-opener-policy", b"same-origin"), (b"cross-origin-embedder-policy", b"credentialless")]
LOG = logging.getLogger(__name__)


class Guard:
    """ASGI middleware, the outermost: known paths only, from our own page, and not too much from an address.

    `names` are the server's public ones.
    """

    def __init__(self, app: ASGIApp, limits: Limits, names: Collection[str] = ()) -> None:
        self.app, self.limits, self.names = app, limits, names
        self._front = Front(app)
        self._calls, self._reads, self._bytes = Budget(), Budget(), Budget()
        self._bursts = Budget(BURST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with a sentence."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        try:
            check_host(scope, headers, self.names)
            if scope["method"] in ("GET", "HEAD"):
                await self._read(scope, receive, send)
            elif scope["method"] == "POST" and (ROOM.fullmatch(scope["path"]) or RUN.fullmatch(scope["path"])):
                await self._through(scope, headers, receive, send)
            else:
                await self._change(scope, headers, receive, send)
        except Refused as refused:
            if refused.status == 429:
                await asyncio.sleep(PAUSE)
            await refused.answer(headers)(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A request to look at something."""
        path = scope["path"]
        cost = next((cost for costly, cost in COSTLY.items() if costly.fullmatch(path)), 1)
        if path in PATHS and not self._front.has(scope):
            cost = RENDERED
        self._spend(self._reads, scope, self.limits.reads, cost)
        if not (OWN.fullmatch(path) or READ.fullmatch(path) or ROOM.fullmatch(path) or KEPT_RUN.fullmatch(path)):
            raise Refused(404, "guard.unknown")
        if path.startswith(f"{API}/file=") and FETCHED.match(path.removeprefix(f"{API}/file=")):
            raise Refused(403, "guard.fetched")
        app = self._front if path in PATHS else self.app
        await self._pass_on(app, {**scope, "headers": plain_ranges(scope["headers"])}, receive, send)

    async def _change(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """A request that does something. A browser asks with OPTIONS for other sites' pages only."""
        check_origin(headers, self.names)
        if scope["method"] == "OPTIONS":
            raise Refused(403, "guard.foreign")
        caller, is_upload = caller_of(scope), UPLOAD.fullmatch(scope["path"])
        if scope["method"] != "POST" or not (is_upload or CALLS.fullmatch(scope["path"])):
            raise Refused(404, "guard.unknown")
        self._spend(self._calls, scope, self.limits.calls)
        if self._bursts.spend(caller) > max(self.limits.calls // 6, MOST_AT_ONCE):
            raise Refused(429, "guard.at_once")
        if unread_of(caller) > MOST_UNREAD or held_of(caller) > MOST_HELD:
            raise Refused(429, "guard.unread")
        CALLER.set(caller)
        if is_upload:
            await self._take_files(scope, headers, receive, send)
        else:
            body = await read_body(receive, headers)
            self._spend(self._calls, scope, self.limits.calls, len(body) // A_CALL)
            check_json(body)
            await self._pass_on(self.app, scope, replay(body, receive), send)

    async def _through(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """What a member of a room sends, or a device of its run: doors of their own count that, for whole classes."""
        check_origin(headers, self.names)
        self._spend(self._reads, scope, self.limits.reads)  # before anything is read
        if not (WALL.fullmatch(scope["path"]) or RUN.fullmatch(scope["path"])):
            body = await read_body(receive, headers, A_SHARE if SHARE.fullmatch(scope["path"]) else A_ROOMS_CALL)
            check_json(body)
            receive = replay(body, receive)
        await self._pass_on(self.app, scope, receive, send)

    async def _take_files(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        if not self.limits.uploads:
            raise Refused(403, "guard.no_uploads")
        most = UPLOADS * self.limits.upload_mb
        pay = partial(self._pay, caller_of(scope), most)
        upload = Upload(receive, headers, self.limits.upload_mb, pay)

        async def unless_refused(message: Message) -> None:
            if upload.refused is None:
                await send(message)

        try:
            await self._pass_on(self.app, scope, upload, adopting(unless_refused, caller_of(scope)))
        finally:
            if upload.refused is not None:
                await upload.rest()
                raise upload.refused

    def _pay(self, caller: str, most: int, size: int) -> None:
        """Count the bytes that an address sends in files."""
        if self._bytes.spend(caller, size) > most * MIB:
            raise Refused(429, "guard.many_bytes", most=most)

    def _spend(self, budget: Budget, scope: Scope, most: int, cost: int = 1) -> None:
        """Count a request of this address in this minute."""
        if budget.spend(caller_of(scope), cost) > most:
            raise Refused(429, "guard.too_often", calls=most)

    async def _pass_on(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio answer. Where it fails, answer 500 with a sentence of ours."""
        # Files that browsers keep have them always: a kept one without them is refused once the page has them.
        isolated = scope["path"].startswith("/kept/") or is_secure(scope, Headers(scope=scope))
        answer = Answer(send, ISOLATED if isolated else [])
        try:
            await app(scope, receive, answer)
            await answer.end()
        except Exception:
            if answer.begun:
                raise
            LOG.warning("%s %s could not be answered", scope["method"], scope["path"], exc_info=True)
            raise Refused(500, "guard.failed") from None


class Answer:
    """An answer of Gradio on its way: without its permission for other sites to read it, and with headers of `ours`.

    One that tells of a fault is held back, since an exception may follow, which we put into words ourselves.
    """

    def __init__(self, send: Send, ours: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self._send, self._ours = send, ours
        self._held: list[Message] = []
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            own = [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]
            message = {**message, "headers": [*own, *self._ours]}
        if self._held or message.get("status") == 500:
            self._held.append(message)
            return
        self.begun = True
        await self._send(message)

    async def end(self) -> None:
        """Send what was held back."""
        for message in self._held:
            await self._send(message)


def guarded(limits: Limits, names: Collection[str]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """The `lifespan` of an application that puts a Guard before all its middleware, Gradio's too.

    Middleware that is handed to Gradio would stand behind Gradio's own, which answers other sites' pages. Where a port
    is taken at the last moment Gradio begins the same application once more, on the next one: of two Guards each would
    add its headers, and a browser takes a doubled header for none.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if app.middleware_stack is not None and not isinstance(app.middleware_stack, Guard):
            app.middleware_stack = Guard(app.middleware_stack, limits, names)
        yield

    return lifespan
