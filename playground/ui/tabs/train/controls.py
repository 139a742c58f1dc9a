"""The live tab's controls: what lies where, and its fields as a TrainConfig and back."""

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from playground.checked import ConfigError, rules_of
from playground.config import ALL_IMAGES, MOST_EPOCHS, TrainConfig, check_same
from playground.data import DataError
from playground.devices import describe, pick_device
from playground.history import read_history
from playground.limits import Limits
from playground.losses import LOSSES
from playground.presets import BEGINS, PRESETS
from playground.recipes import RECIPES, SCRATCH
from playground.shipped import EPOCHS
from playground.ui.tabs.train.shown import facts, ghost
from playground.ui.texts import t
from playground.ui.widgets import Advice, Chart, Dial, Failure, Move, Number, Radio, Runs, Standing, Status

OPENING = PRESETS[BEGINS["server"]]  # that the page opens with
LAST = "last"
ENDLESS = "endless"  # the budget of a run that goes on until it is stopped
BUDGETS = ("epochs", "seconds", "steps", ENDLESS)
CHOICES = {  # setting to the keys of its options
    "loss": {f"loss.{name}": name for name in LOSSES},
    "optimizer": {f"optimizer.{name}": name for name in ("adam", "sgd")},
    "norm": {f"norm.{name}": name for name in ("none", "batch")},
    "precision": {f"precision.{name}": name for name in ("auto", "fp32", "bf16")},
}
RATES = (*(float(f"{digits}e{power}") for power in range(-5, 0) for digits in (1, 1.5, 2, 3, 4, 6, 8)), 1.0)
# The settings beside the plot, and where the slider of one stops; its field takes whatever is allowed.
DIALS: dict[str, Sequence[float]] = {
    "lr_g": RATES,
    "lr_d": RATES,
    "k": range(1, 11),
    "batch_size": [2**n for n in range(3, 11)],
}
ROWS = (  # of the panel with all others
    ("smoothing", "dropout"),
    ("images", "seed"),
    ("average", "latent_dim"),
    ("beta1", "beta2"),
    ("widths_g", "widths_d"),
    ("norm", "optimizer"),
    ("precision",),
)
FIELDS = ["loss", *DIALS, *(name for row in ROWS for name in row)]
WHERE = ("device", "server")
# What the browser is handed of a click on this device, and what it may change, by name (browser/train/device.js).
INPUTS = ["visitor", "point", "preset", "recipe", "begin", "budget", "amount", *FIELDS, "digits"]
OUTPUTS = ["where", "start", "pause", "go_on", "more", "stop", "cure", "step_d", "step_g", "step_both",
           "point", "points_row", "fork", "to_server", "to_device", "drop", "reset", "undo", "files_row",
           *INPUTS[2:]]  # fmt: skip
STEPS = {"step_d": ("discriminator",), "step_g": ("generator",), "step_both": ("discriminator", "generator")}
FILES = ("generator", "discriminator", "losses", "settings_file", "film")


class Controls(NamedTuple):
    """What the tab's events read and write. `steps`, `files` and `settings` are by name."""

    where: gr.Radio  # "device" or "server"
    act: gr.Button  # unseen: by it the browser asks for the fields
    preset: gr.Radio
    recipe: gr.Radio
    failure: Failure
    cure: gr.Button
    start: gr.Button
    pause: gr.Button
    go_on: gr.Button
    more: gr.Button
    stop: gr.Button
    steps: dict[str, gr.Button]
    ticket: gr.Textbox  # of the run that a click has put into the line
    status: Status
    chart: Chart
    sheets: Runs
    standing: Standing
    advice: Advice
    points_row: gr.Row
    point: gr.Radio
    fork: gr.Button
    to_server: gr.Button  # of these two the browser alone hears
    to_device: gr.Button
    drop: gr.Button
    reset: gr.Button
    undo: gr.Button  # beside the row, which disappears with the last point
    files_row: gr.Row
    explore: gr.Button
    files: dict[str, gr.Button]
    open: gr.UploadButton
    settings: dict[str, gr.components.Component]


def lay_out(limits: Limits) -> Controls:
    """What trains, the cockpit (settings, curves and drawings side by side), and how the contest stands."""
    commands = _commands(limits)
    with gr.Row(elem_id="cockpit"):
        with gr.Column(elem_id="dials", scale=0, min_width=300):
            opened, settings = _settings(limits.uploads)
            lab = _recipes()
        with gr.Column(elem_id="curves", min_width=300):
            with gr.Row():
                with gr.Column(scale=3, min_width=300):
                    chart = Chart(_ghost(), elem_id="loss-chart")
                with gr.Column(scale=2, min_width=240):
                    sheets = Runs(elem_id="live-sheet")
            standing = Standing(elem_id="standing")
    rows = {**_points(), **_files()}
    advice = Advice(elem_id="advice")
    shown: dict[str, Any] = {"chart": chart, "sheets": sheets, "standing": standing, "advice": advice}
    asked: dict[str, Any] = {"ticket": gr.Textbox(visible=False), "open": opened, **lab}
    return Controls(settings=settings, **asked, **commands, **shown, **rows)


def _ghost() -> dict[str, Any] | None:
    """The shipped run as the chart shows it before the first one; None where its log is missing or damaged."""
    try:
        return ghost(read_history())
    except DataError as error:
        print(error, file=sys.stderr)
        return None


def _button(name: str, width: int | None = None, **more: Any) -> gr.Button:
    """A button under its name in the texts; one with a `width` does not grow with its row."""
    sizes: dict[str, Any] = {} if width is None else {"scale": 0, "min_width": width}
    return gr.Button(t(f"train.{name}"), elem_id=f"train-{name.replace('_', '-')}", **sizes, **more)


def _choices(limits: Limits) -> dict[str, Any]:
    """The presets, and where to train."""
    with gr.Row(elem_classes="commands"):
        presets = [(t(f"preset.{name}"), name) for name in PRESETS]
        preset = Radio(
            presets, value=BEGINS["server"], elem_id="preset", label=t("train.preset"), scale=0, min_width=580
        )
        places = [(t(f"train.where_{place}"), place) for place in WHERE if place == "device" or limits.training]
        where = Radio(
            places,
            value=places[-1][1],
            elem_id="train-where",
            label=t("train.where"),
            scale=0,
            min_width=240,
            interactive=True,  # no event of Gradio has it as an input
        )
    return {"preset": preset, "where": where}


def _commands(limits: Limits) -> dict[str, Any]:
    """The choices, and below them what trains, what ends that, single steps with what they change, and the status."""
    choices = _choices(limits)
    gr.Markdown(t("error.no_training"), visible=not limits.training, elem_id="no-training")
    with gr.Row(elem_classes="commands drive"):
        start = _button("start", 110, variant="primary")
        endings = {name: _button(name, 110, interactive=False) for name in ("pause", "go_on", "stop")}
        more = _button("more", 150, visible=False)
        cure = gr.Button(t("recipe.cure"), elem_id="recipe-cure", visible=False, scale=0, min_width=110)
        steps = {name: _button(name, 130) for name in STEPS}
        Move(elem_id="moved")
    given = {"facts": facts(), "rules": rules_of(TrainConfig), "handed": INPUTS, "changed": OUTPUTS}
    status = Status(describe(pick_device()), limits, elem_id="train-status", **given)
    act = gr.Button(visible="hidden", elem_id="device-act")
    offered: dict[str, Any] = {"act": act, "status": status, "cure": cure, "more": more}
    return {**choices, "start": start, "steps": steps, **offered, **endings}


def _recipes() -> dict[str, Any]:
    """The failures on demand, folded, with what the class expects and what happened."""
    with gr.Accordion(t("train.recipe"), open=False, elem_id="failures"):
        recipes = [(t(f"recipe.{name}"), name) for name in RECIPES]
        recipe = Radio(recipes, elem_id="recipe", show_label=False, label=t("train.recipe"))
        return {"recipe": recipe, "failure": Failure(elem_id="failure")}


def _points() -> dict[str, Any]:
    """What appears under a run that has paused or ended: the points to continue from, here or on the other side."""
    with gr.Row(visible=False, elem_id="train-kept", elem_classes="commands") as row:
        point = Radio([], label=t("train.point"), info=t("train.point_help"), elem_id="point", scale=1)
        shown = {"fork": True, "to_server": False, "to_device": True, "drop": True, "reset": True}
        buttons = {name: _button(name, 150, visible=visible) for name, visible in shown.items()}
    return {"points_row": row, "point": point, "undo": _button("undo", visible=False), **buttons}


def _files() -> dict[str, Any]:
    """What can be done with the networks of a run, and what can be saved of it."""
    with gr.Row(visible=False, elem_id="train-files") as row:
        explore = _button("explore")
        files = {name: _button(name) for name in FILES}
    return {"files_row": row, "explore": explore, "files": files}


def _settings(uploads: bool) -> tuple[gr.UploadButton, dict[str, gr.components.Component]]:
    """The settings beside the plot and the folded ones, by the name that TrainConfig has for them.

    With them comes the button that opens a file of settings.
    """
    shown = settings_of(OPENING)
    fields = {"loss": _field("loss", shown["loss"])}
    for name, stops in DIALS.items():
        fields[name] = _field(name, shown[name])
        Dial(name, stops, elem_id=f"dial-{name}")
    with gr.Accordion(t("train.settings"), open=False, elem_id="settings"):
        fields |= _budget(shown)
        gr.Markdown(t("train.slide"), elem_classes=["slide", "code-13-23"])
        gr.Markdown(t("train.changes_help"))
        for row in ROWS:
            with gr.Row():
                fields |= {name: _field(name, shown[name]) for name in row}
        looks: dict[str, Any] = {"label": t("train.open_settings"), "size": "sm", "scale": 0}
        opened = gr.UploadButton(visible=uploads, elem_id="train-open-settings", **looks)
    first = {name: fields[name] for name in ("begin", "budget", "amount")}
    return opened, {**first, **{name: fields[name] for name in FIELDS}, "digits": fields["digits"]}


def _budget(shown: dict[str, Any]) -> dict[str, gr.components.Component]:
    """Where a run begins, for how long it goes on, and which digits it learns from."""
    origins = [(t("train.scratch"), SCRATCH), *((t(f"epoch.{e}"), e) for e in EPOCHS), (t("train.last"), LAST)]
    budgets = [(t(f"train.{name}"), name) for name in BUDGETS]
    ten = [(str(digit), digit) for digit in range(10)]
    return {
        "begin": _choice("begin", origins, SCRATCH),
        "budget": _choice("budget", budgets, shown["budget"]),
        "amount": Number(shown["amount"], label=t("train.amount"), elem_id="amount"),
        "digits": gr.CheckboxGroup(ten, value=shown["digits"], label=t("field.digits"), elem_id="set-digits"),
    }


def _choice(name: str, options: list[tuple[Any, Any]], value: Any) -> gr.Radio:
    return Radio(options, value=value, label=t(f"train.{name}"), elem_id=name)


def _field(name: str, value: Any) -> gr.components.Component:
    """One setting: a choice where TrainConfig has one, a text for a list, else a number."""
    words: dict[str, Any] = {"label": t(f"field.{name}"), "info": t(f"train.{name}_help")}
    common = {**words, "elem_id": f"set-{name}", "min_width": 140}
    if name in CHOICES:
        return Radio([(t(key), option) for key, option in CHOICES[name].items()], value=value, **common)
    return gr.Textbox(value, **common) if name.startswith("widths") else Number(value, **common)


def settings_of(config: TrainConfig) -> dict[str, Any]:
    """A config as the page's fields show it, by their names: what `read_config` reads back."""
    counted = "epochs" if config.epochs < MOST_EPOCHS else ENDLESS
    budget = next((name for name in ("seconds", "steps") if getattr(config, name) is not None), counted)
    amount = TrainConfig().epochs if budget == ENDLESS else getattr(config, budget)
    shown = {name: getattr(config, name) for name in FIELDS}
    shown |= {name: ", ".join(map(str, getattr(config, name))) for name in ("widths_g", "widths_d")}
    shown["images"] = config.images or ALL_IMAGES  # a Number without a value sends 0
    return {"budget": budget, "amount": amount, **shown, "digits": list(config.digits)}


def read_config(chosen: dict[str, Any]) -> TrainConfig:
    """The page's settings as a TrainConfig; `budget` says what `amount` counts, if anything. Raises ConfigError."""
    chosen = {name: _numbers(value) if name.startswith("widths") else value for name, value in chosen.items()}
    budget, amount = chosen.pop("budget"), chosen.pop("amount")
    if budget not in BUDGETS:
        raise ConfigError("budget", budget, "choice", options=", ".join(BUDGETS))
    if chosen.get("images") == ALL_IMAGES:
        chosen["images"] = None
    endless = {} if budget == "epochs" else {"epochs": MOST_EPOCHS}
    counted = {} if budget == ENDLESS else {budget: "" if amount is None else amount}
    return TrainConfig.from_mapping({**chosen, **endless, **counted})


def read_settings(content: bytes) -> dict[str, Any]:
    """A settings file as the page's fields show it. Raises ConfigError, also for what the page has no field for."""
    config = TrainConfig.from_json(content)
    check_same(config, TrainConfig(), ("architecture",))
    return settings_of(config)


def _numbers(text: str) -> list[int] | str:
    """Whole numbers with commas between them as a list; anything else as it came, for the config to refuse."""
    parts = [part.strip() for part in str(text).split(",")]
    return [int(part) for part in parts] if all(part.isdecimal() and len(part) < 10 for part in parts) else text
