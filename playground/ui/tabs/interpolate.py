"""Interpolate: the walk from one noise to another, along the arc or the straight line."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr
import torch

from playground.checked import ConfigError, whole
from playground.images import data_url, gif, png, sheet
from playground.shipped import EPOCHS, Shipped, WalkRequest
from playground.ui.downloads import as_file
from playground.ui.texts import plainly, politely, t
from playground.ui.widgets import Number, Slider
from playground.ui.widgets.drawing import Drawing
from playground.ui.widgets.pictures import Pictures
from playground.ui.widgets.seed import FOLLOW_HAND, SEEDS, seed_and_dice


@dataclass(frozen=True)
class HandWalk(WalkRequest):
    """What the page's controls ask for: the seeds of a thousand noises."""

    seed_a: int = whole(7, 0, SEEDS - 1)
    seed_b: int = whole(31, 0, SEEDS - 1)


OPENING = HandWalk()


class Controls(NamedTuple):
    """What the tab's events read and write."""

    seed_a: Number
    drawing_a: Drawing
    way: Slider
    drawing: Drawing
    seed_b: Number
    drawing_b: Drawing
    path: gr.Radio
    epoch: gr.Radio
    frames: Slider
    strip: Pictures


def build_interpolate(language: gr.Textbox, shipped: Shipped) -> None:
    """Lay out the tab and wire it; the page opens with its first walk in place."""
    parts = _lay_out(shipped)
    ends = [parts.seed_a, parts.seed_b, parts.path, parts.epoch]

    def request(values: dict[Any, Any], **more: Any) -> HandWalk:
        return HandWalk(
            *(values[part] for part in (parts.epoch, parts.seed_a, parts.seed_b)), path=values[parts.path], **more
        )

    def step(values: dict[Any, Any]) -> Any:
        if None not in (values[parts.seed_a], values[parts.seed_b]):  # no field is being retyped
            with politely(values[language]):
                return draw_walk(shipped, request(values, way=values[parts.way]))
        return gr.skip()

    def film(values: dict[Any, Any]) -> Any:
        try:
            return draw_strip(shipped, request(values, frames=values[parts.frames]))
        except ConfigError:  # `step` has already said so
            return gr.skip()

    three = [parts.drawing_a, parts.drawing, parts.drawing_b]
    gr.on([part.change for part in (*ends, parts.way)], step, {language, parts.way, *ends}, three, **FOLLOW_HAND)
    gr.on(
        [part.change for part in (*ends, parts.frames)],
        film,
        {language, parts.frames, *ends},
        parts.strip,
        **FOLLOW_HAND,
    )
    _add_interpolate(shipped)


def _add_interpolate(shipped: Shipped) -> None:
    """The endpoint /interpolate of the Contract."""

    def interpolate(
        epoch: int = OPENING.epoch,
        seed_a: int = OPENING.seed_a,
        seed_b: int = OPENING.seed_b,
        frames: int = OPENING.frames,
        path: str = OPENING.path,
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        with plainly():
            asked = WalkRequest(epoch, seed_a, seed_b, frames, path)
            pixels = shipped.draw(asked.epoch, shipped.walk(asked))
        pictures = [as_file(png(frame), f"{walk_name(asked)}-{i:02d}.png") for i, frame in enumerate(pixels)]
        return pictures, as_file(gif(pixels), f"{walk_name(asked)}.gif")

    gr.api(interpolate, api_name="interpolate", concurrency_limit=None, api_description=(
        "The walk from `seed_a` to `seed_b` in `frames` (2 to 32) drawings by the generator of `epoch` (0, 100 or "
        "199), along `path`: slerp or lerp. Gives the frames as 28 x 28 PNG files, and the way there and back as a GIF."
    ))  # fmt: skip


def draw_walk(shipped: Shipped, request: WalkRequest) -> list[dict[str, Any]]:
    """The first seed's drawing, the one at `request.way` between them, and the second seed's."""
    pixels = shipped.draw(request.epoch, shipped.between(request, torch.tensor([0.0, request.way, 1.0])))
    return [{"src": data_url(png(drawing)), "verdict": None} for drawing in pixels]


def draw_strip(shipped: Shipped, request: WalkRequest) -> dict[str, Any]:
    """All frames of a walk, and the walk as a GIF and as one PNG strip."""
    pixels = shipped.draw(request.epoch, shipped.walk(request))
    name = walk_name(request)
    pictures = [
        {"src": data_url(png(frame)), "name": f"{name}-{i:02d}.png", "label": f"{i / (len(pixels) - 1):.2f}"}
        for i, frame in enumerate(pixels)
    ]
    files = [
        {"src": data_url(gif(pixels), "image/gif"), "name": f"{name}.gif", "caption": "gif"},
        {"src": data_url(png(sheet(pixels, columns=len(pixels)), 4)), "name": f"{name}.png", "caption": "strip"},
    ]
    return {"pictures": pictures, "files": files}


def walk_name(request: WalkRequest) -> str:
    """What files of a walk are called."""
    return f"epoch-{request.epoch:03d}-{request.path}-{request.seed_a}-{request.seed_b}"


def _lay_out(shipped: Shipped) -> Controls:
    """Both ends with the way between them, and the film strip under it."""
    first, between, second = draw_walk(shipped, OPENING)
    with gr.Row(elem_classes="walk"):
        seed_a, drawing_a = _end("a", OPENING.seed_a, first)
        with gr.Column(min_width=200):
            drawing = Drawing("between", epoch=OPENING.epoch, value=between, elem_id="drawing-way")
            way = Slider(0, 1, OPENING.way, step=0.01, elem_id="way", label=t("interpolate.way"), buttons=[])
        seed_b, drawing_b = _end("b", OPENING.seed_b, second)
    with gr.Row():
        path = gr.Radio(
            [(t(f"path.{name}"), name) for name in ("slerp", "lerp")], value=OPENING.path, label=t("field.path"),
            info=t("interpolate.path_help"), elem_id="path",
        )  # fmt: skip
        epoch = gr.Radio([(t(f"epoch.{e}"), e) for e in EPOCHS], value=OPENING.epoch, label=t("field.epoch"))
        frames = Slider(2, 32, OPENING.frames, step=1, label=t("field.frames"), elem_id="frames", buttons=[])
    strip = Pictures(72, value=draw_strip(shipped, OPENING), elem_id="strip")
    return Controls(seed_a, drawing_a, way, drawing, seed_b, drawing_b, path, epoch, frames, strip)


def _end(name: str, seed: int, value: dict[str, Any]) -> tuple[Number, Drawing]:
    """One end of the walk: its drawing, and its seed with a dice."""
    with gr.Column(min_width=130):
        drawing = Drawing(f"end_{name}", epoch=OPENING.epoch, value=value, elem_id=f"drawing-{name}")
        with gr.Row(elem_classes="seeds"):
            field, _ = seed_and_dice(seed, f"-{name}")
    return field, drawing
