"""What a visitor does with runs: start one, continue it, fork it, make a single step, drop it.

A page's handler asks the `Workshop` for a `Run`, looks at it a few times a second, and halts it when the visitor
leaves. What was learnt stays in the `Store`.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

from playground.checked import Refusal
from playground.config import TrainConfig, check_same
from playground.live.line import Line
from playground.live.record import Record, changeable, settings, unlike
from playground.live.run import FirstState, Order, Owner, Run, Save
from playground.live.sent import SentState
from playground.live.shelf import Gone, Point, Shelf
from playground.live.store import MOST_RUNS, Store
from playground.state import FIXED, TrainState

WRITING = 1.5  # seconds to write the states of all runs when the program ends


class Busy(Refusal, RuntimeError):
    """The visitor's own run is still under way."""

    key = "error.busy"


class Workshop:
    """The runs of all visitors; each visitor has one under way at most.

    Every method raises Busy while that one is under way, ConfigError for settings that are not allowed, LineFull,
    NoTraining, NoRoom, and Gone for a point that is not kept any more; then nothing has changed. With `players` a run
    makes a single step, in which only they learn. By the visitor's `address` the line takes turns.
    """

    def __init__(self, line: Line, store: Store) -> None:
        self.line, self.store = line, store
        self._door = threading.Lock()  # two clicks at the same moment are two runs otherwise

    def start(
        self,
        visitor: str,
        config: TrainConfig,
        first_state: FirstState = TrainState,
        origin: str = "scratch",
        *,
        players: tuple[str, ...] | None = None,
        address: str = "",
        cures: str | None = None,
        beside: str = "",
    ) -> Run:
        """A new run from the state that `first_state` makes; `origin` and `cures` are those of its Record.

        The run named `beside` is to be compared with it, and stays.
        """
        with self._door:
            shelf = self._free_shelf(visitor)
            record = Record(shelf.free_name(), config, origin, cures=cures)
            owner = Owner(address, visitor)
            order = Order(record, players=players, first_state=first_state, owner=owner)
            return self._launch(shelf, order, beside=beside)

    def go_on(
        self,
        visitor: str,
        point: Point,
        config: TrainConfig,
        players: tuple[str, ...] | None = None,
        *,
        address: str = "",
        seconds: float | None = None,
    ) -> Run:
        """Continue a run from `point`, with those settings of `config` that may change, for its budget or `seconds`.

        From a point that is not the run's last one, this is a fork.
        """
        with self._door:
            shelf = self._free_shelf(visitor)
            record = _record_at(shelf, point)
            config = replace(record.config, **changeable(config), seconds=seconds or record.config.seconds)
            if shelf.last_of(point.name) != point:
                return self._fork(Owner(address, visitor), shelf, point, config, players=players)
            first_state = self._stored(visitor, point)
            order = Order(record, config, players, first_state=first_state, owner=Owner(address, visitor))
            replaced = point if players else None  # a hundred single steps would push every other point out
            return self._launch(shelf, order, replaced)

    def fork(self, visitor: str, point: Point, config: TrainConfig, address: str = "", cures: str | None = None) -> Run:
        """A new run from a point of another one; any setting may differ but those of FIXED."""
        with self._door:
            shelf = self._free_shelf(visitor)
            return self._fork(Owner(address, visitor), shelf, point, config, cures=cures)

    def drop(self, visitor: str, name: str | None = None) -> None:
        """Delete the visitor's run of that name; or all, which `take_back` undoes until the next one begins."""
        with self._door:
            self._free_shelf(visitor)
            if name is None:
                self.store.set_aside(visitor)
            else:
                self.store.drop(visitor, name)

    def take_back(self, visitor: str) -> None:
        """Bring back the runs that the visitor has deleted all at once, as far as they are still there."""
        with self._door:
            if self._free_shelf(visitor).aside is None:
                raise Gone
            self.store.take_back(visitor)

    def take_in(self, visitor: str, state: SentState, address: str, budget: Mapping[str, float | None]) -> Point:
        """Keep a state that the visitor's own device has trained, as a new run that may be continued.

        `budget` are the run's `epochs`, `steps` and `seconds`: the state's own count from the networks' first step.
        """
        config = self.line.bounded(replace(state.config, **budget))  # type: ignore[arg-type]  # it is checked
        with self._door:
            shelf = self._free_shelf(visitor)
            self.store.admit(visitor, address, config)
            self.store.discard(visitor)  # a deleted run may have had the new one's name
            record = Record(shelf.free_name(), config, f"device-{state.step}")
            record.begin_at(state.step, state.epoch)
            shelf.records[record.name] = record
            shelf.run = None  # the new one is in front
            point = self.store.keep(visitor, record, state)
            self._make_room(visitor, shelf, (record.name,))
        return point

    def close(self, seconds: float) -> None:
        """Let all runs pause for good; returns when what they learnt is on the disk, or after `seconds`."""
        end = time.monotonic() + seconds
        runs = self.line.close()
        self.store.flush(0.0)  # what waits in memory is written while the runs end
        for run in runs:
            run.rescue(max(0.0, end - WRITING - time.monotonic()))
        self.store.flush(max(0.0, end - time.monotonic()))

    def _fork(
        self,
        owner: Owner,
        shelf: Shelf,
        point: Point,
        config: TrainConfig,
        *,
        players: tuple[str, ...] | None = None,
        cures: str | None = None,
    ) -> Run:
        parent = _record_at(shelf, point)
        check_same(config, parent.config, FIXED)
        first_state = self._stored(owner.key, point)
        origin = f"{point.name}:{point.step}"
        departs = unlike(settings(config), settings(parent.config))
        record = Record(shelf.free_name(), parent.config, origin, step=point.step, cures=cures, departs=departs)
        return self._launch(shelf, Order(record, config, players, first_state=first_state, owner=owner))

    def _stored(self, visitor: str, point: Point) -> FirstState:
        """A state that was kept, read when the turn comes: twenty in the line would take a gigabyte."""
        return lambda _: self.store.state(visitor, point)

    def _launch(self, shelf: Shelf, order: Order, replaced: Point | None = None, beside: str = "") -> Run:
        """Put a run on the shelf and in the line; its first kept state takes the place of the point `replaced`."""
        record, visitor, config = order.record, order.owner.key, order.config or order.record.config
        self.line.check_budget(config)
        self.store.admit(visitor, order.owner.address, config)
        new = record.name not in shelf.records
        shelf.records[record.name] = record
        save = self._saving(visitor, shelf, bool(order.players), replaced)
        try:
            run = self.line.join(replace(order, watched=True, save=save))
        except Refusal:
            if new:
                del shelf.records[record.name]
            raise
        shelf.run = run
        self.store.discard(visitor)  # a deleted run may have had the new one's name
        self._make_room(visitor, shelf, (record.name, record.origin.partition(":")[0], beside))
        return run

    def _saving(self, visitor: str, shelf: Shelf, single_step: bool, replaced: Point | None) -> Save:
        """What a run does with its state: the store keeps it, unless the visitor has dropped the run meanwhile."""

        def save(record: Record, state: TrainState | None) -> None:
            if state is None and shelf.last_of(record.name) is None:
                shelf.records.pop(record.name, None)  # it never began
            elif state is not None and shelf.records.get(record.name) is record:
                self.store.keep(visitor, record, state, replaced, single_step)

        return save

    def _make_room(self, visitor: str, shelf: Shelf, stay: tuple[str, ...]) -> None:
        """Drop the oldest runs past MOST_RUNS, but not those that `stay`: a new run, and what it is compared with."""
        while len(shelf.records) > MOST_RUNS:
            self.store.drop(visitor, next(name for name in shelf.records if name not in stay))

    def _free_shelf(self, visitor: str) -> Shelf:
        shelf = self.store.shelf(visitor)
        if shelf.under_way is not None:
            raise Busy
        return shelf


def _record_at(shelf: Shelf, point: Point) -> Record:
    if point not in shelf.points or point.name not in shelf.records:
        raise Gone
    return shelf.records[point.name]
