"""The page and its configuration, rendered once: that takes 40 ms, in which nobody else is served."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS = ("/", "/config", "/config/")
NAMED_BY = ("host", "x-forwarded-host", "x-forwarded-proto")  # the headers from which Gradio reads the page's address
MOST_PAGES = 16  # kept, of those that were rendered last; a server is known by a few addresses


class Page(NamedTuple):
    """What Gradio answered: its status, its bytes of that type as they are and compressed, and a name for them."""

    status: int
    type: str
    plain: bytes
    packed: bytes
    tag: str


Key = tuple[str, ...]


class Front:
    """Answers the requests for PATHS. What Gradio says depends on the address alone: the query is for the browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages = OrderedDict[Key, Page]()
        self._rendering = asyncio.Lock()  # one at a time: others, who ask for something else, are served meanwhile

    def has(self, scope: Scope) -> bool:
        """Whether the answer is there already."""
        return key_of(scope) in self._pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page, compressed for who can read that; or nothing to who has it already."""
        page = self._pages.get(key_of(scope)) or await self._rendered(scope)
        asked = Headers(scope=scope)
        headers = {
            "vary": "Accept-Encoding",
            "etag": page.tag,
            "cache-control": "no-cache",
        }  # kept, but asked for again
        if page.status == 200 and page.tag in asked.get("if-none-match", ""):
            await Response(None, 304, headers)(scope, receive, send)
            return
        packed = "gzip" in asked.get("accept-encoding", "")
        headers |= {"content-type": page.type, **({"content-encoding": "gzip"} if packed else {})}
        await Response(page.packed if packed else page.plain, page.status, headers)(scope, receive, send)

    async def _rendered(self, scope: Scope) -> Page:
        """The page, rendered by one request; others who ask for it meanwhile wait for that."""
        key = key_of(scope)
        async with self._rendering:
            page = self._pages.get(key) or await self._render(scope)
            if page.status == 200:
                self._pages[key] = page
            if len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
            return page

    async def _render(self, scope: Scope) -> Page:
        """Ask Gradio as somebody does of whom nothing is known but the address that he uses."""
        headers = [(name, value) for name, value in scope["headers"] if name.decode("latin-1") in NAMED_BY]
        asked = {**scope, "method": "GET", "query_string": b"", "headers": headers}
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        await self._app(asked, receive, send)
        body = b"".join(message.get("body", b"") for message in said[1:])
        packed = await asyncio.to_thread(gzip.compress, body, 9)
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'  # weak: it names the bytes before they are compressed
        return Page(
            said[0]["status"], MutableHeaders(raw=said[0]["headers"]).get("content-type", ""), body, packed, tag
        )


def key_of(scope: Scope) -> Key:
    """By what the answers differ."""
    headers = Headers(scope=scope)
    return (scope["path"], scope["scheme"], scope.get("root_path", ""), *(headers.get(name, "") for name in NAMED_BY))
