"""The engine's speed beside that of the lecture's own loop, and what a preset's run is worth."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_all_start_methods, get_context, set_start_method
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import MNIST

from models.gan import PIXELS, Discriminator, Generator
from playground.config import MOST_EPOCHS
from playground.data import choose_digits, load_mnist, writable_cache
from playground.devices import pick_device, pick_dtype
from playground.distributed import Team
from playground.metrics import Examiner
from playground.presets import PRESETS
from playground.pretrain import JUDGE
from playground.shipped import CHECKPOINTS
from playground.training import ALONE, TrainConfig, TrainState, train

WARM_UP = 5  # steps

Losses = tuple[torch.Tensor, torch.Tensor]  # of G and of D, in one step
Advance = Callable[[int], None]  # makes that many steps
Shape = tuple[int, int, int]  # of a matrix product: rows, inner, columns

_lecture: Iterator[Losses]  # set in the process that runs the lecture's loop


def compare(config: TrainConfig, pairs: int, steps: int) -> None:
    """Lecture, engine and products in turn, pair by pair; prints images a second, ratios and medians."""
    runners = [lecture_apart(config), engine_steps(config), product_steps(config)]
    for runner in runners:
        runner(WARM_UP)  # starts workers, fills memory and caches
    print(f"{config.precision}, {torch.get_num_threads()} threads, batch {config.batch_size}, {steps} steps a turn")
    print("pair  lecture   engine  ratio  products alone  share of them")
    ratios, shares = [], []
    for pair in range(pairs):
        slow, fast, bound = (images_per_second(runner, steps, config.batch_size) for runner in runners)
        ratios.append(fast / slow)
        shares.append(fast / bound)
        print(f"{pair:4d} {slow:8.0f} {fast:8.0f} {ratios[-1]:6.2f} {bound:15.0f} {shares[-1]:14.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}, median share {statistics.median(shares):.2f}")


def images_per_second(advance: Advance, steps: int, batch: int) -> float:
    """Real images a second over `steps` steps of `batch` images."""
    started = time.perf_counter()
    advance(steps)
    return steps * batch / (time.perf_counter() - started)


def lecture_apart(config: TrainConfig) -> Advance:
    """Steps of the lecture's loop in a process of its own, as in a notebook.

    In this process the engine has told the allocator to keep its memory, which no notebook does.
    """
    apart = ProcessPoolExecutor(1, get_context("spawn"), _open_lecture, (config,))
    return lambda steps: apart.submit(_advance_lecture, steps).result()


def _open_lecture(config: TrainConfig) -> None:
    global _lecture
    set_start_method(get_all_start_methods()[0], force=True)  # the system's default, also for the loader's workers
    _lecture = lecture_steps(config)


def _advance_lecture(steps: int) -> None:
    for _ in range(steps):
        next(_lecture)


def lecture_steps(config: TrainConfig) -> Iterator[Losses]:
    """The lecture's loop on MNIST (codes 13-22 to 13-28), one step a `next()`, without end."""
    load_mnist()  # unpacks the files that torchvision reads here
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    data = MNIST(str(writable_cache()), train=True, transform=transform)
    loader = DataLoader(data, batch_size=config.batch_size, shuffle=True, num_workers=4)
    return lecture_loop(Generator(), Discriminator(), loader, pick_device(config.device))


def lecture_loop(
    generator: Generator,
    discriminator: Discriminator,
    loader: DataLoader[Any],
    device: torch.device,
    rate: float = 2e-4,
) -> Iterator[Losses]:
    """Codes 13-28 to 13-32 as they stand: each step yields the losses of G and of D, without end."""
    generator, discriminator = generator.to(device), discriminator.to(device)
    optim_g, optim_d = _lecture_adam(generator, rate), _lecture_adam(discriminator, rate)
    criterion = nn.BCELoss()
    while True:
        for image, *_ in loader:
            real, size = image.to(device), len(image)
            fake = generator(torch.randn(size, generator.latent_dim).to(device)).detach()
            optim_d.zero_grad()
            loss_real = criterion(discriminator(real), torch.ones(size, 1).to(device))
            loss_fake = criterion(discriminator(fake), torch.zeros(size, 1).to(device))
            loss_real.backward()
            loss_fake.backward()
            optim_d.step()
            optim_g.zero_grad()
            fake = generator(torch.randn(size, generator.latent_dim).to(device))
            loss_g = criterion(discriminator(fake), torch.ones(size, 1).to(device))
            loss_g.backward()
            optim_g.step()
            yield loss_g.detach(), (loss_real + loss_fake).detach()


def _lecture_adam(network: nn.Module, rate: float) -> torch.optim.Adam:
    """Adam as it was when the lecture was written: one tensor after another."""
    return torch.optim.Adam(network.parameters(), lr=rate, foreach=False)


def engine_steps(config: TrainConfig, team: Team = ALONE) -> Advance:
    """Steps of `train()`, each time on from where it was; those of a `team` where this is one of its processes."""
    images, state = load_mnist()[0], TrainState(config)

    def advance(steps: int) -> None:
        for _ in train(replace(config, steps=state.step + steps), images, state, team=team):
            pass

    return advance


def product_steps(config: TrainConfig) -> Advance:
    """Only the matrix products of a step, on numbers that are already in memory."""
    device = pick_device(config.device)
    dtype = pick_dtype(config.precision, device)
    shapes = _step_products(config)
    ready = {shape: _pair(shape, device, dtype) for shape in set(shapes)}

    def advance(steps: int) -> None:
        for _ in range(steps):
            for shape in shapes:
                torch.mm(*ready[shape])
        if device.type == "cuda":
            torch.cuda.synchronize()

    return advance


def _step_products(config: TrainConfig) -> list[Shape]:
    """A step: D's turn draws forgeries and learns from both halves; G's turn learns through a frozen D."""
    batch = config.batch_size
    g, d = (config.latent_dim, *config.widths_g, PIXELS), (PIXELS, *config.widths_d, 1)
    passes = [(batch, g, "forward"), (2 * batch, d, "learn"), (batch, g, "learn"), (batch, d, "through")]
    return [shape for rows, widths, kind in passes for shape in _products(rows, widths, kind)]


def _products(rows: int, widths: tuple[int, ...], kind: str) -> list[Shape]:
    """The products of one pass. The first layer of a network that learns passes no gradient on."""
    layers = list(pairwise(widths))
    forward = [(rows, n_in, n_out) for n_in, n_out in layers]
    to_weights = [(n_out, rows, n_in) for n_in, n_out in layers] if kind == "learn" else []
    to_inputs = [(rows, n_out, n_in) for n_in, n_out in layers[kind == "learn" :]] if kind != "forward" else []
    return forward + to_weights + to_inputs


def _pair(shape: Shape, device: torch.device, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    rows, inner, columns = shape
    return torch.randn(rows, inner, device=device, dtype=dtype), torch.randn(inner, columns, device=device, dtype=dtype)


def measure_preset(name: str, seeds: int, seconds: float | None = None) -> None:
    """Run a preset from scratch, a seed after another; prints what its drawings are worth beside the shipped run.

    `seconds` are in place of its own budget; one without end gets a minute.
    """
    examiner, preset = Examiner.open(JUDGE), PRESETS[name]
    images = choose_digits(*load_mnist(), preset.digits, preset.images)
    seconds = seconds or preset.seconds or (60 if preset.epochs == MOST_EPOCHS else None)
    print(f"the shipped run's last epoch: {(CHECKPOINTS / 'history.csv').read_text().splitlines()[-1]}")
    for seed in range(seeds):
        config = replace(preset, seed=seed, seconds=seconds)
        state, started = TrainState(config), time.perf_counter()
        for _ in train(config, images, state):
            pass
        took = time.perf_counter() - started
        found = examiner.measure(state.forger())
        print(f"{name}, seed {seed}: {took:.0f} s, {state.step} steps, {found}", flush=True)
