"""A run that somebody watches, in a thread of its own. Knows no page."""

import contextvars
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch

from playground.checked import ConfigError
from playground.config import TrainConfig
from playground.data import choose_digits, load_mnist
from playground.devices import claim_threads, free_memory, give_way, keep_memory
from playground.live.store import MOST_RUNS, Gone, Point, Shelf, Store
from playground.limits import Limits
from playground.losses import LOSSES
from playground.live.record import CHANGEABLE, Record
from playground.state import check_kind
from playground.training import Diverged, Progress, TrainState, next_batch, train
from playground.live.views import losses_on
from playground.live.watch import Watch

LONELY = 10.0  # seconds; a page that is closed is noticed at once, and this where even that gets lost
KEEP_EVERY = 30.0  # seconds between two points to go on from, should the numbers grow beyond all bounds meanwhile
MOST_WORK = 4e10  # weights times images that a step may cost: a few seconds on two cores, the lecture's is 1.5e9

Begin = Callable[[TrainConfig], TrainState]


class Run(threading.Thread):
    """A leg of one visitor's run. `phase` goes waiting, running, then paused, stopped, finished or failed (`error`).

    Halted while it waits, it has `left` the line. All attributes may be read at any time from any thread. It goes on
    under `config` where one is given. With `players` it makes one step, in which only they learn, and `move` says what
    that changed. Now and then, and at its end, `keep` gets the record and a state, None when there is none.
    """

    def __init__(
        self,
        line: "Line",
        record: Record,
        begin: Begin,
        *,
        config: TrainConfig | None = None,
        players: tuple[str, ...] | None = None,
        watched: bool = False,
        keep: Callable[[Record, TrainState | None], Any] | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self.line, self.record, self.players, self.watched = line, record, players, watched
        self._begin: Begin | None = begin
        self._config, self._keep = config, keep
        self._context = contextvars.copy_context()  # whose request this is: a lender of GPUs asks for that
        self.ticket = secrets.token_hex(8)  # tells it from every other run
        self.phase = "waiting"
        self.error: Exception | None = None
        self.move: dict[str, Any] | None = None
        self.fraction = self.images_per_second = 0.0
        self.state: TrainState | None = None
        self._seen = time.monotonic()
        self._changes: deque[dict[str, Any]] = deque()
        self._halt, self._ending = threading.Event(), "paused"

    def halt(self, ending: str = "paused") -> None:
        """End at the next report (within 0.3 s), `paused` or `stopped`, or leave the line. What was learnt is kept."""
        if not self._halt.is_set():
            self._ending = ending
        self._halt.set()

    def change(self, **settings: Any) -> None:
        """Let some of CHANGEABLE be others from the next step on. Raises ConfigError, the run untouched."""
        check_work(replace(self.record.config, **settings))
        self._changes.append(settings)

    def seen(self) -> None:
        """Somebody looks: a watched run that nobody has looked at for LONELY seconds pauses by itself."""
        self._seen = time.monotonic()

    @property
    def halting(self) -> bool:
        """Whether somebody has asked it to end."""
        return self._halt.is_set()

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return not self.is_alive() and self.phase != "waiting"

    @property
    def place(self) -> int:
        """How many runs come first; 0 when it is this run's turn."""
        return self.line.place(self)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the share done so far; None while there is none."""
        spent = self.record.spent
        return spent / self.fraction - spent if self.fraction > 0 else None

    def run(self) -> None:
        """The thread: wait for the turn, train, keep what was learnt, and always leave the line."""
        self._context.run(self._work)

    def _work(self) -> None:
        try:
            if self.line.wait_for_turn(self, self._halt):
                self._train()
                self.phase = self._ending if self._halt.is_set() or self.players else "finished"
            else:
                self.phase = "left"
        except Exception as error:  # whatever it is, the page must hear of it and the line must move on
            if isinstance(error, Diverged):
                self.state, self.record.step, self.record.epoch = error.state, error.step, error.state.epoch
            self.error = error.with_traceback(None)  # its frames hold the run's tensors, and so the GPU's memory
            self.phase = "failed"
        finally:
            if self._keep:
                self._keep(self.record, self.state)
                self.state = None  # the store's own now
            self._begin = None  # it may hold a state too
            free_memory()
            self.line.leave(self)

    def _train(self) -> None:
        self.phase = "running"
        give_way()
        claim_threads(self.line.threads)
        record = self.record
        record.change(self._config or record.config)
        images = choose_digits(*load_mnist(), record.config.digits)
        state = self._begin(record.config)
        record.set_out(state.step, state.epoch)
        steps_an_epoch = -(-len(images) // record.config.batch_size)
        record.grant(steps_an_epoch)
        watch = Watch(record, images) if self.watched else None
        if self.players:
            self._step(state, images)
        else:
            self._play(state, images, steps_an_epoch, watch)
        if watch and self.state is not None:
            watch.conclude(self.state, distance=not self.players)

    def _play(self, state: TrainState, images: torch.Tensor, steps_an_epoch: int, watch: Watch | None) -> None:
        """Train until the budget is spent or somebody halts; changes are adopted between two reports."""
        reported = kept = time.monotonic()
        leg = self.line.limit(self.record.leg(), state.step, steps_an_epoch)
        for progress in train(leg, images, state):
            self.state, now = progress.state, time.monotonic()
            self._report(progress, now - reported, steps_an_epoch)
            reported = now
            if watch:
                watch.glance(state)
            self._adopt_changes(state)
            if watch and now - self._seen > LONELY:
                self.halt()
            if self._halt.is_set():
                break
            if self._keep and now - kept >= KEEP_EVERY:
                self._keep(self.record, state.clone())
                kept = now

    def _step(self, state: TrainState, images: torch.Tensor) -> None:
        """One step of `players`, with both losses on its batch before and after."""
        state.adopt(replace(state.config, **changeable(self.record.config)))
        batch = next_batch(state, images)
        self.move = {"players": self.players, "before": losses_on(state, batch)}
        once = replace(self.record.leg(), seconds=None, steps=state.step + 1)
        for progress in train(once, images, state, self.players):
            self.state = progress.state
            self._report(progress, 0.0, 1)
        self.move["after"] = losses_on(state, batch)

    def _report(self, progress: Progress, seconds: float, steps_an_epoch: int) -> None:
        """What a page shows of a report; the speed is smoothed over a few of them."""
        record = self.record
        record.step, record.epoch = progress.step, progress.epoch
        record.spent += seconds
        record.curve.add((progress.step, progress.loss_g, progress.loss_d, progress.d_real, progress.d_fake))
        if seconds:
            speed = progress.images / max(seconds, 1e-6)
            self.images_per_second = speed if not self.images_per_second else 0.7 * self.images_per_second + 0.3 * speed
            self.fraction = record.fraction(steps_an_epoch)

    def _adopt_changes(self, state: TrainState) -> None:
        while self._changes:
            self.record.change(replace(self.record.config, **self._changes.popleft()))
            state.adopt(replace(state.config, **changeable(self.record.config)))


def check_work(config: TrainConfig) -> None:
    """A run stops between two steps, so a step must not be too long. Raises ConfigError that says which batch fits."""
    layers = [*pairwise((config.latent_dim, *config.widths_g, 784)), *pairwise((784, *config.widths_d, 1))]
    weights = sum(n_in * n_out for n_in, n_out in layers)
    passes = 4 if LOSSES[config.loss].penalty else 1  # gradients of gradients
    fits = int(MOST_WORK // (weights * config.k * passes))
    if config.batch_size > fits:
        raise ConfigError("batch_size", config.batch_size, "whole", low=1, high=max(fits, 1))


def changeable(config: TrainConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in CHANGEABLE}
