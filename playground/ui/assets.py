"""Files that a visitor's browser fetches: modules, networks, Plotly.

Their addresses contain a hash of their content, so a browser may keep them for good and need not fetch them again.
"""

import asyncio
import hashlib
import json
import mimetypes
import os
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from playground.checked import ConfigError
from playground.data import SHIPPED
from playground.images import data_url, timelapse
from playground.room.detective import deal
from playground.shipped import CHECKPOINTS, EPOCHS, Shipped
from playground.ui.classroom import MOST_LETTERS, code_as_svg, lan_address
from playground.ui.guard.hosts import hosts_of, name_of, name_of_origin
from playground.ui.guard.refused import Refused

# Never add a folder that visitors' files may get into: all files here are served to everybody unchanged.
FOLDERS = {
    "browser": Path(__file__).parent / "browser",
    "checkpoints": CHECKPOINTS,
    "mnist": SHIPPED,  # for pairs that learn in a browser
    "plotly": Path(plotly.__file__).parent / "package_data",
}
KEEP = "public, max-age=31536000, immutable"
PACKED = ".safetensors.gz"
CARDS = 144  # pictures for who plays alone: at most 24 at a time are dealt of them


class Kept(StaticFiles):
    """A folder whose files a browser may keep. What lies there packed comes unpacked out of a browser's `fetch`."""

    def file_response(self, full_path: "os.PathLike[str] | str", *arguments: Any, **options: Any) -> Response:
        """The file, with the headers that let a browser keep it, unpack it, and say how much of it has come."""
        response = super().file_response(full_path, *arguments, **options)
        response.headers["Cache-Control"] = KEEP
        if str(full_path).endswith(PACKED):
            response.headers["Content-Encoding"] = "gzip"
            response.headers["X-Unpacked-Length"] = str(_unpacked_length(full_path))
        return response


def _unpacked_length(path: "os.PathLike[str] | str") -> int:
    """The bytes that a gzip file unpacks to, which stand at its end."""
    with open(path, "rb") as file:
        file.seek(-4, os.SEEK_END)
        return int.from_bytes(file.read(4), "little")


@cache
def addresses() -> dict[str, str]:
    """Folder name to its path on the server, which changes when any file in it changes."""
    folders = {name: f"/kept/{name}-{_fingerprint(folder)}" for name, folder in FOLDERS.items()}
    made = {name: folders["checkpoints"].replace("checkpoints", name) for name in ("film", "cards")}
    return folders | made | {"qr": "/kept/qr"}


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def routes(names: Collection[str] = ()) -> list[Mount | Route]:
    """The routes that the server adds to Gradio's own; `names` are the server's public ones."""
    mimetypes.add_type("text/javascript", ".js")  # some Windows machines say text/plain, which browsers refuse
    film = Route(f"{addresses()['film']}/epochs.gif", Once(story_film, "image/gif").answer)
    cards = Route(f"{addresses()['cards']}/cards.json", Once(detective_cards, "application/json").answer)
    code = Route(f"{addresses()['qr']}/code.svg", Codes(names).answer)
    there = {name: folder for name, folder in FOLDERS.items() if folder.is_dir()}  # the page draws without MNIST
    return [film, cards, code, *(Mount(addresses()[name], Kept(directory=folder)) for name, folder in there.items())]


class Once:
    """A file that takes long to make: made at the first request, for which the others wait."""

    def __init__(self, make: Callable[[], bytes], type: str) -> None:
        self._make, self._type, self._making = make, type, asyncio.Lock()

    async def answer(self, request: Request) -> Response:
        """The file, to be kept."""
        async with self._making:
            content = await asyncio.to_thread(self._make)
        return Response(content, media_type=self._type, headers={"Cache-Control": KEEP})


class Codes:
    """This server's addresses as QR codes: with the name that the visitor uses, a public one, or the network's address.

    One code at a time is made, which takes up to 25 ms: whoever asks for many does not keep the others waiting.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names, self._making = names, asyncio.Lock()

    async def answer(self, request: Request) -> Response:
        """The address in the query's `to` as a QR code; status 400 with the reason if it is not one of ours."""
        to = request.query_params.get("to", "")
        try:
            self._check(to, request.headers)
            async with self._making:
                content = await asyncio.to_thread(code_as_svg, to)
        except (Refused, ConfigError):
            return Refused(400, "guard.code", most=MOST_LETTERS).answer(request.headers)
        return Response(content, media_type="image/svg+xml", headers={"Cache-Control": KEEP})

    def _check(self, to: str, headers: Headers) -> None:
        name = name_of_origin(to)
        known = {*self._names, *map(name_of, hosts_of(headers))}
        if not name or (name not in known and name != lan_address()):
            raise Refused(400, "guard.code", most=MOST_LETTERS)


@cache
def story_film() -> bytes:
    """The sheets of all epochs of the shipped run as a GIF, made at the first request."""
    return timelapse([path.read_bytes() for path in sorted((CHECKPOINTS / "drawings").glob("*.png"))], 0.1, scale=1)


@cache
def detective_cards() -> bytes:
    """Pictures for who plays the detective alone: a sheet of them, and what each was. Made at the first request."""
    sheet, cards = deal(Shipped(), EPOCHS, CARDS, seed=0)
    return json.dumps({"sheet": data_url(sheet), "cards": cards}).encode()
