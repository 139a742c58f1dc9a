"""What a preset's run on the visitor's own device is worth: trained in Chromium by the page itself, judged here."""

import statistics
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playground.benchmark.servers import chromium, serve
from playground.checkpoints import load_network
from playground.metrics import Examiner
from playground.presets import PRESETS
from playground.pretrain import JUDGE
from playground.shipped import CHECKPOINTS

READABLE = 0.5  # share of the drawings in which the judge finds a digit: from there on a visitor sees digits

# The run that is under way: seconds since its first step, and the share of its drawings that are recognisable.
STANDING = """() => {
  const { run } = window.ganDevice.shop;
  if (!run || run.phase === "fetching" || !run.record.curve.all.length) return null;
  window.begunAt ??= performance.now() - 1000 * run.record.spent;
  return [(performance.now() - window.begunAt) / 1000, run.record.measures.at(-1)?.recognisable ?? 0, run.record.step];
}"""


def measure_here(name: str, seeds: int, seconds: float, workers: int | None) -> None:
    """Train a preset by the page for so many seconds, a seed after another; prints what its drawings are worth.

    `workers`: how many train; None: as many as the page finds to help. Seconds are those of the wall, from the first
    step on, and what the page looks at and measures meanwhile counts.
    """
    examiner = Examiner.open(JUDGE)
    print(f"the shipped run's last epoch: {(CHECKPOINTS / 'history.csv').read_text().splitlines()[-1]}")
    distances = []
    with serve() as (address, _), chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            page = browser.new_context().new_page()
            started = start_here(page, address, name, seed, workers)
            took, readable, step = _watch(page, seconds)
            generator = load_network(_generator(page, Path(folder)), "generator").network
            found = examiner.measure(generator)  # type: ignore[arg-type]  # it has checked the role
            distances.append(found.frechet)
            run = f"{took:.0f} s, {step} steps, readable after {readable}"
            print(f"{name}, seed {seed}, {started} workers: {run}, {found}", flush=True)
            page.context.close()
    low, median, high = min(distances), statistics.median(distances), max(distances)
    print(f"{name}: Frechet distance {low:.1f} to {high:.1f}, median {median:.1f}")


def start_here(page: Any, address: str, name: str, seed: int = 0, workers: int | None = None) -> int:
    """Press Start with a preset on this device, and wait for its first step; how many workers train."""
    page.goto(f"{address}/?tab=train")
    page.wait_for_function("() => window.ganDevice")
    page.locator("#train-where input").first.check()
    page.wait_for_function("() => window.ganDevice.shop")
    if workers:
        page.evaluate("(workers) => { window.ganDevice.shop.given.workers = workers; }", workers)
    page.locator("#preset input").nth(list(PRESETS).index(name)).check()
    page.locator("#settings").get_by_role("button").first.click()
    field = page.locator("#set-seed input")
    field.wait_for()
    page.wait_for_timeout(1000)  # fields take their first value once more just after they were mounted
    field.fill(str(seed))
    field.press("Enter")
    page.locator("#train-start").click()
    page.wait_for_function(STANDING)
    record = page.evaluate(
        "() => { const { workers, config } = window.ganDevice.shop.run.record; return { workers, config }; }"
    )
    assert record["config"]["seed"] == seed and record["config"]["widths_g"] == list(asdict(PRESETS[name])["widths_g"])
    return int(record["workers"])


def _watch(page: Any, seconds: float) -> tuple[float, str, int]:
    """Let the run go on for so long, and pause it: seconds, when its drawings became readable, steps."""
    readable = "never"
    while True:
        page.wait_for_timeout(200)
        now, share, step = page.evaluate(STANDING)
        if share >= READABLE and readable == "never":
            readable = f"{now:.0f} s"
        if now >= seconds or page.evaluate("() => window.ganDevice.shop.run.over"):
            break
    pause = page.locator("#train-pause")
    if pause.is_enabled():
        pause.click()
    page.wait_for_function("() => window.ganDevice.shop.run.over")
    return now, readable, step


def _generator(page: Any, folder: Path) -> Path:
    """Save the generator, as a visitor would."""
    with page.expect_download() as download:
        page.locator("#train-generator").click()
    path = folder / str(download.value.suggested_filename)
    download.value.save_as(path)
    return path
