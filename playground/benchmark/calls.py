"""The page's events by bare HTTP: what a browser sends for a click, for clients that have no browser."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from gradio_client.utils import apply_diff

JOIN, DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
LANGUAGE = "en"
NONE: Mapping[str, Any] = {}


class Events:
    """The events of a page, read from its configuration (`GET /config`)."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._components = {one["id"]: one for one in config["components"]}
        self._events = config["dependencies"]

    @classmethod
    async def of(cls, client: httpx.AsyncClient) -> "Events":
        """Those of the page that the client's address serves."""
        return cls((await client.get("/config")).raise_for_status().json())

    def chain(self, elem_id: str, name: str = "click") -> list[int]:
        """The event `name` of a component, and those that follow it, as their numbers."""
        found = [n for n, event in enumerate(self._events) if self._is_of(event, elem_id, name)]
        while (after := self._after(found[-1])) is not None:
            found.append(after)
        return found

    def _is_of(self, event: dict[str, Any], elem_id: str, name: str) -> bool:
        for target, trigger in event["targets"]:
            known = self._components.get(target, {"props": {}})
            if trigger == name and known["props"].get("elem_id") == elem_id:
                return True
        return False

    def _after(self, number: int) -> int | None:
        last = self._events[number]["id"]
        return next((n for n, event in enumerate(self._events) if event.get("trigger_after") == last), None)

    def body(self, number: int, session: str, key: str = "", given: Mapping[str, Any] = NONE) -> dict[str, Any]:
        """The body of a call of that event: every input as the page shows it first, but those `given` by elem_id.

        `key` is the visitor's.
        """
        given = {"browserstate": key, **given}
        data = []
        for place, number_of in enumerate(self._events[number]["inputs"]):
            known = self._components[number_of]
            name = known["props"].get("elem_id") or known["type"]
            first = LANGUAGE if place == 0 else known["props"].get("value")
            data.append(given.get(name, first))
        return {"data": data, "fn_index": self._events[number]["id"], "session_hash": session, "trigger_id": None}


async def send(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Call an event, and give each message of its session's stream up to the end of the event.

    Raises httpx.HTTPStatusError where the server refuses the call.
    """
    joined = (await client.post(JOIN, json=body)).raise_for_status().json()
    async with client.stream("GET", DATA, params={"session_hash": body["session_hash"]}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line[5:])
            if message.get("event_id") in (None, joined["event_id"]):
                yield message
            if message["msg"] in ("process_completed", "unexpected_error", "close_stream"):
                return


async def ask(client: httpx.AsyncClient, body: dict[str, Any]) -> list[Any]:
    """Call an event once, and return its outputs. Raises RuntimeError with what the page says instead."""
    said: list[str] = []
    async for message in send(client, body):
        if message["msg"] == "log":
            said.append(message["log"])
        if message["msg"] == "process_completed" and message.get("success"):
            outputs: list[Any] = message["output"]["data"]
            return outputs
    raise RuntimeError(" ".join(said) or "no answer")


class Trainer:
    """A visitor who clicks on Start: `start` puts a run into the line, `watch` gives what the page is shown of it.

    `button` is another button that trains, by its elem_id.
    """

    def __init__(self, client: httpx.AsyncClient, events: Events, button: str = "train-start") -> None:
        self.client, self.events = client, events
        self.key, self.session = secrets.token_hex(16), secrets.token_hex(5)
        self.ticket = ""
        self.said: list[str] = []
        self._press, self._watch, *_ = events.chain(button)

    async def start(self, settings: Mapping[str, Any] = NONE) -> bool:
        """Click on Start, with other `settings` by the elem_id of their fields; whether a run was put into the line.

        If not, `said` has the reason.
        """
        async for message in send(self.client, self.events.body(self._press, self.session, self.key, settings)):
            if message["msg"] == "log":
                self.said.append(message["log"])
            if message["msg"] == "process_completed" and message.get("success"):
                self.ticket = message["output"]["data"][0]
        return bool(self.ticket)

    async def watch(self) -> AsyncIterator[dict[str, Any]]:
        """The status that the page is shown at each look at the run, until it has ended."""
        body = self.events.body(self._watch, self.session, self.key)
        body["data"][2] = self.ticket
        shown: dict[str, Any] = {}
        async for message in send(self.client, body):
            if message["msg"] == "process_generating":
                (news,) = message["output"]["data"]  # the first time whole, then what has changed
                shown = apply_diff(shown, news) if isinstance(news, list) else news
                yield shown["status"]
