"""The live tab's controls: what lies where, and its fields as a TrainConfig and back."""

from typing import Any, NamedTuple

import gradio as gr

from playground.checked import ConfigError, rules_of
from playground.config import ALL_IMAGES, MOST_EPOCHS, TrainConfig, check_same
from playground.devices import describe, pick_device
from playground.limits import Limits
from playground.losses import LOSSES
from playground.presets import BEGINS, PRESETS
from playground.recipes import RECIPES, SCRATCH
from playground.shipped import EPOCHS
from playground.ui.tabs.train.shown import facts
from playground.ui.texts import t
from playground.ui.widgets import Advice, Chart, Failure, Number, Radio, Runs, Standing, Status

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
ROWS = (
    ("loss",),
    ("lr_g", "lr_d", "k", "smoothing", "dropout"),
    ("batch_size", "images", "seed", "average", "beta1", "beta2"),
    ("latent_dim", "widths_g", "widths_d", "norm", "optimizer", "precision"),
)
FIELDS = [name for row in ROWS for name in row]
WHERE = ("device", "server")
# What the browser is handed of a click on this device, and what it may change, by name (browser/train/device.js).
INPUTS = ["point", "preset", "recipe", "begin", "budget", "amount", *FIELDS, "digits"]
OUTPUTS = ["where", "start", "pause", "go_on", "more", "stop", "cure", "step_d", "step_g", "step_both",
           "point", "points_row", "fork", "drop", "reset", "undo", "files_row", *INPUTS[1:]]  # fmt: skip
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
    drop: gr.Button
    reset: gr.Button
    undo: gr.Button  # beside the row, which disappears with the last point
    files_row: gr.Row
    explore: gr.Button
    files: dict[str, gr.Button]
    open: gr.UploadButton
    settings: dict[str, gr.components.Component]


def lay_out(limits: Limits) -> Controls:
    """Start and its like, the curves and the drawings large, how the standing stands, and the rest folded away."""
    commands = _commands(limits)
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            chart = Chart(elem_id="loss-chart")
        with gr.Column(scale=2, min_width=260):
            sheets = Runs(elem_id="live-sheet")
    standing = Standing(elem_id="standing")
    rows = {**_points(), **_files()}
    advice = Advice(elem_id="advice")
    opened, settings = _settings(limits.uploads)
    shown: dict[str, Any] = {"chart": chart, "sheets": sheets, "standing": standing, "advice": advice}
    return Controls(ticket=gr.Textbox(visible=False), open=opened, settings=settings, **commands, **shown, **rows)


def _button(name: str, width: int | None = None, **more: Any) -> gr.Button:
    """A button under its name in the texts; one with a `width` does not grow with its row."""
    sizes: dict[str, Any] = {} if width is None else {"scale": 0, "min_width": width}
    return gr.Button(t(f"train.{name}"), elem_id=f"train-{name.replace('_', '-')}", **sizes, **more)


def _choices(limits: Limits) -> dict[str, Any]:
    """The presets, where to train, and the status."""
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
        given = {"facts": facts(), "rules": rules_of(TrainConfig), "handed": INPUTS, "changed": OUTPUTS}
        status = Status(describe(pick_device()), limits, elem_id="train-status", **given)
    return {"preset": preset, "where": where, "status": status}


def _commands(limits: Limits) -> dict[str, Any]:
    """The choices, and below them what trains and what ends that."""
    choices = _choices(limits)
    recipes = [(t(f"recipe.{name}"), name) for name in RECIPES]
    recipe = Radio(recipes, elem_id="recipe", label=t("train.recipe"))
    failure = Failure(elem_id="failure")
    gr.Markdown(t("error.no_training"), visible=not limits.training, elem_id="no-training")
    with gr.Row(elem_classes="commands drive"):
        start = _button("start", 120, variant="primary")
        endings = {name: _button(name, 130, interactive=False) for name in ("pause", "go_on", "stop")}
        more = _button("more", 170, visible=False, variant="primary")
        cure = gr.Button(
            t("recipe.cure"), elem_id="recipe-cure", visible=False, variant="primary", scale=0, min_width=130
        )
        steps = {name: _button(name, 170) for name in STEPS}
    act = gr.Button(visible="hidden", elem_id="device-act")
    offered: dict[str, Any] = {"act": act, "recipe": recipe, "failure": failure, "cure": cure, "more": more}
    return {**choices, "start": start, "steps": steps, **offered, **endings}


def _points() -> dict[str, Any]:
    """What appears under a run that has paused or ended: the points to continue from."""
    with gr.Row(visible=False, elem_id="train-kept", elem_classes="commands") as row:
        point = Radio([], label=t("train.point"), info=t("train.point_help"), elem_id="point", scale=1)
        buttons = {name: _button(name, 150) for name in ("fork", "drop", "reset")}
    return {"points_row": row, "point": point, "undo": _button("undo", visible=False), **buttons}


def _files() -> dict[str, Any]:
    """What can be done with the networks of a run, and what can be saved of it."""
    with gr.Row(visible=False, elem_id="train-files") as row:
        explore = _button("explore")
        files = {name: _button(name) for name in FILES}
    return {"files_row": row, "explore": explore, "files": files}


def _settings(uploads: bool) -> tuple[gr.UploadButton, dict[str, gr.components.Component]]:
    """The folded settings, by the name that TrainConfig has for them, and the button that opens a file of them."""
    shown = settings_of(OPENING)
    with gr.Accordion(t("train.settings"), open=False, elem_id="settings"):
        with gr.Row():
            origins = [(t("train.scratch"), SCRATCH), *((t(f"epoch.{e}"), e) for e in EPOCHS), (t("train.last"), LAST)]
            budgets = [(t(f"train.{name}"), name) for name in BUDGETS]
            fields: dict[str, gr.components.Component] = {
                "begin": _choice("begin", origins, SCRATCH),
                "budget": _choice("budget", budgets, shown["budget"]),
                "amount": Number(shown["amount"], label=t("train.amount"), elem_id="amount"),
            }
        ten = [(str(digit), digit) for digit in range(10)]
        digits = gr.CheckboxGroup(ten, value=shown["digits"], label=t("field.digits"), elem_id="set-digits")
        gr.Markdown(t("train.slide"), elem_classes=["slide", "code-13-23"])
        gr.Markdown(t("train.changes_help"))
        for row in ROWS:
            with gr.Row():
                fields |= {name: _field(name, shown[name]) for name in row}
        looks: dict[str, Any] = {"label": t("train.open_settings"), "size": "sm", "scale": 0}
        opened = gr.UploadButton(visible=uploads, elem_id="train-open-settings", **looks)
    return opened, {**fields, "digits": digits}


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
