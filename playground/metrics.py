"""What the judge says of drawings: the census of digits, and the Frechet distance to real ones."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance

from models.judge import FEATURES, NOT_A_DIGIT, Judge
from playground.checkpoints import load_matching
from playground.data import load_mnist, normalise

SAMPLES = 10_000
LEAST_SHARE = 0.01  # of the recognisable drawings: a digit with less is missing
LEAST_RECOGNISED = 0.2  # share of the drawings: below it a census says nothing yet
CHUNK = 200  # images through the judge at a time: what still fits into a processor's cache


@dataclass(frozen=True)
class Census:
    """How many drawings the judge took for each digit (`counts`, ten numbers), and what follows from it.

    `recognisable`: share of the drawings accepted as a digit. `digits`: classes with at least 1 % of the accepted.
    `entropy`: of the accepted, 0 when all are one digit, 1 when the ten are even.
    """

    counts: tuple[int, ...]
    recognisable: float
    digits: int
    entropy: float


@dataclass(frozen=True)
class Metrics:
    """A generator, measured: the Frechet distance (0 for real digits) and the figures of its census."""

    frechet: float
    recognisable: float
    digits: int
    entropy: float


def load_judge(path: Path | str) -> Judge:
    """The shipped judge in eval mode, on the CPU. Raises CheckpointError."""
    judge = Judge()
    judge.load_state_dict(load_matching(path, judge))
    return judge.eval().requires_grad_(False)


def census(answers: torch.Tensor) -> Census:
    """Count the judge's answers (N x 11 logits) digit by digit."""
    answer = answers.argmax(1)
    accepted = answer[answer != NOT_A_DIGIT]
    counts = torch.bincount(accepted, minlength=10)
    total = max(len(accepted), 1)
    entropy = torch.special.entr(counts.double() / total).sum() / torch.tensor(10.0).double().log()
    digits = int((counts >= least_count(total)).sum())
    return Census(tuple(counts.tolist()), len(accepted) / max(len(answer), 1), digits, entropy.item())


def least_count(accepted: int) -> float:
    """How many of `accepted` drawings a digit must have, so that it does not count as missing."""
    return max(1.0, LEAST_SHARE * accepted)


class Examiner:
    """Measures generators against the test images of MNIST, whose features it takes only once."""

    def __init__(self, judge: Judge, real: torch.Tensor) -> None:
        """`real`: uint8, N x 28 x 28."""
        self.judge = judge
        features = nn.Identity()  # torchmetrics may bring its own network: ours gives features and answers at once
        features.num_features = FEATURES
        self.distance = FrechetInceptionDistance(feature=features, reset_real_features=False)
        self.distance.update(self.examine(normalise(real)[:, None])[0], real=True)

    @classmethod
    def open(cls, judge_path: Path | str) -> "Examiner":
        """With the judge of that file and MNIST's 10,000 test images. Raises CheckpointError and DataError."""
        return cls(load_judge(judge_path), load_mnist(train=False)[0])

    @torch.inference_mode()
    def examine(self, drawings: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The judge's features (N x 128) and answers (N x 11) for drawings (N x 1 x 28 x 28 in [-1, 1])."""
        features = torch.cat([self.judge.embed(chunk.cpu()) for chunk in drawings.split(CHUNK)])
        return features, self.judge.answer(features)

    def compare(self, drawings: torch.Tensor) -> Metrics:
        """Measure drawings (N x 1 x 28 x 28 in [-1, 1], N at least 2): Heusel et al. 2017, in the judge's features."""
        features, answers = self.examine(drawings)
        self.distance.reset()
        self.distance.update(features, real=False)
        found = census(answers)
        return Metrics(self.distance.compute().item(), found.recognisable, found.digits, found.entropy)

    @torch.inference_mode()
    def measure(self, generator: nn.Module, samples: int = SAMPLES) -> Metrics:
        """Measure a generator on the noises `torch.randn(samples, latent_dim)` of generator seed 0."""
        weight = next(generator.parameters())
        latents = torch.randn(samples, generator.latent_dim, generator=torch.Generator().manual_seed(0))
        return self.compare(torch.cat([generator(chunk.to(weight.device)) for chunk in latents.split(1000)]))
