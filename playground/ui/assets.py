"""Files that a visitor's browser fetches: modules, networks, Plotly.

Their addresses contain a hash of their content, so a browser may keep them for good and need not fetch them again.
"""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from playground.checked import ConfigError
from playground.images import timelapse
from playground.shipped import CHECKPOINTS
from playground.ui.classroom import code_as_svg

# Never add a folder that visitors' files may get into: all files here are served to everybody unchanged.
FOLDERS = {
    "browser": Path(__file__).parent / "browser",
    "checkpoints": CHECKPOINTS,
    "plotly": Path(plotly.__file__).parent / "package_data",
}
KEEP = "public, max-age=31536000, immutable"


class Kept(StaticFiles):
    """A folder whose files a browser may keep."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """The file, with the header that lets a browser keep it."""
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = KEEP
        return response


@cache
def addresses() -> dict[str, str]:
    """Folder name to its path on the server, which changes when any file in it changes."""
    folders = {name: f"/kept/{name}-{_fingerprint(folder)}" for name, folder in FOLDERS.items()}
    return folders | {"film": folders["checkpoints"].replace("checkpoints", "film"), "qr": "/kept/qr"}


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def routes() -> list[Mount | Route]:
    """The routes that the server adds to Gradio's own."""
    mimetypes.add_type("text/javascript", ".js")  # some Windows machines say text/plain, which browsers refuse
    film = Route(f"{addresses()['film']}/epochs.gif", _send_film)
    code = Route(f"{addresses()['qr']}/code.svg", _send_code)
    return [film, code, *(Mount(addresses()[name], Kept(directory=folder)) for name, folder in FOLDERS.items())]


def _send_film(request: Request) -> Response:
    return Response(story_film(), media_type="image/gif", headers={"Cache-Control": KEEP})


def _send_code(request: Request) -> Response:
    """The address in the query's `to` as a QR code; status 400 with the reason if it is not an address."""
    try:
        content = code_as_svg(request.query_params.get("to", ""))
    except ConfigError as error:
        return PlainTextResponse(str(error), 400)
    return Response(content, media_type="image/svg+xml", headers={"Cache-Control": KEEP})


@cache
def story_film() -> bytes:
    """The sheets of all epochs of the shipped run as a GIF, made at the first request."""
    return timelapse([path.read_bytes() for path in sorted((CHECKPOINTS / "drawings").glob("*.png"))], 0.1, scale=1)
