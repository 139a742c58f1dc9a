"""The bodies of calls: small, shallow JSON that names no file on another host."""

import json
import re
from typing import Any

import numpy as np
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from playground.ui.guard.refused import Refused

MOST_BYTES = 2**20  # of a call's body; all settings together have a few thousand
MOST_DEPTH = 32  # of brackets in a call's JSON
FETCHED = re.compile(r"\s*[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # an address on another host, as http: (C: is a drive)


async def read_body(receive: Receive, headers: Headers, most: int = MOST_BYTES) -> bytes:
    """A call's whole body. Raises Refused as soon as more than `most` bytes are announced or have arrived."""
    announced = headers.get("content-length", "0")
    body = bytearray()
    if not announced.isdecimal() or len(announced) > 12 or int(announced) > most:
        raise Refused(413, "guard.large", most=most)
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # the client has gone
        body += message.get("body", b"")
        if len(body) > most:
            raise Refused(413, "guard.large", most=most)
        if not message.get("more_body"):
            return bytes(body)


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
    letters = np.frombuffer(body, dtype=np.uint8)
    opened = (letters == ord("[")) | (letters == ord("{"))
    closed = (letters == ord("]")) | (letters == ord("}"))
    return int(np.cumsum(opened.astype(np.int32) - closed).max(initial=0))


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
