"""What a visitor can save of a run. A file is made when it is asked for: none lies about that nobody wants."""

import csv
import io

from playground.checkpoints import ROLES, network_bytes
from playground.images import timelapse
from playground.live.record import Reading, Record
from playground.live.shelf import Gone, Point
from playground.live.store import Store
from playground.state import TrainState

File = tuple[bytes, str]  # content and name


def make_file(name: str, store: Store, key: str, point: Point) -> File:
    """One of "generator", "discriminator", "losses", "settings_file" and "film", for a visitor's run at a point.

    Raises Gone where that is no longer stored, and CheckpointError for a damaged state.
    """
    record = store.shelf(key).records.get(point.name)
    if record is None:
        raise Gone
    return network_file(store.state(key, point), name) if name in ROLES else FROM_RECORD[name](record)


def network_file(state: TrainState, role: str) -> File:
    """A state's `generator` or `discriminator`; the epoch in its metadata is the last one finished."""
    network = state.forger() if role == "generator" else state.discriminator
    epoch = max(state.epoch - 1, 0)
    return network_bytes(network, role, epoch, state.config), f"{role}-step-{state.step}.safetensors"


def losses_file(record: Record) -> File:
    """Every reading of a run as CSV, with the byte order mark that Korean spreadsheets want."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Reading._fields)
    for step, *numbers in record.curve.all_points:
        writer.writerow([int(step), *(f"{number:.6f}" for number in numbers)])
    return text.getvalue().encode("utf-8-sig"), f"losses-step-{record.step}.csv"


def settings_file(record: Record) -> File:
    """A run's settings as they stand, as JSON that the page and `pretrain --settings` take."""
    return record.config.to_json(indent=2).encode(), f"settings-run-{record.name}.json"


def film_file(record: Record) -> File:
    """The sheets of all looks at a run as a GIF. Raises Gone where there was none."""
    if not record.film:
        raise Gone
    return timelapse([sheet for _, sheet in record.film]), f"run-{record.name}-step-{record.step}.gif"


FROM_RECORD = {"losses": losses_file, "settings_file": settings_file, "film": film_file}
