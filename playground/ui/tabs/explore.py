"""Explore: one noise, drawn by the generators of three epochs.

All that reacts to the mouse runs in the visitor's browser (playground/ui/browser/). The server checks the networks
that visitors upload, and draws for the endpoint /generate.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import torch
from gradio.events import api

from playground.checkpoints import CheckpointError, load_network
from playground.data import DataError, load_mnist
from playground.images import data_url, png, sheet
from playground.latent import LATENT_DIM
from playground.shipped import EPOCHS, DrawRequest, Shipped
from playground.ui.downloads import as_file
from playground.ui.texts import SEND_LANGUAGE, plainly, politely, t
from playground.ui.turns import Turns
from playground.ui.visitors import owner_at
from playground.ui.widgets import Explore, Inside, Many, Noise, Ten

OPENING = DrawRequest()
GENERATE = (
    "Drawings of seeds `seed`, `seed` + 1, ... (`count` of them, 1 to 64) by the generator of `epoch` (0, 100 or "
    "199), as 28 x 28 PNG files. `temperature` is 0 to 2; `sliders` moves along the eight principal directions."
)
REALS = 100  # real digits on the page, ten a row


def build_explore(language: gr.Textbox, shipped: Shipped, turns: Turns, uploads: bool = True) -> Explore:
    """Lay out the tab and wire it; returns the widget that shows a visitor's own pair (`read_own`).

    Without `uploads` there is no button to send one.
    """
    stage = Explore(_reals_or_none(), _first_drawings_or_none(shipped), elem_id="explore")
    with gr.Row(elem_classes="own"):
        looks: dict[str, Any] = {"label": t("explore.own"), "size": "sm", "scale": 0, "min_width": 320}
        upload = gr.UploadButton(visible=uploads, file_count="multiple", elem_id="own", **looks)
    Noise(elem_id="noise-widget")
    Inside(elem_id="inside-widget")
    Many(elem_id="many-widget")
    Ten(elem_id="ten-widget")

    async def join(request: gr.Request, language: str, files: list[str]) -> Any:
        with politely(language):
            return {"own": await turns.do(request, read_own, files)}
        return gr.skip()

    upload.upload(join, [language, upload], stage, js=SEND_LANGUAGE, api_visibility="private", concurrency_limit=None)
    _add_generate(shipped, turns)
    return stage


def read_own(paths: list[str]) -> dict[str, Any]:
    """A visitor's generator, and its discriminator if there is one, checked: the value `own` of the widget.

    Raises CheckpointError for files that are not one generator of the page's latent size and at most one discriminator.
    """
    found = {}
    for path in map(Path, paths):
        checkpoint = load_network(path)
        if checkpoint.role in found:
            raise CheckpointError(path, "role_twice", role=checkpoint.role)
        found[checkpoint.role] = path, checkpoint
    if "generator" not in found:
        raise CheckpointError(Path(paths[0]), "wrong_role", role="discriminator", wanted="generator")
    path, generator = found["generator"]
    if generator.config.latent_dim != LATENT_DIM:
        raise CheckpointError(path, "latent", got=generator.config.latent_dim, wanted=LATENT_DIM)
    addresses = {role: path.as_posix() for role, (path, _) in found.items()}
    token = secrets.token_hex(4)  # the same file may be sent twice, and is new each time
    return {"token": token, "name": path.name, "metadata": generator.metadata, "discriminator": None, **addresses}


def draw(shipped: Shipped, asked: DrawRequest, owner: str) -> list[dict[str, Any]]:
    """The drawings of a request as files of their `owner`. Raises CheckpointError and OSError."""
    pixels = shipped.draw(asked.epoch, shipped.latents(asked))
    names = [f"epoch-{asked.epoch:03d}-seed-{asked.seed + i}.png" for i in range(asked.count)]
    return [as_file(png(drawing), name, owner) for drawing, name in zip(pixels, names, strict=True)]


def real_sheet() -> str:
    """A hundred digits of the test set, always the same ones, as the data URL of one picture. Raises DataError."""
    images, _ = load_mnist(train=False)
    chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:REALS]
    return data_url(png(sheet(images[chosen], columns=10)))


def _reals_or_none() -> str | None:
    """The same; None where MNIST is missing or damaged, since the tab can draw without it."""
    try:
        return real_sheet()
    except DataError as error:
        print(error, file=sys.stderr)
        return None


def first_drawings(shipped: Shipped) -> dict[str, Any]:
    """What the page shows until a browser has a network: the first seed's drawing of every epoch, and its verdict.

    {"seed", "all": [{"epoch", "picture" (data URL), "verdict" (0 forged to 1 real)}, ...]}. Raises CheckpointError.
    """
    latents = shipped.latents(OPENING)
    pictures = {epoch: data_url(png(shipped.draw(epoch, latents)[0])) for epoch in EPOCHS}
    each = [
        {"epoch": epoch, "picture": pictures[epoch], "verdict": shipped.verdicts(epoch, latents).item()}
        for epoch in EPOCHS
    ]
    return {"seed": OPENING.seed, "all": each}


def _first_drawings_or_none(shipped: Shipped) -> dict[str, Any] | None:
    """The same; None where a network is missing or damaged, which its card will say."""
    try:
        return first_drawings(shipped)
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return None


def _add_generate(shipped: Shipped, turns: Turns) -> None:
    """The endpoint /generate of the Contract."""

    async def generate(
        request: gr.Request,
        epoch: int = OPENING.epoch,
        seed: int = OPENING.seed,
        count: int = OPENING.count,
        temperature: float = OPENING.temperature,
        sliders: list[float] = list(OPENING.sliders),  # noqa: B006 (read only)
    ) -> list[dict[str, Any]]:
        with plainly():
            asked = DrawRequest(epoch, seed, count, temperature, sliders)  # type: ignore[arg-type]  # a list becomes a tuple there
            return await turns.do(request, draw, shipped, asked, owner_at(request))

    api(generate, api_name="generate", concurrency_limit=None, api_description=GENERATE)
