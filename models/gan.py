"""The lecture's two networks: the forger G and the detective D. State-dict keys are the lecture's own."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

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


@torch.no_grad()
def fold(generator: Generator) -> Generator:
    """A copy of the generator without BatchNorm, on the CPU in eval mode: each is folded into the Linear before it.

    Ioffe and Szegedy 2015, algorithm 2, with the running averages.
    """
    layers = list(generator.main)
    linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
    plain = type(generator)(generator.latent_dim, [layer.out_features for layer in linears[:-1]])
    targets = (layer for layer in plain.main if isinstance(layer, nn.Linear))
    for linear, target in zip(linears, targets, strict=True):
        weight: torch.Tensor = linear.weight
        bias: torch.Tensor = linear.bias
        after = layers[layers.index(linear) + 1]
        if isinstance(after, nn.BatchNorm1d):
            mean, variance = after.get_buffer("running_mean"), after.get_buffer("running_var")
            gain = after.weight / (variance + after.eps).sqrt()
            weight, bias = weight * gain[:, None], (bias - mean) * gain + after.bias
        target.weight.copy_(weight)
        target.bias.copy_(bias)
    return plain.eval().requires_grad_(False)


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
