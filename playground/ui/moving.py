"""Runs on their way between this server and a visitor's own device, as the file of a state. Knows no Gradio.

The header `x-visitor` holds the key of the visitor's runs: in an address it would stand in logs. `x-budget` says how
long the run goes on each time, as JSON of BUDGET.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from playground.checked import Refusal
from playground.checkpoints import CheckpointError
from playground.live.sent import MOST_TAKEN, SentState
from playground.live.shelf import Gone, NoRoom, Point
from playground.live.workshop import Busy, Workshop
from playground.ui.guard.arriving import Arriving
from playground.ui.guard.budgets import caller_of
from playground.ui.guard.refused import Refused, language_of
from playground.ui.guard.uploads import MIB
from playground.ui.texts import explain
from playground.ui.visitors import is_key

STATUS: dict[type[Refusal], int] = {Gone: 404, Busy: 409, NoRoom: 503}
BUDGET = ("epochs", "steps", "seconds")
OFTEN, AT_ONCE = 20, 8  # of the largest states: that an address sends in a minute, and that are on their way together
ARRIVES = 300.0  # seconds: a school's network may be slow


class Porter:
    """The routes by which a visitor's runs come and go."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop, self.limits = workshop, workshop.line.limits
        self._arriving = Arriving(MOST_TAKEN // MIB, OFTEN, AT_ONCE, ARRIVES)
        self._reading = ThreadPoolExecutor(1)  # one at a time: each is some hundred milliseconds' work
        self._giving = ThreadPoolExecutor(2)  # they may wait for the disk

    def routes(self) -> list[Route]:
        """For the server, beside Gradio's own."""
        return [Route("/run", _or_why_not(self.take), methods=["POST"]), Route("/run/{point}", _or_why_not(self.give))]

    async def take(self, request: Request) -> Response:
        """Keep the state in the body as a new run of the visitor; the answer names it."""
        key = _key(request)
        if not self.limits.uploads:
            raise Refused(403, "guard.no_uploads")
        path, budget = self.workshop.store.arrival(), _budget(request)
        try:
            async with self._arriving.turn(key, caller_of(request.scope)):
                await self._arriving.receive(request, path)
                if await request.is_disconnected():  # it was stopped, or the page is gone
                    raise Refused(400, "guard.no_upload")
                take = partial(self._take, key, path, caller_of(request.scope), budget)
                point = await asyncio.get_running_loop().run_in_executor(self._reading, take)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return JSONResponse(point._asdict())

    def _take(self, key: str, path: Path, address: str, budget: dict[str, Any]) -> Point:
        try:
            return self.workshop.take_in(key, SentState(path), address, budget)
        except CheckpointError as error:
            raise CheckpointError("run.safetensors", error.rule, **error.details) from None  # as the page saves it

    async def give(self, request: Request) -> Response:
        """The state of a kept point, "A-512", as its file."""
        key, (name, _, step) = _key(request), request.path_params["point"].partition("-")
        find = partial(self.workshop.store.file, key, Point(name, int(step)))
        path, config = await asyncio.get_running_loop().run_in_executor(self._giving, find)
        budget = json.dumps({one: getattr(config, one) for one in BUDGET})
        return FileResponse(path, headers={"Cache-Control": "no-store", "X-Budget": budget})


def _key(request: Request) -> str:
    key = request.headers.get("x-visitor", "")
    if not is_key(key):
        raise Gone  # nobody has runs by that key
    return key


def _budget(request: Request) -> dict[str, Any]:
    """The budget that comes with a run; values that cannot be are refused with the run's settings."""
    try:
        asked = json.loads(request.headers.get("x-budget", "{}"))
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or not asked.keys() <= set(BUDGET):
        raise Refused(400, "guard.no_json")
    return asked


def _or_why_not(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let a route say why something cannot be done, as a sentence in the page's language."""

    @wraps(answer)
    async def try_it(request: Request) -> Response:
        try:
            return await answer(request)
        except Refusal as refusal:
            status = refusal.status if isinstance(refusal, Refused) else STATUS.get(type(refusal), 400)
            said = explain(language_of(request.headers), refusal)
        except OSError as error:
            key = "error.run_disk" if request.method == "POST" else "error.disk"
            failed = Refused(503, key, what=error.strerror or type(error).__name__)  # its text names our folders
            status, said = 503, explain(language_of(request.headers), failed)
        return JSONResponse({"detail": said}, status)

    return try_it
