"""One turn of training on one real batch, moment by moment: what is shown to whom, and what changes."""

import base64
import copy
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from playground.data import normalise
from playground.devices import without_cuda
from playground.images import to_pixels
from playground.latent import noises
from playground.shipped import Shipped
from playground.training import TrainConfig

EPOCH = 199  # a pair that can draw
BATCH = 64  # images
SHOWN = 8  # of each kind, as pictures
GIVEN, FRESH = 0, 64  # the first seeds of the noises of D's half and of G's


class Turn:
    """A copy of a shipped pair that plays one turn (lecture, codes 13-28 to 13-32), without Dropout.

    Dropout is off, so that verdicts before and after are of the same network; Adam begins anew.
    """

    def __init__(self, shipped: Shipped, images: torch.Tensor) -> None:
        self.generator = _trainable(shipped.network(EPOCH, "generator"))
        self.discriminator = _trainable(shipped.network(EPOCH, "discriminator"))
        config = TrainConfig()
        self.optimizer_g = torch.optim.Adam(self.generator.parameters(), lr=config.lr_g)
        self.optimizer_d = torch.optim.Adam(self.discriminator.parameters(), lr=config.lr_d)
        self.criterion = nn.BCELoss()
        self.images = images[:BATCH]
        self.real = normalise(self.images).unsqueeze(1)
        self.ones, self.zeros = torch.ones(BATCH, 1), torch.zeros(BATCH, 1)

    def detective(self) -> list[dict[str, Any]]:
        """D's five moments."""
        before, held = copy.deepcopy(self.discriminator), copy.deepcopy(self.generator)
        loss_real = self.criterion(self.discriminator(self.real), self.ones)
        z = noises(GIVEN, BATCH)
        made = self.generator(z)
        forged = made.detach()
        loss_forged = self.criterion(self.discriminator(forged), self.zeros)
        (loss_real + loss_forged).backward()
        gradients = {"in_d": norm(p.grad for p in self.discriminator.parameters()), "in_g": _norm_of(self.generator)}
        d_real, d_fake = self._verdict(self.real), self._verdict(forged)
        self.optimizer_d.step()
        self.forged = to_pixels(forged)
        return [
            {"name": "real", "shape": shape(self.real), "d_real": d_real, "loss_real": loss_real.item()},
            {"name": "forge", "noise": shape(z), "shape": shape(made)},
            {"name": "detach", "tracked": made.requires_grad, "cut": forged.requires_grad},
            {"name": "forged", "d_fake": d_fake, "loss_forged": loss_forged.item(),
             "loss_d": (loss_real + loss_forged).item(), **gradients},
            {"name": "update_d", "loss_d_before": (loss_real + loss_forged).item(), "loss_d": self._loss_d(forged),
             "d_real_before": d_real, "d_real": self._verdict(self.real), "d_fake_before": d_fake,
             "d_fake": self._verdict(forged), "moved_d": moved(before, self.discriminator),
             "moved_g": moved(held, self.generator)},
        ]  # fmt: skip

    def forger(self) -> list[dict[str, Any]]:
        """G's five moments, before the detective that has just learnt."""
        before, held = copy.deepcopy(self.generator), copy.deepcopy(self.discriminator)
        self.discriminator.requires_grad_(False).zero_grad()
        z = noises(FRESH, BATCH)
        forged = self.generator(z)
        verdicts = self.discriminator(forged)
        loss = self.criterion(verdicts, self.ones)
        loss.backward()
        gradients = {"in_g": norm(p.grad for p in self.generator.parameters()), "in_d": _norm_of(self.discriminator)}
        self.optimizer_g.step()
        again = self.generator(z)
        self.fresh = to_pixels(forged.detach())
        after = self._verdict(again)
        return [
            {"name": "fresh", "noise": shape(z), "shape": shape(forged)},
            {"name": "labels", "d_fake": verdicts.mean().item()},
            {"name": "loss", "loss_g": loss.item()},
            {"name": "backward", **gradients},
            {"name": "update_g", "d_fake_before": verdicts.mean().item(), "d_fake": after,
             "loss_g_before": loss.item(), "loss_g": self.criterion(self.discriminator(again), self.ones).item(),
             "moved_g": moved(before, self.generator), "moved_d": moved(held, self.discriminator)},
        ]  # fmt: skip

    @torch.no_grad()
    def _loss_d(self, forged: torch.Tensor) -> float:
        real, fake = self.discriminator(self.real), self.discriminator(forged)
        return (self.criterion(real, self.ones) + self.criterion(fake, self.zeros)).item()

    @torch.no_grad()
    def _verdict(self, images: torch.Tensor) -> float:
        return self.discriminator(images).mean().item()


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
    coded = {name: [base64.b64encode(image.numpy().tobytes()).decode() for image in found[:SHOWN]]
             for name, found in pictures.items()}  # fmt: skip
    return {"epoch": EPOCH, "batch": BATCH, "moments": moments, **coded}


def norm(tensors: Iterable[torch.Tensor | None]) -> float:
    """The length of all of them together, as one vector; 0 for those that are not there."""
    return sum(tensor.square().sum().item() for tensor in tensors if tensor is not None) ** 0.5


def moved(before: nn.Module, after: nn.Module) -> float:
    """The length of the way that all weights together have gone."""
    with torch.no_grad():
        return norm(b - a for a, b in zip(before.parameters(), after.parameters(), strict=True))


def shape(tensor: torch.Tensor) -> str:
    """64 x 1 x 28 x 28, as a class reads it."""
    return " × ".join(map(str, tensor.shape))


def _norm_of(network: nn.Module) -> float:
    return norm(parameter.grad for parameter in network.parameters())


def _trainable(network: nn.Module) -> nn.Module:
    return copy.deepcopy(network).requires_grad_(True)
