"""One widget alone on a page, to work on it: `python -m playground.ui.alone chart`."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from playground.devices import describe, pick_device
from playground.limits import Limits
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Order
from playground.live.shelf import Shelf
from playground.presets import PRESETS
from playground.shipped import Shipped
from playground.ui.page import TABS, launch_options
from playground.ui.tabs.epochs import build_epochs
from playground.ui.tabs.explore import first_drawings, real_sheet
from playground.ui.tabs.learn import build_learn
from playground.ui.tabs.train.controls import DIALS
from playground.ui.tabs.train.shown import all_parts, expected, status
from playground.ui.widgets import (
    Advice,
    Banner,
    Chart,
    Dial,
    Explore,
    Failure,
    Inside,
    Many,
    Move,
    Noise,
    Route,
    Runs,
    Standing,
    Status,
    Ten,
)

SECONDS = 5.0  # of the run that the live tab's widgets show


def trained(players: tuple[str, ...] | None = None) -> dict[str, Any]:
    """What the widgets of the live tab are sent at the end of a run: a real one of SECONDS, or a single step."""
    record = Record("A", replace(PRESETS["classroom"], seconds=SECONDS))
    run = Line().join(Order(record, players=players, watched=True))
    while not run.over:
        run.seen()
        time.sleep(0.1)
    return {"status": status(run, "en"), **all_parts(Shelf(records={"A": record}), record, run.move)}


def asked() -> dict[str, Any]:
    """What the live tab is sent when a recipe is chosen."""
    return {"failure": expected("collapse")}


def live(widget: Callable[[], gr.HTML], sent: Callable[[], dict[str, Any]] = trained) -> Callable[[], None]:
    """Lays out a widget of the live tab under the status, through which it gets what it shows."""

    def build() -> None:
        Status(describe(pick_device()), Limits(), value=sent())
        widget()

    return build


def dial() -> None:
    """Lay out a slider and the field that it sets."""
    gr.Number(1, elem_id="set-k")
    Dial("k", DIALS["k"])


# Widget to the tab that the address must name, as the state does, and what lays the widget out.
WIDGETS: dict[str, tuple[str, Callable[[], Any]]] = {
    "banner": ("explore", lambda: Banner(list(TABS.values()))),
    "explore": ("explore", lambda: Explore(real_sheet(), first_drawings(Shipped()))),
    "noise": ("explore", Noise),
    "inside": ("explore", Inside),
    "many": ("explore", Many),
    "ten": ("explore", Ten),
    "route": ("interpolate", Route),
    "status": ("train", lambda: Status(describe(pick_device()), Limits(), value=trained())),
    "dial": ("train", dial),
    "move": ("train", live(Move, lambda: trained(("discriminator", "generator")))),
    "chart": ("train", live(lambda: Chart(None))),
    "runs": ("train", live(Runs)),
    "standing": ("train", live(Standing)),
    "advice": ("train", live(Advice)),
    "failure": ("train", live(Failure, asked)),
    "story": ("epochs", build_epochs),
    "learn": ("learn", lambda: build_learn(Shipped())),
}


def build_alone(name: str) -> gr.Blocks:
    """A page with nothing but the widget `name`, one of WIDGETS."""
    page = gr.Blocks(title=name, analytics_enabled=False)
    with page:
        WIDGETS[name][1]()
    return page


def main(arguments: list[str] | None = None) -> int:
    """Serve a widget until Ctrl-C; without a name list them. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m playground.ui.alone", description=__doc__)
    parser.add_argument("widget", nargs="?", choices=WIDGETS)
    name = parser.parse_args(arguments).widget
    if name is None:
        print("\n".join(WIDGETS))
        return 0
    page = build_alone(name)
    page.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    print(f"{page.local_url}?tab={WIDGETS[name][0]}", flush=True)
    page.block_thread()
    return 0


if __name__ == "__main__":
    sys.exit(main())
