"""The wall of forgers: what each has trained, measured by the server's own judge on the same noises."""

from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import torch

from playground.checkpoints import CheckpointError, load_network
from playground.config import TrainConfig
from playground.images import png, sheet, to_pixels
from playground.latent import LATENT_DIM
from playground.metrics import Examiner
from playground.shipped import CHECKPOINTS

SHOWN, COLUMNS = 16, 4  # drawings of each
MEASURED, CHUNK = 2000, 500  # drawings by which each is judged, so many drawn at a time
# What of the settings a class compares; the rest is the same for all, or does not matter to a forger on a wall.
COMPARED = ("loss", "lr_g", "lr_d", "k", "batch_size", "beta1", "dropout", "smoothing", "norm", "widths_g", "widths_d")


class Judged(NamedTuple):
    """A forger as the server's judge has found it: `config` is what its file tells of, the widths as they are."""

    frechet: float
    recognisable: float
    digits: int
    config: TrainConfig
    sheet: bytes  # PNG

    @property
    def settings(self) -> dict[str, Any]:
        """Those that a class compares."""
        return {name: getattr(self.config, name) for name in COMPARED}


def work_of(config: TrainConfig, steps: int) -> int:
    """What so many steps cost: steps times weights times images, where D's weights count `k` times.

    It is the arithmetic that training needs, so that a slow phone may do as much as a fast one.
    """
    g = _weights((config.latent_dim, *config.widths_g, 784))
    d = _weights((784, *config.widths_d, 1))
    return steps * config.batch_size * (g + config.k * d)


def _weights(layers: tuple[int, ...]) -> int:
    return sum(a * b for a, b in pairwise(layers))


class Judge:
    """Measures networks; one thread at a time may ask. It is read when it is first needed."""

    @cached_property
    def _examiner(self) -> Examiner:
        return Examiner.open(CHECKPOINTS / "judge.safetensors")

    @cached_property
    def _latents(self) -> torch.Tensor:
        return torch.randn(MEASURED, LATENT_DIM, generator=torch.Generator().manual_seed(0))

    @torch.inference_mode()
    def measure(self, path: Path) -> Judged:
        """Judge the generator in a file. Raises CheckpointError for one that is none, and DataError."""
        checkpoint = load_network(path, "generator")
        if checkpoint.config.latent_dim != LATENT_DIM:
            raise CheckpointError(path, "latent", got=checkpoint.config.latent_dim, wanted=LATENT_DIM)
        drawings = torch.cat([checkpoint.network(some) for some in self._latents.split(CHUNK)])
        found = self._examiner.compare(drawings)
        picture = png(sheet(to_pixels(drawings[:SHOWN]), COLUMNS))
        shares = round(found.frechet, 1), round(found.recognisable, 3), found.digits
        return Judged(*shares, checkpoint.config, picture)
