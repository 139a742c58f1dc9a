"""Does the engine train as the lecture's loop does? Mean losses of the first epochs, over many seeds.

Four ways: the lecture's loop and the engine, each with torch's dropout and with ours. Each seed of each way is one run
on one thread, as many at once as there are processors; what is finished stands in `runs/losses.csv`, so a measurement
that was stopped goes on.
"""

import csv
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import cache
from itertools import islice, product
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from models.gan import Discriminator, Generator
from playground.benchmark.engine import lecture_loop
from playground.data import PROJECT, load_mnist, normalise
from playground.distributed import Share, Team
from playground.dropout import dropout
from playground.training import ALONE, TrainConfig, train

ROWS = PROJECT / "runs" / "losses.csv"
HEADER = ("way", "seed", "epoch", "loss_g", "loss_d")
EPOCHS = 3  # of each run
SEEDS = 30
LEAST = 3  # runs of a way, until a spread is worth printing

Means = list[list[float]]  # each epoch's mean losses of G and of D
Way = Callable[[TrainConfig, int], Means]  # of one seed


class TorchDropout(Team):
    """One process whose D uses torch's own dropout."""

    def share(self, count: int) -> Share:
        return _TorchShare()


class _TorchShare(Share):
    def drop(self, units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
        return nn.functional.dropout(units, p)


class OurDropout(nn.Module):
    """The engine's dropout as a layer, for the lecture's loop."""

    def __init__(self, p: float, rng: torch.Generator) -> None:
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, units: torch.Tensor) -> torch.Tensor:
        return dropout(units, self.p, self.rng)


def with_our_dropout(network: Discriminator, seed: int) -> Discriminator:
    """The same network, with each of its dropouts replaced by ours."""
    rng = torch.Generator().manual_seed(seed)
    for index, layer in enumerate(network.main):
        if isinstance(layer, nn.Dropout):
            network.main[index] = OurDropout(layer.p, rng)
    return network


def lecture_means(config: TrainConfig, seed: int, *, ours: bool = False) -> Means:
    """One run of the lecture's loop; `ours`: with our dropout."""
    torch.manual_seed(seed)
    generator, discriminator = Generator(), Discriminator()
    if ours:
        with_our_dropout(discriminator, seed)
    loader = _loader(config.batch_size)
    losses = lecture_loop(generator, discriminator, loader, torch.device("cpu"))
    rows = torch.stack([torch.stack(pair) for pair in islice(losses, EPOCHS * len(loader))])
    return _means(rows.view(EPOCHS, len(loader), 2))


def engine_means(config: TrainConfig, seed: int, team: Team = ALONE) -> Means:
    """One run of the engine."""
    torch.manual_seed(seed)  # of torch's dropout, which takes no generator
    run = train(replace(config, epochs=EPOCHS, seed=seed), _images(), team=team)
    return [list(progress.epoch_means[:2]) for progress in run if progress.epoch_means]


WAYS: dict[str, Way] = {
    "lecture": lecture_means,
    "engine": engine_means,
    "engine, torch's dropout": lambda config, seed: engine_means(config, seed, TorchDropout()),
    "lecture, our dropout": lambda config, seed: lecture_means(config, seed, ours=True),
}


def compare_losses(config: TrainConfig, seeds: int, path: Path = ROWS) -> None:
    """Run every way with seeds 0 to `seeds` - 1, as far as `path` has not got them yet, and print what came of it."""
    done = {(row["way"], int(row["seed"])) for row in read_rows(path)}
    missing = [(way, seed) for seed, way in product(range(seeds), WAYS) if (way, seed) not in done]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _one_thread) as pool:
        runs = {pool.submit(_run, way, config, seed): (way, seed) for way, seed in missing}
        for number, run in enumerate(as_completed(runs), 1):
            way, seed = runs[run]
            _append(path, [(way, seed, epoch, *means) for epoch, means in enumerate(run.result())])
            print(f"{number} of {len(missing)}: {way}, seed {seed}", flush=True)
    print(table(read_rows(path)))


def _one_thread() -> None:
    torch.set_num_threads(1)


def _run(way: str, config: TrainConfig, seed: int) -> Means:
    return WAYS[way](config, seed)


def table(rows: Sequence[dict[str, str]]) -> str:
    """Each way's mean and spread by epoch and loss, and how many standard errors it lies from the lecture's."""
    lines = ["| epoch | loss | way | mean | spread | seeds | standard errors from the lecture's |", "|" + "---|" * 7]
    for epoch, name in product(range(EPOCHS), ("loss_g", "loss_d")):
        chosen = {way: _column(rows, way, epoch, name) for way in WAYS}
        lines += [_line(epoch, name[-1].upper(), way, numbers, chosen["lecture"])
                  for way, numbers in chosen.items() if len(numbers) >= LEAST]  # fmt: skip
    return "\n".join(lines)


def _line(epoch: int, loss: str, way: str, numbers: torch.Tensor, lecture: torch.Tensor) -> str:
    error = (numbers.var() / len(numbers) + lecture.var() / len(lecture)).sqrt()
    far = "" if way == "lecture" else f"{float((numbers.mean() - lecture.mean()) / error):+.1f}"
    mean, spread = float(numbers.mean()), float(numbers.std())
    return f"| {epoch} | {loss} | {way} | {mean:.3f} | {spread:.3f} | {len(numbers)} | {far} |"


def _column(rows: Sequence[dict[str, str]], way: str, epoch: int, name: str) -> torch.Tensor:
    chosen = [float(row[name]) for row in rows if row["way"] == way and int(row["epoch"]) == epoch]
    return torch.tensor(chosen, dtype=torch.float64)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The finished runs of a file, a row for each epoch; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _append(path: Path, rows: Sequence[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows] if fresh else rows)


def _means(losses: torch.Tensor) -> Means:
    """Of losses by epoch and step (epochs x steps x 2)."""
    return losses.double().mean(1).tolist()


@cache
def _images() -> torch.Tensor:
    return load_mnist()[0]


def _loader(batch_size: int) -> DataLoader[tuple[torch.Tensor, ...]]:
    """MNIST as the lecture's loader gives it, from memory."""
    data = TensorDataset(normalise(_images())[:, None])
    batches = BatchSampler(RandomSampler(data), batch_size, drop_last=False)
    return DataLoader(data, batch_size=None, sampler=batches)
