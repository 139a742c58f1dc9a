"""The settings of a training run, with all their limits."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from models import ARCHITECTURES
from playground.checked import Checked, ConfigError, choice, number, whole, wholes, widths
from playground.losses import LOSSES

ALL_IMAGES = 60_000  # that MNIST has to learn from
MOST_STEPS = MOST_EPOCHS = 10_000_000  # an epoch of few images is one step; a run by the clock has this many epochs


@dataclass(frozen=True)
class TrainConfig(Checked):
    """The settings of a run; the defaults are the lecture's (codes 13-23 and 13-28).

    A run ends after `steps` steps where that is given, else after `epochs` epochs; and in any case after `seconds` of
    wall time where that is given. `latent_dim` and the widths count units, `batch_size` images. `dropout` is D's p,
    `smoothing` is subtracted from the label of real images, `norm` is the normalisation in G after each hidden Linear,
    `average` the decay a step of a moving average of G (0: none), `digits` the digits to learn from, and `images` how
    many of their images (None: all).
    BatchNorm cannot learn from a batch of one image: with `norm` "batch" an epoch leaves out a last batch of one, and
    `batch_size` is 2 at least. A bad value raises ConfigError (a ValueError) that names the field, what it got and what
    is allowed.
    """

    architecture: str = choice("mlp", *ARCHITECTURES)
    batch_size: int = whole(512, 1, 2048)
    epochs: int = whole(200, 1, MOST_EPOCHS)
    steps: int | None = whole(None, 1, MOST_STEPS, optional=True)
    seconds: float | None = number(None, 1, 604_800, optional=True)
    latent_dim: int = whole(128, 1, 1024)
    k: int = whole(1, 1, 10)
    lr_g: float = number(2e-4, 1e-7, 1)
    lr_d: float = number(2e-4, 1e-7, 1)
    beta1: float = number(0.9, 0, 0.9999)
    beta2: float = number(0.999, 0, 0.99999)
    optimizer: str = choice("adam", "adam", "sgd")
    loss: str = choice("non-saturating", *LOSSES)
    dropout: float = number(0.3, 0, 0.9)
    smoothing: float = number(0, 0, 0.5)
    norm: str = choice("none", "none", "batch")
    average: float = number(0, 0, 0.9999)
    digits: tuple[int, ...] = wholes(tuple(range(10)), 0, 9, 1, 10)
    images: int | None = whole(None, 2, ALL_IMAGES, optional=True)
    seed: int = whole(0, 0, 2**31 - 1)
    device: str = choice("auto", "auto", "cpu", "cuda", "mps")
    precision: str = choice("fp32", "fp32", "bf16", "auto")
    widths_g: tuple[int, ...] = widths(256, 512, 1024)
    widths_d: tuple[int, ...] = widths(1024, 512, 256)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < self.smallest_batch:
            raise ConfigError("batch_size", self.batch_size, "whole", low=self.smallest_batch, high=2048)

    @property
    def smallest_batch(self) -> int:
        """How many images a step needs."""
        return 2 if self.norm == "batch" else 1

    def steps_an_epoch(self, images: int) -> int:
        """How many steps it takes to go through so many images once."""
        full, rest = divmod(images, self.batch_size)
        return full + (rest >= self.smallest_batch)

    def to_json(self, indent: int | None = None) -> str:
        """The config as JSON, for a checkpoint's metadata and for a settings file."""
        return json.dumps(asdict(self), indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> "TrainConfig":
        """Read what `to_json` wrote; missing settings get their defaults. Raises ConfigError."""
        try:
            settings = json.loads(text)
        except (ValueError, RecursionError):  # bytes that are not text raise a ValueError too
            raise ConfigError("settings", text, "object") from None
        return cls.from_mapping(settings)


def check_same(config: TrainConfig, wanted: TrainConfig, names: Iterable[str]) -> None:
    """Raises ConfigError for the first setting among `names` in which `config` differs from `wanted`."""
    for name in names:
        allowed, got = getattr(wanted, name), getattr(config, name)
        if got != allowed:
            options = ", ".join(map(str, allowed)) if isinstance(allowed, tuple) else allowed
            raise ConfigError(name, got, "choice", options=options)
