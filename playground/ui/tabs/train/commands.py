"""What the buttons that train ask of the workshop: start, continue, fork, make a single step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from playground.checked import ConfigError
from playground.config import TrainConfig, check_same
from playground.live.run import Run
from playground.live.shelf import Gone, NoPoint, Point
from playground.live.workshop import Workshop
from playground.recipes import RECIPES, SCRATCH, can_fork, cured, recipe_of
from playground.shipped import EPOCHS, Shipped
from playground.state import TrainState
from playground.ui.tabs.train.controls import LAST

LECTURE = (
    "latent_dim",
    "norm",
    "widths_g",
    "widths_d",
)  # settings in which a run must equal the shipped networks to begin from them


class Asked(NamedTuple):
    """What came with a click, and from where. `origin` is "scratch", an epoch, or "last"; `point` is the chosen one."""

    key: str
    address: str
    config: TrainConfig
    origin: str | int
    point: Point | None


MORE = 60.0  # seconds that the page offers to a run whose time was too short
Command = Callable[[Asked], Run]


class Commands:
    """The commands. Each puts a run into the line, or raises what the Workshop raises, and NoPoint."""

    def __init__(self, workshop: Workshop, shipped: Shipped) -> None:
        self.workshop, self.shipped = workshop, shipped

    def start(self, asked: Asked) -> Run:
        """A new run, from the chosen point where "last" was asked for."""
        return self.fork(asked) if asked.origin == LAST else self._start(asked)

    def go_on(self, asked: Asked) -> Run:
        """Continue a run at the chosen point."""
        return self.workshop.go_on(asked.key, known(asked.point), asked.config, address=asked.address)

    def more(self, asked: Asked) -> Run:
        """Continue a run whose time was too short, for MORE seconds or as many as this server allows."""
        seconds = min(MORE, self.workshop.line.limits.run_seconds)
        return self.workshop.go_on(asked.key, known(asked.point), asked.config, address=asked.address, seconds=seconds)

    def fork(self, asked: Asked) -> Run:
        """A new run that begins at the chosen point."""
        return self.workshop.fork(asked.key, known(asked.point), asked.config, address=asked.address)

    def cure(self, asked: Asked) -> Run:
        """A new run that cures the chosen one of a recipe: from its networks, or anew with its seed."""
        point = known(asked.point)
        record = self.workshop.store.shelf(asked.key).records.get(point.name)
        name = recipe_of(record.config, record.origin) if record else None
        if record is None or name is None:
            raise Gone
        limit, config = self.workshop.line.limits.run_seconds, cured(name, record.config)
        config = replace(config, seconds=min(config.seconds or MORE, limit))
        if can_fork(RECIPES[name]):
            return self.workshop.fork(asked.key, point, config, asked.address, cures=name)
        origin = record.origin if record.origin == SCRATCH else int(record.origin)
        first = first_state(self.shipped, origin)
        given: dict[str, Any] = {"address": asked.address, "cures": name, "beside": point.name}
        return self.workshop.start(asked.key, config, first, record.origin, **given)

    def step_of(self, players: tuple[str, ...]) -> Command:
        """The command that lets `players` make one step, in a new run where no point is chosen."""

        def step(asked: Asked) -> Run:
            if asked.point is None and asked.origin != LAST:
                return self._start(asked, players)
            return self.workshop.go_on(asked.key, known(asked.point), asked.config, players, address=asked.address)

        return step

    def _start(self, asked: Asked, players: tuple[str, ...] | None = None) -> Run:
        first = first_state(self.shipped, asked.origin)
        if first is not TrainState:
            check_same(asked.config, TrainConfig(), LECTURE)
        return self.workshop.start(
            asked.key, asked.config, first, str(asked.origin), players=players, address=asked.address
        )


def first_state(shipped: Shipped, origin: str | int) -> Callable[[TrainConfig], TrainState]:
    """What makes a run's first state: fresh networks, or both of a shipped epoch.

    Raises CheckpointError, and ConfigError for another origin.
    """
    if origin == SCRATCH:
        return TrainState
    if origin not in EPOCHS:
        raise ConfigError("begin", origin, "choice", options=", ".join(map(str, (SCRATCH, *EPOCHS, LAST))))
    return shipped.beginning(int(origin))


def read_point(value: Any) -> Point | None:
    """A point as the page names it, "A:512"; None for none, or for what is no point."""
    name, _, step = str(value or "").partition(":")
    return Point(name, int(step)) if name and step.isdecimal() and len(step) < 12 else None


def known(point: Point | None) -> Point:
    """A point that was chosen. Raises NoPoint."""
    if point is None:
        raise NoPoint
    return point
