"""Training in the visitor's browser: beside the lecture's own loop, beside its own products, and many pages at once."""

import base64
import json
import re
import statistics
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from playground.benchmark.engine import WARM_UP, Advance, lecture_apart
from playground.benchmark.servers import chromium, cpu_seconds, serve
from playground.data import load_mnist
from playground.presets import PRESETS
from playground.training import TrainConfig

IMAGES = 6000  # of MNIST, sent to the page
WARM = 2  # steps before the clock
LECTURE, CLASSROOM = TrainConfig(), replace(PRESETS["classroom"], seconds=None)
LOOP = "lecture's loop in PyTorch, all cores"
WAYS: Mapping[
    str, tuple[TrainConfig, int]
] = {  # settings and number of workers; 0: products, transposes and Adam alone
    "lecture's settings, two workers": (LECTURE, 2),
    "lecture's settings, one worker": (LECTURE, 1),
    "lecture's settings, arithmetic alone": (LECTURE, 0),
    "Classroom, two workers": (CLASSROOM, 2),
    "Classroom, one worker": (CLASSROOM, 1),
    "Classroom, arithmetic alone": (CLASSROOM, 0),
}
RATIOS = (  # of which rate over which
    ("lecture's settings, two workers", LOOP),
    ("lecture's settings, two workers", "lecture's settings, one worker"),
    ("lecture's settings, one worker", "lecture's settings, arithmetic alone"),
    ("Classroom, two workers", "Classroom, one worker"),
    ("Classroom, one worker", "Classroom, arithmetic alone"),
)

# `train` makes steps in this page and `workers` - 1 workers; `alone` makes one step's products, transposes and Adam.
PREPARE = """async ({ folder, pixels }) => {
  const load = (name) => import(`${folder}/engine/${name}.js`);
  const [{ TrainState }, training] = await Promise.all(["state", "training"].map(load));
  const { Workers, connect } = await load("distributed");
  const module = await WebAssembly.compile(await (await fetch(`${folder}/engine/tensor.wasm`)).arrayBuffer());
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const images = { pixels: bytes, count: bytes.length / 784 }, players = ["generator", "discriminator"];
  window.train = async ({ config, seconds, workers, warm }) => {
    const first = new TrainState(config, module), ports = connect(workers), file = first.save();
    const others = ports.slice(1).map((own, i) => {
      const worker = new Worker(`${folder}/engine/follower-worker.js`, { type: "module" });
      worker.postMessage({ origin: { file, module, config }, players, rank: i + 1, ports: own }, own.filter(Boolean));
      return worker;
    });
    const team = new Workers(0, ports[0]);
    let begun = 0;
    first.adopt({ ...config, steps: null });
    for await (const now of training.train(first, images, players, team)) {
      if (now.step >= warm && !begun) begun = performance.now(), first.begun = now.step;
      if (begun && performance.now() - begun > 1000 * seconds) break;
    }
    const rate = (first.step - first.begun) / (performance.now() - begun) * 1000;
    for (const worker of others) worker.terminate();
    return rate * config.batch_size;
  };
  window.alone = ({ config, seconds }) => {
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
    let made = -1, begun = 0;
    for (; performance.now() - begun < 1000 * seconds || made < 3; made++) {
      if (made === 0) begun = performance.now();
      step();
    }
    return made / (performance.now() - begun) * 1000 * rows;
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
            for name, (config, workers) in WAYS.items():
                rates[name].append(_browser_rate(page, config, workers, seconds))
            print(f"turn {turn}: " + ", ".join(f"{name} {each[-1]:.0f}" for name, each in rates.items()), flush=True)
    for over, under in RATIOS:
        ratio = statistics.median(a / b for a, b in zip(rates[over], rates[under], strict=True))
        print(f"{over} / {under}: median ratio {ratio:.2f}")


def _prepare(browser: Any, address: str) -> Any:
    """An empty page of the server, which has the engine and images to learn from."""
    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{address}/blank")
    pixels = base64.b64encode(load_mnist()[0][:IMAGES].numpy().tobytes()).decode()
    page.evaluate(PREPARE, {"folder": _modules(address), "pixels": pixels})
    return page


def _modules(address: str) -> str:
    """Where the server has the browser's modules, as its page says."""
    with urllib.request.urlopen(address) as answer:
        found = re.search(r"/kept/browser-\w+", answer.read().decode())
    assert found, "the page names no modules"
    return found.group()


def _browser_rate(page: Any, config: TrainConfig, workers: int, seconds: float) -> float:
    given = {"config": json.loads(config.to_json()), "seconds": seconds, "workers": workers, "warm": WARM}
    return float(page.evaluate("(given) => given.workers ? train(given) : alone(given)", given))


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
    page.locator("#train-status .sentence").wait_for()
    page.locator("#train-where input").first.check()
    page.wait_for_function("() => window.ganDevice.shop")
    page.wait_for_timeout(2000)  # what the page still fetches after its opening
    return page
