"""Training on ZeroGPU, a Hugging Face Space that is lent a GPU for one call at a time.

Such a call runs in a forked process. Its argument and what it yields are pickled; nothing else crosses over. So a run
is sent there as an `Errand`, and comes back as `Report`s, several a second. States go through files in a folder of both
processes, since the page's process must not touch CUDA. The visitor's wishes go through files too: closing the
generator does not stop the forked process.
https://huggingface.co/docs/hub/spaces-zerogpu
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from playground.checked import Refusal
from playground.checkpoints import CheckpointError
from playground.config import TrainConfig
from playground.devices import borrow_gpu, on_zerogpu, pick_device
from playground.files import write_bytes
from playground.limits import Limits
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import SINGLE_STEP, Order, Run
from playground.state import TrainState
from playground.training import Diverged

REPORT_EVERY = 0.3  # seconds
GRACE = 15  # seconds that a run may take beside its training: to begin, to measure, to write
FIRST, LATEST, HALT, CHANGE = "first.safetensors", "latest.safetensors", "halt", "change-{}.json"


class NoGpu(Refusal, RuntimeError):
    """No GPU was lent, or it was taken back before the run had ended; `what` is the reason in the lender's words."""

    def __init__(self, what: str) -> None:
        super().__init__("error.no_gpu", message=what, what=what.rstrip(".")[:200])


@dataclass(frozen=True)
class Errand:
    """What the forked process must know: the order without its functions, the limits, and the folder for files."""

    order: Order
    limits: Limits
    folder: str


@dataclass(frozen=True)
class Report:
    """What the page must know of the run in the forked process. `failed` is None, "diverged", or the error's words."""

    record: Record
    fraction: float
    images_per_second: float
    move: dict[str, Any] | None
    failed: str | None


class LentRun(Run):
    """A run that trains in another process, for as long as a GPU is lent to it."""

    def _train(self) -> None:
        self.phase = "running"
        with tempfile.TemporaryDirectory(prefix="errand-") as name:
            folder, record = Path(name), self.record
            config = self.order.config or record.config
            self.order.first_state(config).save(folder / FIRST)
            record.change(config)
            order = replace(self.order, config=None, first_state=TrainState, save=None)
            failed = self._follow(folder, run_errand(Errand(order, self.line.limits, name)))
            self.state = _read_state(folder)
        if failed == "diverged" and self.state is not None:
            raise Diverged(self.state)
        if failed:
            raise NoGpu(failed)

    def _follow(self, folder: Path, reports: Iterator[Report]) -> str | None:
        """Take over what is reported, and pass on what the visitor wants. Returns what went wrong, None if nothing."""
        failed, changes = None, 0
        try:
            for report in reports:
                failed = self._take(report)
                while self._changes:
                    write_bytes(folder / CHANGE.format(changes), json.dumps(self._changes.popleft()).encode())
                    changes += 1
                self.halt_if_lonely()
                if self._halt.is_set():
                    (folder / HALT).touch()
        except Exception as error:  # the lender's own, which have no class that could be imported
            return str(getattr(error, "message", error))
        return failed

    def _take(self, report: Report) -> str | None:
        for field in fields(Record):  # in place: the shelf and the page hold this very record
            setattr(self.record, field.name, getattr(report.record, field.name))
        self.fraction, self.images_per_second = report.fraction, report.images_per_second
        self.move = report.move
        return report.failed


def _read_state(folder: Path) -> TrainState | None:
    """The last state that the forked process has saved, on the CPU; None where it had not come that far."""
    try:
        return TrainState.load(folder / LATEST, device="cpu")
    except (CheckpointError, OSError):
        return None


def seconds_needed(errand: Errand) -> int:
    """For how long the GPU is asked for, by the run's budget."""
    if errand.order.players:
        return SINGLE_STEP
    longest, wanted = errand.limits.run_seconds, errand.order.record.remaining().seconds
    return round(min(wanted or longest, longest)) + GRACE


def _lent(task: Callable[[Errand], Iterator[Report]]) -> Callable[[Errand], Iterator[Report]]:
    """`@spaces.GPU` where there is such a thing; elsewhere the function itself."""
    if not on_zerogpu():
        return task
    import spaces

    lent: Callable[[Errand], Iterator[Report]] = spaces.GPU(duration=seconds_needed)(task)
    return lent


@_lent
def run_errand(errand: Errand) -> Iterator[Report]:
    """In the forked process: train on the GPU, report a few times a second, save the state in a file."""
    borrow_gpu()
    folder = Path(errand.folder)

    def first_state(_: TrainConfig) -> TrainState:
        return TrainState.load(folder / FIRST, device=pick_device().type)

    def save(_: Record, state: TrainState | None) -> None:
        if state is not None:
            state.save(folder / LATEST)

    run = Line(errand.limits).join(replace(errand.order, first_state=first_state, save=save))
    changes = 0
    while not run.over:
        changes = _obey(run, folder, changes)
        yield _report(run)
        time.sleep(REPORT_EVERY)
    yield _report(run)


def _obey(run: Run, folder: Path, changes: int) -> int:
    """Do what the visitor has asked for since the last call. Takes and returns the number of changes made so far."""
    run.seen()
    while (path := folder / CHANGE.format(changes)).exists():
        run.change(**json.loads(path.read_text(encoding="utf-8")))
        changes += 1
    if (folder / HALT).exists():
        run.halt()
    return changes


def _report(run: Run) -> Report:
    failed = None
    if run.error is not None:
        failed = "diverged" if isinstance(run.error, Diverged) else str(run.error) or type(run.error).__name__
    return Report(run.record, run.fraction, run.images_per_second, run.move, failed)
