"""Rooms over HTTP: plain POSTs in, one stream of news out, or the newest to who asks. Knows no Gradio."""

import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from playground.checked import ConfigError, Refusal
from playground.room.names import CODE
from playground.room.rooms import MOST_TEACHERS, Forbidden, Full, NoRoom, Over, Rooms, Taken, hash_of
from playground.room.stream import Channel
from playground.shipped import Shipped
from playground.ui.acts import ACTS, Around
from playground.ui.assets import KEEP
from playground.ui.guard.budgets import Budget, caller_of
from playground.ui.guard.refused import Refused, language_of
from playground.ui.texts import explain

STATUS: dict[type[Refusal], int] = {NoRoom: 404, Taken: 409, Over: 409, Full: 503, Forbidden: 403, ConfigError: 400}
OFTEN, STEERED = 30, 240  # requests that change something in ten seconds, of a member and of a teacher
MOST_STREAMS = 3  # of one member, and for each seat of a teacher: a browser opens one
STRANGERS = 600  # of one address in ten seconds, of who has no token yet: a class that comes in
DEALT = 60  # rounds that an address begins in a minute: pictures have to be drawn and judged
FREE_TRIES, LONGEST_WAIT = 20, 10.0  # wrong codes of an address without a wait, and the longest one, in seconds
FORGOTTEN = 600.0  # seconds after which an address's wrong codes are

TOGETHER, EACH = 0.05, 0.0015  # seconds: changes that come closer are told at once; longer where many listen
POLLED = 7.0  # seconds for which who asks now and then, without a stream, counts as here
SWEPT = 60.0  # seconds between two looks for rooms that have ended by themselves


class Tries:
    """Wrong codes by address: after some each costs a wait that grows, so that codes cannot be found by trying."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}  # address to how many, and until when it waits

    def wait(self, address: str) -> float:
        """Seconds that an address has to wait before it may name a code again."""
        _, until = self._wrong.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic())

    def fail(self, address: str) -> None:
        """Note a wrong code."""
        now = time.monotonic()
        self._wrong = {one: told for one, told in self._wrong.items() if now - told[1] < FORGOTTEN}
        count = 1 + self._wrong.get(address, (0, 0.0))[0]
        wait = min(LONGEST_WAIT, 2.0 ** (count - FREE_TRIES - 3)) if count > FREE_TRIES else 0.0
        self._wrong[address] = (count, now + wait)


class Presence:
    """Whose pages are open, by room: who listens to the news, and who has asked for them lately."""

    def __init__(self) -> None:
        self._listening: defaultdict[str, list[int]] = defaultdict(list)
        self._asked: defaultdict[str, dict[int, float]] = defaultdict(dict)

    def enter(self, code: str, number: int) -> None:
        """A member's page has opened its stream."""
        self._listening[code].append(number)

    def leave(self, code: str, number: int) -> None:
        """It has closed it."""
        if number in self._listening.get(code, []):
            self._listening[code].remove(number)

    def streams(self, code: str, number: int) -> int:
        """How many streams a member's pages have open."""
        return self._listening.get(code, []).count(number)

    def ask(self, code: str, number: int) -> None:
        """A member's page that has no stream has asked."""
        self._asked[code][number] = time.monotonic()

    def here(self, code: str) -> set[int]:
        """The numbers of the members who are here."""
        now = time.monotonic()
        asked = {number for number, when in self._asked.get(code, {}).items() if now - when < POLLED}
        return asked.union(self._listening.get(code, []))

    def forget(self, code: str) -> None:
        """The room has ended."""
        self._listening.pop(code, None)
        self._asked.pop(code, None)


class Desk:
    """The rooms' routes. Only the event loop's thread comes here; what writes to the file runs in another one."""

    def __init__(self, rooms: Rooms, shipped: Shipped) -> None:
        self.rooms, self.shipped = rooms, shipped
        self._channels: dict[str, Channel] = {}
        self._presence = Presence()
        self._told: dict[str, float] = {}  # monotonic seconds
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._tries, self._strangers, self._members, self._dealt = Tries(), Budget(10), Budget(10), Budget()
        self._known: defaultdict[str, set[str]] = defaultdict(set)  # code to the addresses of who is in the room
        self._swept = time.monotonic()

    def routes(self) -> list[Route]:
        """For the server, beside Gradio's own."""
        act = Route("/room/{code}/{act}", self.act, methods=["POST"])
        news = [Route("/room/{code}", self.newest), Route("/room/{code}/news", self.listen)]
        return [act, *news, Route("/room/{code}/sheets/{name}", self.picture)]

    async def act(self, request: Request) -> Response:
        """Do what a member or a teacher asks; the answer is JSON, or the reason why not."""
        code, act = request.path_params["code"], ACTS.get(request.path_params["act"])
        try:
            asked = _object(await request.body())
            if act is None:
                raise Refused(404, "guard.unknown")
            self._spend(request, str(asked.get("token", "")), code)
            self._admit(request, code, opens=act is ACTS["open"])
            if act is ACTS["begin"] and self._dealt.spend(caller_of(request.scope)) > DEALT:
                raise Refused(429, "room.often")
            around = Around(caller_of(request.scope), set(self._channels), self._presence.here(code), self.shipped)
            answer = await asyncio.to_thread(act, self.rooms, code, asked, around)
        except Refusal as refusal:
            if isinstance(refusal, Taken):  # it tells that there is such a room, as a wrong code tells of none
                self._tries.fail(caller_of(request.scope))
            return self._refuse(request, refusal)
        except sqlite3.Error as error:
            return self._refuse(request, Refused(503, "error.disk", what=str(error)))
        self._known[code].add(caller_of(request.scope))
        self._forget_ended()
        self._tell(code)
        return JSONResponse(answer)

    async def newest(self, request: Request) -> Response:
        """The newest news, for pages whose streams somebody cuts."""
        code = request.path_params["code"]
        try:
            self._admit(request, code)
            news = self._asked(code, _number(request))
        except Refusal as refusal:
            return self._refuse(request, refusal)
        return Response(news, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _asked(self, code: str, number: int) -> bytes:
        """The news for a member's page without a stream, which is here as long as it asks again."""
        if number in self.rooms.seats(code):
            self._presence.ask(code, number)
        self._tell(code)
        asyncio.get_running_loop().call_later(POLLED + 1, self._tell, code)  # in case it does not
        return self._news(code)

    async def picture(self, request: Request) -> Response:
        """The pictures of a round, which a browser may keep."""
        code = request.path_params["code"]
        try:
            self._admit(request, code)
            content = self.rooms.picture(code, request.path_params["name"])
        except Refusal as refusal:
            return self._refuse(request, refusal)
        return Response(content, media_type="image/png", headers={"Cache-Control": KEEP})

    async def listen(self, request: Request) -> Response:
        """All news, as server-sent events: the newest at once, then each that is new."""
        code = request.path_params["code"]
        try:
            self._admit(request, code)
            number = _number(request)
            most = MOST_STREAMS if number in self.rooms.seats(code) else MOST_STREAMS * MOST_TEACHERS
            if self._presence.streams(code, number if most == MOST_STREAMS else 0) >= most:
                raise Refused(429, "room.often")
            stream = self._stream(code, number if most == MOST_STREAMS else 0)
        except Refusal as refusal:
            return self._refuse(request, refusal)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx passes each on at once
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, code: str, number: int) -> AsyncIterator[bytes]:
        channel = self._channels.get(code)
        if channel is None:
            channel = self._channels[code] = Channel()
        self._presence.enter(code, number)
        self._tell(code)
        try:
            async for news in channel.listen():
                yield b"data: %b\n\n" % news if news else b": still here\n\n"
            yield b"data: null\n\n"  # the room has ended
        finally:
            self._presence.leave(code, number)
            self._tell(code)

    def _news(self, code: str) -> bytes:
        return json.dumps(self.rooms.snapshot(code, self._presence.here(code)), separators=(",", ":")).encode()

    def _tell(self, code: str) -> None:
        """Tell all who listen how the room stands: now, or together with what follows soon."""
        if code in self._due or code not in self._channels:
            return
        pause = max(TOGETHER, EACH * self._channels[code].listeners)
        wait = self._told.get(code, 0.0) + pause - time.monotonic()
        if wait > 0:
            self._due[code] = asyncio.get_running_loop().call_later(wait, self._publish, code)
        else:
            self._publish(code)

    def _publish(self, code: str) -> None:
        self._due.pop(code, None)
        if code not in self._channels:
            return
        self._told[code] = time.monotonic()
        try:
            self._channels[code].publish(self._news(code))
        except NoRoom:
            self._close(code)

    def _close(self, code: str) -> None:
        """The room has ended: let all go who listen."""
        channel = self._channels.pop(code, None)
        if channel is not None:
            channel.end()
        self._presence.forget(code)
        self._known.pop(code, None)
        self._told.pop(code, None)

    def _admit(self, request: Request, code: str, opens: bool = False) -> None:
        """Raises Refused for an address that has named too many wrong codes, NoRoom for one more of them.

        Where somebody of the address is in this room, others come in whatever was tried from there: behind one address
        may stand a whole school.
        """
        self._sweep()
        address = caller_of(request.scope)
        if address in self._known.get(code, ()):
            return
        wait = self._tries.wait(address)
        if wait:
            raise Refused(429, "room.tries", seconds=int(wait) + 1)
        if opens:
            return
        if not CODE.fullmatch(code) or not self.rooms.there(code):
            self._tries.fail(address)
            raise NoRoom

    def _spend(self, request: Request, token: str, code: str) -> None:
        """Count a request: of who is in the room by the token, of all others by the address."""
        if self.rooms.knows(code, token):
            often = self._members.spend(hash_of(token)) > (STEERED if self.rooms.steers(code, token) else OFTEN)
        else:
            often = self._strangers.spend(caller_of(request.scope)) > STRANGERS
        if often:
            raise Refused(429, "room.often")

    def _sweep(self) -> None:
        if time.monotonic() - self._swept < SWEPT:
            return
        self._swept = time.monotonic()
        self.rooms.sweep()
        self._forget_ended()

    def _forget_ended(self) -> None:
        """Let all go who listen to rooms that have ended, or given way to others."""
        for code in [code for code in {*self._channels, *self._known} if not self.rooms.there(code)]:
            self._close(code)

    def _refuse(self, request: Request, refusal: Refusal) -> JSONResponse:
        """The reason why not, as a sentence in the page's language, and its key for the page's script."""
        status = refusal.status if isinstance(refusal, Refused) else STATUS.get(type(refusal), 400)
        said = explain(language_of(request.headers), refusal)
        return JSONResponse({"detail": said, "key": refusal.key}, status)


def _object(body: bytes) -> Mapping[str, Any]:
    asked = json.loads(body or b"{}")  # the guard has looked at it
    if not isinstance(asked, dict):
        raise Refused(400, "guard.no_json")
    return asked


def _number(request: Request) -> int:
    """A member's number, which the query says; 0 for who has none, as the teacher."""
    text = request.query_params.get("member", "")
    return int(text) if text.isdecimal() and len(text) < 5 else 0
