"""Explore: one noise, drawn by the forgers of three epochs, under the visitor's hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import gradio as gr
import torch

from playground.checked import ConfigError, whole
from playground.images import data_url, png, sheet
from playground.shipped import DIRECTIONS, EPOCHS, REACH, DrawRequest, Shipped
from playground.ui.downloads import as_file
from playground.ui.texts import plainly, politely, t
from playground.ui.widgets import Number, Slider
from playground.ui.widgets.drawing import Drawing
from playground.ui.widgets.pictures import Pictures
from playground.ui.widgets.seed import FOLLOW_HAND, SEEDS, seed_and_dice


@dataclass(frozen=True)
class HandRequest(DrawRequest):
    """What the page's controls ask for: the seeds of a thousand noises, one drawing an epoch."""

    seed: int = whole(7, 0, SEEDS - 1)


OPENING = HandRequest()
SHEET = 64  # drawings a sheet
SINGLES = 10  # drawings one by one, as in code 13-34


class Controls(NamedTuple):
    """What the tab's events read and write."""

    drawings: list[Drawing]
    sheets: Pictures
    seed: Number
    reset: gr.Button
    temperature: Slider
    directions: list[Slider]
    epoch: gr.Radio
    singles: Pictures


def build_explore(language: gr.Textbox, shipped: Shipped) -> None:
    """Lay out the tab and wire it; the page opens with its first drawings in place."""
    parts = _lay_out(shipped)
    hand = [parts.seed, parts.temperature, *parts.directions]
    many = [parts.seed, parts.temperature, parts.epoch]

    def request(values: dict[Any, Any], directions: Sequence[Slider] = ()) -> HandRequest:
        sliders = [values[slider] for slider in directions] or OPENING.sliders
        return HandRequest(seed=values[parts.seed], temperature=values[parts.temperature], sliders=sliders)

    def draw(values: dict[Any, Any]) -> Any:
        if values[parts.seed] is not None:  # the field is not being retyped
            with politely(values[language]):
                return draw_epochs(shipped, request(values, parts.directions))
        return gr.skip()

    def draw_many(values: dict[Any, Any]) -> Any:
        try:
            asked = request(values)
        except ConfigError:  # `draw` has already said so
            return gr.skip()
        several = replace(asked, epoch=values[parts.epoch], count=SINGLES)
        return draw_sheets(shipped, asked), draw_singles(shipped, several)

    gr.on([part.change for part in hand], draw, {language, *hand}, parts.drawings, **FOLLOW_HAND)
    gr.on([part.change for part in many], draw_many, {language, *many}, [parts.sheets, parts.singles], **FOLLOW_HAND)
    still = f"() => {[OPENING.temperature, *OPENING.sliders]}"
    parts.reset.click(None, None, hand[1:], js=still, api_visibility="private", show_progress="hidden")
    _add_generate(shipped)


def _add_generate(shipped: Shipped) -> None:
    """The endpoint /generate of the Contract."""

    def generate(
        epoch: int = OPENING.epoch,
        seed: int = OPENING.seed,
        count: int = OPENING.count,
        temperature: float = OPENING.temperature,
        sliders: list[float] = list(OPENING.sliders),  # noqa: B006 (read only)
    ) -> list[dict[str, Any]]:
        with plainly():
            asked = DrawRequest(epoch, seed, count, temperature, sliders)
            pixels = shipped.draw(asked.epoch, shipped.latents(asked))
        names = [f"epoch-{asked.epoch:03d}-seed-{asked.seed + i}.png" for i in range(asked.count)]
        return [as_file(png(drawing), name) for drawing, name in zip(pixels, names, strict=True)]

    gr.api(generate, api_name="generate", concurrency_limit=None, api_description=(
        "Drawings of seeds `seed`, `seed` + 1, ... (`count` of them, 1 to 64) by the generator of `epoch` (0, 100 or "
        "199), as 28 x 28 PNG files. `temperature` is 0 to 2; `sliders` moves along the eight principal directions."
    ))  # fmt: skip


def draw_epochs(shipped: Shipped, request: DrawRequest) -> list[dict[str, Any]]:
    """The request's first noise by every epoch's generator, with its own discriminator's verdict."""
    latents = shipped.latents(replace(request, count=1))
    return [
        {"src": data_url(png(shipped.draw(epoch, latents)[0])), "verdict": shipped.judge(epoch, latents).item()}
        for epoch in EPOCHS
    ]


def draw_sheets(shipped: Shipped, request: DrawRequest) -> dict[str, Any]:
    """64 noises from the request's seed on by every epoch, and beside them 64 digits of the test set."""
    latents = shipped.latents(replace(request, count=SHEET))
    pictures = [
        _picture(sheet(shipped.draw(epoch, latents)), f"epoch-{epoch:03d}-seed-{request.seed}.png", f"epoch{epoch}")
        for epoch in EPOCHS
    ]
    chosen = torch.randint(len(shipped.real_digits), (SHEET,), generator=torch.Generator().manual_seed(request.seed))
    pictures.append(_picture(sheet(shipped.real_digits[chosen]), "real.png", "real"))
    return {"pictures": pictures}


def draw_singles(shipped: Shipped, request: DrawRequest) -> dict[str, Any]:
    """The request's drawings one by one, each to be saved."""
    pixels = shipped.draw(request.epoch, shipped.latents(request))
    names = [f"epoch-{request.epoch:03d}-seed-{request.seed + i}.png" for i in range(request.count)]
    pictures = [_picture(drawing, name) for drawing, name in zip(pixels, names, strict=True)]
    return {"pictures": [{**picture, "label": str(request.seed + i)} for i, picture in enumerate(pictures)]}


def _picture(pixels: torch.Tensor, name: str, caption: str = "") -> dict[str, str]:
    return {"src": data_url(png(pixels)), "name": name, "caption": caption}


def _lay_out(shipped: Shipped) -> Controls:
    """Drawings and sheets on the left, what moves them on the right."""
    with gr.Row(elem_classes="stage"):
        with gr.Column(scale=5, min_width=320):
            with gr.Row(elem_classes="drawings"):
                drawings = [
                    Drawing("epoch", epoch=epoch, value=value, elem_id=f"drawing-{epoch:03d}", min_width=96)
                    for epoch, value in zip(EPOCHS, draw_epochs(shipped, OPENING), strict=True)
                ]
            with gr.Accordion(t("explore.sheets"), elem_classes="sheets"):
                sheets = Pictures(140, value=draw_sheets(shipped, OPENING), elem_id="sheets")
        with gr.Column(scale=3, min_width=320):
            with gr.Row(elem_classes="seeds"):
                seed, _ = seed_and_dice(OPENING.seed)
                reset = gr.Button(t("reset"), elem_id="reset", min_width=80, scale=0)
            temperature = Slider(
                0, 2, OPENING.temperature, step=0.01, elem_id="temperature", buttons=[],
                label=t("explore.temperature"), info=t("explore.temperature_help"),
            )  # fmt: skip
            directions = _directions()
    with gr.Accordion(t("explore.singles"), open=False):
        epoch = gr.Radio([(t(f"epoch.{e}"), e) for e in EPOCHS], value=EPOCHS[-1], label=t("field.epoch"))
        singles = Pictures(84, value=draw_singles(shipped, replace(OPENING, count=SINGLES)), elem_id="singles")
    return Controls(drawings, sheets, seed, reset, temperature, directions, epoch, singles)


def _directions() -> list[Slider]:
    """Eight sliders in two columns, along the directions that change a drawing most."""
    gr.Markdown(t("explore.directions"))
    with gr.Row(elem_classes="directions"):
        return [
            Slider(
                -REACH, REACH, 0, step=0.1, elem_id=f"direction-{i + 1}", label=t(f"direction.{i + 1}"), buttons=[],
                min_width=130,
            )
            for i in range(DIRECTIONS)
        ]  # fmt: skip
