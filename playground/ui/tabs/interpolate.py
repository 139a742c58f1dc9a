"""Interpolate: the path from one noise to another, along the arc and the straight line.

The path plays in the visitor's browser (playground/ui/browser/interpolate/route.js); GIFs and strips are made here.
"""

import json
from typing import Any

import gradio as gr
import torch
from gradio.events import api

from playground.checked import ConfigError
from playground.images import gif, png, sheet
from playground.shipped import RouteRequest, Shipped, WalkRequest
from playground.ui.downloads import SAVE, as_file
from playground.ui.texts import plainly, politely, say, t
from playground.ui.turns import Turns
from playground.ui.visitors import owner_at, owner_of
from playground.ui.widgets import Route, Slider

OPENING = WalkRequest()
FILMS = ("gif", "strip")
INTERPOLATE = (
    "The walk from `seed_a` to `seed_b` in `frames` (2 to 32) drawings by the generator of `epoch` (0, 100 or "
    "199), along `path`: slerp or lerp. Gives the frames as 28 x 28 PNG files, and the way there and back as a GIF."
)
HIDDEN: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

# The browser sends the language, the path as JSON and the number of frames. It gets a file to save.
SEND_WALK = "(language, walk, frames) => [document.documentElement.lang, window.ganPage.walk, frames]"


def build_interpolate(language: gr.Textbox, shipped: Shipped, turns: Turns) -> None:
    """Lay out the tab and wire it."""
    Route(elem_id="route")
    walk = gr.Textbox(visible=False)
    made = gr.JSON(visible=False)
    with gr.Row(elem_classes="films"):
        frames = Slider(2, 97, RouteRequest().frames, step=1, label=t("field.frames"), elem_id="frames", buttons=[])
        buttons = [
            gr.Button(t(f"interpolate.{kind}"), elem_id=f"save-{kind}", scale=0, min_width=180) for kind in FILMS
        ]
    for kind, button in zip(FILMS, buttons, strict=True):

        async def make(request: gr.Request, language: str, walk: str, frames: Any, kind: str = kind) -> Any:
            if '"own"' in str(walk):
                gr.Warning(say(language, "interpolate.own_film"))
                return None
            with politely(language):
                asked, owner = read_walk(walk, frames), owner_of(request)
                return await turns.do(request, save_film, shipped, asked, kind, owner)
            return None

        event = button.click(make, [language, walk, frames], made, js=SEND_WALK, concurrency_limit=None, **HIDDEN)
        event.then(None, made, None, js=SAVE, **HIDDEN)
    _add_interpolate(shipped, turns)


def read_walk(walk: str, frames: Any) -> RouteRequest:
    """The path that a browser asks for, as JSON. Raises ConfigError."""
    try:
        asked = json.loads(walk)
    except (TypeError, ValueError, RecursionError):
        raise ConfigError("settings", walk, "object") from None
    return RouteRequest.from_mapping({**asked, "frames": frames} if isinstance(asked, dict) else asked)


def film(shipped: Shipped, request: RouteRequest, kind: str) -> tuple[bytes, str]:
    """All frames of a path as a file and its name: a GIF, forward and back, or a PNG strip enlarged four times."""
    pixels = shipped.draw(request.epoch, shipped.walk(request))
    if kind == "gif":
        return gif(pixels), f"{walk_name(request)}.gif"
    return png(strip(pixels), 4), f"{walk_name(request)}.png"


def save_film(shipped: Shipped, request: RouteRequest, kind: str, owner: str) -> dict[str, Any]:
    """The same as a file of its `owner`. Raises CheckpointError and OSError."""
    return as_file(*film(shipped, request, kind), owner)


def save_walk(shipped: Shipped, asked: WalkRequest, owner: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The frames and the GIF of a path as files of their `owner`. Raises CheckpointError and OSError."""
    pixels, name = shipped.draw(asked.epoch, shipped.walk(asked)), walk_name(asked)
    pictures = [as_file(png(frame), f"{name}-{i:02d}.png", owner) for i, frame in enumerate(pixels)]
    return pictures, as_file(gif(pixels), f"{name}.gif", owner)


def strip(pixels: torch.Tensor) -> torch.Tensor:
    """Frames (uint8, N x 28 x 28) side by side: uint8, 28 x 28 N."""
    return sheet(pixels, columns=len(pixels))


def walk_name(request: WalkRequest | RouteRequest) -> str:
    """The name of a path's files, without ending."""
    return f"epoch-{request.epoch:03d}-{request.path}-{'-'.join(map(str, request.seeds))}"


def _add_interpolate(shipped: Shipped, turns: Turns) -> None:
    """The endpoint /interpolate of the Contract."""

    async def interpolate(
        request: gr.Request,
        epoch: int = OPENING.epoch,
        seed_a: int = OPENING.seed_a,
        seed_b: int = OPENING.seed_b,
        frames: int = OPENING.frames,
        path: str = OPENING.path,
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        with plainly():
            asked = WalkRequest(epoch, seed_a, seed_b, frames, path)
            return await turns.do(request, save_walk, shipped, asked, owner_at(request))

    api(interpolate, api_name="interpolate", concurrency_limit=None, api_description=INTERPOLATE)
