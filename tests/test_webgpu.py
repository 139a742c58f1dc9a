"""Training on the visitor's GPU: the same steps as Python's, and what happens where the GPU is lost or wrong.

On Chromium's software adapter, which computes on the processor: slow, but by the same rules as a card.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
import safetensors.torch
from playwright.sync_api import expect
from test_browser_run import RUN, of
from test_browser_run import SMALL as BRIEF
from test_browser_training import IDLE, ROLES, SMALL, WAYS, apart, images, is_pythons  # noqa: F401
from test_device import fields
from test_moving import is_near, learnt, nudged, on_server, trained
from visits import Visit

from playground.ui.texts import LANGUAGES, say

pytestmark = pytest.mark.browser
ADAPTER = ["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan",
           "--use-vulkan=swiftshader", "--host-resolver-rules=MAP school.test 127.0.0.1"]  # fmt: skip
FEW = 12  # steps: one takes up to a second
# All images come before the first step, where few of them are wanted: else how many have come is chance.
TINY = replace(BRIEF, batch_size=8, latent_dim=4, widths_g=(8,), widths_d=(8,), images=2000, steps=6)


@pytest.fixture(scope="module")
def with_gpu(browser):
    """Chromium with the software adapter; this is a browser of its own."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    chromium = browser.browser_type.launch(executable_path=next(found), args=ADAPTER)
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def gpu_js(with_gpu, server):
    """As `js`, on a page whose browser has a GPU."""
    from playground.ui.assets import addresses

    page = with_gpu.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    page.evaluate("(folders) => { window.at = (folder, path) => `${folders[folder]}/${path}`; }", addresses())
    assert page.evaluate("async () => Boolean(await navigator.gpu.requestAdapter())"), "no software adapter"
    yield page.evaluate
    page.close()


@pytest.mark.parametrize("way", ["non-saturating", "minimax", "least-squares", "hinge", "hinge, SGD", "modern"])
def test_the_steps_on_a_gpu_are_pythons(gpu_js, monkeypatch, images, way, record_property):  # noqa: F811
    config = replace(SMALL, **WAYS[way], steps=FEW)
    is_pythons(gpu_js, monkeypatch, images, config, record_property, gpu=True)


def test_a_step_without_dropout_and_a_last_batch_that_is_smaller(gpu_js, monkeypatch, images, record_property):  # noqa: F811
    config = replace(SMALL, batch_size=120, dropout=0.0, steps=4)  # 300 images: batches of 120, 120, 60
    is_pythons(gpu_js, monkeypatch, images, config, record_property, gpu=True)


def run(gpu_js, config, **given) -> list[dict]:
    return gpu_js(RUN, {"config": json.loads(config.to_json()), **given})


def last(told: list[dict]):
    return safetensors.torch.load(base64.b64decode(of(told, "saved")[-1]["file"]))


def test_a_run_moves_between_gpu_and_webassembly(gpu_js):
    """By the same file, in the middle of a run: it ends near the one that stayed."""
    alone = last(run(gpu_js, replace(TINY, steps=9)))
    file, card = None, []
    for steps, gpu in ((3, True), (6, False), (9, True)):
        more = {"file": None} if file is None else {"file": list(base64.b64decode(file))}
        told = gpu_js(
            f"(given) => {{ if (given.more.file) given.more.file = new Uint8Array(given.more.file).buffer;"
            f" return ({RUN})(given); }}",
            {"config": json.loads(replace(TINY, steps=steps).to_json()), "gpu": gpu, "more": more},
        )
        assert told[-1]["ended"] == "finished" and of(told, "progress")[-1]["step"] == steps
        file = of(told, "saved")[-1]["file"]
        card += of(told, "card")
    moved = safetensors.torch.load(base64.b64decode(file))
    assert len(card) == 2 and moved.keys() == alone.keys()
    learnt = [name for name in alone if name.startswith(ROLES) and name not in IDLE]
    assert len(learnt) >= 6
    assert apart({name: moved[name] for name in learnt}, {name: alone[name] for name in learnt}) < 1e-3


LOST = """const make = GPUDevice.prototype.createCommandEncoder; let made = 0;
GPUDevice.prototype.createCommandEncoder = function (...given) {
  if (++made === 6) this.destroy();
  return make.apply(this, given);
};"""
WRONG = """const read = fetch; globalThis.fetch = async (address, ...given) => {
  const answer = await read(address, ...given);
  if (!String(address).endsWith("product.wgsl")) return answer;
  return new Response((await answer.text()).replace("finished(sums[i][j]", "finished(1.01 * sums[i][j]"));
};"""
SMALL_CARD = "Object.defineProperty(GPUSupportedLimits.prototype, 'maxBufferSize', { get: () => 1000 });"
NONE = "navigator.gpu.requestAdapter = async () => null;"
REFUSES = "GPUAdapter.prototype.requestDevice = async () => { throw new DOMException('no', 'OperationError'); };"
BREAKS = "GPUBuffer.prototype.getMappedRange = () => { throw new DOMException('no', 'OperationError'); };"
NAMELESS = """for (const name of ["description", "vendor", "architecture"])
  Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => "" });"""


FAILURES = {
    "lost": ("lost", LOST),
    "wrong": ("wrong", WRONG),
    "small": ("small", SMALL_CARD),
    "no adapter": ("missing", NONE),
    "no device": ("missing", REFUSES),
    "another error": ("lost", BREAKS),
}


@pytest.mark.parametrize(("name", "before"), FAILURES.values(), ids=FAILURES)
def test_where_the_gpu_fails_the_run_goes_on_in_webassembly(gpu_js, name, before):
    """From the state that was kept last, here the first one: so it ends with the very numbers of WebAssembly."""
    told = run(gpu_js, TINY, gpu=True, before=before)
    assert of(told, "fell") == [{"name": name, "step": 0, "epoch": 0}]
    assert len(of(told, "card")) == (before == LOST)
    assert told[-1]["ended"] == "finished" and of(told, "progress")[-1]["step"] == TINY.steps
    assert of(told, "saved")[-1]["file"] == of(run(gpu_js, TINY), "saved")[-1]["file"]


def test_a_gpu_whose_name_the_browser_keeps_to_itself_trains_too(gpu_js):
    """As in Firefox."""
    told = run(gpu_js, replace(TINY, steps=2), gpu=True, before=NAMELESS)
    assert of(told, "card") == ["GPU"] and not of(told, "fell") and told[-1]["ended"] == "finished"


def test_a_run_that_diverges_on_a_gpu_keeps_the_networks_before_it(gpu_js):
    """What was handed over after that step is left out, and was not counted."""
    wild = replace(TINY, optimizer="sgd", lr_d=1.0, lr_g=1.0, beta1=0.99, loss="least-squares", steps=200)
    told = run(gpu_js, wild, gpu=True)
    step = told[-1]["diverged"]
    assert told[-1]["ended"] == "failed" and told[-1]["saved"]["step"] == step < wild.steps
    assert all(value.isfinite().all() for name, value in last(told).items() if name.startswith(ROLES))
    file = base64.b64decode(told[-1]["saved"]["file"])
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
    counters = json.loads(header["__metadata__"]["counters"])
    assert counters["batches"] == step and counters["position"] == wild.batch_size * step  # in the first epoch
    assert counters["updates"] == [step, step]


FOLDED = """async (count) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ openCard, Reader, singly }, kit] = await Promise.all(["card", "arithmetic"].map(load));
  const script = (path) => at("browser", path);
  const card = await openCard(script, new kit.Arithmetic(await kit.loadTensors(script)));
  const [weights, averages, diverged] = [count, count, 1].map((size) => card.take(size));
  const now = card.take(56, GPUBufferUsage.UNIFORM);
  card.device.queue.writeBuffer(weights, 0, new Float32Array(count).fill(1));
  card.device.queue.writeBuffer(now, 32, new Float32Array([1])); // the averages become the weights at once
  const given = { 3: weights, 7: diverged, 8: averages };
  const plan = card.plan([{ kernel: "follow", task: { count }, given, size: () => singly(count) }], now);
  const [result] = await new Reader(card, [averages]).read((encoder) => plan.encode(encoder, 0));
  card.close();
  return [singly(count), result.every((number) => number === 1)];
}"""


def test_numbers_that_fill_more_than_one_row_of_workgroups_are_all_reached(gpu_js):
    (across, down), reached = gpu_js(FOLDED, 64 * 65_535 + 70)
    assert max(across, down) <= 65_535 and down == 2
    assert reached


LEVEL = """async ({ config, steps }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ TrainState }, { openCard }, { Trainer }, { trainOnCard }, { Arithmetic }] = await Promise.all(
    ["state", "card", "gpu", "gpu-training", "arithmetic"].map(load));
  const counts = {};
  const watch = (type, name) => {
    const real = type.prototype[name];
    type.prototype[name] = function (...given) {
      counts[name] = (counts[name] ?? 0) + 1;
      return real.apply(this, given);
    };
  };
  for (const name of ["createBuffer", "createBindGroup", "createShaderModule", "createComputePipelineAsync"])
    watch(GPUDevice, name);
  watch(EventTarget, "addEventListener");
  watch(GPUBuffer, "destroy");
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const count = 64, images = { count, pixels: new Uint8Array(count * 784).map((_, i) => i % 251) };
  const state = new TrainState(config, module);
  const trainer = await Trainer.make(await openCard((path) => at("browser", path), new Arithmetic(module)), state);
  const seen = [];
  for (const end of steps) {
    state.adopt({ ...config, steps: end });
    for await (const { loss_g, loss_d } of trainOnCard(trainer, images))
      if (!Number.isFinite(loss_g + loss_d)) throw new Error("no finite loss");
    await trainer.pull(true);
    const { taken } = trainer.card, { byteLength } = state.arithmetic.memory.buffer;
    seen.push({ ...counts, taken, ahead: trainer.ahead.length <= 9, byteLength, step: state.step });
  }
  trainer.card.close();
  return { seen, left: trainer.card.taken };
}"""


@pytest.mark.parametrize("way", ["modern", "non-saturating"])
def test_a_run_goes_from_the_gpu_to_the_server_in_the_middle_of_an_epoch(gpu_js, monkeypatch, tmp_path, images, way):  # noqa: F811
    """The file of a GPU's run is trained on by Python as the file of WebAssembly's run is."""
    config, moved, end = replace(SMALL, **WAYS[way]), 9, 12
    paths = {gpu: tmp_path / f"{gpu}" for gpu in (True, False)}
    for gpu, path in paths.items():
        path.write_bytes(trained(gpu_js, images, config, moved, gpu=gpu))
    nudged(paths[False], tmp_path / "other")
    ours, theirs, others = (
        learnt(on_server(monkeypatch, path, config, images, end))
        for path in (paths[True], paths[False], tmp_path / "other")
    )
    is_near(ours, theirs, others)


@pytest.mark.slow
@pytest.mark.timeout(2400)  # a fifth of a second a step where nothing else runs
def test_nothing_grows_with_the_steps(gpu_js):
    """Two thousand steps take no buffer, bind group, kernel or listener more than twenty did."""
    smallest = replace(TINY, batch_size=2, latent_dim=2, widths_g=(4,), widths_d=(4,))
    answer = gpu_js(LEVEL, {"config": json.loads(smallest.to_json()), "steps": [20, 2000]})
    early, late = answer["seen"]
    assert (early.pop("step"), late.pop("step")) == (20, 2000)
    assert early == late and early["createBuffer"] > 20 and early["ahead"]
    assert answer["left"] == 0


@pytest.fixture
def visit(with_gpu, server, monkeypatch):
    monkeypatch.setattr(Visit, "rested", {language: [] for language in LANGUAGES})  # contexts of the other browser
    visit = Visit(with_gpu, f"{server}/?tab=train", "en")
    yield visit
    visit.close()
    assert visit.said == []


def choices(visit):
    return visit.page.locator("#train-where label")


STEPPED = re.compile(r"Step \d")


def start_small(visit):
    """Start networks of a few units: the software adapter takes seconds for a step of others."""
    fields(visit, widths_g="8", widths_d="8", batch_size=4)
    visit.page.locator("#train-start").click()


def test_a_visitor_chooses_the_gpu_and_loses_it(visit):
    """The software adapter is slower than WebAssembly, so that is what the page chooses by itself."""
    expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()
    choices(visit).first.click()
    names = [say("en", f"train.where_{name}") for name in ("gpu", "wasm", "server")]
    expect(choices(visit)).to_have_text(names)
    device = visit.page.locator("#train-status .device")
    expect(device).to_contain_text("WebAssembly")
    checked = visit.page.locator("#train-where input:checked")
    expect(checked).to_have_value("device")
    choices(visit).first.click()
    expect(device).to_contain_text(say("en", "status.webgpu", card=""))
    start_small(visit)
    expect(device).to_contain_text(STEPPED)
    assert "WebGPU" in device.inner_text()
    worker = next(worker for worker in visit.page.workers if "run-worker" in worker.url)
    worker.evaluate(f"() => {{ {LOST.replace('=== 6', '>= 1')} }}")
    expect(device).to_contain_text(say("en", "status.fell_lost"))
    expect(device).to_contain_text("WebAssembly")
    expect(device).to_contain_text(STEPPED)
    visit.page.locator("#train-stop").click()
    expect(visit.page.locator("#train-status .sentence")).to_contain_text("Stopped")
    visit.open(visit.page.url)  # what was chosen is remembered
    expect(checked).to_have_value("gpu")


def test_the_choices_follow_the_language(visit):
    choices(visit).first.click()
    expect(choices(visit)).to_have_count(3)
    visit.page.locator("[data-lang=ko]").click()
    expect(choices(visit)).to_have_text([say("ko", f"train.where_{name}") for name in ("gpu", "wasm", "server")])


@pytest.mark.parametrize("host", ["school.test", "127.0.0.1"])
def test_without_a_gpu_the_page_is_as_it_was(browser, server, host):
    """Over plain http on another name browsers give none; on this machine's own name these flags do not."""
    visit = Visit(browser, f"{server.replace('127.0.0.1', host)}/?tab=train", "en")
    expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()
    assert visit.page.evaluate("async () => !(await navigator.gpu?.requestAdapter())")
    choices(visit).first.click()
    expect(visit.page.locator("#train-status .device")).to_contain_text("WebAssembly")
    expect(choices(visit)).to_have_text([say("en", f"train.where_{name}") for name in ("device", "server")])
    visit.page.locator("#train-start").click()
    expect(visit.page.locator("#train-status .device")).to_contain_text(STEPPED)
    visit.page.locator("#train-stop").click()
    expect(visit.page.locator("#train-status .sentence")).to_contain_text("Stopped")
    visit.close()
    assert visit.said == []


PLACED = "async (given) => (await import(at('browser', 'train/place.js'))).placed(...given)"


@pytest.mark.parametrize(
    ("place", "card", "quick", "firm", "wanted"),
    [
        ("server", "a card", True, False, "server"),
        ("device", "a card", True, False, "gpu"),
        ("device", "a card", True, True, "device"),
        ("device", "a card", False, False, "device"),
        ("device", None, False, False, "device"),
        ("gpu", "a card", False, False, "gpu"),
        ("gpu", None, False, False, "device"),
    ],
)
def test_the_quicker_one_is_chosen_where_no_hand_has(js, place, card, quick, firm, wanted):
    assert js(PLACED, [place, {"card": card, "quick": quick}, firm]) == wanted


MEASURED = """
from dataclasses import replace
from playground.benchmark import device
device.WARM = 1
device.LECTURE = device.POCKET = replace(device.POCKET, widths_g=(8,), widths_d=(8,), batch_size=8)
device.measure_gpu(1, 0.01)
"""


@pytest.mark.slow
def test_the_benchmark_of_a_gpu_prints_a_line_for_the_docs(browser):
    """In a process of its own: it has its own server, and its own browser with the software adapter."""
    screenless = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    said = subprocess.run([sys.executable, "-c", MEASURED], env=screenless, capture_output=True, text=True, check=True)
    head, line = said.stdout.splitlines()[-2:]
    assert head.count("|") == line.count("|")
    assert re.fullmatch(r"\| .*\S.*, Chromium [\d.]+ \| \d+ \| \d+\.\d\d \| \d+ \| \d+\.\d\d \|", line)
