"""Refuses requests that our page never sends, before Gradio sees them.

Gradio offers more than this page needs: it fetches any address that a client names, accepts bodies of any size, and
does not limit the number of calls.
"""

import json
import logging
import re
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.checked import Refusal
from playground.limits import Limits
from playground.ui.texts import say

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
FETCHED = re.compile(r"\s*[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # an address on another host, as http: (C: is a drive)
MOST_BYTES = 2**20  # of a call's body; all settings together have a few thousand
MOST_DEPTH = 32  # of brackets in a call's JSON
MINUTE = 60.0  # seconds
LOG = logging.getLogger(__name__)


class Refused(Refusal):
    """A request that our page never sends; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, key: str, **values: Any) -> None:
        super().__init__(key, **values)
        self.status = status


class Guard:
    """ASGI middleware: known paths only, small bodies of shallow JSON, and `limits.calls` a minute from an address."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app, self.limits = app, limits
        self._minute, self._calls = 0.0, Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with a sentence."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        try:
            receive = await self._check(scope, headers, receive)
        except Refused as refused:
            answer = JSONResponse({"detail": say(language_of(headers), refused.key, **refused.values)}, refused.status)
            return await answer(scope, receive, send)
        return await self._pass_on(scope, headers, receive, send)

    async def _pass_on(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Let Gradio answer. Where it fails, answer 500 with a sentence of ours."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if begun:
                raise
            LOG.warning("%s %s could not be answered", scope["method"], scope["path"], exc_info=True)
            answer = JSONResponse({"detail": say(language_of(headers), "guard.failed")}, 500)
            await answer(scope, receive, send)

    async def _check(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        path, method = scope["path"], scope["method"]
        if method in ("GET", "HEAD"):
            return self._check_path(path, receive)
        if method == "OPTIONS":
            return receive
        if method != "POST" or not (CALLS.fullmatch(path) or UPLOAD.fullmatch(path)):
            raise Refused(404, "guard.unknown")
        self._count(scope, headers)
        if UPLOAD.fullmatch(path):
            if not self.limits.uploads:
                raise Refused(403, "guard.no_uploads")
            return receive  # Gradio counts its bytes: `max_file_size`
        body = await read_body(receive, headers)
        check_json(body)
        return replay(body, receive)

    def _check_path(self, path: str, receive: Receive) -> Receive:
        if not (OWN.fullmatch(path) or READ.fullmatch(path)):
            raise Refused(404, "guard.unknown")
        if path.startswith(f"{API}/file=") and FETCHED.match(path.removeprefix(f"{API}/file=")):
            raise Refused(403, "guard.fetched")
        return receive

    def _count(self, scope: Scope, headers: Headers) -> None:
        """Count a call of this address in this minute."""
        now = time.monotonic()
        if now - self._minute > MINUTE:
            self._minute = now
            self._calls.clear()
        caller = (scope.get("client") or ("",))[0]
        self._calls[caller] += 1
        if self._calls[caller] > self.limits.calls:
            raise Refused(429, "guard.too_often", calls=self.limits.calls)


async def read_body(receive: Receive, headers: Headers) -> bytes:
    """A call's whole body. Raises Refused as soon as more than MOST_BYTES are announced or have arrived."""
    announced = headers.get("content-length", "0")
    body: bytes = b""
    if not announced.isdecimal() or len(announced) > 12 or int(announced) > MOST_BYTES:
        raise Refused(413, "guard.large", most=MOST_BYTES)
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body  # the client has gone
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Refused(413, "guard.large", most=MOST_BYTES)
        if not message.get("more_body"):
            return body


def check_json(body: bytes) -> None:
    """Raises Refused for a body that is not JSON, or too deep, or names a file on another host."""
    if body.count(b"[") + body.count(b"{") > MOST_DEPTH and depth_of(body) > MOST_DEPTH:
        raise Refused(400, "guard.deep", most=MOST_DEPTH)
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "guard.no_json") from None
    if not isinstance(asked, dict):
        raise Refused(400, "guard.no_json")
    if fetches(asked):
        raise Refused(403, "guard.fetched")


def depth_of(body: bytes) -> int:
    """The greatest depth of nested brackets. Those within strings count too: our page sends few of them."""
    depth = deepest = 0
    for letter in body:
        if letter in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in b"]}":
            depth -= 1
    return deepest


def fetches(asked: Any) -> bool:
    """Whether a call's JSON names a file on another host: Gradio would fetch it from there."""
    if isinstance(asked, dict):
        path = asked.get("path")
        return (isinstance(path, str) and bool(FETCHED.match(path))) or any(map(fetches, asked.values()))
    return isinstance(asked, list) and any(map(fetches, asked))


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that first gives the body that was already read, and then waits for the client as before."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def language_of(headers: Headers) -> str:
    """The language of the page that a request comes from: by its address, else by the browser's settings."""
    asked = parse_qs(urlsplit(headers.get("referer", "")).query).get("lang", [""])[0]
    return asked or headers.get("accept-language", "en")
