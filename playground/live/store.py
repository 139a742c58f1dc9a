"""Where runs wait for their visitor: states and records on the disk, written by a thread of its own, cleared by age.

A visitor is known by a key of 32 hexadecimal digits, which lies in the browser; who has the key has the runs. A folder
each holds `A.json`, the record of run A, and `A-512.safetensors`, its state after 512 steps. All of it is found again
when the program starts anew.
"""

import atexit
import queue
import re
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from playground.checked import Refusal
from playground.data import PROJECT
from playground.files import write_bytes
from playground.live.record import Record
from playground.state import TrainState

FOLDER = PROJECT / ".cache" / "runs"
KEY = re.compile(r"[0-9a-f]{32}")
LONGEST = 3600.0  # seconds after its last change that a visitor's shelf is kept
MOST_RUNS = 4  # of one visitor: as many as one can tell apart on a plot
MOST_POINTS = 8  # of one visitor
MOST_BYTES = 2**30  # of all states together
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Point(NamedTuple):
    """Where a run can be gone on from: its name, and the steps it had made."""

    name: str
    step: int


class Gone(Refusal, LookupError):
    """The point was kept once, and is not any more."""

    key = "error.gone"


class NoPoint(Refusal, LookupError):
    """A run should continue, but no point was chosen."""

    key = "error.no_point"


@dataclass
class Shelf:
    """A visitor's runs by name, the points one can go on from (oldest first), and when it was last changed."""

    records: dict[str, Record] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    touched: float = field(default_factory=time.time)
    run: Any = None  # the last `live.Run`, over or not

    def free_name(self) -> str:
        """The letter after the last one in use."""
        last = max((NAMES.index(name) for name in self.records), default=-1)
        after = NAMES[last + 1 :] + NAMES
        return next(name for name in after if name not in self.records)

    def last_of(self, name: str) -> Point | None:
        """The latest point of a run."""
        return next((point for point in reversed(self.points) if point.name == name), None)


class Store:
    """All shelves. Every method may be called from any thread; only `flush` waits for the disk."""

    def __init__(self, folder: Path = FOLDER, longest: float = LONGEST, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.longest, self.most_bytes = folder, longest, most_bytes
        self._shelves: dict[str, Shelf] = {}
        self._unwritten: dict[tuple[str, Point], TrainState] = {}
        self._lock = threading.RLock()
        self._work: queue.Queue[tuple[str, Point, str]] = queue.Queue()
        self._writer: threading.Thread | None = None

    def shelf(self, visitor: str) -> Shelf:
        """A visitor's shelf, found again on the disk or new. Raises ValueError for a key that cannot be."""
        if not KEY.fullmatch(visitor):
            raise ValueError("a visitor's key has 32 hexadecimal digits")
        with self._lock:
            self._clear_old()
            if visitor not in self._shelves:
                self._shelves[visitor] = self._read(visitor)
            return self._shelves[visitor]

    def keep(self, visitor: str, record: Record, state: TrainState, replaces: Point | None = None) -> Point:
        """Keep a run as it stands, in the place of another point where one is given.

        The state is the store's own from now on: nobody may train it any further.
        """
        point = Point(record.name, state.step)
        with self._lock:
            shelf = self.shelf(visitor)
            shelf.points = [known for known in shelf.points if known != point] + [point]
            shelf.touched = time.time()
            self._unwritten[visitor, point] = state
            if replaces is not None and replaces != point:
                self._forget(visitor, replaces)
            self._spare(visitor, shelf)
            self._start_writer()
        self._work.put((visitor, point, record.to_json()))
        return point

    def state(self, visitor: str, point: Point) -> TrainState:
        """A copy of what was kept, to train on. Raises Gone, and CheckpointError for a damaged file."""
        with self._lock:
            if point not in self.shelf(visitor).points:
                raise Gone
            waiting = self._unwritten.get((visitor, point))
        return waiting.clone() if waiting is not None else TrainState.load(self._path(visitor, point))

    def drop(self, visitor: str, name: str) -> None:
        """Put a run away for good."""
        with self._lock:
            shelf = self.shelf(visitor)
            shelf.records.pop(name, None)
            for point in [point for point in shelf.points if point.name == name]:
                self._forget(visitor, point)
            (self.folder / visitor / f"{name}.json").unlink(missing_ok=True)

    def flush(self) -> None:
        """Wait until all that was given to keep is on the disk."""
        self._work.join()

    def _start_writer(self) -> None:
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, daemon=True, name="keeper")
            self._writer.start()
            atexit.register(self.flush)

    def _write_all(self) -> None:
        """The writer: a run that ends does not wait for the disk."""
        while True:
            visitor, point, record = self._work.get()
            try:
                self._write(visitor, point, record)
            except OSError:
                pass  # a full disk: the state stays in memory, where it can be gone on from as well
            finally:
                self._work.task_done()

    def _write(self, visitor: str, point: Point, record: str) -> None:
        with self._lock:
            state = self._unwritten.get((visitor, point))
        if state is None:  # put away meanwhile
            return
        path = self._path(visitor, point)
        state.save(path)
        write_bytes(path.parent / f"{point.name}.json", record.encode())
        with self._lock:
            if self._unwritten.get((visitor, point)) is state:
                del self._unwritten[visitor, point]
            if point not in self._shelves.get(visitor, Shelf()).points:  # dropped while it was being written
                path.unlink(missing_ok=True)
            self._clear_large()

    def _read(self, visitor: str) -> Shelf:
        """A shelf as the disk has it; what is damaged is left out."""
        shelf, folder = Shelf(), self.folder / visitor
        found = sorted(folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
        for path in found:
            name, _, step = path.stem.partition("-")
            if step.isdecimal():
                shelf.points.append(Point(name, int(step)))
                shelf.touched = path.stat().st_mtime
        for name in sorted({point.name for point in shelf.points}):
            try:
                shelf.records[name] = Record.from_json((folder / f"{name}.json").read_text(encoding="utf-8"))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                shelf.points = [point for point in shelf.points if point.name != name]
        return shelf

    def _spare(self, visitor: str, shelf: Shelf) -> None:
        """Let the oldest points go that are no run's last one."""
        last = {shelf.last_of(name) for name in shelf.records}
        for point in [point for point in shelf.points if point not in last][: max(0, len(shelf.points) - MOST_POINTS)]:
            self._forget(visitor, point)

    def _forget(self, visitor: str, point: Point) -> None:
        shelf = self._shelves.get(visitor)
        if shelf and point in shelf.points:
            shelf.points.remove(point)
        self._unwritten.pop((visitor, point), None)
        self._path(visitor, point).unlink(missing_ok=True)

    def _clear_old(self) -> None:
        """Put away the shelves that nobody has come back for, also those of an earlier start of the program."""
        now = time.time()
        for visitor in [v for v, shelf in self._shelves.items() if self._is_old(shelf.touched, now, shelf)]:
            for point in list(self._shelves[visitor].points):
                self._unwritten.pop((visitor, point), None)
            del self._shelves[visitor]
            shutil.rmtree(self.folder / visitor, ignore_errors=True)
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder.name not in self._shelves and self._is_old(folder.stat().st_mtime, now):
                shutil.rmtree(folder, ignore_errors=True)

    def _is_old(self, touched: float, now: float, shelf: Shelf | None = None) -> bool:
        running = shelf is not None and shelf.run is not None and not shelf.run.over
        return now - touched > self.longest and not running

    def _clear_large(self) -> None:
        """Let the oldest states go while all together take more than their room."""
        files = sorted(self.folder.glob("*/*.safetensors"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in files)
        for path in files:
            if total <= self.most_bytes:
                break
            total -= path.stat().st_size
            name, _, step = path.stem.partition("-")
            self._forget(path.parent.name, Point(name, int(step)))

    def _path(self, visitor: str, point: Point) -> Path:
        return self.folder / visitor / f"{point.name}-{point.step}.safetensors"
