"""The page's share of the engine's speed: a live run that a plain client reads, or that Chromium shows."""

import json
import statistics
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from playground.benchmark.servers import chromium, serve
from playground.config import MOST_EPOCHS
from playground.data import choose_digits, load_mnist
from playground.presets import PRESETS
from playground.training import TrainConfig, train

PAGE_LOADS = 5000  # ms in which a new page reads its networks, or Plotly's 4.5 MB

# Every change of the status' step, as [ms, step].
WATCH_STEPS = """() => {
  const seen = window.seenSteps = [], device = document.querySelector("#train-status .device");
  new MutationObserver(() => {
    const step = Number(device.textContent.match(/Step (\\d+)/)?.[1] || 0);
    if (step && seen.at(-1)?.[1] !== step) seen.push([performance.now(), step]);
  }).observe(device, { childList: true, characterData: true, subtree: true });
}"""


def compare_tab(config: TrainConfig, pairs: int, seconds: float) -> None:
    """The engine alone and a live run of `python app.py` read by a plain client, in turn; prints the page's share."""
    images, shares = load_mnist()[0], []
    settings = {"seconds": seconds, "epochs": config.epochs, "precision": config.precision}
    with serve() as (address, _):
        for pair in range(pairs):
            alone = run_rate(progress.step for progress in train(replace(config, seconds=seconds), images))
            read = run_rate(update["step"] for update in stream(address, settings))
            shares.append(read / alone)
            _print_pair(pair, alone, read)
    print(f"median share {statistics.median(shares):.3f}")


def compare_live(preset: str, pairs: int, seconds: float) -> None:
    """The engine alone and a run of a preset on the live tab in Chromium, every view on, in turn; prints the share."""
    config, shares = replace(PRESETS[preset], seconds=seconds, epochs=MOST_EPOCHS), []
    images = choose_digits(*load_mnist(), config.digits, config.images)
    with serve() as (address, _), chromium() as browser:
        for pair in range(pairs):
            alone = run_rate(progress.step for progress in train(config, images))
            page = browser.new_page(viewport={"width": 1366, "height": 900}, locale="en-US")
            watched = _live_rate(page, address, preset, seconds)
            page.close()
            shares.append(watched / alone)
            _print_pair(pair, alone, watched)
    print(f"{preset}: median share {statistics.median(shares):.3f}")


def _print_pair(pair: int, alone: float, shown: float) -> None:
    rates = f"alone {alone:.2f} steps/s, page {shown:.2f} steps/s"
    print(f"pair {pair}: {rates}, share {shown / alone:.3f}", flush=True)


def stream(address: str, settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The updates of a run on the page's /train endpoint, by nothing but HTTP."""
    body = json.dumps({"data": [settings]}).encode()
    call = urllib.request.Request(f"{address}/gradio_api/call/train", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(call) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/gradio_api/call/train/{event}") as lines:
        for line in lines:
            if line.startswith(b"data: ["):
                yield json.loads(line[6:])[0]


def run_rate(steps: Iterable[int]) -> float:
    """Steps a second between the first and the last report of a run."""
    reports = [(time.perf_counter(), step) for step in steps if step > 0]
    (begun, first), (ended, last) = reports[0], [r for r in reports if r[1] != reports[-1][1]][-1]
    return (last - first) / (ended - begun)


def _live_rate(page: Any, address: str, preset: str, seconds: float) -> float:
    """Steps a second of a run that a visitor watches, from its first to its last report."""
    page.goto(f"{address}/?tab=train")
    page.wait_for_timeout(PAGE_LOADS)
    _choose_settings(page, preset, seconds)
    page.locator("#advice summary").click()
    page.evaluate(WATCH_STEPS)
    page.locator("#train-start").click()
    page.locator("#verdicts").check()
    page.wait_for_timeout(1000 * (seconds + 2))  # waiting for an element would look for it sixty times a second
    page.locator("#train-files").wait_for()
    seen = page.evaluate("() => window.seenSteps")
    seen = [report for report in seen if report[0] - seen[0][0] > PAGE_LOADS]
    (begun, first), (ended, last) = seen[0], seen[-2]  # the last report comes after the run has been measured
    return float((last - first) / (ended - begun) * 1000)


def _choose_settings(page: Any, preset: str, seconds: float) -> None:
    """Set the preset and the seconds on the live tab."""
    fold = page.locator("#settings").get_by_role("button").first
    fold.click()
    page.locator("#preset input").nth(list(PRESETS).index(preset)).check()
    page.locator("#budget input").nth(1).check()
    amount = page.locator("#amount input")
    while amount.input_value() != f"{seconds:g}":  # the preset's own number may come later
        amount.fill(f"{seconds:g}")
        amount.press("Tab")
        page.wait_for_timeout(300)
    fold.click()
