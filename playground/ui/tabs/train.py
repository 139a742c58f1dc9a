"""Train live: the pair learns from scratch, or from a shipped epoch, before the class's eyes."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import gradio as gr

from playground.checked import ConfigError
from playground.checkpoints import network_bytes
from playground.devices import describe, pick_device
from playground.images import data_url
from playground.live import Run, Studio
from playground.losses import LOSSES
from playground.presets import PRESETS
from playground.shipped import EPOCHS, Shipped
from playground.training import TrainConfig, TrainState
from playground.ui.downloads import as_file, offer
from playground.ui.texts import SEND_LANGUAGE, explain, plainly, politely, t
from playground.ui.widgets import Number
from playground.ui.widgets.chart import Chart
from playground.ui.widgets.drawing import Drawing
from playground.ui.widgets.status import Status

LOOK_EVERY = 0.45  # seconds between two looks at a run
PRESET = "classroom"  # that the page opens with
OPENING = PRESETS[PRESET]
SCRATCH = "scratch"
CHOICES = {  # setting to the keys of its options
    "loss": {f"loss.{name}": name for name in LOSSES},
    "optimizer": {f"optimizer.{name}": name for name in ("adam", "sgd")},
    "norm": {f"norm.{name}": name for name in ("none", "batch")},
    "precision": {f"precision.{name}": name for name in ("auto", "fp32", "bf16")},
}
ROWS = (
    ("loss",),
    ("lr_g", "lr_d", "batch_size", "k", "seed"),
    ("dropout", "smoothing", "average", "beta1", "beta2"),
    ("widths_g", "widths_d", "norm", "optimizer", "precision"),
)
FIELDS = [name for row in ROWS for name in row]
HIDDEN = {"api_visibility": "private", "show_progress": "hidden"}


class Controls(NamedTuple):
    """What the tab's events read and write."""

    preset: gr.Radio
    start: gr.Button
    stop: gr.Button
    status: Status
    chart: Chart
    drawings: Drawing
    keep: gr.Row
    generator: gr.DownloadButton
    discriminator: gr.DownloadButton
    losses: gr.DownloadButton
    explore: gr.Button
    settings: dict[str, gr.components.Component]


class Trained(NamedTuple):
    """What a run leaves for another tab: the button that opens it there, and both networks' files."""

    explore: gr.Button
    generator: gr.DownloadButton
    discriminator: gr.DownloadButton


def build_train(language: gr.Textbox, shipped: Shipped, studio: Studio) -> Trained:
    """Lay out the tab and wire it."""
    parts = _lay_out()
    running: dict[str, Run] = {}  # by the visitor's session: what Stop stops

    async def begin(values: dict[Any, Any], request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        run = None
        with politely(values[language]):
            chosen = {name: values[field] for name, field in parts.settings.items()}
            beginning = await asyncio.to_thread(read_beginning, shipped, chosen.pop("begin"))
            config = read_config(chosen)
            if beginning is not TrainState:
                check_lecture(config)
            run = running[request.session_hash] = studio.begin(config, beginning)
        if run is None:
            return
        try:
            yield _buttons(parts, busy=True)
            while not run.over:
                yield _look(parts, run, values[language])
                await asyncio.sleep(LOOK_EVERY)
            kept = await asyncio.to_thread(_takeaway, parts, run)
            yield {**_look(parts, run, values[language]), **kept, **_buttons(parts, busy=False)}
        finally:  # also when the visitor has closed the tab
            run.halt()
            running.pop(request.session_hash, None)

    def halt(request: gr.Request) -> None:
        if request.session_hash in running:
            running[request.session_hash].halt()

    inputs, outputs = {language, *parts.settings.values()}, {*parts[1:-1]} - {parts.explore}
    fields = [parts.settings[name] for name in settings_of(OPENING)]
    parts.preset.change(lambda name: list(settings_of(PRESETS[name]).values()), parts.preset, fields, **HIDDEN)
    parts.start.click(begin, inputs, outputs, js=SEND_LANGUAGE, concurrency_limit=None, **HIDDEN)
    parts.stop.click(halt, queue=False, **HIDDEN)
    _add_train(studio)
    return Trained(parts.explore, parts.generator, parts.discriminator)


def _add_train(studio: Studio) -> None:
    """The endpoint /train of the Contract."""

    async def train(settings: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        with plainly():
            run = studio.begin(TrainConfig.from_mapping(settings))
        try:
            while not run.over:
                yield update(run)
                await asyncio.sleep(LOOK_EVERY)
            if run.state is None:
                raise gr.Error(explain("en", run.error), print_exception=False)
            yield {**update(run), "generator": await asyncio.to_thread(as_file, *network_file(run, "generator"))}
        finally:
            run.halt()

    gr.api(train, api_name="train", concurrency_limit=None, api_description=(
        "Train the pair on all of MNIST with `settings`, a JSON object of TrainConfig's fields, for example "
        '{"epochs": 1} or {"seconds": 30, "precision": "bf16"}. Streams one object an update: phase, place (in line), '
        "step, epoch, loss_g, loss_d, d_real, d_fake, images_per_second; the last one has the generator's file."
    ))  # fmt: skip


def _buttons(parts: Controls, busy: bool) -> dict[Any, Any]:
    """Start or Stop, whichever can be pressed; what could be kept of the last run goes when a new one begins."""
    updates = {parts.start: gr.update(interactive=not busy), parts.stop: gr.update(interactive=busy)}
    return {**updates, parts.keep: gr.update(visible=False)} if busy else updates


def _look(parts: Controls, run: Run, language: str) -> dict[Any, Any]:
    """All that moves while a run goes on."""
    return {parts.status: standing(run, language), parts.chart: points(run), parts.drawings: picture(run)}


def _takeaway(parts: Controls, run: Run) -> dict[Any, Any]:
    """What may be kept of a run that is over, if it learnt anything."""
    if run.state is None:
        return {}
    files = {parts.losses: offer(*losses_file(run))}
    for role, button in (("generator", parts.generator), ("discriminator", parts.discriminator)):
        files[button] = offer(*network_file(run, role))
    return {**files, parts.keep: gr.update(visible=True)}


def read_config(chosen: dict[str, Any]) -> TrainConfig:
    """The page's settings as a TrainConfig; `budget` says whether `amount` counts epochs or seconds."""
    chosen = {name: _numbers(value) if name.startswith("widths") else value for name, value in chosen.items()}
    budget, amount = chosen.pop("budget"), chosen.pop("amount")
    endless = {"epochs": 100_000} if budget == "seconds" else {}
    return TrainConfig.from_mapping({**chosen, **endless, budget: "" if amount is None else amount})


def _numbers(text: str) -> list[int] | str:
    """Whole numbers with commas between them as a list; anything else as it came, for the config to refuse."""
    parts = [part.strip() for part in str(text).split(",")]
    return [int(part) for part in parts] if all(part.isdecimal() and len(part) < 10 for part in parts) else text


def read_beginning(shipped: Shipped, begin: str | int) -> Callable[[TrainConfig], TrainState]:
    """What makes a run's first state: fresh networks, or both of a shipped epoch. Raises CheckpointError."""
    if begin == SCRATCH:
        return TrainState
    networks = [shipped.network(begin, role) for role in ("generator", "discriminator")]

    def begin_there(config: TrainConfig) -> TrainState:
        return TrainState(config).take_weights(*networks)

    return begin_there


def check_lecture(config: TrainConfig) -> None:
    """Only a run of the lecture's networks can begin from the shipped ones. Raises ConfigError."""
    for name in ("norm", "widths_g", "widths_d"):
        wanted, got = getattr(TrainConfig(), name), getattr(config, name)
        if got != wanted:
            options = wanted if isinstance(wanted, str) else ", ".join(map(str, wanted))
            raise ConfigError(name, got, "choice", options=options)


def points(run: Run) -> dict[str, Any]:
    """The chart's value."""
    curve = [[round(number, 4) for number in point] for point in run.curve.points]
    return {"run": run.name, "points": curve, "balance": LOSSES[run.config.loss].balance}


def picture(run: Run) -> str | None:
    """The sheet's value: the same 64 noises as the generator draws them now."""
    return None if run.sheet is None else data_url(run.sheet)


def standing(run: Run, language: str) -> dict[str, Any]:
    """The status's value. A run by the clock is `timed`: how many epochs it will make nobody knows."""
    phase = "timed" if run.phase == "running" and run.timed else run.phase
    _, _, _, d_real, d_fake = run.curve.all_points[-1] if run.curve.all_points else (0.0,) * 5
    return {
        "phase": "loading" if run.phase == "running" and not run.step else phase,
        "place": run.place,
        "fraction": run.fraction,
        "epoch": run.epoch,
        "epochs": run.config.epochs,
        "left": run.seconds_left,
        "speed": run.images_per_second,
        "d_real": d_real,
        "d_fake": d_fake,
        "error": explain(language, run.error) if run.error else "",
    }


def update(run: Run) -> dict[str, Any]:
    """What /train says of a run."""
    names = ("loss_g", "loss_d", "d_real", "d_fake")
    numbers = run.curve.all_points[-1][1:] if run.curve.all_points else (None,) * 4
    known = {"phase": run.phase, "place": run.place, "step": run.step, "epoch": run.epoch}
    if run.error is not None:
        known["error"] = explain("en", run.error)
    return {**known, **dict(zip(names, numbers, strict=True)), "images_per_second": round(run.images_per_second, 1)}


def network_file(run: Run, role: str) -> tuple[bytes, str]:
    """The run's `generator` or `discriminator` as a file's content and name; its epoch is the last one finished."""
    epoch = max(run.state.epoch - 1, 0)
    network = run.state.forger() if role == "generator" else run.state.discriminator
    return network_bytes(network, role, epoch, run.config), f"{role}-step-{run.step}.safetensors"


def losses_file(run: Run) -> tuple[bytes, str]:
    """Every report of the run as CSV: a file's content and name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "loss_g", "loss_d", "d_real", "d_fake"])
    writer.writerows([int(step), *(f"{number:.6f}" for number in numbers)] for step, *numbers in run.curve.all_points)
    return text.getvalue().encode(), f"losses-step-{run.step}.csv"


def _lay_out() -> Controls:
    """Start and Stop, the losses and the drawings large, what may be kept, and the settings folded away."""
    with gr.Row(elem_classes="commands"):
        preset = gr.Radio(
            [(t(f"preset.{name}"), name) for name in PRESETS], value=PRESET, label=t("train.preset"),
            info=t("train.preset_help"), elem_id="preset", scale=0, min_width=480,
        )  # fmt: skip
        start = gr.Button(t("train.start"), variant="primary", elem_id="train-start", scale=0, min_width=120)
        stop = gr.Button(t("train.stop"), interactive=False, elem_id="train-stop", scale=0, min_width=120)
        status = Status(describe(pick_device()), elem_id="train-status")
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            chart = Chart(elem_id="loss-chart")
        with gr.Column(scale=2, min_width=260):
            drawings = Drawing("live", elem_id="live-sheet")
    with gr.Row(visible=False, elem_id="train-files") as keep:
        explore = gr.Button(t("train.explore"), elem_id="train-explore")
        generator = gr.DownloadButton(t("train.generator"), elem_id="train-generator")
        discriminator = gr.DownloadButton(t("train.discriminator"), elem_id="train-discriminator")
        losses = gr.DownloadButton(t("train.losses"), elem_id="train-losses")
    files = (generator, discriminator, losses)
    return Controls(preset, start, stop, status, chart, drawings, keep, *files, explore, _settings())


def settings_of(config: TrainConfig) -> dict[str, Any]:
    """A config as the page's fields show it, by their names: what `read_config` reads back."""
    budget = "epochs" if config.seconds is None else "seconds"
    shown = {name: getattr(config, name) for name in FIELDS}
    shown |= {name: ", ".join(map(str, getattr(config, name))) for name in ("widths_g", "widths_d")}
    return {"budget": budget, "amount": getattr(config, budget), **shown, "digits": list(config.digits)}


def _settings() -> dict[str, gr.components.Component]:
    """The folded settings, by the name that TrainConfig has for them."""
    shown = settings_of(OPENING)
    with gr.Accordion(t("train.settings"), open=False, elem_id="settings"):
        with gr.Row():
            begin = _choice("begin", [(t("train.scratch"), SCRATCH), *((t(f"epoch.{e}"), e) for e in EPOCHS)], SCRATCH)
            budgets = [(t("train.epochs"), "epochs"), (t("train.seconds"), "seconds")]
            fields = {"begin": begin, "budget": _choice("budget", budgets, shown["budget"])}
            amount = Number(shown["amount"], label=t("train.amount"), info=t("train.amount_help"), elem_id="amount")
            fields["amount"] = amount
        digits = gr.CheckboxGroup(
            [(str(digit), digit) for digit in range(10)], value=shown["digits"], label=t("field.digits"),
            elem_id="set-digits",
        )  # fmt: skip
        for row in ROWS:
            with gr.Row():
                fields |= {name: _field(name, shown[name]) for name in row}
    return {**fields, "digits": digits}


def _choice(name: str, options: list[tuple[Any, Any]], value: Any) -> gr.Radio:
    return gr.Radio(options, value=value, label=t(f"train.{name}"), elem_id=name)


def _field(name: str, value: Any) -> gr.components.Component:
    """One setting: a choice where TrainConfig has one, a text for a list, else a number."""
    common = {"label": t(f"field.{name}"), "info": t(f"train.{name}_help"), "elem_id": f"set-{name}", "min_width": 140}
    if name in CHOICES:
        return gr.Radio([(t(key), option) for key, option in CHOICES[name].items()], value=value, **common)
    return gr.Textbox(value, **common) if name.startswith("widths") else Number(value, **common)
