"""Runs that somebody watches: one at a time, in a thread of its own, the others in line. Knows no page.

A visitor's handler asks the `Workshop` for a `Run`, looks at it a few times a second, and lets go of it when the
visitor leaves: what was learnt waits in the `Store`.
"""

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
from playground.kept import MOST_RUNS, Gone, Point, Shelf, Store
from playground.limits import Limits
from playground.losses import LOSSES
from playground.record import CHANGEABLE, Record
from playground.state import check_kind
from playground.training import Diverged, Progress, TrainState, next_batch, train
from playground.views import losses_on
from playground.watch import Watch

LONELY = 10.0  # seconds; a page that is closed is noticed at once, and this where even that gets lost
KEEP_EVERY = 30.0  # seconds between two points to go on from, should the numbers grow beyond all bounds meanwhile
MOST_WORK = 4e10  # weights times images that a step may cost: a few seconds on two cores, the lecture's is 1.5e9

Begin = Callable[[TrainConfig], TrainState]


class LineFull(RuntimeError):
    """So many wait already that it makes no sense to wait too."""


class NoTraining(RuntimeError):
    """This server does not train for its visitors."""


class Busy(RuntimeError):
    """The visitor's own run is still under way."""


class Run(threading.Thread):
    """A leg of one visitor's run. `phase` goes waiting, running, then paused, stopped, finished or failed (`error`).

    Halted while it waits, it has `left` the line. All attributes may be read at any time from any thread. It goes on
    under `config` where one is given. With `players` it makes one step, in which only they learn, and `move` says what
    that changed. Now and then, and at its end, `keep` gets the record and a state, None when there is none.
    """

    def __init__(
        self,
        studio: "Studio",
        record: Record,
        begin: Begin,
        *,
        config: TrainConfig | None = None,
        players: tuple[str, ...] | None = None,
        watched: bool = False,
        keep: Callable[[Record, TrainState | None], Any] | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self.studio, self.record, self.players, self.watched = studio, record, players, watched
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
        return self.studio.place(self)

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
            if self.studio.wait_for_turn(self, self._halt):
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
            self.studio.leave(self)

    def _train(self) -> None:
        self.phase = "running"
        give_way()
        claim_threads(self.studio.threads)
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
        leg = self.studio.limit(self.record.leg(), state.step, steps_an_epoch)
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
        state.adopt(replace(state.config, **_changeable(self.record.config)))
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
            state.adopt(replace(state.config, **_changeable(self.record.config)))


class Studio:
    """The line before the machine: runs train in the order they came, `limits.runs` at a time, one by default.

    Those whose turn it is share all threads of arithmetic; whoever draws in this process meanwhile has one. `kind` is
    the class of the runs, for machines where training takes place elsewhere.
    """

    def __init__(self, limits: Limits | None = None, kind: type[Run] = Run) -> None:
        self.limits, self.kind = limits or Limits(), kind
        keep_memory()  # before the server has threads: a heap that one of them has begun never shrinks
        self.threads = max(1, torch.get_num_threads() // self.limits.runs)
        torch.set_num_threads(1)
        self._line: list[Run] = []
        self._moved = threading.Condition()

    def begin(self, record: Record | TrainConfig, begin: Begin = TrainState, **how: Any) -> Run:
        """Put a run in line and start it; `begin` makes its first state, `how` is the rest of what a Run takes.

        Raises ConfigError past the limits or MOST_WORK, LineFull, and NoTraining where that is switched off.
        """
        record = Record("A", record) if isinstance(record, TrainConfig) else record
        self.check_budget(record.config)
        if not self.limits.training:
            raise NoTraining
        run = self.kind(self, record, begin, **how)
        with self._moved:
            if len(self._line) >= self.limits.line:
                raise LineFull
            self._line.append(run)
        run.start()
        return run

    def check_budget(self, config: TrainConfig) -> None:
        """Nobody keeps the machine for ever. Raises ConfigError past the limits or MOST_WORK."""
        longest, most = self.limits.run_seconds, self.limits.run_steps
        if config.seconds is not None and config.seconds > longest:
            raise ConfigError("seconds", config.seconds, "number", low=1, high=f"{longest:g}")
        if config.steps is not None and config.steps > most:
            raise ConfigError("steps", config.steps, "whole", low=1, high=most)
        check_work(config)

    def limit(self, leg: TrainConfig, step: int, steps_an_epoch: int) -> TrainConfig:
        """The way that a run at `step` may go at once: a budget in epochs ends at the limits too."""
        seconds, most = self.limits.run_seconds, step + self.limits.run_steps
        wanted = leg.epochs * steps_an_epoch if leg.steps is None else leg.steps
        return replace(leg, seconds=min(leg.seconds or seconds, seconds), steps=most if wanted > most else leg.steps)

    def place(self, run: Run) -> int:
        """How many runs come before it is this one's turn."""
        with self._moved:
            return max(0, self._line.index(run) - self.limits.runs + 1) if run in self._line else 0

    def wait_for_turn(self, run: Run, halt: threading.Event) -> bool:
        """Block until it is the run's turn; False when it was halted before."""
        with self._moved:
            while run not in self._line[: self.limits.runs] and not halt.is_set():
                self._moved.wait(timeout=0.2)  # a halt wakes nobody
        return not halt.is_set()

    def leave(self, run: Run) -> None:
        """Step out of the line and let the next one see it."""
        with self._moved:
            self._line.remove(run)
            self._moved.notify_all()


class Workshop:
    """What visitors do with their runs: begin, go on, fork, step. One run a visitor at a time.

    Every method raises Busy while that one is under way, ConfigError for settings that cannot be, LineFull, NoTraining,
    and Gone for a point that is not kept any more; then nothing has changed. With `players` a run makes one step of
    theirs.
    """

    def __init__(self, studio: Studio, store: Store) -> None:
        self.studio, self.store = studio, store
        self._door = threading.Lock()  # two clicks at the same moment are two runs otherwise

    def begin(self, visitor: str, config: TrainConfig, first: Begin = TrainState, origin: str = "scratch",
              players: tuple[str, ...] | None = None) -> Run:  # fmt: skip
        """A new run; `first` makes its first state, and `origin` says from what."""
        with self._door:
            shelf = self._free_shelf(visitor)
            record = Record(shelf.free_name(), config, origin)
            return self._launch(visitor, shelf, record, first, players=players)

    def go_on(self, visitor: str, point: Point, config: TrainConfig, players: tuple[str, ...] | None = None) -> Run:
        """Go on from where a run was left, under what of `config` may change; from an earlier point it is a fork."""
        with self._door:
            shelf = self._free_shelf(visitor)
            record = _record_at(shelf, point)
            config = replace(record.config, **_changeable(config))
            if shelf.last_of(point.name) != point:
                return self._fork(visitor, shelf, point, config, players)
            state = self._state(visitor, point, config)
            replaced = point if players else None  # a hundred single steps would push every other point out
            return self._launch(visitor, shelf, record, lambda _: state, replaced, config=config, players=players)

    def fork(self, visitor: str, point: Point, config: TrainConfig) -> Run:
        """A new run that begins where another one stood, under settings of its own for the same kind of networks."""
        with self._door:
            shelf = self._free_shelf(visitor)
            return self._fork(visitor, shelf, point, config, None)

    def drop(self, visitor: str, name: str | None = None) -> None:
        """Put one of the visitor's runs away, or all."""
        with self._door:
            shelf = self._free_shelf(visitor)
            for known in [name] if name else list(shelf.records):
                self.store.drop(visitor, known)

    def _fork(self, visitor: str, shelf: Shelf, point: Point, config: TrainConfig, players: Any) -> Run:
        parent = _record_at(shelf, point)
        check_kind(config, parent.config)
        state = self._state(visitor, point, config)
        record = Record(shelf.free_name(), parent.config, f"{point.name}:{point.step}", step=point.step)
        return self._launch(visitor, shelf, record, lambda _: state, config=config, players=players)

    def _state(self, visitor: str, point: Point, config: TrainConfig) -> TrainState:
        self.studio.check_budget(config)
        return self.store.state(visitor, point)

    def _launch(self, visitor: str, shelf: Shelf, record: Record, first: Begin, replaced: Point | None = None,
                **how: Any) -> Run:  # fmt: skip
        """Into the line; the oldest run, but not the parent, makes room for a fifth."""

        def keep(record: Record, state: TrainState | None) -> None:
            if state is None and shelf.last_of(record.name) is None:
                shelf.records.pop(record.name, None)  # it never began
            elif state is not None and shelf.records.get(record.name) is record:  # else it was put away meanwhile
                self.store.keep(visitor, record, state, replaced)

        new = record.name not in shelf.records
        shelf.records[record.name] = record
        try:
            shelf.run = self.studio.begin(record, first, watched=True, keep=keep, **how)
        except (ConfigError, LineFull, NoTraining):
            if new:
                del shelf.records[record.name]
            raise
        stay = (record.name, record.origin.partition(":")[0])  # a fork is there to be compared with its parent
        while len(shelf.records) > MOST_RUNS:
            self.store.drop(visitor, next(name for name in shelf.records if name not in stay))
        return shelf.run

    def _free_shelf(self, visitor: str) -> Shelf:
        shelf = self.store.shelf(visitor)
        if shelf.run is not None and not shelf.run.over:
            raise Busy
        return shelf


def _record_at(shelf: Shelf, point: Point) -> Record:
    if point not in shelf.points or point.name not in shelf.records:
        raise Gone
    return shelf.records[point.name]


def check_work(config: TrainConfig) -> None:
    """A run stops between two steps, so a step must not be too long. Raises ConfigError that says which batch fits."""
    layers = [*pairwise((config.latent_dim, *config.widths_g, 784)), *pairwise((784, *config.widths_d, 1))]
    weights = sum(n_in * n_out for n_in, n_out in layers)
    passes = 4 if LOSSES[config.loss].penalty else 1  # gradients of gradients
    fits = int(MOST_WORK // (weights * config.k * passes))
    if config.batch_size > fits:
        raise ConfigError("batch_size", config.batch_size, "whole", low=1, high=max(fits, 1))


def _changeable(config: TrainConfig) -> dict[str, Any]:
    return {name: getattr(config, name) for name in CHANGEABLE}
