"""What is measured of drawings: which digits the judge finds, how far they are from real ones, how alike they are."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from models.gan import Generator
from models.judge import FEATURES, NOT_A_DIGIT, Judge
from playground.checkpoints import load_matching
from playground.data import load_mnist, normalise

SAMPLES = 10_000
LEAST_SHARE = 0.01  # of the recognisable drawings: a digit with fewer counts as missing
LEAST_RECOGNISED = 0.2  # share of the drawings: below it a census says too little
BESIDE = 256  # real digits that drawings are held against where they are compared with each other
SAME = 1e-6  # a smaller distance is none
CHUNK = 200  # images through the judge at a time, so that they fit into a processor's cache


@dataclass(frozen=True)
class Census:
    """How many drawings the judge accepted as each digit (`counts`, ten numbers), and what follows from that.

    `recognisable`: share of the drawings accepted as a digit. `digits`: number of digits that are not missing
    (`least_count`). `entropy`: of `counts`, 0 when all are one digit, 1 when all ten are equally frequent.
    """

    counts: tuple[int, ...]
    recognisable: float
    digits: int
    entropy: float


@dataclass(frozen=True)
class Metrics:
    """The measures of a generator: its Frechet distance (0 for real digits) and the figures of its Census."""

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
    answer = torch.where(answers.isfinite().all(1), answers.argmax(1), NOT_A_DIGIT)
    accepted = answer[answer != NOT_A_DIGIT]
    counts = torch.bincount(accepted, minlength=10)
    total = max(len(accepted), 1)
    entropy = torch.special.entr(counts.double() / total).sum() / torch.tensor(10.0).double().log()
    digits = int((counts >= least_count(total)).sum())
    return Census(tuple(counts.tolist()), len(accepted) / max(len(answer), 1), digits, entropy.item())


def least_count(accepted: int) -> float:
    """How many of `accepted` drawings must show a digit, or else it counts as missing."""
    return max(1.0, LEAST_SHARE * accepted)


def distance_apart(images: torch.Tensor) -> float:
    """The mean Euclidean distance between two of N x 28 x 28 images: 0 where all are one."""
    flat = images.flatten(1)
    return torch.cdist(flat, flat).sum().item() / max(len(flat) * (len(flat) - 1), 1)


def distance_to_next(images: torch.Tensor) -> float:
    """The mean Euclidean distance from each of N x 28 x 28 images to the one most like it: small where they repeat."""
    flat = images.flatten(1)
    return torch.cdist(flat, flat).fill_diagonal_(torch.inf).min(1).values.mean().item()


def distance_to(images: torch.Tensor, known: torch.Tensor) -> float:
    """The mean Euclidean distance from each of N x 28 x 28 images to the nearest of the `known` ones (M x 28 x 28)."""
    return torch.cdist(images.flatten(1), known.flatten(1)).min(1).values.mean().item()


class _Ready(nn.Identity):
    """Stands for the network inside torchmetrics: one pass of the judge has made both features and answers already."""

    num_features = FEATURES


class Examiner:
    """Measures generators against the test images of MNIST, whose features it computes only once."""

    def __init__(self, judge: Judge, real: torch.Tensor) -> None:
        """`real`: uint8, N x 28 x 28."""
        # Not at the top: a second and 150 MB with all that it reads, and the page draws without.
        from torchmetrics.image.fid import FrechetInceptionDistance

        self.judge, self.beside = judge, normalise(real[:BESIDE])
        self.apart = distance_apart(self.beside)
        # In a team one process measures while the others train: it must not wait until they measure too.
        self.distance = FrechetInceptionDistance(_Ready(), reset_real_features=False, sync_on_compute=False)
        self.distance.update(self.examine(normalise(real)[:, None])[0], real=True)

    @classmethod
    def open(cls, judge_path: Path | str) -> "Examiner":
        """An examiner with that judge and MNIST's 10,000 test images. Raises CheckpointError and DataError."""
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

    def spread(self, drawings: torch.Tensor) -> float:
        """How different the drawings are: their mean distance from each other, over that of real digits."""
        return distance_apart(drawings) / max(self.apart, SAME)

    def variety(self, drawings: torch.Tensor) -> float:
        """How different each of at most BESIDE drawings is from the one most like it, over that of as many real digits.

        Among drawings of a noise of few numbers there is always another one nearby.
        """
        return distance_to_next(drawings) / max(distance_to_next(self.beside[: len(drawings)]), SAME)

    def nearness(self, drawings: torch.Tensor, learnt: torch.Tensor) -> float:
        """How near the drawings are to the images they were `learnt` from, over how near unseen real digits are.

        About 1 where G has learnt how digits look, less where it repeats what it was shown. `learnt` is -1 to 1.
        """
        return distance_to(drawings, learnt) / max(distance_to(self.beside, learnt), SAME)

    @torch.inference_mode()
    def measure(self, generator: Generator, samples: int = SAMPLES) -> Metrics:
        """Measure a generator on the noises `torch.randn(samples, latent_dim)` of generator seed 0."""
        weight = next(generator.parameters())
        latents = torch.randn(samples, generator.latent_dim, generator=torch.Generator().manual_seed(0))
        return self.compare(torch.cat([generator(chunk.to(weight.device)) for chunk in latents.split(1000)]))
