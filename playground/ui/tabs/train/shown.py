"""Runs and records as the live tab's widgets take them: plain data, no Gradio."""

import csv
import io
from typing import Any

from playground.checkpoints import network_bytes
from playground.devices import memory_used
from playground.images import data_url
from playground.live.record import Mark, Reading, Record
from playground.live.run import Run
from playground.live.standing import missing, stand
from playground.live.store import Shelf
from playground.losses import LOSSES
from playground.state import TrainState
from playground.ui.texts import LANGUAGES, explain, say

CHART_EVERY = 3  # looks at a run; the plot costs a browser more than all the rest


class Glimpses:
    """What the page is shown of a shelf's run under way: each part only when it is news."""

    def __init__(self, shelf: Shelf, language: str) -> None:
        self.shelf, self.run, self.language = shelf, shelf.run, language
        self._count, self._seen = 0, None

    def next(self) -> dict[str, Any]:
        """The parts that have changed."""
        record, records = self.run.record, list(self.shelf.records.values())
        self.run.seen()
        parts = {"status": status(self.run, self.language)}
        if self._count % CHART_EVERY == 0:
            parts["chart"] = curves(records, record.name, token_of(self.shelf))
        if record.look is not None and record.look is not self._seen:
            parts |= {"sheets": sheets(records), "standing": standing(record, self.run.move), "advice": advice(record)}
        self._seen = record.look
        self._count += 1
        return parts

    def last(self) -> dict[str, Any]:
        """All parts, of a run that has ended."""
        return {"status": status(self.run, self.language), **all_parts(self.shelf, self.run.record, self.run.move)}


def all_parts(shelf: Shelf, record: Record | None, move: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stands still on the tab: all of a visitor's runs, `record` in front."""
    records = list(shelf.records.values())
    return {
        "chart": curves(records, record and record.name, token_of(shelf)),
        "sheets": sheets(records),
        "standing": record and standing(record, move),
        "advice": record and advice(record),
    }


def token_of(shelf: Shelf) -> str:
    """What the plot keeps its zoom by: the first of the runs on it."""
    return f"{id(shelf)}-{next(iter(shelf.records), '')}"


def status(run: Run, language: str) -> dict[str, Any]:
    """The status's value. A run by the clock is `timed`: how many epochs it will make nobody knows."""
    record = run.record
    phase = "timed" if run.phase == "running" and record.config.seconds is not None else run.phase
    reading = record.curve.all_points[-1] if record.curve.all_points else None
    return {
        "phase": "loading" if run.phase == "running" and reading is None else phase,
        "place": run.place,
        "fraction": run.fraction,
        "step": record.step,
        "epoch": record.epoch,
        "epochs": record.config.epochs * record.grants + record.begun_epoch,
        "left": run.seconds_left,
        "speed": run.images_per_second,
        "memory": memory_used(),
        "d_real": reading.d_real if reading else 0.0,
        "d_fake": reading.d_fake if reading else 0.0,
        "error": explain(language, run.error) if run.error else "",
    }


def curves(records: list[Record], current: str | None, token: str) -> dict[str, Any]:
    """The chart's value: all runs' curves, the `current` one in front."""
    return {"runs": [_curve(record) for record in records], "current": current, "token": token}


def _curve(record: Record) -> dict[str, Any]:
    return {
        "name": record.name,
        "points": [[round(number, 4) for number in point] for point in record.curve.points],
        "marks": [[mark.step, _words(mark)] for mark in record.marks],
        "frechet": [[one.step, round(one.frechet, 1)] for one in record.measures if one.frechet is not None],
        "balance": LOSSES[record.config.loss].balance,
    }


def _words(mark: Mark) -> dict[str, str]:
    """What a change is called on the plot, in every language."""
    new = {language: say(language, f"loss.{mark.new}") if mark.name == "loss" else mark.new for language in LANGUAGES}
    return {
        language: say(language, "chart.change", what=say(language, f"field.{mark.name}"), new=new[language])
        for language in LANGUAGES
    }


def sheets(records: list[Record]) -> dict[str, Any]:
    """The sheets' value: the same 64 noises as each run's forger drew them last."""
    return {"runs": [_sheet(record) for record in records if record.look is not None]}


def _sheet(record: Record) -> dict[str, Any]:
    look = record.look
    verdicts = [round(verdict, 3) for verdict in look.verdicts]
    return {"name": record.name, "step": look.step, "origin": record.origin, "src": data_url(look.sheet),
            "verdicts": verdicts}  # fmt: skip


def standing(record: Record, move: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The standing's value: how it stands, D's verdicts, the census; None before the first look."""
    if not record.curve.points or record.look is None:
        return None
    recent = record.curve.all_points[-8:]  # about two seconds
    d_real = sum(reading.d_real for reading in recent) / len(recent)
    d_fake = sum(reading.d_fake for reading in recent) / len(recent)
    census, distance = record.measures[-1] if record.measures else None, record.frechet
    digits = sorted(set(record.config.digits))
    return {
        "stand": stand(record.config.loss, d_real, d_fake),
        "d_real": d_real,
        "d_fake": d_fake,
        "hist_real": record.look.hist_real,
        "hist_fake": record.look.hist_fake,
        "digits": digits,
        "counts": census and census.counts,
        "recognisable": census and census.recognisable,
        "missing": missing(census.counts, census.recognisable, digits) if census else [],
        "frechet": distance and distance.frechet,
        "frechet_step": distance and distance.step,
        "move": move,
    }


def advice(record: Record) -> dict[str, Any] | None:
    """The advice's value: what D tells G of eight drawings."""
    return record.look and {"src": data_url(record.look.advice), "strength": record.look.strength}


def update(run: Run) -> dict[str, Any]:
    """What /train says of a run."""
    readings = run.record.curve.all_points
    numbers = {name: getattr(readings[-1], name) if readings else None for name in Reading._fields if name != "step"}
    known = {"phase": run.phase, "place": run.place, "step": run.record.step, "epoch": run.record.epoch}
    if run.error is not None:
        known["error"] = explain("en", run.error)
    return {**known, **numbers, "images_per_second": round(run.images_per_second, 1)}


def network_file(state: TrainState, role: str) -> tuple[bytes, str]:
    """A state's `generator` or `discriminator` as a file's content and name; its epoch is the last one finished."""
    network = state.forger() if role == "generator" else state.discriminator
    epoch = max(state.epoch - 1, 0)
    return network_bytes(network, role, epoch, state.config), f"{role}-step-{state.step}.safetensors"


def losses_file(record: Record) -> tuple[bytes, str]:
    """Every report of a run as CSV: a file's content, with the mark that Korean spreadsheets want, and its name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Reading._fields)
    for step, *numbers in record.curve.all_points:
        writer.writerow([int(step), *(f"{number:.6f}" for number in numbers)])
    return text.getvalue().encode("utf-8-sig"), f"losses-step-{record.step}.csv"


def settings_file(record: Record) -> tuple[bytes, str]:
    """A run's settings as they stand, as JSON that the page and `pretrain --settings` take: content and name."""
    return record.config.to_json(indent=2).encode(), f"settings-run-{record.name}.json"
