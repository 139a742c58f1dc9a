"""A run that somebody watches, in a thread of its own. Knows no page."""

import contextvars
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import torch

from playground.checked import ConfigError
from playground.config import TrainConfig
from playground.data import choose_digits, load_mnist
from playground.devices import claim_threads, free_memory, give_way
from playground.limits import Limits
from playground.live.record import Reading, Record, changeable
from playground.live.views import losses_on
from playground.live.watch import Watch
from playground.losses import LOSSES
from playground.state import TrainState
from playground.training import Diverged, Progress, next_batch, train

LONELY = 10.0  # seconds; the server notices most closed pages at once, and a page that it has lost by this
SAVE_EVERY = 30.0  # seconds; where a run diverges, this much of it is lost at most
SINGLE_STEP = 30  # seconds that a run of one step takes at most, with all it reads before
LONG_STEP = 0.5  # seconds; nobody who stops the program waits for the end of a step that takes longer
MOST_WEIGHTS = 5_000_000  # of a network; the lecture's have 1.5 million each, and their state 35 MB
MOST_WORK = 4e10  # weights times images that a step may cost: a few seconds on two cores, the lecture's is 1.5e9

_reading = threading.Lock()

FirstState = Callable[[TrainConfig], TrainState]  # makes the state that a run trains on
Save = Callable[[Record, TrainState | None], object]


class Owner(NamedTuple):
    """Whose run it is: the `address` that it was asked from, and the visitor's `key`; an endpoint's caller has none."""

    address: str = ""
    key: str = ""


NOBODY = Owner()


@dataclass(frozen=True)
class Order:
    """What a run is asked to do, and for whom (`owner`).

    It continues `record`, under the settings `config` if given. `first_state` makes the state that it trains on, from
    those settings. With `players` it makes a single step, in which only they learn. A `watched` run is measured and
    drawn as it trains. Every SAVE_EVERY seconds and at the end, `save` is called with the record and a state that
    nobody trains any further, None where there is none.
    """

    record: Record
    config: TrainConfig | None = None
    players: tuple[str, ...] | None = None
    watched: bool = False
    first_state: FirstState = TrainState
    save: Save | None = None
    owner: Owner = NOBODY


class Turns(Protocol):
    """What a run needs to know of the line that it stands in."""

    limits: Limits
    threads: int
    closed: bool

    def limit(self, config: TrainConfig, step: int, steps_an_epoch: int) -> TrainConfig: ...
    def place(self, run: "Run") -> int: ...
    def wait(self, run: "Run") -> float: ...
    def wait_for_turn(self, run: "Run") -> bool: ...
    def leave(self, run: "Run") -> None: ...


class Run(threading.Thread):
    """One run, from a visitor's click until it pauses or ends.

    `phase` goes from waiting to running, and from there to paused, stopped, finished or failed (`error` says why);
    halted while it waits, it goes to left. A run that nobody has looked at for LONELY seconds halts, also in the line:
    others want the machine. `move` says what a single step has changed. All attributes may be read at
    any time and from any thread.
    """

    def __init__(self, line: Turns, order: Order) -> None:
        super().__init__(daemon=True)
        self.line, self.order, self.record = line, order, order.record
        self._context = contextvars.copy_context()  # whose request this is: a lender of GPUs asks for that
        self.ticket = secrets.token_hex(8)  # tells it from every other run
        self.phase = "waiting"
        self.error: Exception | None = None
        self.move: dict[str, Any] | None = None
        self.fraction = self.images_per_second = 0.0
        self.state: TrainState | None = None
        self._watch: Watch | None = None
        self._spare: TrainState | None = None  # what can be saved now: the state, or a copy from before a long step
        self.watcher: object = None  # who shows it; one at a time
        self._seen = time.monotonic()
        self._changes: deque[dict[str, Any]] = deque()
        self._halt, self._ending = threading.Event(), "paused"

    def halt(self, ending: str = "paused") -> None:
        """Let the run end, `paused` or `stopped`, at its next report (within 0.3 s); what it has learnt is saved."""
        if not self._halt.is_set():
            self._ending = ending
        self._halt.set()

    def change(self, **settings: Any) -> None:
        """Change some of the CHANGEABLE settings from the next step on; raises ConfigError without changing any."""
        check_work(replace(self.record.config, **settings))
        self._changes.append(settings)

    def seen(self) -> None:
        """Note that somebody has looked at the run just now."""
        self._seen = time.monotonic()

    def halt_if_lonely(self) -> None:
        """Let the run pause where nobody looks at it any more, or never has."""
        if time.monotonic() - self._seen > LONELY:
            self.halt()

    def rescue(self, seconds: float) -> None:
        """Wait until a halted run has ended; save what it knew before a step, or a look, of more than `seconds`."""
        self.join(seconds)
        save, spare = self.order.save, self._spare
        if self.is_alive() and save is not None and spare is not None:
            save(self.record, spare)

    @property
    def halting(self) -> bool:
        """Whether somebody has asked the run to end."""
        return self._halt.is_set()

    @property
    def over(self) -> bool:
        """Whether nothing about the run will change any more."""
        return not self.is_alive() and self.phase != "waiting"

    @property
    def place(self) -> int:
        """How many runs come before this one; 0 when it is its turn."""
        return self.line.place(self)

    @property
    def wait(self) -> float:
        """How many seconds it waits at most, as the line stands; 0 when it is its turn."""
        return self.line.wait(self)

    @property
    def most_seconds(self) -> float:
        """How many it takes from now on at most: by its speed, else by its budget; infinite where neither says it."""
        if self.order.players:
            return SINGLE_STEP
        left, budget = self.seconds_left, (self.order.config or self.record.config).seconds
        return left if left is not None else budget if budget is not None else math.inf

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the share done so far; None while there is none."""
        spent = self.record.spent - self.record.paid
        return spent / self.fraction - spent if self.fraction > 0 else None

    def run(self) -> None:
        """The thread: wait for the turn, train, save what was learnt, and leave the line whatever happens."""
        self._context.run(self._work)

    def _work(self) -> None:
        try:
            if self.line.wait_for_turn(self):
                self._train()
                self.phase = self._ending if self._halt.is_set() or self.order.players else "finished"
            else:
                self.phase = "left"
        except Exception as error:  # whatever it is, the page must hear of it and the line must move on
            self.error = error.with_traceback(None)  # its frames hold the run's tensors, and so the GPU's memory
            self.phase = "failed"
            if isinstance(error, Diverged):
                self._note_end(error)
        finally:
            self._hand_over()

    def _note_end(self, error: Diverged) -> None:
        """Of a run that diverged: it is kept as it was before that step, and looked at for the last time."""
        state, record = error.state, self.record
        self.state, record.diverged, record.step, record.epoch = state, True, state.step, state.epoch
        for step, numbers in enumerate(error.last, state.step - len(error.last) + 1):
            record.curve.add(Reading(step, *numbers))
        if self._watch:
            self._watch.conclude(state, distance=False)

    def _hand_over(self) -> None:
        """Save the state, forget what takes memory, and let the next run in line begin, saved or not."""
        save = self.order.save
        self.order = replace(self.order, first_state=TrainState, save=None)  # both may hold a state
        try:
            if save:
                save(self.record, self.state)
                self.state = None
        except Exception as error:  # the state stays with the run
            self.error, self.phase = error.with_traceback(None), "failed"
        finally:
            self._spare = None
            self.line.leave(self)
            free_memory()

    def _train(self) -> None:
        self.phase = "running"
        give_way()
        read_libraries()
        claim_threads(self.line.threads)
        record, order = self.record, self.order
        config = order.config or record.config
        images = choose_digits(*load_mnist(), config.digits, config.images)
        state = order.first_state(config)  # a kept one may be gone: then nothing has changed
        record.change(config)
        record.begin_at(state.step, state.epoch)
        steps_an_epoch = record.config.steps_an_epoch(len(images))
        record.grant(steps_an_epoch)
        self._watch = Watch(record, images) if order.watched else None
        if order.players:
            self._make_step(state, images, order.players)
        else:
            self._spend_budget(state, images, steps_an_epoch)
        self._spare = self.state  # nobody trains it any more
        if self._watch and self.state is not None and not self.line.closed:  # to keep it is more urgent then
            self._watch.conclude(self.state, distance=not order.players)

    def _spend_budget(self, state: TrainState, images: torch.Tensor, steps_an_epoch: int) -> None:
        """Train until the budget is spent or the run is halted; settings change between two reports."""
        reported = saved = time.monotonic()
        config = self.line.limit(self.record.remaining(), state.step, steps_an_epoch)
        for progress in train(config, images, state):
            self.state, now = progress.state, time.monotonic()
            self._spare, took, reported = state, now - reported, now  # nobody trains it before the next step
            self._report(progress, took, steps_an_epoch)
            if self._watch:
                self._watch.glance(state)
            self._adopt_changes(state)
            self.halt_if_lonely()
            if self._halt.is_set():
                break
            if self.order.save and now - saved >= SAVE_EVERY:
                self.order.save(self.record, state.clone())
                saved = now
            self._spare = state.clone() if self.order.save and took > LONG_STEP else None

    def _make_step(self, state: TrainState, images: torch.Tensor, players: tuple[str, ...]) -> None:
        """One step in which only `players` learn, with both losses on its batch before and after."""
        state.adopt(replace(state.config, **changeable(self.record.config)))
        batch = next_batch(state, images)
        move: dict[str, Any] = {"players": players, "before": losses_on(state, batch)}
        once = replace(self.record.remaining(), seconds=None, steps=state.step + 1)
        for progress in train(once, images, state, players):
            self.state = progress.state
            self._report(progress, 0.0, 1)
        self.move = {**move, "after": losses_on(state, batch)}

    def _report(self, progress: Progress, seconds: float, steps_an_epoch: int) -> None:
        """Note what a report says, for the page; the speed is smoothed over a few of them."""
        record = self.record
        record.step, record.epoch = progress.step, progress.epoch
        record.spent += seconds
        reading = Reading(progress.step, progress.loss_g, progress.loss_d, progress.d_real, progress.d_fake)
        record.curve.add(reading)
        if seconds:
            speed = progress.images / max(seconds, 1e-6)
            self.images_per_second = speed if not self.images_per_second else 0.7 * self.images_per_second + 0.3 * speed
            self.fraction = record.fraction(steps_an_epoch)

    def _adopt_changes(self, state: TrainState) -> None:
        while self._changes:
            self.record.change(replace(self.record.config, **self._changes.popleft()))
            state.adopt(replace(state.config, **changeable(self.record.config)))


def read_libraries() -> None:
    """Import what a run needs and a page that draws does not: two seconds and 200 MB, the first time.

    One thread at a time: these modules import one another in circles, and two threads could see halves of them.
    """
    with _reading:
        import torch._dynamo  # noqa: F401  # torch's optimisers read it
        import torchmetrics.image.fid  # noqa: F401
    free_memory()


def check_work(config: TrainConfig) -> None:
    """Raises ConfigError for a network of more than MOST_WEIGHTS: it takes memory and disk, however small the batch.

    Also where a step would take too long, since a run can only stop between two steps; then the error names the largest
    batch that is allowed.
    """
    units = {"widths_g": (config.latent_dim, *config.widths_g, 784), "widths_d": (784, *config.widths_d, 1)}
    weights = 0
    for name, layers in units.items():
        count = sum(n_in * n_out for n_in, n_out in pairwise(layers))
        if count > MOST_WEIGHTS:
            raise ConfigError(name, getattr(config, name), "weights", count=f"{count:,}", high=f"{MOST_WEIGHTS:,}")
        weights += count
    passes = 4 if LOSSES[config.loss].penalty else 1  # gradients of gradients
    fits = int(MOST_WORK // (weights * config.k * passes))
    if config.batch_size > fits:
        raise ConfigError("batch_size", config.batch_size, "whole", low=1, high=max(fits, 1))
