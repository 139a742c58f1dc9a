"""What can be seen of a run between two steps. Changes nothing in it, its random numbers included."""

import io
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.gan import fold
from playground.images import png, sheet, to_pixels
from playground.latent import noises
from playground.losses import LOSSES
from playground.state import TrainState
from playground.training import logits

SHOWN = 64  # drawings on the sheet, of seeds 0 to 63
ADVISED = 8  # drawings on which D's advice is shown, of seeds 0 to 7
QUICK = 1  # a run waits while its pictures are packed
BINS = 20  # of a histogram of verdicts, from 0 to 1
BRIGHTER, DARKER = (230, 40, 40), (60, 120, 255)  # what D's advice asks of a pixel


@dataclass(frozen=True)
class Look:
    """What a page shows of a run at one moment, each part as it travels.

    `sheet` is a PNG file of the 64 drawings, `verdicts` D's on each, 0 to 1. `hist_real` and `hist_fake` count the
    verdicts on as many real images and drawings in BINS bins. `advice` is a PNG file, eight drawings over what D
    tells G of each, and `strength` the size of its largest gradient. Verdicts are D in eval().
    """

    step: int
    sheet: bytes
    verdicts: tuple[float, ...]
    hist_real: tuple[int, ...]
    hist_fake: tuple[int, ...]
    advice: bytes
    strength: float


def look(state: TrainState, real: torch.Tensor) -> Look:
    """Draw and judge the noises of seeds 0 to 63, beside `real` images (N x 28 x 28, -1 to 1)."""
    drawings = draw(state.forger(), SHOWN)
    forged, genuine = verdicts_of(state, drawings), verdicts_of(state, real)
    advice = advice_on(state, drawings[:ADVISED], real[:ADVISED])
    return Look(
        step=state.step,
        sheet=png(sheet(to_pixels(drawings)), effort=QUICK),
        verdicts=tuple(forged.tolist()),
        hist_real=_histogram(genuine),
        hist_fake=_histogram(forged),
        advice=_png_of_advice(drawings[:ADVISED], advice),
        strength=advice.abs().max().item(),
    )


@torch.inference_mode()
def draw(forger: nn.Module, count: int) -> torch.Tensor:
    """What a forger makes of the noises of seeds 0 to `count` - 1: N x 1 x 28 x 28, -1 to 1."""
    return forger(_noises(count, forger.latent_dim))


@torch.no_grad()
def verdicts_of(state: TrainState, images: torch.Tensor) -> torch.Tensor:
    """D's verdicts (N numbers, 0 forged to 1 real) on images (N x 1 x 28 x 28), on the CPU."""
    return _logits(state, images).sigmoid().flatten().cpu()


def advice_on(state: TrainState, drawings: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """What D tells G: by how much the loss of G falls with each pixel of each drawing (N x 28 x 28; above 0: brighter).

    The negative gradient of G's loss on that one drawing (Goodfellow et al. 2014, algorithm 1), which G is taught by.
    """
    chosen = LOSSES[state.config.loss]
    pixels = drawings.clone().requires_grad_()  # a clone: inference tensors cannot be learnt from
    beside = _logits(state, real) if chosen.paired else None
    loss_g = chosen.g(_logits(state, pixels), beside) * len(drawings)  # a mean's share of one drawing
    return -torch.autograd.grad(loss_g, pixels)[0].view(-1, 28, 28)


def losses_on(state: TrainState, real: torch.Tensor) -> dict[str, float]:
    """Both losses and mean verdicts on one batch of real images and on as many noises of seed 0, without dropout.

    Asked before and after a step, with the same images, it says what that step has changed.
    """
    chosen, config = LOSSES[state.config.loss], state.config
    latents = torch.randn(len(real), config.latent_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        real, fake = real.flatten(1), fold(state.generator)(latents).flatten(1).to(state.device)
        on_real, on_fake = _logits(state, real), _logits(state, fake)
        loss_d = chosen.d(on_real, on_fake, config.smoothing)
        loss_g = chosen.g(on_fake, on_real if chosen.paired else None)
    if chosen.penalty:
        rng = torch.Generator(state.device).manual_seed(0)
        loss_d = loss_d + chosen.penalty(partial(_logits, state), real, fake, rng).detach()
    means = (on_real.sigmoid().mean(), on_fake.sigmoid().mean())
    return dict(zip(("loss_g", "loss_d", "d_real", "d_fake"), map(float, (loss_g, loss_d, *means)), strict=True))


@lru_cache(maxsize=4)
def _noises(count: int, latent_dim: int) -> torch.Tensor:
    return noises(0, count, latent_dim)


def _logits(state: TrainState, images: torch.Tensor) -> torch.Tensor:
    """D without Sigmoid and dropout, on the state's device, its own modes untouched."""
    return logits(state.discriminator, images.to(state.device), drop=lambda units, p: units)


def _histogram(verdicts: torch.Tensor) -> tuple[int, ...]:
    return tuple(torch.histc(verdicts, BINS, 0, 1).int().tolist())


def _png_of_advice(drawings: torch.Tensor, advice: torch.Tensor) -> bytes:
    """Two rows: the drawings, and over each its advice, red where a pixel should be brighter, blue where darker.

    All share one scale: the strongest wish of the eight is full colour.
    """
    grey = to_pixels(drawings).view(-1, 28, 28, 1).repeat(1, 1, 1, 3).numpy()
    wish = (advice / advice.abs().max().clamp_min(1e-30)).unsqueeze(-1).numpy()
    colour = np.where(wish > 0, BRIGHTER, DARKER) * np.sqrt(np.abs(wish))  # the root: weak wishes are seen too
    rows = [np.concatenate(list(row), axis=1) for row in (grey, colour.astype(np.uint8))]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows, axis=0)).save(buffer, "PNG", compress_level=QUICK)
    return buffer.getvalue()
