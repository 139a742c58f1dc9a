"""What one visitor has: runs by name, the points from which they can continue, and why one of them may be missing."""

import re
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from playground.checked import Refusal
from playground.live.record import Record
from playground.live.run import Run

KEY = re.compile(r"[0-9a-f]{32}")  # of a visitor
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of a visitor's runs


class Point(NamedTuple):
    """A moment of a run that was kept, so that the run can continue from it: the run's name, and its steps so far."""

    name: str
    step: int


class Gone(Refusal, LookupError):
    """The point was kept once, and is not any more."""

    key = "error.gone"


class NoRoom(Refusal, RuntimeError):
    """What others keep leaves no room for one more run."""

    key = "error.no_room"


class NoPoint(Refusal, LookupError):
    """A run should continue, but no point was chosen."""

    key = "error.no_point"


class Aside(NamedTuple):
    """All runs and points of a visitor who has deleted them, for as long as that can be undone."""

    records: dict[str, Record]
    points: list[Point]


@dataclass
class Shelf:
    """A visitor's runs by name, their points (oldest first), when it was last changed, and the last run, over or not.

    `touched` is in seconds since the epoch, as `time.time()` gives it; `address` is where the last run was asked from.
    It is `claimed` when its visitor's page has asked what lies there, as each page does that opens the live tab. What
    was deleted last lies `aside`.
    """

    records: dict[str, Record] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    touched: float = field(default_factory=time.time)
    run: Run | None = None
    address: str = ""
    claimed: bool = False
    aside: Aside | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept for the visitor."""
        return not self.records and self.run is None and self.aside is None

    @property
    def all_points(self) -> list[Point]:
        """The points, and those that lie aside."""
        return self.points + (self.aside.points if self.aside else [])

    @property
    def under_way(self) -> Run | None:
        """The run that trains or waits in the line; None where there is none."""
        return self.run if self.run is not None and not self.run.over else None

    def free_name(self) -> str:
        """The letter after the last one in use."""
        last = max((NAMES.index(name) for name in self.records), default=-1)
        after = NAMES[last + 1 :] + NAMES
        return next(name for name in after if name not in self.records)

    def last_of(self, name: str) -> Point | None:
        """The latest point of the run of that name."""
        return next((point for point in reversed(self.points) if point.name == name), None)
