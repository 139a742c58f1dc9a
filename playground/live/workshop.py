"""What a visitor does with runs: begin, go on, fork, step.

A visitor's handler asks the `Workshop` for a `Run`, looks at it a few times a second, and lets go of it when the
visitor leaves: what was learnt waits in the `Store`.
"""

import threading
from dataclasses import replace
from typing import Any

from playground.checked import Refusal
from playground.config import TrainConfig
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Begin, Run, changeable
from playground.live.store import MOST_RUNS, Gone, Point, Shelf, Store
from playground.state import TrainState, check_kind


class Busy(Refusal, RuntimeError):
    """The visitor's own run is still under way."""

    key = "error.busy"


class Workshop:
    """What visitors do with their runs: begin, go on, fork, step. One run a visitor at a time.

    Every method raises Busy while that one is under way, ConfigError for settings that cannot be, LineFull, NoTraining,
    and Gone for a point that is not kept any more; then nothing has changed. With `players` a run makes one step of
    theirs.
    """

    def __init__(self, line: Line, store: Store) -> None:
        self.line, self.store = line, store
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
            config = replace(record.config, **changeable(config))
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
        self.line.check_budget(config)
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
            shelf.run = self.line.begin(record, first, watched=True, keep=keep, **how)
        except Refusal:
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
