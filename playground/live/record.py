"""What is known of a run beyond its networks: curves, marks, measures, drawings. Plain data, kept as JSON."""

import base64
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from playground.config import TrainConfig
from playground.live.views import Look

MOST_POINTS = 300  # of a curve; beyond, neighbours are averaged in pairs
MOST_FRAMES = 120  # of a run's film; beyond, every second one is left out
CHANGEABLE = ("lr_g", "lr_d", "k", "loss", "smoothing", "dropout")  # what may change while a run goes on

Point = tuple[float, float, float, float, float]  # step, loss_g, loss_d, d_real, d_fake


@dataclass
class Curve:
    """A run's losses and verdicts, thinned so that a plot of any run stays small."""

    points: list[Point] = field(default_factory=list)
    all_points: list[Point] = field(default_factory=list)
    _pending: list[Point] = field(default_factory=list)
    _pack: int = 1  # reports that make one point

    def add(self, point: Point) -> None:
        """Take in one report."""
        self.all_points.append(point)
        self._pending.append(point)
        if len(self._pending) < self._pack:
            return
        self.points.append(_mean(self._pending))
        self._pending = []
        if len(self.points) >= MOST_POINTS:
            self.points = [_mean(pair) for pair in zip(self.points[::2], self.points[1::2], strict=True)]
            self._pack *= 2


@dataclass(frozen=True)
class Mark:
    """A setting that changed after `step` steps, from `old` to `new`."""

    step: int
    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Measure:
    """The judge's word after `step` steps: a census of ten counts, and the Frechet distance where it was taken."""

    step: int
    counts: tuple[int, ...]
    recognisable: float
    frechet: float | None = None


@dataclass
class Record:
    """One run, from its first step on, over all its pauses.

    `name` is a letter. `config` is as it stands now; its budget counts from where the run began, and `grants` says how
    often it was given. `origin` is where that was: "scratch", a shipped epoch, or another run's name and step.
    `begun_step` and `begun_epoch` are what the first state had done, `spent` the seconds of training so far.
    """

    name: str
    config: TrainConfig
    origin: str = "scratch"
    begun_step: int = 0
    begun_epoch: int = 0
    grants: int = 1
    spent: float = 0.0
    step: int = 0
    epoch: int = 0
    curve: Curve = field(default_factory=Curve)
    marks: list[Mark] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    film: list[tuple[int, bytes]] = field(default_factory=list)
    look: Look | None = None
    _film_pack: int = 1
    _looks: int = 0

    def set_out(self, step: int, epoch: int) -> None:
        """Where the first state stood; only a run that has not made a step yet sets out."""
        if not self.curve.all_points:
            self.step, self.epoch = step, epoch
            self.begun_step, self.begun_epoch = step, epoch

    def leg(self) -> TrainConfig:
        """The config of the way still to go: `train` counts a state's steps and epochs, and this moment's seconds."""
        config, grants = self.config, self.grants
        if config.seconds is not None:
            return replace(config, seconds=max(1.0, config.seconds * grants - self.spent))
        if config.steps is not None:
            return replace(config, steps=self.begun_step + config.steps * grants)
        return replace(config, epochs=min(self.begun_epoch + config.epochs * grants, 100_000))

    def grant(self, steps_an_epoch: int) -> None:
        """Give a run that has spent its budget the same once more."""
        while self.fraction(steps_an_epoch) >= 1:
            self.grants += 1

    def fraction(self, steps_an_epoch: int) -> float:
        """The share of the budget that is spent, 0 to 1."""
        config, made = self.config, self.step - self.begun_step
        if config.seconds is not None:
            share = self.spent / (config.seconds * self.grants)
        else:
            share = made / ((config.steps or config.epochs * steps_an_epoch) * self.grants)
        return min(1.0, share)

    def change(self, config: TrainConfig) -> None:
        """Go on under other settings, and mark on the plot which."""
        for name in CHANGEABLE:
            old, new = getattr(self.config, name), getattr(config, name)
            if old != new:
                self.marks.append(Mark(self.step, name, old, new))
        self.config = config

    def see(self, look: Look) -> None:
        """Take in what the run looks like now, and let it be a frame of the film."""
        self.look = look
        if self._looks % self._film_pack == 0:
            self.film.append((look.step, look.sheet))
        self._looks += 1
        if len(self.film) >= MOST_FRAMES:
            self.film = self.film[::2]
            self._film_pack *= 2

    @property
    def frechet(self) -> Measure | None:
        """The last measure with a Frechet distance."""
        return next((measure for measure in reversed(self.measures) if measure.frechet is not None), None)

    def to_json(self) -> str:
        """Everything, as text; a PNG file as base64."""
        return json.dumps(asdict(self), default=lambda png: base64.b64encode(png).decode())

    @classmethod
    def from_json(cls, text: str) -> "Record":
        """What `to_json` gave. Raises ValueError, KeyError or TypeError for anything else."""
        known = json.loads(text)
        curve, shown = known["curve"], known["look"]
        for name in ("points", "all_points", "_pending"):
            curve[name] = [tuple(point) for point in curve[name]]
        if shown is not None:
            pictures = {name: base64.b64decode(shown[name]) for name in ("sheet", "advice")}
            rows = {name: tuple(shown[name]) for name in ("verdicts", "hist_real", "hist_fake")}
            known["look"] = Look(**{**shown, **pictures, **rows})
        return cls(**{
            **known,
            "config": TrainConfig.from_mapping(known["config"]),
            "curve": Curve(**curve),
            "marks": [Mark(**mark) for mark in known["marks"]],
            "measures": [Measure(**{**one, "counts": tuple(one["counts"])}) for one in known["measures"]],
            "film": [(step, base64.b64decode(png)) for step, png in known["film"]],
        })  # fmt: skip


def _mean(points: list[Any] | tuple[Any, ...]) -> Point:
    return tuple(sum(column) / len(points) for column in zip(*points, strict=True))
