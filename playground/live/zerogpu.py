"""Training on ZeroGPU, a Hugging Face Space that is lent a GPU for one call at a time.

The call runs in a forked process: what goes in and what it yields is pickled, and nothing else comes back. So a leg of
a run goes there as an `Errand`, reports as plain data, and leaves its state in a file; the page's process, which must
not touch CUDA, reads that. Closing the generator does not reach the fork, so files do that too.
https://huggingface.co/docs/hub/spaces-zerogpu
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from playground.checked import Refusal
from playground.checkpoints import CheckpointError
from playground.devices import borrow_gpu, on_zerogpu, pick_device
from playground.files import write_bytes
from playground.limits import Limits
from playground.live.run import LONELY, Run
from playground.live.line import Line
from playground.live.record import Record
from playground.state import TrainState
from playground.training import Diverged

REPORT_EVERY = 0.3  # seconds
GRACE = 15  # seconds that a leg may take beyond its training: to begin, to measure, to write
SETTLE = 30  # seconds for a single step
BEGUN, KEPT, HALT, CHANGE = "begun.safetensors", "kept.safetensors", "halt", "change-{}.json"


class NoGpu(Refusal, RuntimeError):
    """No GPU was lent, or it was taken back before the run had ended; `what` is the reason in the lender's words."""

    def __init__(self, what: str) -> None:
        super().__init__("error.no_gpu", message=what, what=what.rstrip(".")[:200])


class Errand(NamedTuple):
    """What the forked process must know: the run, who learns, the limits, and the folder where files are exchanged."""

    record: Record
    players: tuple[str, ...] | None
    watched: bool
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
            record.change(self._config or record.config)
            self._begin(record.config).save(folder / BEGUN)
            errand = Errand(record, self.players, self.watched, self.line.limits, name)
            failed = self._follow(folder, run_errand(errand))
            self.state = _read_state(folder)
        if failed == "diverged" and self.state is not None:
            raise Diverged(self.state)
        if failed:
            raise NoGpu(failed)

    def _follow(self, folder: Path, reports: Iterator[Report]) -> str | None:
        """Take in what is reported, and pass on what the visitor wants; gives what went wrong, if anything."""
        failed, changes = None, 0
        try:
            for report in reports:
                failed = self._take(report)
                while self._changes:
                    write_bytes(folder / CHANGE.format(changes), json.dumps(self._changes.popleft()).encode())
                    changes += 1
                if self.watched and time.monotonic() - self._seen > LONELY:
                    self.halt()
                if self._halt.is_set():
                    (folder / HALT).touch()
        except Exception as error:  # the lender's own, for which no class of theirs can be named
            return str(getattr(error, "message", error))
        return failed

    def _take(self, report: Report) -> str | None:
        for field in fields(Record):  # in place: the shelf and the page hold this very record
            setattr(self.record, field.name, getattr(report.record, field.name))
        self.fraction, self.images_per_second = report.fraction, report.images_per_second
        self.move = report.move
        return report.failed


def _read_state(folder: Path) -> TrainState | None:
    """The last state that was kept, on the CPU; None where the process had not come that far."""
    try:
        return TrainState.load(folder / KEPT, device="cpu")
    except (CheckpointError, OSError):
        return None


def seconds_needed(errand: Errand) -> int:
    """How long the GPU is asked for, from the run's budget."""
    if errand.players:
        return SETTLE
    longest, wanted = errand.limits.run_seconds, errand.record.leg().seconds
    return round(min(wanted or longest, longest)) + GRACE


def _lent(task: Callable[[Errand], Iterator[Report]]) -> Callable[[Errand], Iterator[Report]]:
    """`@spaces.GPU` where there is such a thing; elsewhere the function itself."""
    if not on_zerogpu():
        return task
    import spaces

    return spaces.GPU(duration=seconds_needed)(task)


@_lent
def run_errand(errand: Errand) -> Iterator[Report]:
    """In the forked process: train with the GPU, report a few times a second, keep the state in a file."""
    borrow_gpu()
    folder = Path(errand.folder)

    def begin(_: Any) -> TrainState:
        return TrainState.load(folder / BEGUN, device=pick_device().type)

    def keep(_: Record, state: TrainState | None) -> None:
        if state is not None:
            state.save(folder / KEPT)

    run = Line(errand.limits).begin(errand.record, begin, players=errand.players, watched=errand.watched, keep=keep)
    changes = 0
    while not run.over:
        changes = _obey(run, folder, changes)
        yield _report(run)
        time.sleep(REPORT_EVERY)
    yield _report(run)


def _obey(run: Run, folder: Path, changes: int) -> int:
    """Do what the visitor has asked for meanwhile; gives how many changes that makes."""
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
