"""The training loop: `train()` yields how it goes. Knows neither files nor Gradio."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from models.gan import Discriminator
from playground.checked import ConfigError, Refusal
from playground.config import TrainConfig
from playground.data import normalise
from playground.devices import keep_memory, pick_dtype
from playground.distributed import Share, Team
from playground.losses import LOSSES
from playground.state import TrainState
from playground.waiting import Waiting

__all__ = ["PLAYERS", "Averages", "ConfigError", "Diverged", "Progress", "TrainConfig", "TrainState", "train"]

REPORT_EVERY = 0.28  # seconds; consumers are promised 0.3
PLAYERS = ("generator", "discriminator")
ALONE, ALL_ROWS = Team(), Share()  # one process, every row of a batch

Drop = Callable[[torch.Tensor, float], torch.Tensor]  # units and p to units, some of them zero


class Averages(NamedTuple):
    """Both losses, and D's mean verdicts on real and forged images as seen in training (dropout on)."""

    loss_g: float
    loss_d: float
    d_real: float
    d_fake: float


@dataclass(frozen=True)
class Progress:
    """The progress of a run: the four numbers are averages over the steps since the previous Progress.

    `step` counts the finished steps; `epoch` is the epoch, from 0, of the last of them. `epoch_means` averages that
    epoch over all its batches; None where the epoch goes on. `images` counts the real images shown since the
    previous Progress. `state` is live: valid until the next `next()`. `state.clone()` keeps it.
    """

    step: int
    epoch: int
    loss_g: float
    loss_d: float
    d_real: float
    d_fake: float
    images: int
    epoch_means: Averages | None
    state: TrainState


class Diverged(Refusal, ArithmeticError):
    """A loss or gradient was not finite. `step` says in which step (from 0); `state` holds the last good networks.

    `last` has the numbers of each good step since the last Progress.
    """

    def __init__(self, state: TrainState, last: Sequence[Averages] = ()) -> None:
        self.step, self.state, self.last = state.step, state, last
        message = f"step {self.step}: a loss or gradient was not finite; the networks before it are kept"
        super().__init__("error.diverged", message=message, step=self.step)


def train(
    config: TrainConfig,
    images: torch.Tensor,
    state: TrainState | None = None,
    players: tuple[str, ...] = PLAYERS,
    team: Team = ALONE,
) -> Iterator[Progress]:
    """Train on `images` (uint8, N x 28 x 28), from scratch or from `state`, which is changed.

    Yields a Progress at least every 0.3 s (or after every step, where one takes longer), at the end of every
    epoch and at the end of the run; may be closed at any yield. Only `players` learn; the other one's loss is still
    measured. At a yield, `progress.state.adopt()` changes settings from the next step on. Each process of a `team`
    calls this with the same arguments, computes its share of every batch, and gets the numbers of the whole batch.
    With BatchNorm an epoch leaves out a last batch of one image, another one each epoch. A state in the middle of an
    epoch shows the images that this began with, the first ones. Raises ValueError for other or fewer images, a state of
    other networks or what a team cannot train; Diverged; TeamLost. Lecture, codes 13-28 to 13-32.
    """
    _check_kind(images)
    keep_memory()
    state = TrainState(config) if state is None else state
    state.adopt(config)
    team.check(state)
    _check_number(images, state)
    images = images.to(state.device)
    end = math.inf if config.seconds is None else time.monotonic() + config.seconds
    recent = _Recent(state)
    over = _finished(state)
    with Waiting(state.device) as waiting:
        while not over:
            recent.add(_step(state, images, recent.broken, players, team))
            waiting.follow()
            epoch_over = _shown(state, images) - state.position < config.smallest_batch
            over = _finished(state, epoch_over) or time.monotonic() > end
            if epoch_over or recent.must_report() or over:
                yield recent.report(epoch_over)
                recent = _Recent(state)


def _check_kind(images: torch.Tensor) -> None:
    if images.dtype != torch.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise ValueError(f"images: got {images.dtype} of shape {tuple(images.shape)}, allowed is uint8 of N x 28 x 28")


def _shown(state: TrainState, images: torch.Tensor) -> int:
    """How many images the epoch shows: those with which it began, in a browser that had fetched no more by then."""
    return len(images) if state.order is None else len(state.order)


def _check_number(images: torch.Tensor, state: TrainState) -> None:
    if state.order is not None and len(state.order) > len(images):
        raise ValueError(f"images: got {len(images)}, the state stands in an epoch of {len(state.order)}")
    if len(images) < state.config.smallest_batch:
        raise ValueError(f"images: got {len(images)}, BatchNorm needs two at least")


def discriminator_loss(
    state: TrainState, real: torch.Tensor, latents: torch.Tensor, drop: Drop, share: Share = ALL_ROWS
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """D's loss on real images (N x 28 x 28, -1 to 1) and on forgeries of `latents`, and its mean verdicts on each.

    Binary cross-entropy on logits, real part plus forged part (code 13-30; Goodfellow et al. 2014, algorithm 1).
    One pass over both halves gives the same gradients as two passes. `share` says which rows of the batch these are.
    """
    chosen, real = LOSSES[state.config.loss], real.flatten(1)
    with torch.no_grad():  # the lecture's detach()
        forged = state.generator(latents).flatten(1)
    logit_real, logit_fake = logits(state.discriminator, torch.cat([real, forged]), drop).split(
        [len(real), len(forged)]
    )
    loss = chosen.d(logit_real, logit_fake, state.config.smoothing)
    if chosen.penalty:
        with torch.autocast(state.device.type, enabled=False):  # gradients of gradients need the precision
            critic = partial(logits, state.discriminator, drop=drop)
            uniform = partial(share.uniform, rng=state.rng_noise)
            loss = loss + chosen.penalty(critic, real.float(), forged.float(), uniform)
    return loss, logit_real.sigmoid().mean(), logit_fake.sigmoid().mean()


def generator_loss(state: TrainState, real: torch.Tensor, latents: torch.Tensor, drop: Drop) -> torch.Tensor:
    """G's loss on `latents` (N x latent_dim): it wants its forgeries called real, -log D(G(z)) (code 13-31).

    Only a relativistic loss uses the `real` images too.
    """
    chosen = LOSSES[state.config.loss]
    with _frozen(state.discriminator):
        fake = logits(state.discriminator, state.generator(latents), drop)
        return chosen.g(fake, logits(state.discriminator, real, drop) if chosen.paired else None)


def logits(discriminator: Discriminator, images: torch.Tensor, drop: Drop) -> torch.Tensor:
    """D without its Sigmoid: float32, N x 1, safe where a probability would round to 1. `drop` is its dropout."""
    units = images.flatten(1)
    for layer in list(discriminator.main)[:-1]:
        units = drop(units, layer.p) if isinstance(layer, nn.Dropout) else layer(units)
    return units.float()


def next_batch(state: TrainState, images: torch.Tensor) -> torch.Tensor:
    """The real images (N x 28 x 28, -1 to 1) of the next step; shuffles the epoch first where that is due."""
    order = state.order if state.order is not None else state.shuffle(len(images))
    return normalise(images[order[state.position : state.position + state.config.batch_size]])


def _step(
    state: TrainState, images: torch.Tensor, broken: torch.Tensor, players: tuple[str, ...], team: Team
) -> tuple[int, torch.Tensor]:
    """k updates of D on one batch, then one of G (code 13-32): the batch's size and its four numbers, on the device."""
    config = state.config
    batch = next_batch(state, images)
    share = team.share(len(batch))
    real, drop = share.rows(batch), partial(share.drop, rng=state.rng_noise)
    half = pick_dtype(config.precision, state.device)
    autocast = partial(torch.autocast, state.device.type, dtype=half, enabled=half is not torch.float32)
    turns = []
    for _ in range(config.k):
        with autocast():
            turn = discriminator_loss(state, real, share.rows(_latents(state, len(batch))), drop, share)
        if "discriminator" in players:
            _update(state.optimizer_d, turn[0], broken, share)
        turns.append(torch.stack(turn).detach())
    with autocast():
        loss_g = generator_loss(state, real, share.rows(_latents(state, len(batch))), drop)
    if "generator" in players:
        _update(state.optimizer_g, loss_g, broken, share)
        state.move_average()
    numbers = torch.cat([loss_g.detach()[None], torch.stack(turns).mean(0)])
    share.add_up([numbers])
    state.sums += torch.where(broken > 0, 0, numbers)
    state.step += 1
    state.batches += 1
    state.position += len(batch)
    return len(batch), torch.where(broken > 0, math.nan, numbers)


def _latents(state: TrainState, count: int) -> torch.Tensor:
    return torch.randn(count, state.config.latent_dim, generator=state.rng_noise, device=state.device)


def _update(optimizer: torch.optim.Optimizer, loss: torch.Tensor, broken: torch.Tensor, share: Share) -> None:
    """One step of the optimiser, unless a loss or gradient of the batch since the last report was not finite.

    The device itself decides, by `found_inf`, torch's own way to skip a step: so Python need not wait for it.
    """
    loss.backward()
    gradients = [weight.grad for weight in optimizer.param_groups[0]["params"]]
    value = loss.detach().clone()
    share.add_up([*gradients, value])
    total = nn.utils.get_total_norm(gradients) + value
    torch.maximum(broken, (~total.isfinite()).float(), out=broken)
    optimizer.found_inf = broken  # type: ignore[attr-defined]
    if broken.device.type != "mps" or not broken:  # MPS ignores found_inf, so Python must ask
        optimizer.step()
    optimizer.zero_grad()


def _finished(state: TrainState, epoch_over: bool = False) -> bool:
    """Whether the budget of steps, or else of epochs, is used up; `epoch_over` counts the epoch that just ended."""
    if state.config.steps is not None:
        return state.step >= state.config.steps
    return state.epoch + epoch_over >= state.config.epochs


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """No gradients for the network's own weights: in G's turn, D only passes them through."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


@dataclass
class _Recent:
    """The steps since the previous Progress. Their numbers stay on the device until the next Progress is made."""

    state: TrainState
    steps: list[tuple[int, torch.Tensor]] = field(default_factory=list)
    since: float = field(default_factory=lambda: time.monotonic())

    def __post_init__(self) -> None:
        self.broken = torch.zeros((), device=self.state.device)

    def add(self, step: tuple[int, torch.Tensor]) -> None:
        self.steps.append(step)

    def must_report(self) -> bool:
        """Whether one more step of the same length would make the consumer wait too long."""
        age = time.monotonic() - self.since
        return age + age / len(self.steps) > REPORT_EVERY

    def report(self, epoch_over: bool) -> Progress:
        """The steps as a Progress; goes to the next epoch when this one has ended."""
        state, sizes = self.state, [size for size, _ in self.steps]
        # Only here Python waits for the device.
        rows = torch.stack([numbers for _, numbers in self.steps]).cpu().double()
        good = int(rows.isfinite().all(1).sum())
        if good < len(rows):
            self._take_back(good)
            raise Diverged(state, [Averages(*row) for row in rows[:good].tolist()])
        means = Averages(*(state.sums.cpu().double() / state.batches).tolist()) if epoch_over else None
        epoch = state.epoch
        if epoch_over:
            state.finish_epoch()
        loss_g, loss_d, d_real, d_fake = rows.mean(0).tolist()
        return Progress(state.step, epoch, loss_g, loss_d, d_real, d_fake, sum(sizes), means, state)

    def _take_back(self, good: int) -> None:
        """Count only the first `good` steps: the networks have skipped the others."""
        skipped = self.steps[good:]
        self.state.step -= len(skipped)
        self.state.batches -= len(skipped)
        self.state.position -= sum(size for size, _ in skipped)
        self.state.cap_norms()
