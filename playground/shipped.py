"""The generators and discriminators that come with the playground, and the requests that they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from models import Network
from playground.checked import Checked, choice, number, numbers, whole, wholes
from playground.checkpoints import ROLES, load_exact, load_network, read_header
from playground.config import TrainConfig
from playground.data import PROJECT
from playground.images import to_pixels
from playground.latent import LATENT_DIM, PATHS, noise, noises, route
from playground.state import TrainState

EPOCHS = (0, 100, 199)  # the lecture's figures 13-25, 13-27 and 13-30
DIRECTIONS = 8
REACH = 10.0  # largest value of a slider along a direction; the length of a latent is about 11
CHECKPOINTS = PROJECT / "checkpoints"


@dataclass(frozen=True)
class DrawRequest(Checked):
    """`count` drawings of seeds `seed`, `seed` + 1, ...: G(t (z + sliders . directions)) at temperature t."""

    epoch: int = choice(199, *EPOCHS)
    seed: int = whole(7, 0, 2**31 - 1)
    count: int = whole(1, 1, 64)
    temperature: float = number(1, 0, 2)
    sliders: tuple[float, ...] = numbers(DIRECTIONS, -REACH, REACH)


@dataclass(frozen=True)
class WalkRequest(Checked):
    """A path of `frames` drawings from one seed's latent to another's, both included."""

    epoch: int = choice(199, *EPOCHS)
    seed_a: int = whole(7, 0, 2**31 - 1)
    seed_b: int = whole(31, 0, 2**31 - 1)
    frames: int = whole(9, 2, 32)
    path: str = choice("slerp", *PATHS)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The two seeds, in order."""
        return self.seed_a, self.seed_b


@dataclass(frozen=True)
class RouteRequest(Checked):
    """A path through two to four seeds of the page; all legs have the same length."""

    epoch: int = choice(199, *EPOCHS)
    seeds: tuple[int, ...] = wholes((7, 31), 0, 999, 2, 4)
    frames: int = whole(25, 2, 97)
    path: str = choice("slerp", *PATHS)


class Shipped:
    """Both networks of every shipped epoch. Each file is read when its network is first used."""

    def __init__(self, folder: Path = CHECKPOINTS) -> None:
        self.folder = folder
        self._networks: dict[tuple[int, str], Network] = {}

    def network(self, epoch: int, role: str) -> Network:
        """The `generator` or `discriminator` of an epoch, in eval mode on the CPU. Raises CheckpointError."""
        if (epoch, role) not in self._networks:
            path = self.folder / f"epoch-{epoch:03d}" / f"{role}.safetensors"
            self._networks[epoch, role] = load_network(path, role).network
        return self._networks[epoch, role]

    def beginning(self, epoch: int) -> Callable[[TrainConfig], TrainState]:
        """What makes a run's first state with both networks of an epoch. Raises CheckpointError."""
        networks = [self.network(epoch, role) for role in ROLES]
        return lambda config: TrainState(config).take_weights(*networks)

    @cached_property
    def directions(self) -> torch.Tensor:
        """The principal directions (8 x 128, unit length). Raises CheckpointError."""
        path = self.folder / "directions.safetensors"
        wanted: dict[str, tuple[str, tuple[int, ...]]] = {"directions": ("F32", (DIRECTIONS, LATENT_DIM))}
        return load_exact(path, wanted, read_header(path, limit=2**20))["directions"]

    def latents(self, request: DrawRequest) -> torch.Tensor:
        """The latents of a request: count x 128, temperature included."""
        moved = noises(request.seed, request.count) + torch.tensor(request.sliders) @ self.directions
        return moved * request.temperature

    def walk(self, request: WalkRequest | RouteRequest) -> torch.Tensor:
        """The latents of a path: frames x 128."""
        stops = torch.stack([noise(seed) for seed in request.seeds])
        return route(stops, torch.linspace(0, 1, request.frames), request.path)

    @torch.inference_mode()
    def draw(self, epoch: int, latents: torch.Tensor) -> torch.Tensor:
        """The drawings of the epoch's generator for latents (N x 128): uint8, N x 28 x 28. Raises CheckpointError."""
        return to_pixels(self.network(epoch, "generator")(latents)).squeeze(1)

    @torch.inference_mode()
    def verdicts(self, epoch: int, latents: torch.Tensor) -> torch.Tensor:
        """The verdicts (N, 0 forged to 1 real) of the epoch's discriminator on its own generator's drawings."""
        drawings = self.network(epoch, "generator")(latents)
        verdicts: torch.Tensor = self.network(epoch, "discriminator")(drawings)
        return verdicts.squeeze(1)
