"""What is known of a run beyond its networks: curves, marks, measures, drawings. Plain data, stored as JSON."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from playground.config import MOST_EPOCHS, TrainConfig
from playground.live.views import Look, Slopes
from playground.metrics import LEAST_RECOGNISED

MOST_POINTS = 300  # of a curve; from there on, neighbours are averaged in pairs
MOST_READINGS = 20_000  # that a curve keeps; then all are averaged in pairs
MOST_FRAMES = 120  # of a run's film; from there on, every second one is left out
CHANGEABLE = ("lr_g", "lr_d", "k", "loss", "smoothing", "dropout")  # settings that may change while a run trains
UNTOLD = ("epochs", "steps", "seconds", "device")  # how long and where a run trains, not how


class Reading(NamedTuple):
    """A run's four numbers after `step` steps: both losses, and D's mean verdicts (0 to 1) on real and fake images.

    Each is a mean over the steps since the reading before. `step` is a mean too where readings were averaged.
    """

    step: float
    loss_g: float
    loss_d: float
    d_real: float
    d_fake: float


@dataclass
class Curve:
    """The readings of a run, and `points`, an average of them that is small enough to plot."""

    points: list[Reading] = field(default_factory=list)
    all_points: list[Reading] = field(default_factory=list)
    _pending: list[Reading] = field(default_factory=list)
    _pack: int = 1  # readings that make one point

    def add(self, reading: Reading) -> None:
        """Append one reading."""
        self.all_points.append(reading)
        if len(self.all_points) >= MOST_READINGS:
            self.all_points = _in_pairs(self.all_points)
        self._pending.append(reading)
        if len(self._pending) < self._pack:
            return
        self.points.append(_mean(self._pending))
        self._pending = []
        if len(self.points) >= MOST_POINTS:
            self.points = _in_pairs(self.points)
            self._pack *= 2

    def copy(self) -> "Curve":
        """A curve that this one's further readings do not change."""
        return Curve(list(self.points), list(self.all_points), list(self._pending), self._pack)


@dataclass(frozen=True)
class Mark:
    """A setting that changed after `step` steps, from `old` to `new`."""

    step: int
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Measure:
    """What the judge found in G's drawings after `step` steps.

    `counts` says how many it took for each of the ten digits, `recognisable` is their share (0 to 1), and `frechet` the
    Frechet distance to the test images. `spread` says how different the drawings are from each other, `variety` how
    different from the one most like it, both over what real digits have; `nearness` how near they are to the images
    learnt from, over how near unseen real digits are. None is what was not measured.
    """

    step: int
    counts: tuple[int, ...]
    recognisable: float
    frechet: float | None = None
    spread: float | None = None
    variety: float | None = None
    nearness: float | None = None


@dataclass
class Record:
    """One run: where it began, its settings, how far it has come, and all that was seen of it.

    A record outlives the pauses of its run. `name` is a letter, A to Z. `origin` is what the run began from: "scratch",
    a shipped epoch ("100"), a point of another run ("A:512"), or a device ("device-512"); its networks had made
    `begun_step` steps and `begun_epoch` epochs then. `config` holds the settings of today. The budget in it (seconds,
    steps or epochs) was granted `grants` times: once at the start, and once more whenever the visitor continued a run
    that had spent it. `spent` counts the seconds of training so far, of which an earlier budget of seconds has `paid`
    some; `step` and `epoch` say what the networks have made by now, and `diverged` that the next step would break them.
    `cures` names the recipe that the run is to cure. Of a fork, `departs` holds the settings in which it began unlike
    its parent.
    """

    name: str
    config: TrainConfig
    origin: str = "scratch"
    begun_step: int = 0
    begun_epoch: int = 0
    grants: int = 1
    spent: float = 0.0
    paid: float = 0.0
    step: int = 0
    epoch: int = 0
    curve: Curve = field(default_factory=Curve)
    marks: list[Mark] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    slopes: list[Slopes] = field(default_factory=list)
    diverged: bool = False
    cures: str | None = None
    departs: dict[str, Any] = field(default_factory=dict)
    film: list[tuple[int, bytes]] = field(default_factory=list)
    look: Look | None = None
    _film_pack: int = 1
    _looks: int = 0

    def begin_at(self, step: int, epoch: int) -> None:
        """Note how far the first state has come; ignored once the run has made a step of its own."""
        if not self.curve.all_points:
            self.step, self.epoch = step, epoch
            self.begun_step, self.begun_epoch = step, epoch

    def remaining(self) -> TrainConfig:
        """The config that spends the rest of the budget.

        `train` counts the steps and epochs that a state has ever made, but the seconds of this call only.
        """
        config, grants = self.config, self.grants
        if config.seconds is not None:
            return replace(config, seconds=max(1.0, config.seconds * grants - (self.spent - self.paid)))
        if config.steps is not None:
            return replace(config, steps=self.begun_step + config.steps * grants)
        return replace(config, epochs=min(self.begun_epoch + config.epochs * grants, MOST_EPOCHS))

    def grant(self, steps_an_epoch: int) -> None:
        """Grant the budget once more to a run that has spent it."""
        while self.fraction(steps_an_epoch) >= 1:
            self.grants += 1

    def fraction(self, steps_an_epoch: int) -> float:
        """The share of the budget that is spent, 0 to 1."""
        config, made = self.config, self.step - self.begun_step
        if config.seconds is not None:
            share = (self.spent - self.paid) / (config.seconds * self.grants)
        else:
            share = made / ((config.steps or config.epochs * steps_an_epoch) * self.grants)
        return min(1.0, share)

    def change(self, config: TrainConfig) -> None:
        """Take other settings from now on, with a mark on the plot for each of CHANGEABLE that is another.

        Another budget of seconds is granted whole.
        """
        self.diverged = False
        if config.seconds != self.config.seconds:
            self.paid, self.grants = self.spent, 1
        for name in CHANGEABLE:
            old, new = getattr(self.config, name), getattr(config, name)
            if old != new:
                self.marks.append(Mark(self.step, name, old, new))
        self.config = config

    def see(self, look: Look) -> None:
        """Make `look` the latest one, and its sheet a frame of the film."""
        self.look = look
        if self._looks % self._film_pack == 0:
            self.film.append((look.step, look.sheet))
        self._looks += 1
        if len(self.film) >= MOST_FRAMES:
            self.film = self.film[::2]
            self._film_pack *= 2

    def add_slopes(self, slopes: Slopes) -> None:
        """Add how strongly G is told to change; of many every second one is left out."""
        self.slopes.append(slopes)
        if len(self.slopes) >= MOST_POINTS:
            self.slopes = self.slopes[::2]

    def copy(self) -> "Record":
        """The record as it is now: the run may train on without changing the copy."""
        return replace(
            self,
            curve=self.curve.copy(),
            marks=list(self.marks),
            measures=list(self.measures),
            slopes=list(self.slopes),
            film=list(self.film),
        )

    @property
    def begun(self) -> dict[str, Any]:
        """The settings that the run began with, as JSON has them; those of UNTOLD may be today's."""
        before = {mark.name: mark.old for mark in reversed(self.marks)}  # of a fork: its parent's
        return {**settings(self.config), **before, **self.departs}

    @property
    def unread(self) -> bool:
        """Whether the run has a budget of seconds, and the judge cannot read its drawings yet."""
        measured = self.measures[-1].recognisable if self.measures else 0.0
        return self.config.seconds is not None and measured < LEAST_RECOGNISED

    @property
    def frechet(self) -> Measure | None:
        """The last measure with a Frechet distance."""
        return next((measure for measure in reversed(self.measures) if measure.frechet is not None), None)

    def to_json(self) -> str:
        """Everything, as text; a PNG file as base64."""
        return json.dumps(asdict(self), default=lambda png: base64.b64encode(png).decode())

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """What `to_json` gave. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
        known = json.loads(text)
        known["config"] = TrainConfig.from_mapping(known["config"])
        known["curve"] = _curve_of(known["curve"])
        known["look"] = known["look"] and _look_of(known["look"])
        known["marks"] = [Mark(**mark) for mark in known["marks"]]
        known["measures"] = [Measure(**{**one, "counts": tuple(one["counts"])}) for one in known["measures"]]
        known["slopes"] = [Slopes(*one) for one in known.get("slopes", [])]  # records of before had none
        known["film"] = [(step, base64.b64decode(png)) for step, png in known["film"]]
        return cls(**known)


def changeable(config: TrainConfig) -> dict[str, Any]:
    """The settings of a config that may change while a run trains."""
    return {name: getattr(config, name) for name in CHANGEABLE}


def settings(config: TrainConfig) -> dict[str, Any]:
    """A config as JSON has it."""
    known: dict[str, Any] = json.loads(config.to_json())
    return known


def unlike(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in which a run trains unlike another one, those of CHANGEABLE first."""
    names = dict.fromkeys((*CHANGEABLE, *own))
    return {name: own[name] for name in names if name not in UNTOLD and own[name] != other[name]}


def _mean(readings: Sequence[Reading]) -> Reading:
    return Reading(*(sum(column) / len(readings) for column in zip(*readings, strict=True)))


def _in_pairs(readings: Sequence[Reading]) -> list[Reading]:
    return [_mean(pair) for pair in zip(readings[::2], readings[1::2], strict=True)]


def _curve_of(known: dict[str, Any]) -> Curve:
    """A curve from its JSON object."""
    readings = {name: [Reading(*numbers) for numbers in known[name]] for name in ("points", "all_points", "_pending")}
    return Curve(**{**known, **readings})


def _look_of(known: dict[str, Any]) -> Look:
    """A look from its JSON object."""
    pictures = {name: base64.b64decode(known[name]) for name in ("sheet", "advice")}
    rows = {name: tuple(known[name]) for name in ("verdicts", "hist_real", "hist_fake")}
    return Look(**{**known, **pictures, **rows})
