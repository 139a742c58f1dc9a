"""Runs that somebody watches: one at a time, in a thread of its own, the others in line. Knows no page.

A visitor's handler asks for a `Run`, looks at it a few times a second, and lets go of it when the visitor leaves.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import torch

from playground.checked import ConfigError
from playground.config import TrainConfig
from playground.data import choose_digits, load_mnist
from playground.devices import claim_threads, free_memory
from playground.images import png, sheet, to_pixels
from playground.latent import noises
from playground.losses import LOSSES
from playground.training import Diverged, Progress, TrainState, train

LONGEST_RUN = 3600.0  # seconds that any run may take: nobody keeps the machine by forgetting a tab
SHEET_EVERY = 0.5  # seconds between two looks at the 64 drawings
SHOWN = 64  # seeds 0 to 63
MOST_IN_LINE = 60  # runs, the one under way included: a class, and some
MOST_WORK = 4e10  # weights times images that a step may cost: a few seconds on two cores, the lecture's is 1.5e9
MOST_POINTS = 400  # of a curve; beyond, neighbours are averaged in pairs

Point = tuple[float, float, float, float, float]  # step, loss_g, loss_d, d_real, d_fake


@dataclass
class Curve:
    """A run's losses, thinned so that a plot of any run stays small."""

    points: list[Point] = field(default_factory=list)
    all_points: list[Point] = field(default_factory=list)
    _pending: list[Point] = field(default_factory=list)
    _pack: int = 1  # reports that make one point

    def add(self, point: Point) -> None:
        """Take in one report."""
        self.all_points.append(point)
        self._pending.append(point)
        if len(self._pending) < self._pack:
            return
        self.points.append(_mean(self._pending))
        self._pending = []
        if len(self.points) >= MOST_POINTS:
            self.points = [_mean(pair) for pair in zip(self.points[::2], self.points[1::2], strict=True)]
            self._pack *= 2


class LineFull(RuntimeError):
    """So many wait already that it makes no sense to wait too."""


class Run(threading.Thread):
    """One visitor's training. `phase` goes waiting, running, then finished, stopped or failed (`error` says why).

    Halted while it waits, it has `left` the line.

    All attributes may be read at any time from any thread; `drawings` are uint8, 64 x 28 x 28, and `sheet` is the
    same as a PNG file, None before the first.
    """

    def __init__(self, studio: "Studio", config: TrainConfig, begin: Callable[[TrainConfig], TrainState]) -> None:
        super().__init__(daemon=True)
        self.studio, self._begin = studio, begin
        self.timed = config.seconds is not None
        self.config = replace(config, seconds=min(config.seconds or LONGEST_RUN, LONGEST_RUN))
        self.phase = "waiting"
        self.error: Exception | None = None
        self.curve = Curve()
        self.step = self.epoch = 0
        self.fraction = self.images_per_second = 0.0
        self.drawings: torch.Tensor | None = None
        self.sheet: bytes | None = None
        self.state: TrainState | None = None
        self.started = time.monotonic()
        self._halt = threading.Event()

    def halt(self) -> None:
        """Stop at the next report (within 0.3 s), or leave the line. What was learnt is kept."""
        self._halt.set()

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return not self.is_alive() and self.phase != "waiting"

    @property
    def place(self) -> int:
        """How many runs come first; 0 when it is this run's turn."""
        return self.studio.place(self)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the share done so far; None while there is none."""
        spent = time.monotonic() - self.started
        return spent / self.fraction - spent if self.fraction > 0 else None

    def run(self) -> None:
        """The thread: wait for the turn, train, and always leave the line."""
        try:
            if self.studio.wait_for_turn(self, self._halt):
                self._train()
                self.phase = "stopped" if self._halt.is_set() else "finished"
            else:
                self.phase = "left"
        except Exception as error:  # whatever it is, the page must hear of it and the line must move on
            if isinstance(error, Diverged):
                self.state, self.step, self.epoch = error.state, error.step, error.state.epoch
            self.error = error.with_traceback(None)  # its frames hold the run's tensors, and so the GPU's memory
            self.phase = "failed"
        finally:
            free_memory()
            self.studio.leave(self)

    def _train(self) -> None:
        self.phase = "running"
        claim_threads(self.studio.threads)
        images = choose_digits(*load_mnist(), self.config.digits)
        state = self._begin(self.config)
        latents = noises(0, SHOWN, self.config.latent_dim)
        self.started = time.monotonic()
        drawn = reported = -SHEET_EVERY
        for progress in train(self.config, images, state):
            self.state = progress.state
            now = time.monotonic()
            self._record(progress, now, now - reported if reported > 0 else now - self.started, len(images))
            reported = now
            if now - drawn >= SHEET_EVERY or self.fraction >= 1 or self._halt.is_set():
                self._draw(latents)
                drawn = now
            if self._halt.is_set():
                break

    def _record(self, progress: Progress, now: float, seconds: float, dataset: int) -> None:
        """What a page shows of a report; the speed is smoothed over a few of them."""
        self.step, self.epoch = progress.step, progress.epoch
        self.curve.add((progress.step, progress.loss_g, progress.loss_d, progress.d_real, progress.d_fake))
        speed = progress.images / max(seconds, 1e-6)
        self.images_per_second = speed if not self.images_per_second else 0.7 * self.images_per_second + 0.3 * speed
        config, steps_an_epoch = self.config, -(-dataset // self.config.batch_size)
        done = progress.step / (config.steps or config.epochs * steps_an_epoch)
        self.fraction = min(1.0, max(done, (now - self.started) / config.seconds))

    @torch.inference_mode()
    def _draw(self, latents: torch.Tensor) -> None:
        self.drawings = to_pixels(self.state.forger()(latents)).squeeze(1)
        self.sheet = png(sheet(self.drawings))


class Studio:
    """The line before the machine: runs train one after another, in the order they came.

    The run whose turn it is gets all threads of arithmetic; whoever draws in this process meanwhile has one.
    """

    def __init__(self) -> None:
        self.threads = torch.get_num_threads()
        torch.set_num_threads(1)
        self._line: list[Run] = []
        self._moved = threading.Condition()

    def begin(self, config: TrainConfig, begin: Callable[[TrainConfig], TrainState] = TrainState) -> Run:
        """Put a run in line and start it; `begin` makes its first state.

        Raises ConfigError past LONGEST_RUN or MOST_WORK, and LineFull.
        """
        if config.seconds is not None and config.seconds > LONGEST_RUN:
            raise ConfigError("seconds", config.seconds, "number", low=1, high=f"{LONGEST_RUN:g}")
        check_work(config)
        run = Run(self, config, begin)
        with self._moved:
            if len(self._line) >= MOST_IN_LINE:
                raise LineFull
            self._line.append(run)
        run.start()
        return run

    def place(self, run: Run) -> int:
        """How many runs come before this one."""
        with self._moved:
            return self._line.index(run) if run in self._line else 0

    def wait_for_turn(self, run: Run, halt: threading.Event) -> bool:
        """Block until the run is the first in line; False when it was halted before."""
        with self._moved:
            while self._line[0] is not run and not halt.is_set():
                self._moved.wait(timeout=0.2)  # a halt wakes nobody
        return not halt.is_set()

    def leave(self, run: Run) -> None:
        """Step out of the line and let the next one see it."""
        with self._moved:
            self._line.remove(run)
            self._moved.notify_all()


def check_work(config: TrainConfig) -> None:
    """A run stops between two steps, so a step must not be too long. Raises ConfigError that says which batch fits."""
    layers = [*pairwise((config.latent_dim, *config.widths_g, 784)), *pairwise((784, *config.widths_d, 1))]
    weights = sum(n_in * n_out for n_in, n_out in layers)
    passes = 4 if LOSSES[config.loss].penalty else 1  # gradients of gradients
    fits = int(MOST_WORK // (weights * config.k * passes))
    if config.batch_size > fits:
        raise ConfigError("batch_size", config.batch_size, "whole", low=1, high=max(fits, 1))


def _mean(points: list[Any] | tuple[Any, ...]) -> Point:
    return tuple(sum(column) / len(points) for column in zip(*points, strict=True))
