"""Who trains when: addresses take turns, and at an address its visitors; otherwise who came first."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import torch

from playground.checked import ConfigError, Refusal
from playground.config import TrainConfig
from playground.devices import keep_memory
from playground.limits import Limits
from playground.live.run import Order, Owner, Run, check_work

MOST_KEYLESS = 3  # runs at a time that an address asks for without a key: by an endpoint, not on the page


class LineFull(Refusal, RuntimeError):
    """As many runs wait as the limits allow."""

    key = "error.full"


class TooMany(Refusal, RuntimeError):
    """An address has MOST_KEYLESS runs without a key in the line."""

    def __init__(self) -> None:
        super().__init__("error.too_many", most=MOST_KEYLESS)


class Closing(Refusal, RuntimeError):
    """The program is being stopped."""

    key = "error.closing"


class NoTraining(Refusal, RuntimeError):
    """This server does not train for its visitors."""

    key = "error.no_training"


class Line:
    """The queue for this machine: `limits.runs` of its runs train at a time (one by default), the others wait.

    The runs that train share all threads of arithmetic; every other thread of the process, those that draw for a page
    among them, computes with one. `kind` is the class of the runs, for a machine where they train in another process.
    """

    def __init__(self, limits: Limits | None = None, kind: type[Run] = Run) -> None:
        self.limits, self.kind = limits or Limits(), kind
        keep_memory()  # before the server has threads: a heap that one of them has begun never shrinks
        self.threads = max(1, torch.get_num_threads() // self.limits.runs)
        torch.set_num_threads(1)
        self._training: list[Run] = []
        self._waiting: list[Run] = []  # in the order in which they came
        self._order: list[Run] = []  # both, in the order in which they take their turns
        self._moved = threading.Condition()
        self.closed = False

    def join(self, order: Order) -> Run:
        """Let a run wait for its turn, and start its thread.

        Raises ConfigError past the limits or MOST_WORK, LineFull, TooMany, Closing, and NoTraining where that is
        switched off.
        """
        self.check_budget(order.record.config)
        if not self.limits.training:
            raise NoTraining
        run = self.kind(self, order)
        with self._moved:
            if self.closed:
                raise Closing
            self._admit(order.owner)
            self._waiting.append(run)
            self._sort()
        run.start()
        return run

    def _admit(self, owner: Owner) -> None:
        """Find room in the line for one more run. Raises TooMany and LineFull."""
        owners = [run.order.owner for run in self._order]
        if not owner.key and owner.address and owners.count(owner) >= MOST_KEYLESS:
            raise TooMany
        if len(owners) < self.limits.line:
            return
        # The line is full. Nobody fills it alone: the address with the most runs in it gives way to others.
        (address, most), *_ = Counter(owner.address for owner in owners).most_common(1)
        last = next((run for run in reversed(self._waiting) if run.order.owner.address == address), None)
        if last is None or sum(one.address == owner.address for one in owners) + 1 >= most:
            raise LineFull
        self._remove(last)

    def check_budget(self, config: TrainConfig) -> None:
        """Raises ConfigError for a budget past the limits, and for a step past MOST_WORK."""
        longest, most = self.limits.run_seconds, self.limits.run_steps
        if config.seconds is not None and config.seconds > longest:
            raise ConfigError("seconds", config.seconds, "number", low=1, high=f"{longest:g}")
        if config.steps is not None and config.steps > most:
            raise ConfigError("steps", config.steps, "whole", low=1, high=most)
        check_work(config)

    def bounded(self, config: TrainConfig) -> TrainConfig:
        """The config of a run that was begun elsewhere, its budget cut to the limits, for this machine's device.

        Raises NoTraining where nobody may train, and ConfigError as `check_budget` does.
        """
        if not self.limits.training:
            raise NoTraining
        seconds, steps = config.seconds, config.steps
        config = replace(
            config,
            device="auto",
            seconds=None if seconds is None else min(seconds, self.limits.run_seconds),
            steps=None if steps is None else min(steps, self.limits.run_steps),
        )
        check_work(config)
        return config

    def limit(self, config: TrainConfig, step: int, steps_an_epoch: int) -> TrainConfig:
        """The config with its budget cut to the limits, for a state that has made `step` steps."""
        seconds, most = self.limits.run_seconds, step + self.limits.run_steps
        wanted = config.epochs * steps_an_epoch if config.steps is None else config.steps
        return replace(
            config, seconds=min(config.seconds or seconds, seconds), steps=most if wanted > most else config.steps
        )

    def place(self, run: Run) -> int:
        """How many runs come before this one; 0 when it is its turn, or when it has left."""
        with self._moved:
            return max(0, self._order.index(run) - self.limits.runs + 1) if run in self._order else 0

    def wait(self, run: Run) -> float:
        """How many seconds a run waits at most, as the line stands: no run takes longer than the limits allow.

        Those before it keep `limits.runs` machines busy until its turn. Who comes later may still get a turn before it.
        """
        with self._moved:
            if run not in self._order[self.limits.runs :]:
                return 0.0
            before = self._order[: self._order.index(run)]
        return sum(min(one.most_seconds, self.limits.run_seconds) for one in before) / self.limits.runs

    @property
    def free(self) -> bool:
        """Whether a run that joins now begins at once."""
        with self._moved:
            return len(self._order) < self.limits.runs

    def wait_for_turn(self, run: Run) -> bool:
        """Block until it is the run's turn; False if it was halted before. Raises LineFull if it had to give way."""
        with self._moved:
            while run in self._waiting and run not in self._order[: self.limits.runs] and not run.halting:
                self._moved.wait(timeout=0.2)  # a halt wakes nobody
                run.halt_if_lonely()
            if run.halting:
                return False
            if run not in self._waiting:
                raise LineFull
            self._waiting.remove(run)
            self._training.append(run)
        return True

    def leave(self, run: Run) -> None:
        """Take a run out of the line, and wake those that wait."""
        with self._moved:
            self._remove(run)

    def close(self) -> list[Run]:
        """Let all runs pause, and none begin any more; returns them."""
        with self._moved:
            self.closed = True
            runs = list(self._order)
            for run in runs:
                run.halt()
            self._moved.notify_all()
        return runs

    def _remove(self, run: Run) -> None:
        for runs in (self._training, self._waiting):
            if run in runs:
                runs.remove(run)
        self._sort()
        self._moved.notify_all()

    def _sort(self) -> None:
        """Put the runs into the order of their turns; those that train have it."""
        runs = [*self._training, *self._waiting]
        turns = take_turns([run.order.owner for run in runs])
        first = len(self._training)
        self._order = [*self._training, *(runs[number] for number in turns if number >= first)]


def take_turns(owners: Sequence[Owner]) -> list[int]:
    """The order in which runs take turns, as indices of their owners, which are given in the order in which they came.

    The first run of every address comes before the second run of any; so it is among the visitors of one address. An
    address with a hundred runs therefore delays nobody else by more than a run, and a school, which often is one
    address, shares its turns fairly.
    """
    nth = _count_up(owners)
    fair = sorted(range(len(owners)), key=nth.__getitem__)  # stable: who came first is first among equals
    rounds = dict(zip(fair, _count_up([owners[number].address for number in fair]), strict=True))
    return sorted(range(len(owners)), key=rounds.__getitem__)


def _count_up(names: Sequence[object]) -> list[int]:
    """For each name how often it has come before."""
    seen: Counter[object] = Counter()
    numbers = []
    for name in names:
        numbers.append(seen[name])
        seen[name] += 1
    return numbers
