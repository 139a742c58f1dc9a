"""Makes the moving pictures of the READMEs: `PYTHONPATH=. python docs/make_film.py`.

A hand moves the noise, the handle goes through the 200 epochs, and a pair trains live. Needs requirements-dev.txt and
Chromium.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from playground.benchmark.servers import chromium, serve

DOCS = Path(__file__).parent
VIEW = {"width": 1180, "height": 720}  # pixels
SHOWN = (640, 390)  # of the film
COLOURS, FRAME = 64, 140  # milliseconds a frame
MOST = 3_000_000  # bytes
READY = {"explore": "#drawing-199 .number", "epochs": "#story", "train": "#train-status .sentence"}
LOCALES = {"en": ("en-US", "film.gif"), "ko": ("ko-KR", "film.ko.gif")}


def explore(page: Any) -> Iterator[bytes]:
    """The noise is moved along one direction and back."""
    for tenths in [*range(0, 100, 12), *range(100, -100, -12), *range(-100, 1, 12)]:
        page.evaluate("(moved) => ganPage.set({ moves: [moved, 0, 0, 0, 0, 0, 0, 0] })", tenths)
        page.wait_for_timeout(60)
        yield page.screenshot()


def epochs(page: Any) -> Iterator[bytes]:
    """All 64 noises, from static to digits."""
    for moment in [0, 1, 2, 3, 5, 8, 12, 17, 23, 30, 40, 50, 65, 80, 100, 125, 150, 175, 199, 199]:
        page.evaluate("(moment) => ganPage.set({ moment })", moment)
        page.wait_for_timeout(250)
        yield page.screenshot()


def train(page: Any) -> Iterator[bytes]:
    """The preset Classroom from scratch."""
    page.locator("#train-start").click()
    for _ in range(18):
        page.wait_for_timeout(2000)
        yield page.screenshot()


def film(page: Any, address: str) -> Iterator[Image.Image]:
    """The frames, one after the other."""
    for tab, act in (("explore", explore), ("epochs", epochs), ("train", train)):
        page.goto(f"{address}/?tab={tab}")
        page.locator(READY[tab]).first.wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        for shot in act(page):
            picture = Image.open(io.BytesIO(shot)).convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS)
            yield picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)  # keeps the hues


def main() -> None:
    """Film the page in both languages."""
    with serve() as (address, _), chromium() as browser:
        for locale, name in LOCALES.values():
            page = browser.new_context(locale=locale, viewport=VIEW).new_page()
            first, *rest = film(page, address)
            first.save(DOCS / name, save_all=True, append_images=rest, duration=FRAME, loop=0, optimize=True)
            size = (DOCS / name).stat().st_size
            print(f"{name}: {1 + len(rest)} frames, {size:,} bytes")
            if size > MOST:
                raise SystemExit(f"{name} is larger than {MOST:,} bytes")


if __name__ == "__main__":
    main()
