"""Makes the still pictures of the READMEs: `PYTHONPATH=. python docs/make_pictures.py [NAME ...]`, by default all.

Every picture is the page itself, in both languages. Needs requirements-dev.txt and Chromium.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.benchmark.servers import chromium, serve

DOCS = Path(__file__).parent
WIDTH = 1366  # pixels
LOCALES = {"en-US": "{}.png", "ko-KR": "{}.ko.png"}
RUN, QUIET = 24_000, 2_500  # milliseconds that a pair trains, and that nothing moves before a picture
WHOLE = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"
REST = "#train-start:not([disabled])"


def explore(page: Any) -> None:
    """One noise, and all three networks."""
    page.wait_for_function(WHOLE)


def interpolate(page: Any) -> None:
    """In the middle of the way."""
    page.locator("#drawing-way .verdict:not(.unknown)").first.wait_for()


def train(page: Any) -> None:
    """A pair on this device, and a fork of it whose detective learns faster."""
    page.locator("#train-where input").first.check()
    page.locator("#train-status .device", has_text="WebAssembly").wait_for()
    for button, rate in (("start", None), ("fork", "0.002")):
        if rate:
            page.locator("#set-lr_d input").fill(rate)
            page.locator("#set-lr_d input").press("Tab")
        page.locator(f"#train-{button}").click()
        page.locator("#live-sheet figure").nth(1 if rate else 0).wait_for()
        page.wait_for_timeout(RUN)
        page.locator("#train-stop").click()
        page.locator(REST).wait_for()
    page.locator("#advice summary").click()
    page.evaluate("() => scrollTo(0, 0)")


def epochs(page: Any) -> None:
    """A moment of the shipped run, and its place on every curve."""
    page.locator("#story-sheet[data-epoch]").wait_for()
    page.locator("#story .js-plotly-plot").wait_for()


def learn(page: Any) -> None:
    """One turn of training in slow motion."""
    page.locator(".page-turn .stage, .page-turn canvas").first.wait_for()


# Name of the picture to the page's address, how high the picture is (None: as the page), and what is done before it.
PICTURES: dict[str, tuple[str, int | None, Callable[[Any], None]]] = {
    "page": ("?tab=explore", 768, explore),
    "interpolate": ("?tab=interpolate", 900, interpolate),
    "train": ("?tab=train", None, train),
    "epochs": ("?tab=epochs", 960, epochs),
    "learn": ("?tab=learn&lesson=5", 1060, learn),
}


def main(names: list[str]) -> None:
    """Photograph the page for each picture, in both languages."""
    with serve() as (address, _), chromium() as browser:
        for locale, file in LOCALES.items():
            for name in names or PICTURES:
                query, height, act = PICTURES[name]
                view = {"width": WIDTH, "height": height or 768}
                page = browser.new_context(locale=locale, viewport=view).new_page()
                page.set_default_timeout(120_000)
                page.goto(f"{address}/{query}")
                act(page)
                page.wait_for_timeout(QUIET)
                page.screenshot(path=DOCS / file.format(name), full_page=height is None)
                page.context.close()
                print(file.format(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
