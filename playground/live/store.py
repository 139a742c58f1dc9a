"""Where runs wait for their visitor: states and records on the disk, written by a thread of its own, deleted by age.

A visitor is known by a key of 32 hexadecimal digits, which the browser stores; whoever has the key has the runs. Each
visitor has a folder: `A.json` is the record of run A, and `A-512.safetensors` its state after 512 steps. A program that
starts anew finds them there, and so does another server with the same folder, where the visitor had to go on. While a
visitor may still undo that all runs were deleted, their records are called `A.aside`, and nobody else finds them.

A state is 35 MB for the lecture's networks. So a visitor who clicks from step to step does not cost a file a click: the
state of a single step waits in memory until no other has come for a while.
"""

import atexit
import math
import secrets
import shutil
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playground.config import TrainConfig
from playground.data import PROJECT
from playground.files import write_bytes
from playground.live.record import Record
from playground.live.sent import SentState
from playground.live.shelf import KEY, Aside, Gone, NoRoom, Point, Shelf
from playground.state import TrainState, file_size

FOLDER = PROJECT / ".cache" / "runs"
ARRIVING = "arriving"  # the folder of states that are on their way
LONGEST = 3600.0  # seconds after its last change that a visitor's shelf is kept
UNCLAIMED = 300.0  # seconds that it is kept if its visitor never opened the live tab: a script does not come back
MOST_UNCLAIMED = 160 * 2**20  # bytes of all such states together
SWEEP_EVERY = 60.0  # seconds
MOST_EMPTY = 5000  # shelves of visitors who have trained nothing
MOST_RUNS = 4  # of one visitor: as many as one can tell apart on a plot
MOST_POINTS = 8  # of one visitor
MOST_OWN = 320 * 2**20  # bytes of one visitor's states: eight of the lecture's
MOST_BYTES = 8 * 2**30  # of all states together; those of one address, which may be a school, take half at most
FOR_NEWCOMERS = 0.25  # the share of that room which only who has nothing yet can fill
QUIET = 2.0  # seconds without another single step, after which the last one is written
LONGEST_WAIT = 20.0  # seconds after which it is written even if the steps go on
PROMPT = 10.0  # seconds that the disk has to write a state that somebody takes along
RETRY = 30.0  # seconds after which a state is written again that the disk has refused
MOST_WAITING = 8  # states in memory; with more, the oldest is written at once


@dataclass
class _Unwritten:
    """A state that is not on the disk yet, and its run's record at that time. `since` and `due` are monotonic seconds.

    `due` is when it is to be written. A state that was `refused` (a full disk) stays in memory, and is tried again.
    """

    state: TrainState | SentState
    record: Record
    since: float
    due: float
    refused: bool = False


class Store:
    """All shelves. Every method may be called from any thread; only `flush` waits for the disk."""

    def __init__(self, folder: Path = FOLDER, longest: float = LONGEST, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.longest, self.most_bytes = folder, longest, most_bytes
        self._shelves: dict[str, Shelf] = {}
        self._unwritten: dict[tuple[str, Point], _Unwritten] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)  # something is to be written, or has been
        self._writer: threading.Thread | None = None
        self._writing: str | None = None  # whose state is just being written
        self._swept = -math.inf  # monotonic seconds

    def shelf(self, visitor: str) -> Shelf:
        """A visitor's shelf, found again on the disk or new. Raises ValueError for what is no key."""
        if not KEY.fullmatch(visitor):
            raise ValueError("a visitor's key has 32 hexadecimal digits")
        with self._lock:
            self._drop_if_old(visitor)
            self._sweep_now_and_then()
            if visitor not in self._shelves:
                self._shelves[visitor] = self._read(visitor)
            shelf = self._shelves[visitor]
            if self._has_more(visitor, shelf):
                found = self._read(visitor)
                shelf.records, shelf.points = found.records, found.points
                shelf.touched, shelf.claimed = found.touched, True
                self.discard(visitor)  # the runs of the other server may have the same names
            return shelf

    def claim(self, visitor: str) -> Shelf:
        """The same for the visitor's own page: what is or will be on the shelf is kept for the whole time."""
        shelf = self.shelf(visitor)
        shelf.claimed = True
        return shelf

    def admit(self, visitor: str, address: str, config: TrainConfig) -> None:
        """Make sure that a run of the visitor can be kept. Raises NoRoom: nobody's runs go for another visitor's.

        What others have deleted and might still bring back goes.
        """
        with self._lock:
            self.shelf(visitor).address = address
            while self._is_crowded(visitor, sizes := self._sizes_with(visitor, config), room=1.0):
                if not self._discard_of_others(visitor, sizes, room=1.0):
                    raise NoRoom

    def keep(
        self,
        visitor: str,
        record: Record,
        state: TrainState | SentState,
        replaces: Point | None = None,
        single_step: bool = False,
    ) -> Point:
        """Keep a run as it is now, in place of the point `replaces` if given.

        The state of a `single_step` is written when no other has come for QUIET seconds, any other state at once. The
        state is the store's own from now on: nobody may train it any further.
        """
        point, since = Point(record.name, state.step), time.monotonic()
        with self._lock:
            shelf = self.shelf(visitor)
            shelf.points = [known for known in shelf.points if known not in (point, replaces)] + [point]
            shelf.touched = time.time()
            if replaces is not None and (before := self._unwritten.pop((visitor, replaces), None)):
                since = before.since
            due = min(time.monotonic() + QUIET, since + LONGEST_WAIT) if single_step else since
            self._unwritten[visitor, point] = _Unwritten(state, record.copy(), since, due)
            self._spare(visitor, shelf)
            if not shelf.claimed:
                self._spare_unclaimed()
            self.start()
            self._changed.notify_all()
        return point

    def arrival(self) -> Path:
        """Where the file of a state may arrive, which `keep` moves. What nobody has moved goes as old shelves do."""
        folder = self.folder / ARRIVING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / secrets.token_hex(8)

    def file(self, visitor: str, point: Point) -> tuple[Path, TrainConfig]:
        """The file of a state that was kept, written now where it still waits, and its run's settings.

        Raises Gone, and OSError where the disk takes it not within PROMPT seconds.
        """
        with self._changed:
            shelf = self.shelf(visitor)
            if point not in shelf.points or point.name not in shelf.records:
                raise Gone
            if waiting := self._unwritten.get((visitor, point)):
                waiting.due = -math.inf
                self._changed.notify_all()
                if not self._changed.wait_for(lambda: (visitor, point) not in self._unwritten, PROMPT):
                    raise TimeoutError
            path = self._path(visitor, point)
            if point.name not in shelf.records or not path.is_file():
                raise Gone
            return path, shelf.records[point.name].config

    def state(self, visitor: str, point: Point) -> TrainState:
        """A copy of what was kept, to train on. Raises Gone, and CheckpointError for a damaged file."""
        with self._lock:
            if point not in self.shelf(visitor).points:
                raise Gone
            waiting = self._unwritten.get((visitor, point))
        return waiting.state.clone() if waiting is not None else TrainState.load(self._path(visitor, point))

    def drop(self, visitor: str, name: str) -> None:
        """Delete the run of that name."""
        with self._lock:
            shelf = self.shelf(visitor)
            shelf.records.pop(name, None)
            if shelf.run is not None and shelf.run.over and shelf.run.record.name not in shelf.records:
                shelf.run = None  # it holds every picture that was seen of it
            for point in [point for point in shelf.points if point.name == name]:
                self._forget(visitor, point)
            self._sweep(visitor, name)

    def set_aside(self, visitor: str) -> None:
        """Delete all of the visitor's runs, so that `take_back` can undo it until `discard`.

        Their files stay, and count as the visitor's; no other start of the program finds them.
        """
        with self._lock:
            shelf = self.shelf(visitor)
            if not shelf.records:
                return  # a second click: what the first one has set aside stays
            self.discard(visitor)
            shelf.aside = Aside(shelf.records, shelf.points)
            shelf.records, shelf.points, shelf.run = {}, [], None  # a run holds every picture that was seen of it
            for name in shelf.aside.records:
                self._place_record(visitor, name)

    def take_back(self, visitor: str) -> None:
        """Undo `set_aside`, for all that is still there."""
        with self._lock:
            shelf = self.shelf(visitor)
            aside, shelf.aside = shelf.aside, None
            if aside is None:
                return
            shelf.points = [point for point in aside.points if self._is_there(visitor, point)]
            shelf.records = {name: record for name, record in aside.records.items() if shelf.last_of(name)}
            for name in aside.records:
                self._place_record(visitor, name)
                self._sweep(visitor, name)

    def discard(self, visitor: str) -> None:
        """Delete for good what was set aside, also before an earlier start of the program."""
        with self._lock:
            shelf = self._shelves.get(visitor, Shelf())
            names = {path.stem for path in (self.folder / visitor).glob("*.aside")}
            if shelf.aside:
                names |= set(shelf.aside.records)
            shelf.aside = None
            for owner, point in list(self._unwritten):
                if owner == visitor and point not in shelf.points:
                    del self._unwritten[owner, point]
            for name in names:
                _delete(self._path_of_record(visitor, name, aside=True))
                self._sweep(visitor, name)

    def flush(self, seconds: float | None = None) -> None:
        """Write at once what still waits; returns when it is on the disk, or refused by it, or after `seconds`."""
        with self._changed:
            for waiting in self._unwritten.values():
                waiting.due, waiting.refused = -math.inf, False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._writing is None and not self._untried(), seconds)

    def start(self) -> None:
        """Begin the thread that writes, and deletes what is old also when no visitor comes; once is enough."""
        with self._lock:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, daemon=True, name="store-writer")
                self._writer.start()
                atexit.register(self.flush)

    def _untried(self) -> int:
        """How many states wait that the disk has not refused."""
        return sum(not waiting.refused for waiting in self._unwritten.values())

    def _write_all(self) -> None:
        """The writer's thread, so that a run which ends does not wait for the disk."""
        while True:
            visitor, point, waiting = self._next_due()
            try:
                self._write(visitor, point, waiting)
            except Exception:  # a full disk, or no memory to write from: the run can continue from memory as well
                waiting.refused, waiting.due = True, time.monotonic() + RETRY
            with self._changed:
                self._writing = None
                self._changed.notify_all()

    def _next_due(self) -> tuple[str, Point, _Unwritten]:
        """Wait until a state is due."""
        with self._changed:
            while True:
                self._sweep_now_and_then()
                now = time.monotonic()
                first = min(self._unwritten, key=lambda key: self._unwritten[key].due, default=None)
                if first is not None and (self._unwritten[first].due <= now or self._untried() > MOST_WAITING):
                    self._writing = first[0]
                    return *first, self._unwritten[first]
                due = math.inf if first is None else self._unwritten[first].due - now
                self._changed.wait(min(due, SWEEP_EVERY))

    def _write(self, visitor: str, point: Point, waiting: _Unwritten) -> None:
        waiting.state.save(self._path(visitor, point))
        write_bytes(self._path_of_record(visitor, point.name), waiting.record.to_json().encode())
        with self._lock:
            if self._unwritten.get((visitor, point)) is waiting:
                del self._unwritten[visitor, point]
            self._place_record(visitor, point.name)
            self._sweep(visitor, point.name)
            with suppress(OSError):  # there is something in it, as a rule: not where the shelf was deleted meanwhile
                (self.folder / visitor).rmdir()

    def _place_record(self, visitor: str, name: str) -> None:
        """Let the file of a record have the name under which it is found, or that of one that lies aside."""
        aside = self._shelves.get(visitor, Shelf()).aside
        found, hidden = (self._path_of_record(visitor, name, is_aside) for is_aside in (False, True))
        with suppress(OSError):  # it is not written yet
            if aside and name in aside.records:
                found.replace(hidden)
            elif found.exists():
                hidden.unlink()  # it is older
            else:
                hidden.replace(found)

    def _is_there(self, visitor: str, point: Point) -> bool:
        """Whether the state at a point waits to be written, or lies on the disk."""
        return (visitor, point) in self._unwritten or self._path(visitor, point).exists()

    def _sweep(self, visitor: str, name: str) -> None:
        """Delete the states of a run that are no points any more, and its record when it has none left.

        While a state of the run waits to be written, nothing is deleted: a program that is killed meanwhile finds the
        state before it.
        """
        if any(owner == visitor and point.name == name for owner, point in self._unwritten):
            return
        points = [point for point in self._shelves.get(visitor, Shelf()).all_points if point.name == name]
        for path in (self.folder / visitor).glob(f"{name}-*.safetensors"):
            if _point_of(path) not in points:
                _delete(path)
        if not points:
            _delete(self._path_of_record(visitor, name))

    def _read(self, visitor: str) -> Shelf:
        """A shelf as the disk has it, without what is damaged."""
        shelf, folder = Shelf(), self.folder / visitor
        found = sorted(folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
        for path in found:
            point = _point_of(path)
            if point is not None:
                shelf.points.append(point)
                shelf.touched, shelf.claimed = path.stat().st_mtime, True
        for name in sorted({point.name for point in shelf.points}):
            try:
                shelf.records[name] = Record.from_json((folder / f"{name}.json").read_text(encoding="utf-8"))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                shelf.points = [point for point in shelf.points if point.name != name]
        return shelf

    def _has_more(self, visitor: str, shelf: Shelf) -> bool:
        """Whether another server with the same folder has kept a run of the visitor since this one did.

        What this one is just writing is none: a run that was deleted meanwhile came back by it.
        """
        if shelf.under_way or visitor == self._writing or any(owner == visitor for owner, _ in self._unwritten):
            return False
        for path in (self.folder / visitor).glob("*.safetensors"):
            with suppress(FileNotFoundError):  # just deleted
                if _point_of(path) not in shelf.all_points and path.stat().st_mtime > shelf.touched:
                    return True
        return False

    def _spare(self, visitor: str, shelf: Shelf) -> None:
        """Drop the visitor's oldest points past MOST_POINTS, and where room is short: last of all a run's last one."""
        while len(shelf.points) > 1:
            last = {shelf.last_of(name) for name in shelf.records}
            old = [point for point in shelf.points if point not in last]
            sizes = self._sizes()
            room = 1 - FOR_NEWCOMERS
            crowded = self._is_crowded(visitor, sizes, room)
            if crowded and self._discard_of_others(visitor, sizes, room):
                continue
            if sizes[visitor] > MOST_OWN or crowded:
                old = old or shelf.points[:-1]
            elif len(shelf.points) <= MOST_POINTS:
                return
            if not old:
                return
            self._forget(visitor, old[0])
            if shelf.last_of(old[0].name) is None:
                shelf.records.pop(old[0].name, None)
                self._sweep(visitor, old[0].name)

    def _spare_unclaimed(self) -> None:
        """Drop the shelves that nobody has claimed, the oldest first, where they take too much together."""
        sizes = self._sizes()
        found = [visitor for visitor, shelf in self._shelves.items() if not shelf.claimed and not shelf.under_way]
        total = sum(sizes[visitor] for visitor in found)
        for visitor in sorted(found, key=lambda visitor: self._shelves[visitor].touched)[:-1]:
            if total <= MOST_UNCLAIMED:
                return
            total -= sizes[visitor]
            self._delete_shelf(visitor)

    def _discard_of_others(self, visitor: str, sizes: Counter[str], room: float) -> bool:
        """Delete for good what one other visitor has set aside, the oldest first; returns whether there was anything.

        Where only this visitor's address takes too much, of those there.
        """
        near = None if sizes.total() > room * self.most_bytes else self._shelves[visitor].address
        found = [
            (shelf.touched, other)
            for other, shelf in self._shelves.items()
            if shelf.aside and other != visitor and near in (None, shelf.address)
        ]
        if found:
            self.discard(min(found)[1])
        return bool(found)

    def _sizes(self) -> Counter[str]:
        """Bytes that each visitor's states take, those of runs under way and those that are not written yet too."""
        sizes: Counter[str] = Counter()
        for path in self.folder.glob("*/*.safetensors"):
            with suppress(OSError):  # just deleted
                sizes[path.parent.name] += path.stat().st_size
        for (visitor, point), waiting in self._unwritten.items():
            if not self._path(visitor, point).exists():
                sizes[visitor] += file_size(waiting.state.config)
        for visitor, shelf in self._shelves.items():
            if run := shelf.under_way:
                sizes[visitor] = max(sizes[visitor], file_size(run.record.config))
        return sizes

    def _sizes_with(self, visitor: str, config: TrainConfig) -> Counter[str]:
        """The same with a run of the visitor's, for which what is kept of the visitor's own can go."""
        return Counter({**self._sizes(), visitor: file_size(config)})

    def _is_crowded(self, visitor: str, sizes: Counter[str], room: float) -> bool:
        """Whether all visitors together, or those at this one's address, take more than this share of what they may."""
        address = self._shelves[visitor].address
        near = [who for who in sizes if who in self._shelves and self._shelves[who].address == address]
        at_address = sum(sizes[who] for who in near) if address else 0
        return sizes.total() > room * self.most_bytes or at_address > room * self.most_bytes / 2

    def _forget(self, visitor: str, point: Point) -> None:
        shelf = self._shelves.get(visitor)
        if shelf and point in shelf.points:
            shelf.points.remove(point)
        self._unwritten.pop((visitor, point), None)
        self._changed.notify_all()
        _delete(self._path(visitor, point))

    def _sweep_now_and_then(self) -> None:
        """Delete the shelves that nobody has come back for, also those of an earlier start of the program."""
        if time.monotonic() - self._swept < SWEEP_EVERY:
            return
        self._swept = time.monotonic()
        with suppress(OSError):  # there is no folder yet, or it cannot be read
            for folder in self.folder.iterdir():
                self._drop_if_old(folder.name)
        for visitor in list(self._shelves):
            self._drop_if_old(visitor)
        empty = [visitor for visitor, shelf in self._shelves.items() if shelf.is_empty]
        for visitor in empty[: max(0, len(empty) - MOST_EMPTY)]:
            del self._shelves[visitor]

    def _drop_if_old(self, visitor: str) -> None:
        """Delete a shelf that nobody has come back for. One without runs takes no room: only very many are too many.

        What another server on the same folder keeps there is known by its age alone.
        """
        shelf = self._shelves.get(visitor)
        if shelf is None or shelf.is_empty:
            with suppress(OSError):  # there is no folder
                if time.time() - (self.folder / visitor).stat().st_mtime > self.longest:
                    shutil.rmtree(self.folder / visitor, ignore_errors=True)
            return
        longest = self.longest if shelf.claimed else min(UNCLAIMED, self.longest)
        if shelf.under_way is None and time.time() - shelf.touched > longest:
            self._delete_shelf(visitor)

    def _delete_shelf(self, visitor: str) -> None:
        """Delete what a visitor has, unless another server has added some. An open page goes on with an empty shelf."""
        shelf = self._shelves[visitor]
        self.discard(visitor)
        if not self._has_more(visitor, shelf):
            for point in list(shelf.points):
                self._forget(visitor, point)
            shutil.rmtree(self.folder / visitor, ignore_errors=True)
        del self._shelves[visitor]
        if shelf.claimed:
            self._shelves[visitor] = Shelf(claimed=True)

    def _path(self, visitor: str, point: Point) -> Path:
        return self.folder / visitor / f"{point.name}-{point.step}.safetensors"

    def _path_of_record(self, visitor: str, name: str, aside: bool = False) -> Path:
        return self.folder / visitor / f"{name}.{'aside' if aside else 'json'}"


def _delete(path: Path) -> None:
    """Delete a file; where that fails (a folder that may only be read), it lies there until it is old."""
    with suppress(OSError):
        path.unlink()


def _point_of(path: Path) -> Point | None:
    """The point that a state's file is of; None for another file."""
    name, _, step = path.stem.partition("-")
    return Point(name, int(step)) if step.isdecimal() else None
