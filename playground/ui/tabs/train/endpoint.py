"""The endpoint /train of the Contract."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from gradio.events import api

from playground.config import TrainConfig
from playground.live.line import Line
from playground.live.record import Reading, Record
from playground.live.run import Order, Owner, Run
from playground.ui.downloads import as_file
from playground.ui.readers import Readers
from playground.ui.tabs.train.files import network_file
from playground.ui.texts import explain, plainly
from playground.ui.visitors import address_of, owner_at

REPORT_EVERY = 0.45  # seconds
WAIT_EVERY = 1.5  # seconds, while the run waits behind others
ABOUT = (
    "Train the pair on all of MNIST with `settings`, a JSON object of TrainConfig's fields, for example "
    '{"epochs": 1} or {"seconds": 30, "precision": "bf16"}. Streams one object an update: phase, place (in line), '
    "step, epoch, loss_g, loss_d, d_real, d_fake, images_per_second; the last one has the generator's file."
)


def add_train(line: Line, readers: Readers) -> None:
    """Give the page the endpoint."""

    async def train(settings: dict[str, Any], request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        with plainly():
            record = Record("A", TrainConfig.from_mapping(settings))
            run = line.join(Order(record, owner=Owner(address_of(request))))
        try:
            while not run.over:
                if readers.read(request.session_hash):
                    run.seen()
                yield report(run)
                await asyncio.sleep(WAIT_EVERY if run.place else REPORT_EVERY)
            if run.state is None:
                raise gr.Error(explain("en", run.error or RuntimeError("the run did not begin")), print_exception=False)
            content, name = network_file(run.state, "generator")
            file = await asyncio.to_thread(as_file, content, name, owner_at(request))
            yield {**report(run), "generator": file}
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
