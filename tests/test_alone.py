"""Every widget alone on a page: each of them stands, and says nothing on the console."""

import pytest
from playwright.sync_api import expect

from playground.ui import alone
from playground.ui.page import launch_options

# What is there as soon as the module has done its work.
SEEN = {
    "banner": "#for-class",
    "explore": "#drawing-199 .verdict:not(.unknown)",
    "noise": "#bars",
    "inside": "#units",
    "many": "figure canvas",
    "ten": "#ten figure canvas",
    "route": "#drawing-way .verdict:not(.unknown)",
    "status": ".sentence:not(:empty)",
    "dial": "input[aria-valuetext]",
    "move": ".moved:not(:empty)",
    "chart": ".js-plotly-plot",
    "runs": "img[src^='data:']",
    "standing": ".stand:not(:empty)",
    "advice": "img[src^='data:']",
    "failure": "#recipe-guess input",
    "story": "#story-sheet[data-epoch]",
    "learn": "#lesson-1 #game-play",
}


def test_every_widget_can_be_had_alone():
    assert set(SEEN) == set(alone.WIDGETS)


# Each needs a server of its own; in the page itself other tests see them all.
EACH = [name if name in ("chart", "explore") else pytest.param(name, marks=pytest.mark.slow) for name in SEEN]


@pytest.mark.parametrize("name", EACH)
def test_a_widget_stands_alone(browser, monkeypatch, name):
    monkeypatch.setattr(alone, "SECONDS", 1.0)
    page = alone.build_alone(name)
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    visitor, said = browser.new_page(locale="en-US"), []
    visitor.on("pageerror", lambda error: said.append(str(error)))
    visitor.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    try:
        visitor.goto(f"{address}?tab={alone.WIDGETS[name][0]}")
        expect(visitor.locator(SEEN[name]).first).to_be_attached()
        assert said == []
    finally:
        visitor.close()
        page.close()
