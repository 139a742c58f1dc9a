"""The endpoint /train of the Contract."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from gradio.events import api

from playground.checked import Refusal
from playground.config import TrainConfig
from playground.live.line import Line
from playground.live.record import Reading, Record
from playground.live.run import Order, Owner, Run
from playground.ui.downloads import as_file
from playground.ui.readers import Readers
from playground.ui.tabs.train.files import File, network_file
from playground.ui.tabs.train.shown import News
from playground.ui.texts import explain, plainly
from playground.ui.visitors import address_of, owner_at

MOST_UNSAVED = 4  # trainings whose file the disk has refused; asked for again, they are handed over
REPORT_EVERY = 0.45  # seconds
WAIT_EVERY = 1.5  # seconds, while the run waits behind others
ABOUT = (
    "Train the pair on all of MNIST with `settings`, a JSON object of TrainConfig's fields, for example "
    '{"epochs": 1} or {"seconds": 30, "precision": "bf16"}. Streams one object an update: phase, place (in line), '
    "step, epoch, loss_g, loss_d, d_real, d_fake, images_per_second; the last one has the generator's file."
)


class Unsaved(Refusal, OSError):
    """The disk has refused the file of a training; `what` is the reason in the system's words."""

    def __init__(self, error: OSError) -> None:
        super().__init__("error.unsaved", what=error.strerror or str(error))


def add_train(line: Line, readers: Readers) -> None:
    """Give the page the endpoint. A finished training whose file cannot be written waits for the next call like it."""
    unsaved: OrderedDict[tuple[str, TrainConfig], tuple[Run, File]] = OrderedDict()

    def hand_over(run: Run, file: File, request: gr.Request) -> dict[str, Any]:
        """The last update, with the file. Raises Unsaved."""
        try:
            return {**report(run), "generator": as_file(*file, owner_at(request))}
        except OSError as error:
            unsaved[address_of(request), run.record.config] = run, file
            while len(unsaved) > MOST_UNSAVED:
                unsaved.popitem(last=False)
            raise Unsaved(error) from None

    async def train(settings: dict[str, Any], request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        with plainly():
            config, address = TrainConfig.from_mapping(settings), address_of(request)
            if waiting := unsaved.pop((address, config), None):
                yield await asyncio.to_thread(hand_over, *waiting, request)
                return
            run = line.join(Order(Record("A", config), owner=Owner(address)))
        news = News(run)
        try:
            while not run.over:
                if readers.read(request.session_hash):
                    run.seen()
                if news.due():
                    yield report(run)
                await asyncio.sleep(WAIT_EVERY if run.place else REPORT_EVERY)
            if run.state is None:
                raise gr.Error(explain("en", run.error or RuntimeError("the run did not begin")), print_exception=False)
            file, run.state = network_file(run.state, "generator"), None
            with plainly():
                yield await asyncio.to_thread(hand_over, run, file, request)
        finally:
            run.halt()

    api(train, api_name="train", concurrency_limit=None, api_description=ABOUT)


def report(run: Run) -> dict[str, Any]:
    """What the endpoint says of a run."""
    readings = run.record.curve.all_points
    numbers = {name: getattr(readings[-1], name) if readings else None for name in Reading._fields if name != "step"}
    known: dict[str, Any] = {"phase": run.phase, "place": run.place, "step": run.record.step, "epoch": run.record.epoch}
    if run.error is not None:
        known["error"] = explain("en", run.error or RuntimeError("the run did not begin"))
    return {**known, **numbers, "images_per_second": round(run.images_per_second, 1)}
