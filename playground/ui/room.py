"""Rooms over HTTP: plain POSTs in, one stream of news out, or the newest to who asks. Knows no Gradio."""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from playground.checked import ConfigError, Refusal
from playground.limits import Limits
from playground.room.names import CODE
from playground.room.rooms import MOST_TEACHERS, Forbidden, Full, NoRoom, Over, Rooms, Taken, Twice, hash_of
from playground.room.stream import Channel
from playground.room.wall import Judge
from playground.shipped import Shipped
from playground.ui.acts import ACTS, Around, Sent, hang
from playground.ui.assets import KEEP
from playground.ui.crowd import POLLED, Presence, Tries
from playground.ui.guard.arriving import Arriving
from playground.ui.guard.budgets import Budget, caller_of
from playground.ui.guard.refused import Refused, language_of
from playground.ui.texts import explain

STATUS: dict[type[Refusal], int] = {
    **{NoRoom: 404, Taken: 409, Over: 409, Twice: 409},
    **{Full: 503, Forbidden: 403, ConfigError: 400},
}
OFTEN, STEERED = 30, 240  # requests that change something in ten seconds, of a member and of a teacher
UPLOADS = 60  # of the largest networks, a minute from one address: a class may stand behind it
MOST_ARRIVING = 120  # networks on their way to walls at once
MOST_STREAMS = 3  # of one member, and for each seat of a teacher: a browser opens one
STRANGERS = 600  # of one address in ten seconds, of who has no token yet: a class that comes in
DEALT = 60  # rounds that an address begins in a minute: pictures have to be drawn and judged
JUDGED = 80  # networks of an address in a minute, a third of a second each
ARRIVES = 90.0  # seconds in which a network must arrive
SHARED = ("run", "sheet")  # parts of a teacher's live run
TOGETHER, EACH = 0.05, 0.0015  # seconds: changes that come closer are told at once; longer where many listen
COUNTED = 1.0  # seconds, where nothing but counts of answers has changed: each piece of news goes to all
SWEPT = 60.0  # seconds between two looks for rooms that have ended by themselves


Answers = Callable[["Desk", Request], Awaitable[Response]]


def or_why_not(answer: Answers) -> Answers:
    """Let a route say why something cannot be done: what was refused, or that the disk fails."""

    @wraps(answer)
    async def try_it(desk: "Desk", request: Request) -> Response:
        try:
            return await answer(desk, request)
        except Refusal as refusal:
            return desk.refuse(request, refusal)
        except (sqlite3.Error, OSError) as error:
            what = getattr(error, "strerror", None) or str(error)  # of a file, without its path
            return desk.refuse(request, Refused(503, "error.disk", what=what))

    return try_it


class Desk:
    """The rooms' routes. Only the event loop's thread comes here; what writes to the file runs in another one."""

    def __init__(self, rooms: Rooms, shipped: Shipped, limits: Limits | None = None) -> None:
        self.rooms, self.shipped, self.limits = rooms, shipped, limits or Limits()
        self._judge, self._judged = Judge(), Budget()
        self._arriving = Arriving(self.limits.upload_mb, UPLOADS, MOST_ARRIVING, ARRIVES)
        self._judging = ThreadPoolExecutor(1)  # one at a time, and nobody waits for it who votes
        self._channels: dict[str, Channel] = {}
        self._presence = Presence()
        self._told: dict[str, float] = {}  # monotonic seconds
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._tries, self._strangers, self._members, self._dealt = Tries(), Budget(10), Budget(10), Budget()
        self._known: defaultdict[str, set[str]] = defaultdict(set)  # code to the addresses of who is in the room
        self._shared: defaultdict[str, dict[str, tuple[int, bytes]]] = defaultdict(dict)  # code to parts

    def routes(self) -> list[Route]:
        """For the server, beside Gradio's own."""
        act = Route("/room/{code}/{act}", self.act, methods=["POST"])
        wall = [Route("/room/{code}/wall", self.hang, methods=["POST"]), Route("/room/{code}/wall", self.wall)]
        news = [Route("/room/{code}", self.newest), Route("/room/{code}/news", self.listen)]
        share = Route("/room/{code}/share/{part}", self.share, methods=["POST"])
        shared = Route("/room/{code}/shared/{name}", self.shared)
        files = [Route("/room/{code}/sheets/{name}", self.picture), Route("/room/{code}/walls/{name}", self.file)]
        return [*wall, act, *news, share, shared, *files]

    @or_why_not
    async def act(self, request: Request) -> Response:
        """Do what a member or a teacher asks; the answer is JSON, or the reason why not."""
        code, act = request.path_params["code"], ACTS.get(request.path_params["act"])
        asked = _object(await request.body())
        if act is None:
            raise Refused(404, "guard.unknown")
        self._spend(request, str(asked.get("token", "")), code)
        self._admit(request, opens=act is ACTS["open"])
        if act is ACTS["begin"]:
            self._check_round(request, code, asked)
        live = self._live() if act is ACTS["open"] else set()
        around = Around(caller_of(request.scope), live, self._presence.here(code), self.shipped)
        try:
            answer = await asyncio.to_thread(act, self.rooms, code, asked, around)
        except Taken:  # it tells that there is such a room, as a wrong code tells of none
            self._tries.fail(caller_of(request.scope))
            raise
        self._known[code].add(caller_of(request.scope))
        self._forget_ended()
        self._tell(code, COUNTED if act is ACTS["vote"] else TOGETHER)
        return JSONResponse(answer)

    def _live(self) -> set[str]:
        """The rooms that somebody listens to."""
        return {code for code in {*self._channels, *self._known} if self._presence.here(code)}

    def _check_round(self, request: Request, code: str, asked: Mapping[str, Any]) -> None:
        """Refuse a wall where nothing can be sent to it. Count the pictures that a teacher has drawn and judged.

        Who is no teacher has nothing drawn.
        """
        if asked.get("kind") == "wall" and not self.limits.uploads:
            raise Refused(403, "guard.no_uploads")
        deals = asked.get("kind") == "detective" and self.rooms.steers(code, str(asked.get("token", "")))
        if deals and self._dealt.spend(caller_of(request.scope)) > DEALT:
            raise Refused(429, "room.often")

    @or_why_not
    async def newest(self, request: Request) -> Response:
        """The newest news, for pages whose streams somebody cuts."""
        code = self._admit(request)
        news = self._asked(code, self._listener(code, request))
        return Response(news, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _listener(self, code: str, request: Request) -> int | None:
        """The number of the member who asks, which the query's ear tells; 0 for a teacher, None for nobody."""
        return self.rooms.listener(code, request.query_params.get("ear", ""))

    def _asked(self, code: str, number: int | None) -> bytes:
        """The news for a page without a stream, whose member is here as long as it asks again."""
        if number:
            is_new = number not in self._presence.here(code)
            self._presence.ask(code, number)
            self._tell(code, TOGETHER if is_new else COUNTED)
            asyncio.get_running_loop().call_later(POLLED + 1, self._tell, code, COUNTED)  # in case it does not
        return self._news(code)

    @or_why_not
    async def picture(self, request: Request) -> Response:
        """The pictures of a round, which a browser may keep."""
        content = self.rooms.picture(self._admit(request), request.path_params["name"])
        return Response(content, media_type="image/png", headers={"Cache-Control": KEEP})

    @or_why_not
    async def wall(self, request: Request) -> Response:
        """What hangs on the wall, the best first."""
        return JSONResponse(self.rooms.wall(self._admit(request)), headers={"Cache-Control": "no-store"})

    @or_why_not
    async def file(self, request: Request) -> Response:
        """A sheet or a network of the wall, which a browser may keep: its name is its content's."""
        path = self.rooms.file(self._admit(request), request.path_params["name"])
        return FileResponse(path, headers={"Cache-Control": KEEP})

    @or_why_not
    async def hang(self, request: Request) -> Response:
        """Take a member's network for the wall: the body is its file, the header `x-room-token` says whose it is."""
        code, token = self._admit(request), request.headers.get("x-room-token", "")
        self._spend(request, token, code)
        if not self.limits.uploads:
            raise Refused(403, "guard.no_uploads")
        number, steps, seconds = (_whole(request.query_params.get(name, "")) for name in ("round", "steps", "seconds"))
        self.rooms.may_hang(code, token, number)
        if self._judged.spend(caller_of(request.scope)) > JUDGED:
            raise Refused(429, "room.often")
        with self._arriving.place(hash_of(token)), tempfile.TemporaryDirectory() as folder:
            sent = Sent(token, number, steps, seconds, Path(folder) / "generator.safetensors")
            await self._arriving.receive(request, sent.path)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._judging, hang, self.rooms, self._judge, code, sent)
        self._tell(code)
        return JSONResponse({})

    @or_why_not
    async def share(self, request: Request) -> Response:
        """Keep a part of the teacher's live run for all who follow: the newest only, as long as the program runs."""
        code, part = self._admit(request), request.path_params["part"]
        token = request.headers.get("x-room-token", "")
        self._spend(request, token, code)
        if part not in SHARED or not self.rooms.steers(code, token):
            raise Forbidden
        before, _ = self._shared[code].get(part, (0, b""))
        number = max(before + 1, int(10 * time.time()))  # one that never was, also before a restart
        self._shared[code][part] = (number, await request.body())
        self._tell(code)
        return JSONResponse({})

    @or_why_not
    async def shared(self, request: Request) -> Response:
        """A part of the teacher's live run, by its number, which a browser may keep."""
        part, _, number = request.path_params["name"].partition("_")
        known, content = self._shared.get(self._admit(request), {}).get(part, (-1, b""))
        if known < 0:
            raise Refused(404, "guard.unknown")
        if number != str(known):  # there is a newer one, of which the news tells: no fault that a browser should note
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        return Response(content, media_type="application/json", headers={"Cache-Control": KEEP})

    @or_why_not
    async def listen(self, request: Request) -> Response:
        """All news, as server-sent events: the newest at once, then each that is new."""
        code = self._admit(request)
        number = self._listener(code, request)
        if number is None:
            raise Forbidden
        if self._presence.streams(code, number) >= (MOST_STREAMS if number else MOST_STREAMS * MOST_TEACHERS):
            raise Refused(429, "room.often")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx passes each on at once
        return StreamingResponse(self._stream(code, number), media_type="text/event-stream", headers=headers)

    async def _stream(self, code: str, number: int) -> AsyncIterator[bytes]:
        channel = self._channels.get(code)
        if channel is None:
            channel = self._channels[code] = Channel()
        self._presence.enter(code, number)
        try:
            self._tell(code)
            async for news in channel.listen():
                yield b"data: %b\n\n" % news if news else b": still here\n\n"
            yield b"data: null\n\n"  # the room has ended
        finally:
            self._presence.leave(code, number)
            self._tell(code)

    def _news(self, code: str) -> bytes:
        news = self.rooms.snapshot(code, self._presence.here(code))
        if code in self._shared:
            news["shared"] = {part: number for part, (number, _) in self._shared[code].items()}
        return json.dumps(news, separators=(",", ":")).encode()

    def _tell(self, code: str, apart: float = TOGETHER) -> None:
        """Tell all who listen how the room stands: now, or together with what follows soon."""
        if code not in self._channels:
            return
        loop, waits = asyncio.get_running_loop(), self._due.get(code)
        pause = max(apart, EACH * self._channels[code].listeners)
        due = loop.time() + max(0.0, self._told.get(code, 0.0) + pause - time.monotonic())
        if waits and waits.when() <= due:
            return
        if waits:
            waits.cancel()
        if due > loop.time():
            self._due[code] = loop.call_at(due, self._publish, code)
        else:
            self._publish(code)

    def _publish(self, code: str) -> None:
        if waits := self._due.pop(code, None):
            waits.cancel()
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
        self._shared.pop(code, None)
        self._told.pop(code, None)
        if not self._known:  # the last room: what has judged its wall is let go
            self._judge = Judge()

    def _admit(self, request: Request, opens: bool = False) -> str:
        """The code that is asked for. Raises Refused for an address with too many wrong ones, NoRoom for one more.

        Where somebody of the address is in this room, others come in whatever was tried from there: behind one address
        may stand a whole school.
        """
        code: str = request.path_params["code"]
        address = caller_of(request.scope)
        if address in self._known.get(code, ()):
            return code
        wait = self._tries.wait(address)
        if wait:
            raise Refused(429, "room.tries", seconds=int(wait) + 1)
        if not opens and not (CODE.fullmatch(code) and self.rooms.there(code)):
            self._tries.fail(address)
            raise NoRoom
        return code

    def _spend(self, request: Request, token: str, code: str) -> None:
        """Count a request: of who is in the room by the token, of all others by the address."""
        if self.rooms.knows(code, token):
            often = self._members.spend(hash_of(token)) > (STEERED if self.rooms.steers(code, token) else OFTEN)
        else:
            often = self._strangers.spend(caller_of(request.scope)) > STRANGERS
        if often:
            raise Refused(429, "room.often")

    async def keep_swept(self) -> None:
        """Delete what has ended by itself, also what nobody asks for any more, until this is cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.rooms.sweep)
                self._forget_ended()
            except Exception as error:  # a full disk, a damaged row: whatever it is, it is tried again
                print(f"rooms are not swept: {error!r}", file=sys.stderr)
            await asyncio.sleep(SWEPT)

    def _forget_ended(self) -> None:
        """Let all go who listen to rooms that have ended, or given way to others."""
        for code in [code for code in {*self._channels, *self._known, *self._shared} if not self.rooms.there(code)]:
            self._close(code)

    def refuse(self, request: Request, refusal: Refusal) -> JSONResponse:
        """The reason why not, as a sentence in the page's language, and its key for the page's script."""
        status = refusal.status if isinstance(refusal, Refused) else STATUS.get(type(refusal), 400)
        said = explain(language_of(request.headers), refusal)
        return JSONResponse({"detail": said, "key": refusal.key}, status)


def _object(body: bytes) -> Mapping[str, Any]:
    asked = json.loads(body or b"{}")  # the guard has looked at it
    if not isinstance(asked, dict):
        raise Refused(400, "guard.no_json")
    return asked


def _whole(text: str) -> int:
    """A whole number of a query, at most a million."""
    if not text.isdecimal() or len(text) > 7:
        raise Refused(400, "guard.no_json")
    return int(text)
