"""The lecture's two networks: the forger G and the detective D. State-dict keys are the lecture's own."""

import copy
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

IMAGE_SIDE = 28
PIXELS = IMAGE_SIDE**2


class Generator(nn.Module):
    """The forger: latents (N x latent_dim) to drawings (N x 1 x 28 x 28) in [-1, 1] (lecture, code 13-25)."""

    def __init__(
        self, latent_dim: int = 128, widths: Sequence[int] = (256, 512, 1024), batch_norm: bool = False
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.main = nn.Sequential()
        for n_in, n_out in pairwise((latent_dim, *widths)):
            norm = [nn.BatchNorm1d(n_out)] if batch_norm else []  # not in the lecture; `fold` removes it again
            self.main.extend([nn.Linear(n_in, n_out), *norm, nn.LeakyReLU(0.2)])
        self.main.extend([nn.Linear((latent_dim, *widths)[-1], PIXELS), nn.Tanh()])

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Draw one image a row of `latents` (N x latent_dim)."""
        drawings: torch.Tensor = self.main(latents)
        return drawings.view(-1, 1, IMAGE_SIDE, IMAGE_SIDE)


def fold(generator: Generator) -> Generator:
    """A copy of the generator without BatchNorm, on the CPU in eval mode: each is folded into the layer before it.

    Ioffe and Szegedy 2015, algorithm 2, with the running averages. A generator without BatchNorm is copied as it is.
    """
    plain = copy.deepcopy(generator).cpu().eval().requires_grad_(False)
    layers: list[nn.Module] = []
    for layer in plain.main:
        before = layers[-1] if layers else None
        if isinstance(layer, nn.BatchNorm1d) and isinstance(before, nn.Linear):
            layers[-1] = fuse_linear_bn_eval(before, layer)
        elif isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d | nn.ConvTranspose2d):
            layers[-1] = fuse_conv_bn_eval(before, layer, transpose=isinstance(before, nn.ConvTranspose2d))
        else:
            layers.append(layer)
    plain.main = nn.Sequential(*layers)
    return plain


class Discriminator(nn.Module):
    """The detective: images (N x 1 x 28 x 28 in [-1, 1]) to verdicts (N x 1), 0 forged to 1 real (code 13-26)."""

    def __init__(self, widths: Sequence[int] = (1024, 512, 256), dropout: float = 0.3) -> None:
        super().__init__()
        self.main = nn.Sequential()
        for n_in, n_out in pairwise((PIXELS, *widths)):
            self.main.extend([nn.Linear(n_in, n_out), nn.LeakyReLU(0.2), nn.Dropout(dropout)])
        self.main.extend([nn.Linear((PIXELS, *widths)[-1], 1), nn.Sigmoid()])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """One verdict for each image; any shape that flattens to N x 784 will do."""
        verdicts: torch.Tensor = self.main(images.reshape(-1, PIXELS))
        return verdicts
