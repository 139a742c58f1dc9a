"""Training in the visitor's browser: beside the lecture's own loop, on its GPU, and many pages at once."""

import json
import re
import statistics
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from playground.benchmark.engine import WARM_UP, Advance, lecture_apart
from playground.benchmark.servers import chromium, cpu_seconds, own_browser, serve
from playground.presets import PRESETS
from playground.training import TrainConfig

WARM = 3  # steps, by which it is reckoned how many take so many seconds
LECTURE, POCKET = TrainConfig(), PRESETS["pocket"]
LOOP = "lecture's loop in PyTorch, all cores"
WAYS: Mapping[str, tuple[TrainConfig, int, bool]] = {  # settings, number of workers, whether they share memory
    "lecture's settings, two workers": (LECTURE, 2, False),
    "lecture's settings, two workers that share memory": (LECTURE, 2, True),
    "lecture's settings, one worker": (LECTURE, 1, False),
    "lecture's settings, arithmetic alone": (LECTURE, 0, False),  # products, transposes and Adam
    "Pocket, two workers": (POCKET, 2, False),
    "Pocket, two workers that share memory": (POCKET, 2, True),
    "Pocket, one worker": (POCKET, 1, False),
    "Pocket, arithmetic alone": (POCKET, 0, False),
}
RATIOS = (  # of which rate over which
    ("lecture's settings, two workers", LOOP),
    ("lecture's settings, two workers that share memory", LOOP),
    ("lecture's settings, two workers", "lecture's settings, one worker"),
    ("lecture's settings, two workers that share memory", "lecture's settings, one worker"),
    ("lecture's settings, one worker", "lecture's settings, arithmetic alone"),
    ("Pocket, two workers", "Pocket, one worker"),
    ("Pocket, two workers that share memory", "Pocket, one worker"),
    ("Pocket, one worker", "Pocket, arithmetic alone"),
)

# `train` gives the milliseconds of a step in so many workers, `alone` those of its products, transposes and Adam.
PREPARE = """async ({ folder }) => {
  const load = (name) => import(`${folder}/engine/${name}.js`);
  const [{ TrainState }, { connect, sharedBy }] = await Promise.all(["state", "distributed"].map(load));
  const module = await WebAssembly.compile(await (await fetch(`${folder}/engine/tensor.wasm`)).arrayBuffer());
  window.train = async ({ config, steps, workers, shared, gpu = false }) => {
    const memory = shared ? sharedBy(workers, config) : null, origin = { config, module };
    if (shared && !memory) throw new Error("this page shares no memory");
    const hired = connect(workers).map((ports, rank) => {
      const path = rank ? "engine/follower-worker.js" : "live/run-worker.js";
      const worker = new Worker(`${folder}/${path}`, { type: "module" });
      const order = rank ? { origin, rank, ports, memory } : { trial: { origin, ports, memory, steps, gpu } };
      worker.postMessage(order, ports.filter(Boolean));
      return worker;
    });
    const took = await new Promise((resolve, reject) => {
      hired[0].onerror = ({ message }) => reject(new Error(message));
      hired[0].onmessage = ({ data }) => {
        window.card = data.card ?? window.card;
        if ("tried" in data) resolve(data.tried);
      };
    });
    for (const worker of hired) worker.terminate();
    return took;
  };
  window.alone = ({ config, steps }) => {
    const state = new TrainState(config, module), rows = config.batch_size;
    const linear = ({ layers }) => layers.filter((layer) => layer.turned);
    const forward = (layer, count) => layer.multiply(
      layer.slope, layer.inputs, 1, layer.turned, layer.output, count, layer.outputs, layer.inputs);
    const toInput = (layer, count) => layer.multiply(
      layer.output, layer.outputs, 1, layer.weights.weight, layer.slope, count, layer.inputs, layer.outputs);
    const toWeights = (layer, count) => layer.multiply(
      layer.output, 1, layer.outputs, layer.slope, layer.gradients.weight, layer.outputs, layer.inputs, count);
    const [g, d] = [state.generator, state.discriminator].map(linear);
    const step = () => {
      for (const layer of g) forward(layer, rows), forward(layer, rows), toWeights(layer, rows);
      for (const layer of g.slice(1)) toInput(layer, rows);
      for (const layer of d) forward(layer, 2 * rows), toWeights(layer, 2 * rows);
      for (const layer of d) forward(layer, rows), toInput(layer, rows);
      for (const layer of d.slice(1)) toInput(layer, 2 * rows);
      for (const [, network, optimizer] of state.players()) network.refresh(), optimizer.update(0, 0.9, 0.99);
    };
    step();
    const begun = performance.now();
    for (let made = 0; made < steps; made++) step();
    return (performance.now() - begun) / steps;
  };
}"""


def measure_device(pairs: int, seconds: float) -> None:
    """Images a second of each way in turn, `seconds` each; prints them, and the medians of their ratios in one turn."""
    lecture = lecture_apart(LECTURE)
    lecture(WARM_UP)
    rates: dict[str, list[float]] = {name: [] for name in (LOOP, *WAYS)}
    with serve() as (address, _), chromium() as browser:
        page = _prepare(browser, address)
        for turn in range(pairs):
            rates[LOOP].append(_loop_rate(lecture, seconds))
            for name, way in WAYS.items():
                rates[name].append(_browser_rate(page, *way, seconds))
            print(f"turn {turn}: " + ", ".join(f"{name} {each[-1]:.0f}" for name, each in rates.items()), flush=True)
    for over, under in RATIOS:
        ratio = statistics.median(a / b for a, b in zip(rates[over], rates[under], strict=True))
        print(f"{over} / {under}: median ratio {ratio:.2f}")


def measure_gpu(pairs: int, seconds: float) -> None:
    """How fast the GPU of this machine's own browser trains, beside two workers: a line for docs/speed.md.

    Opens a window. Where there is no screen it measures Chromium's software adapter, which says nothing of any card.
    """
    with serve() as (address, _), own_browser() as browser:
        page = _prepare(browser, address)
        cells = []
        for config in (LECTURE, POCKET):
            rates = [_both_rates(page, config, seconds) for _ in range(pairs)]
            ratio = statistics.median(gpu / wasm for wasm, gpu in rates)
            cells.append(f"{statistics.median(gpu for _, gpu in rates):.0f} | {ratio:.2f}")
        card = page.evaluate("() => window.card")
        print("| GPU, browser | lecture's settings, images/s | over WebAssembly | *Pocket* | over WebAssembly |")
        print(f"| {card}, Chromium {browser.version} | {' | '.join(cells)} |")


def _both_rates(page: Any, config: TrainConfig, seconds: float) -> tuple[float, float]:
    """Images a second by two workers of WebAssembly, and then by the GPU."""
    wasm = _browser_rate(page, config, 2, False, seconds)
    return wasm, _browser_rate(page, config, 1, False, seconds, gpu=True)


def _prepare(browser: Any, address: str) -> Any:
    """An empty page of the server, which has the engine and may share memory among its workers."""
    page = browser.new_page()
    isolated = {"cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "credentialless"}
    blank: dict[str, Any] = {"body": "<!doctype html>", "content_type": "text/html", "headers": isolated}
    page.route("**/blank", lambda route: route.fulfill(**blank))
    page.goto(f"{address}/blank")
    page.evaluate(PREPARE, {"folder": _modules(address)})
    return page


def _modules(address: str) -> str:
    """Where the server has the browser's modules, as its page says."""
    with urllib.request.urlopen(address) as answer:
        found = re.search(r"/kept/browser-\w+", answer.read().decode())
    assert found, "the page names no modules"
    return found.group()


def _browser_rate(
    page: Any, config: TrainConfig, workers: int, shared: bool, seconds: float, gpu: bool = False
) -> float:
    """Images a second, over about so many seconds."""
    given = {"config": json.loads(config.to_json()), "workers": workers, "shared": shared, "gpu": gpu}

    def step(steps: int) -> float:
        return float(page.evaluate("(given) => given.workers ? train(given) : alone(given)", {**given, "steps": steps}))

    return 1000 * config.batch_size / step(max(WARM, round(1000 * seconds / step(WARM))))


def _loop_rate(lecture: Advance, seconds: float) -> float:
    begun, steps = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        lecture(WARM_UP)
        steps += WARM_UP
    return steps * LECTURE.batch_size / (time.perf_counter() - begun)


def measure_pages(pages: int, seconds: float) -> None:
    """A class whose pages train by themselves: prints their steps, and what they asked of the server meanwhile."""
    with serve() as (address, pid), chromium() as browser:
        opened = [_trainee(browser, address) for _ in range(pages)]
        asked: list[str] = []
        for page in opened:
            page.on("request", lambda request: asked.append(request.url))
            page.locator("#train-start").click()
        before = cpu_seconds(pid)
        time.sleep(seconds)
        taken = cpu_seconds(pid) - before
        steps = [page.evaluate("() => window.ganDevice.shop.run.record.step") for page in opened]
    files = [url for url in asked if "/kept/" in url]
    events = [url for url in asked if "/kept/" not in url and url.startswith("http")]
    print(f"{pages} pages trained for {seconds:g} s: {steps} steps")
    print(f"asked of the server: {len(files)} files that a browser keeps, {len(events)} other requests {events[:3]}")
    print(f"processor time of the server: {taken:.2f} s")


def _trainee(browser: Any, address: str) -> Any:
    """A visitor of its own on the live tab, for whom runs train on this device."""
    page = browser.new_context().new_page()
    page.goto(f"{address}/?tab=train")
    page.wait_for_function("() => window.ganDevice")
    page.locator("#train-where input").first.check()
    page.wait_for_function("() => window.ganDevice.shop")
    page.wait_for_timeout(2000)  # what the page still fetches after its opening
    return page
