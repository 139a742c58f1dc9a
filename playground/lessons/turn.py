"""One turn of training on one real batch, moment by moment: what each network sees, and what changes."""

import base64
import copy
import math
from collections.abc import Iterable
from typing import Any, TypeVar

import torch
from torch import nn

from playground.data import normalise
from playground.devices import without_cuda
from playground.images import to_pixels
from playground.latent import noises
from playground.shipped import Shipped
from playground.training import TrainConfig

EPOCH = 199  # its pair can draw
BATCH = 64  # images
EPSILON = 1e-8  # Adam's
SHOWN = 8  # of each kind, as pictures
GIVEN, FRESH = 0, 64  # the first seed of D's noises, and of G's

N = TypeVar("N", bound=nn.Module)


class Turn:
    """A copy of a shipped pair that plays one turn (lecture, codes 13-28 to 13-32), without Dropout.

    Dropout is off, so that verdicts before and after an update can be compared; both Adams are new.
    """

    def __init__(self, shipped: Shipped, images: torch.Tensor) -> None:
        self.generator = _trainable(shipped.network(EPOCH, "generator"))
        self.discriminator = _trainable(shipped.network(EPOCH, "discriminator"))
        self.config = TrainConfig()
        self.criterion = nn.BCELoss()
        self.images = images[:BATCH]
        self.real = normalise(self.images).unsqueeze(1)
        self.ones, self.zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)

    def detective(self) -> list[dict[str, Any]]:
        """D's five moments."""
        d_before, g_before = copy.deepcopy(self.discriminator), copy.deepcopy(self.generator)
        z = noises(GIVEN, BATCH)
        made = self.generator(z)
        forged = made.detach()
        before = self._measure_d(forged)
        loss_real, loss_forged = self._losses_d(forged)
        (loss_real + loss_forged).backward()
        gradients = {"in_d": norm_of_gradients(self.discriminator), "in_g": norm_of_gradients(self.generator)}
        step_first(self.discriminator, self.config.lr_d)
        self.forged = to_pixels(forged)
        moves = {"moved_d": moved(d_before, self.discriminator), "moved_g": moved(g_before, self.generator)}
        losses = {"loss_forged": loss_forged.item(), "loss_d": before["loss_d"]}
        return [
            {"name": "real", "shape": shape(self.real), "d_real": before["d_real"], "loss_real": loss_real.item()},
            {"name": "forge", "noise": shape(z), "shape": shape(made)},
            {"name": "detach", "tracked": made.requires_grad, "cut": forged.requires_grad},
            {"name": "forged", "d_fake": before["d_fake"], **losses, **gradients},
            {"name": "update_d", **change(before, self._measure_d(forged)), **moves},
        ]

    def forger(self) -> list[dict[str, Any]]:
        """G's five moments, against the D that has just learnt. It gets gradients too, which nobody uses (13-31)."""
        d_before, g_before = copy.deepcopy(self.discriminator), copy.deepcopy(self.generator)
        self.discriminator.zero_grad()
        z = noises(FRESH, BATCH)
        forged = self.generator(z)
        before = self._measure_g(forged)
        self.criterion(self.discriminator(forged), self.ones).backward()
        gradients = {"in_g": norm_of_gradients(self.generator), "in_d": norm_of_gradients(self.discriminator)}
        step_first(self.generator, self.config.lr_g)
        self.fresh = to_pixels(forged)
        moves = {"moved_g": moved(g_before, self.generator), "moved_d": moved(d_before, self.discriminator)}
        return [
            {"name": "fresh", "noise": shape(z), "shape": shape(forged)},
            {"name": "labels", "d_fake": before["d_fake"]},
            {"name": "loss", "loss_g": before["loss_g"]},
            {"name": "backward", **gradients},
            {"name": "update_g", **change(before, self._measure_g(self.generator(z))), **moves},
        ]

    def _losses_d(self, forged: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both parts of D's loss: on the real images and on the forged ones."""
        loss_real: torch.Tensor = self.criterion(self.discriminator(self.real), self.ones)
        loss_forged: torch.Tensor = self.criterion(self.discriminator(forged), self.zeros)
        return loss_real, loss_forged

    @torch.no_grad()
    def _measure_d(self, forged: torch.Tensor) -> dict[str, float]:
        """D's loss and mean verdicts."""
        loss_real, loss_forged = self._losses_d(forged)
        d_real, d_fake = self.discriminator(self.real).mean().item(), self.discriminator(forged).mean().item()
        return {"loss_d": (loss_real + loss_forged).item(), "d_real": d_real, "d_fake": d_fake}

    @torch.no_grad()
    def _measure_g(self, forged: torch.Tensor) -> dict[str, float]:
        """G's loss and D's mean verdict."""
        verdicts = self.discriminator(forged)
        return {"loss_g": self.criterion(verdicts, self.ones).item(), "d_fake": verdicts.mean().item()}


def describe_turn(shipped: Shipped, images: torch.Tensor) -> dict[str, Any]:
    """The ten `moments` of a turn on the first BATCH of `images` (uint8, N x 28 x 28), each with its numbers.

    Verdicts are means over the batch (0 forged to 1 real), losses those of code 13-28, `in_d` and `in_g` the norms of
    the gradients in each network, `moved_d` and `moved_g` those of the weights' change. `real`, `forged` and `fresh`
    are the first SHOWN images of each kind, 784 bytes each in base64. Raises CheckpointError.
    """
    turn = Turn(shipped, images)
    with torch.enable_grad(), without_cuda():
        moments = turn.detective() + turn.forger()
    pictures = {"real": turn.images, "forged": turn.forged.squeeze(1), "fresh": turn.fresh.squeeze(1)}
    coded = {name: [_coded(image) for image in found[:SHOWN]] for name, found in pictures.items()}
    return {"epoch": EPOCH, "batch": BATCH, "moments": moments, **coded}


@torch.no_grad()
def step_first(network: nn.Module, lr: float) -> None:
    """The step of a new Adam (Kingma and Ba 2015, algorithm 1 at t = 1): corrected, both averages are the gradient's.

    torch.optim.Adam does the same, within rounding. Its first use reads torch's compiler: two seconds and 160 MB, which
    a page that draws and explains does without.
    """
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.sub_(lr * parameter.grad / (parameter.grad.abs() + EPSILON))


def norm(tensors: Iterable[torch.Tensor | None]) -> float:
    """The length of all tensors together, as one vector. None counts as 0."""
    return math.sqrt(sum(tensor.square().sum().item() for tensor in tensors if tensor is not None))


def moved(before: nn.Module, after: nn.Module) -> float:
    """How far all weights together have moved, as one vector."""
    with torch.no_grad():
        return norm(b - a for a, b in zip(before.parameters(), after.parameters(), strict=True))


def shape(tensor: torch.Tensor) -> str:
    """A tensor's shape for a reader, as 64 × 1 × 28 × 28."""
    return " × ".join(map(str, tensor.shape))


def change(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Measures after an update by their own names, and before it as NAME_before."""
    return {**{f"{name}_before": value for name, value in before.items()}, **after}


def norm_of_gradients(network: nn.Module) -> float:
    """The length of all gradients together, as one vector."""
    return norm(parameter.grad for parameter in network.parameters())


def _trainable(network: N) -> N:
    return copy.deepcopy(network).requires_grad_(True)


def _coded(image: torch.Tensor) -> str:
    return base64.b64encode(image.numpy().tobytes()).decode()
