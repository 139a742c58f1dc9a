"""What can be seen of a run between two steps. Changes nothing in the run, not even its random generators."""

import io
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.gan import fold
from playground.config import TrainConfig
from playground.images import png, sheet, to_pixels
from playground.latent import noises
from playground.losses import LOSSES
from playground.state import TrainState
from playground.training import ALL_ROWS, logits

SHOWN = 64  # drawings on the sheet, of seeds 0 to 63
ADVISED = 8  # drawings on which D's advice is shown, of seeds 0 to 7
QUICK = 1  # of the PNG compression levels: the run waits while its pictures are compressed
BINS = 20  # of a histogram of verdicts, from 0 to 1
BRIGHTER, DARKER = (230, 40, 40), (60, 120, 255)  # colours (RGB) of a pixel that D wants brighter or darker


@dataclass(frozen=True)
class Look:
    """What a page shows of a run after `step` steps.

    `sheet` is a PNG file of the SHOWN drawings, and `verdicts` are D's on each, 0 (forged) to 1 (real), in eval().
    `hist_real` and `hist_fake` are histograms of D's verdicts on real images and on those drawings, BINS counts each.
    `advice` is a PNG file: ADVISED drawings, and below each what D tells G about it; `strength` is the largest
    gradient in there.
    """

    step: int
    sheet: bytes
    verdicts: tuple[float, ...]
    hist_real: tuple[int, ...]
    hist_fake: tuple[int, ...]
    advice: bytes
    strength: float


class Slopes(NamedTuple):
    """How strongly G is told to change after `step` steps: the norm of the gradient of its loss by its weights.

    `lecture` is that of the lecture's loss -log D(G(z)) under the same D, on the same noises.
    """

    step: int
    own: float
    lecture: float


def look(state: TrainState, real: torch.Tensor) -> Look:
    """Draw the noises of seeds 0 to 63, and let D judge those and the `real` images (N x 28 x 28, -1 to 1)."""
    drawings = draw(state.forger(), SHOWN)
    forged, genuine = verdicts_of(state, drawings).nan_to_num(0.5), verdicts_of(state, real).nan_to_num(0.5)
    advice = advice_on(state, drawings[:ADVISED], real[torch.arange(ADVISED) % len(real)])  # there may be few
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
    """What a generator draws from the noises of seeds 0 to `count` - 1: `count` x 1 x 28 x 28, -1 to 1."""
    drawn: torch.Tensor = forger(_noises(count, forger.latent_dim))
    return drawn


@torch.no_grad()
def verdicts_of(state: TrainState, images: torch.Tensor) -> torch.Tensor:
    """D's verdicts on images (N x 1 x 28 x 28, -1 to 1): N numbers on the CPU, 0 (forged) to 1 (real)."""
    return _logits(state, images).sigmoid().flatten().cpu()


def advice_on(state: TrainState, drawings: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """What D tells G about each drawing: how each pixel should change so that G's loss falls.

    Returns N x 28 x 28 numbers, above 0 where a pixel should be brighter: the negative gradient of G's loss on that one
    drawing, from which G learns (Goodfellow et al. 2014, algorithm 1). 0 where D's numbers are too large to be numbers.
    """
    chosen = LOSSES[state.config.loss]
    pixels = drawings.clone().requires_grad_()  # a clone, since inference tensors take no gradient
    beside = _logits(state, real) if chosen.paired else None
    loss_g = chosen.g(_logits(state, pixels), beside) * len(drawings)  # undo the mean: each counts alone
    return -torch.autograd.grad(loss_g, pixels)[0].view(-1, 28, 28).nan_to_num(0, 0, 0)


def losses_on(state: TrainState, real: torch.Tensor) -> dict[str, float]:
    """Both losses and D's mean verdicts, without dropout, on a batch of real images and on as many noises of seed 0.

    `real` is N x 28 x 28, -1 to 1. Called before and after a step with the same images, it shows what the step changed.
    """
    chosen, config = LOSSES[state.config.loss], state.config
    latents = torch.randn(len(real), config.latent_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        real, fake = real.flatten(1), fold(state.generator)(latents).flatten(1).to(state.device)
        on_real, on_fake = _logits(state, real), _logits(state, fake)
        loss_d = chosen.d(on_real, on_fake, config.smoothing)
        loss_g = chosen.g(on_fake, on_real if chosen.paired else None)
    if chosen.penalty:
        uniform = partial(ALL_ROWS.uniform, rng=torch.Generator(state.device).manual_seed(0))
        loss_d = loss_d + chosen.penalty(partial(_logits, state), real, fake, uniform).detach()
    means = (on_real.sigmoid().mean(), on_fake.sigmoid().mean())
    return dict(zip(("loss_g", "loss_d", "d_real", "d_fake"), map(float, (loss_g, loss_d, *means)), strict=True))


def slopes_on(state: TrainState) -> Slopes:
    """How strongly the run's loss, and the lecture's, tell G to change: on the noises of seeds 0 to 63, D in eval().

    For losses that need no real images. G is a copy with its BatchNorm folded, so the run keeps no trace of it.
    """
    forger = fold(state.generator).requires_grad_()
    on_fake = _logits(state, forger(_noises(SHOWN, forger.latent_dim).clone()))  # made in inference
    own, lecture = (LOSSES[name].g(on_fake, None) for name in (state.config.loss, TrainConfig().loss))
    return Slopes(state.step, _slope(own, forger), _slope(lecture, forger))


def _slope(loss: torch.Tensor, network: nn.Module) -> float:
    gradients = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True)
    return nn.utils.get_total_norm(gradients).item()


@lru_cache(maxsize=4)
def _noises(count: int, latent_dim: int) -> torch.Tensor:
    return noises(0, count, latent_dim)


def _logits(state: TrainState, images: torch.Tensor) -> torch.Tensor:
    """D without Sigmoid and dropout, on the state's device; leaves D in the mode (train or eval) that it is in."""
    return logits(state.discriminator, images.to(state.device), drop=lambda units, p: units)


def _histogram(verdicts: torch.Tensor) -> tuple[int, ...]:
    return tuple(torch.histc(verdicts, BINS, 0, 1).int().tolist())


def _png_of_advice(drawings: torch.Tensor, advice: torch.Tensor) -> bytes:
    """Two rows: the drawings, and below each its advice, red where a pixel should be brighter, blue where darker.

    All drawings share one scale: the largest number of all is full colour.
    """
    grey = to_pixels(drawings).view(-1, 28, 28, 1).repeat(1, 1, 1, 3).numpy()
    wish = (advice / advice.abs().max().clamp_min(1e-30)).unsqueeze(-1).numpy()
    colour = np.where(wish > 0, BRIGHTER, DARKER) * np.sqrt(np.abs(wish))  # the root makes small ones visible
    rows = [np.concatenate(list(row), axis=1) for row in (grey, colour.astype(np.uint8))]
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows, axis=0)).save(buffer, "PNG", compress_level=QUICK)
    return buffer.getvalue()
