"""Makes the still pictures of the READMEs: `PYTHONPATH=. python docs/make_pictures.py [NAME ...]`, by default all.

Every picture is the page itself, in both languages. Needs requirements-dev.txt and Chromium.
"""

import io
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from playground.benchmark.servers import chromium, serve
from playground.data import load_mnist
from playground.room.detective import COLUMNS

DOCS = Path(__file__).parent
WIDTH = 1366  # pixels
LOCALES = {"en-US": "{}.png", "ko-KR": "{}.ko.png"}
RUN, QUIET = 24_000, 2_500  # milliseconds that a pair trains, and that nothing moves before a picture
WHOLE = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"
REST = "#train-start:not([disabled])"
STUDENTS, SEED = 16, 7  # of the class that plays, and of what its answers are drawn from
# How the class's rounds are set: whose the fakes are, how many pictures, and what share of them people tell right. More
# answers at once the server would refuse to take of a member.
ROUNDS = (("0", 6, 0.92), ("100", 6, 0.72), ("199", 12, 0.65))


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


def together(page: Any) -> None:
    """A class beside D, after a round with the fakes of each epoch."""
    page.locator("#for-class summary").click()
    page.locator("#room-open").click()
    page.locator("#room-code:not(:empty)").wait_for()
    room, chance = f"/room/{page.locator('#room-code').inner_text()}", random.Random(SEED)
    with httpx.Client(base_url=page.url.partition("?")[0], trust_env=False) as client:
        seats = [client.post(f"{room}/join", json={}).raise_for_status().json() for _ in range(STUDENTS)]
        for epoch, pictures, share in ROUNDS:
            page.locator("#room-play").click()
            page.locator("#round-epoch").select_option(epoch)
            page.locator("#round-pictures").select_option(str(pictures))
            page.locator("#round-start").click()
            page.locator("#round-reveal").wait_for()
            vote(client, room, seats, share, chance)
            page.locator("#round-reveal").click()
            page.locator(".outcome figure").nth(pictures - 1).wait_for()
        for seat in seats:  # who asks is here, for a while
            client.get(room, params={"member": seat["number"]}).raise_for_status()


def vote(client: httpx.Client, room: str, seats: list[Any], share: float, chance: random.Random) -> None:
    """Let all answer all pictures: so large a share is right, more where a picture is easy and less where not."""
    asked = client.get(room).raise_for_status().json()["round"]
    sheet = client.get(f"{room}/sheets/{asked['sheet']}").raise_for_status().content
    for item, real in enumerate(reals(sheet)):
        ease = chance.betavariate(4 * share, 4 * (1 - share))
        for seat in seats:
            answer = int(real if chance.random() < ease else not real)
            body = {"token": seat["token"], "round": asked["number"], "item": item, "answer": answer}
            client.post(f"{room}/vote", json=body).raise_for_status()


def reals(sheet: bytes) -> list[bool]:
    """Which pictures of a round's sheet are MNIST's: the room tells nobody before the reveal."""
    images = load_mnist(train=False)[0].numpy()
    known, side = {image.tobytes() for image in images}, images.shape[1]
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    rows = pixels.reshape(-1, side, COLUMNS, side).swapaxes(1, 2)
    return [picture.tobytes() in known for picture in rows.reshape(-1, side, side)]


# Name of the picture to the page's address, how high the picture is (None: as the page), and what is done before it.
PICTURES: dict[str, tuple[str, int | None, Callable[[Any], None]]] = {
    "page": ("?tab=explore", 768, explore),
    "interpolate": ("?tab=interpolate", 900, interpolate),
    "train": ("?tab=train", None, train),
    "epochs": ("?tab=epochs", 960, epochs),
    "learn": ("?tab=learn&lesson=5", 1060, learn),
    "class": ("?tab=learn", 660, together),
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
