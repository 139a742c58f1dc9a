"""The line before the machine: runs train in the order they came, one at a time by default."""

import threading
from dataclasses import replace
from typing import Any

import torch

from playground.checked import ConfigError, Refusal
from playground.config import TrainConfig
from playground.devices import keep_memory
from playground.limits import Limits
from playground.live.record import Record
from playground.live.run import Begin, Run, check_work
from playground.state import TrainState


class LineFull(Refusal, RuntimeError):
    """As many runs wait as the limits allow."""

    key = "error.full"


class NoTraining(Refusal, RuntimeError):
    """This server does not train for its visitors."""

    key = "error.no_training"


class Line:
    """The line before the machine: runs train in the order they came, `limits.runs` at a time, one by default.

    Those whose turn it is share all threads of arithmetic; whoever draws in this process meanwhile has one. `kind` is
    the class of the runs, for machines where training takes place elsewhere.
    """

    def __init__(self, limits: Limits | None = None, kind: type[Run] = Run) -> None:
        self.limits, self.kind = limits or Limits(), kind
        keep_memory()  # before the server has threads: a heap that one of them has begun never shrinks
        self.threads = max(1, torch.get_num_threads() // self.limits.runs)
        torch.set_num_threads(1)
        self._runs: list[Run] = []
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
            if len(self._runs) >= self.limits.line:
                raise LineFull
            self._runs.append(run)
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
            return max(0, self._runs.index(run) - self.limits.runs + 1) if run in self._runs else 0

    def wait_for_turn(self, run: Run, halt: threading.Event) -> bool:
        """Block until it is the run's turn; False when it was halted before."""
        with self._moved:
            while run not in self._runs[: self.limits.runs] and not halt.is_set():
                self._moved.wait(timeout=0.2)  # a halt wakes nobody
        return not halt.is_set()

    def leave(self, run: Run) -> None:
        """Step out of the line and let the next one see it."""
        with self._moved:
            self._runs.remove(run)
            self._moved.notify_all()
