"""Who trains when: runs take turns in the order in which they came."""

import threading
from dataclasses import replace

import torch

from playground.checked import ConfigError, Refusal
from playground.config import TrainConfig
from playground.devices import keep_memory
from playground.limits import Limits
from playground.live.run import Order, Run, check_work


class LineFull(Refusal, RuntimeError):
    """As many runs wait as the limits allow."""

    key = "error.full"


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
        self._runs: list[Run] = []
        self._moved = threading.Condition()

    def join(self, order: Order) -> Run:
        """Let a run wait for its turn, and start its thread.

        Raises ConfigError past the limits or MOST_WORK, LineFull, and NoTraining where that is switched off.
        """
        self.check_budget(order.record.config)
        if not self.limits.training:
            raise NoTraining
        run = self.kind(self, order)
        with self._moved:
            if len(self._runs) >= self.limits.line:
                raise LineFull
            self._runs.append(run)
        run.start()
        return run

    def check_budget(self, config: TrainConfig) -> None:
        """Raises ConfigError for a budget past the limits, and for a step past MOST_WORK."""
        longest, most = self.limits.run_seconds, self.limits.run_steps
        if config.seconds is not None and config.seconds > longest:
            raise ConfigError("seconds", config.seconds, "number", low=1, high=f"{longest:g}")
        if config.steps is not None and config.steps > most:
            raise ConfigError("steps", config.steps, "whole", low=1, high=most)
        check_work(config)

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
            return max(0, self._runs.index(run) - self.limits.runs + 1) if run in self._runs else 0

    def wait_for_turn(self, run: Run, halt: threading.Event) -> bool:
        """Block until it is the run's turn; False if it was halted before."""
        with self._moved:
            while run not in self._runs[: self.limits.runs] and not halt.is_set():
                self._moved.wait(timeout=0.2)  # a halt wakes nobody
        return not halt.is_set()

    def leave(self, run: Run) -> None:
        """Take a run out of the line, and wake those that wait."""
        with self._moved:
            self._runs.remove(run)
            self._moved.notify_all()
