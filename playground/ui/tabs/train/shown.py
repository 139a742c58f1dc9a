"""Runs and records as the live tab's widgets take them: plain data, no Gradio."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from playground.config import ALL_IMAGES, MOST_EPOCHS, TrainConfig
from playground.devices import memory_used
from playground.images import data_url
from playground.live.record import Record, settings, unlike
from playground.live.run import Run
from playground.live.shelf import Shelf
from playground.live.standing import VANISHES, failures, healed, lost, missing, readable, recent, signs, stand
from playground.live.views import Look
from playground.losses import LOSSES
from playground.presets import BEGINS, PRESETS
from playground.recipes import RECIPES, can_fork, recipe_of
from playground.ui.texts import explain

CHART_EVERY = 3  # looks at a run; the plot costs a browser more than all the rest
WHOLE_EVERY = 30  # looks, a multiple of CHART_EVERY: a browser that was busy may have missed an update
MOST_TOLD = 2  # settings that a run is named by; more are told by the name of a preset
TELL_EVERY = 4  # looks at a run in line that has not moved on: each telling costs the server what a click does


class News:
    """Whether who waits for a run is told of it: at each look while it trains, in line where it has moved on."""

    def __init__(self, run: Run) -> None:
        self._run, self._place, self._untold = run, 0, 0

    def due(self) -> bool:
        """Whether to tell now. To be asked once a look."""
        place, self._untold = self._run.place, self._untold + 1
        if place and place == self._place and self._untold < TELL_EVERY:
            return False
        self._place, self._untold = place, 0
        return True


class Glimpses:
    """What the page is sent of a shelf's run under way: each part only when it has changed.

    Of the chart and the sheets only the run under way is sent, as the others do not change meanwhile. The first time
    and now and then all runs are.
    """

    def __init__(self, shelf: Shelf, run: Run, language: str) -> None:
        self.shelf, self.run, self.language = shelf, run, language
        self._looks = 0
        self._last_look: Look | None = None

    def next(self) -> dict[str, Any]:
        """The parts that have changed."""
        record, whole = self.run.record, self._looks % WHOLE_EVERY == 0
        changed = _records(self.shelf) if whole else [record]
        parts: dict[str, Any] = {"status": status(self.run, self.language)}
        if not self._looks:
            parts["desk"] = {"busy": True, "more": False, "cure": False, "undo": False, "choices": [], "value": None}
        if self._looks % CHART_EVERY == 0:
            parts["chart"] = chart(self.shelf, changed, record.name)
        news = record.look is not None and record.look is not self._last_look
        if news or whole:
            parts["sheets"] = sheets(self.shelf, changed)
        if news:
            parts |= {"standing": standing(record, self.run.move), "advice": advice(record)}
            parts["failure"] = failure(record, over=False)
        self._last_look = record.look
        self._looks += 1
        return parts

    def last(self) -> dict[str, Any]:
        """All parts, of a run that has ended."""
        return {"status": status(self.run, self.language), **all_parts(self.shelf, self.run.record, self.run.move)}


def all_parts(shelf: Shelf, record: Record | None, move: dict[str, Any] | None = None) -> dict[str, Any]:
    """All of a visitor's runs, `record` in front, and what its last single step changed (`move`)."""
    records = _records(shelf)
    return {
        "chart": chart(shelf, records, record.name if record else None),
        "sheets": sheets(shelf, records),
        "standing": standing(record, move) if record else None,
        "advice": advice(record) if record else None,
        "failure": failure(record, over=True) if record else None,
    }


def _records(shelf: Shelf) -> list[Record]:
    return list(shelf.records.values())


def token_of(shelf: Shelf) -> str:
    """What the plot keeps its zoom by: the first of the runs on it."""
    return f"{id(shelf)}-{next(iter(shelf.records), '')}"


def status(run: Run, language: str) -> dict[str, Any]:
    """The status's value: `timed` where nobody knows how many epochs a run will make, `endless` without a budget."""
    record = run.record
    latest = record.curve.all_points[-1] if record.curve.all_points else None
    return {
        "phase": _phase(run),
        "place": run.place,
        "wait": run.wait,
        "fraction": run.fraction,
        "step": record.step,
        "epoch": record.epoch,
        "epochs": record.config.epochs * record.grants + record.begun_epoch,
        "left": run.seconds_left,
        "speed": run.images_per_second,
        "memory": memory_used(),
        "d_real": latest.d_real if latest else 0.0,
        "d_fake": latest.d_fake if latest else 0.0,
        "error": explain(language, run.error) if run.error else "",
    }


def _phase(run: Run) -> str:
    if run.phase == "finished" and wants_time(run.record):
        return "early"
    if run.phase != "running":
        return run.phase
    if not run.record.curve.all_points:
        return "loading"
    config = run.record.config
    if config.seconds is not None or config.steps is not None:
        return "timed"
    return "running" if config.epochs < MOST_EPOCHS else "endless"


def wants_time(record: Record) -> bool:
    """Whether a run's time was too short for digits. Of a recipe's none are expected."""
    return record.unread and recipe_of(record.config, record.origin) is None


def _first(shelf: Shelf) -> Record | None:
    """The run that the others are compared with."""
    return next(iter(shelf.records.values()), None)


def chart(shelf: Shelf, changed: Iterable[Record], current: str | None) -> dict[str, Any]:
    """The chart's value: the names of all runs, the curves of those that have `changed`, the `current` one in front."""
    return {
        "names": list(shelf.records),
        "runs": {record.name: _curve(record, _first(shelf)) for record in changed},
        "current": current,
        "token": token_of(shelf),
    }


def _curve(record: Record, first: Record | None) -> dict[str, Any]:
    return {
        "name": record.name,
        "differs": differs(record, first),
        "points": [[round(number, 4) for number in reading] for reading in record.curve.points],
        "marks": [[mark.step, mark.name, mark.new] for mark in record.marks],
        "frechet": [[one.step, round(one.frechet, 1)] for one in record.measures if one.frechet is not None],
        "slopes": _slopes(record) if record.config.loss == VANISHES else [],
        "balance": LOSSES[record.config.loss].balance,
    }


def ghost(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The shipped run, whose log has these rows, as a curve of the chart: it stands there before the first run."""
    lecture = TrainConfig()
    steps = [int(row["epoch"] + 1) * lecture.steps_an_epoch(ALL_IMAGES) for row in rows]
    readings = [[round(row[name], 3) for name in ("loss_g", "loss_d", "d_real", "d_fake")] for row in rows]
    return {
        "name": "",
        "differs": {},
        "points": [[step, *reading] for step, reading in zip(steps, readings, strict=True)],
        "marks": [],
        "frechet": [[step, round(row["frechet"], 1)] for step, row in zip(steps, rows, strict=True)][::10],
        "slopes": [],
        "balance": LOSSES[lecture.loss].balance,
    }


def _slopes(record: Record) -> list[list[float]]:
    return [[step, *(float(f"{slope:.3g}") for slope in slopes)] for step, *slopes in record.slopes]


def differs(record: Record, first: Record | None) -> dict[str, Any]:
    """What tells a run from others: the settings that were other ones where it began.

    Other than its parent's for a fork, its recipe's for a cure, and for every other run those of the `first` on the
    page, which has none itself. Of more than MOST_TOLD, the preset or the recipe that the run began with, if any.
    """
    if first is None or record is first:
        return {}
    if ":" in record.origin:
        return record.departs
    recipe = RECIPES.get(record.cures or "")
    found = unlike(record.begun, settings(recipe.config) if recipe else first.begun)
    return found if len(found) <= MOST_TOLD else _known_as(record.begun) or found


def _known_as(begun: dict[str, Any]) -> dict[str, Any]:
    """The preset or recipe with these settings, whatever the seed; where two are alike, the one with this budget."""
    known = [("preset", name, settings(config)) for name, config in PRESETS.items()]
    known += [("recipe", name, settings(recipe.config)) for name, recipe in RECIPES.items()]
    same = [one for one in known if unlike({**begun, "seed": one[2]["seed"]}, one[2]) == {}]
    kind, name, _ = min(same, key=lambda one: one[2]["seconds"] != begun["seconds"], default=("", "", {}))
    return {kind: name} if kind else {}


def sheets(shelf: Shelf, changed: Iterable[Record]) -> dict[str, Any]:
    """The sheets' value: the names of all runs that were looked at, and the sheets of those that have `changed`."""
    first = _first(shelf)
    return {
        "names": [record.name for record in _records(shelf) if record.look is not None],
        "runs": {record.name: _sheet(record, record.look, first) for record in changed if record.look is not None},
    }


def _sheet(record: Record, look: Look, first: Record | None) -> dict[str, Any]:
    """The 64 noises as the run's generator drew them last."""
    return {
        "name": record.name,
        "differs": differs(record, first),
        "step": look.step,
        "origin": record.origin,
        "src": data_url(look.sheet),
        "verdicts": [round(verdict, 3) for verdict in look.verdicts],
    }


def standing(record: Record, move: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The standing's value: how it stands, D's verdicts, the census; None before the first look."""
    if not record.curve.points or record.look is None:
        return None
    verdicts = recent(record)
    return {
        "stand": stand(signs(record)),
        "d_real": verdicts.d_real,
        "d_fake": verdicts.d_fake,
        "hist_real": record.look.hist_real,
        "hist_fake": record.look.hist_fake,
        "move": move,
        **_census(record),
    }


def _census(record: Record) -> dict[str, Any]:
    """What the judge found last: in the drawings' digits, and by the Frechet distance, which is measured less often."""
    census, distance = record.measures[-1] if record.measures else None, record.frechet
    digits = sorted(set(record.config.digits))
    return {
        "digits": digits,
        "counts": census.counts if census else None,
        "recognisable": census.recognisable if census else None,
        "missing": missing(census.counts, census.recognisable, digits) if census else [],
        "lost": lost(record),
        "frechet": distance.frechet if distance else None,
        "frechet_step": distance.step if distance else None,
    }


def facts() -> dict[str, Any]:
    """What the browser must know to show runs of its own (browser/train/shown.js, Facts)."""
    recipes = {
        name: {
            "config": settings(recipe.config),
            "origin": recipe.origin,
            "sign": recipe.sign,
            "guesses": recipe.guesses,
            "anew": not can_fork(recipe),
            "cure": dict(recipe.cure),
        }
        for name, recipe in RECIPES.items()
    }
    plain = [name for name, loss in LOSSES.items() if not (loss.paired or loss.penalty)]  # no gradients of gradients
    return {
        "balances": {name: loss.balance for name, loss in LOSSES.items()},
        "recipes": recipes,
        "losses": plain,
        "presets": {name: settings(config) for name, config in PRESETS.items()},
        "begins": BEGINS,
    }


def expected(name: str) -> dict[str, Any]:
    """The failure's value before the run of a recipe: what may happen."""
    return {"recipe": name, "guesses": RECIPES[name].guesses, "anew": not can_fork(RECIPES[name]), "phase": "asked"}


def failure(record: Record, over: bool) -> dict[str, Any] | None:
    """The failure's value for a run under way or `over`: whether its recipe fails, or its cure cures; else None.

    A run that was stopped before its time has shown nothing yet.
    """
    over = over and (record.diverged or record.fraction(1) >= 1)  # recipes have seconds
    recipe, cures = recipe_of(record.config, record.origin), record.cures
    if recipe:
        failed = RECIPES[recipe].sign in failures(record)
        return {**expected(recipe), "phase": ("failed" if failed else "survived") if over else "asked"}
    if cures not in RECIPES:
        return None
    phase = ("cured" if healed(record, RECIPES[cures].sign) else "uncured") if over else "curing"
    return {**expected(cures), "phase": phase, "percent": round(100 * readable(record))}


def advice(record: Record) -> dict[str, Any] | None:
    """The advice's value: what D tells G of eight drawings."""
    look = record.look
    return {"src": data_url(look.advice), "strength": look.strength} if look else None
