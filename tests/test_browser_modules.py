"""The modules that run in the visitor's browser, each for itself, in real Chromium."""

import json
import struct
from pathlib import Path

import pytest
import torch

from playground.checkpoints import write_tensors
from playground.latent import SEEDS as SEEDS_OFFERED
from playground.latent import noise, noises, route, slerp
from playground.shipped import EPOCHS, DrawRequest, Shipped
from playground.ui.assets import FOLDERS

SEEDS = list(range(0, 1000, 10))  # a hundred


DRAW_ALL = """async ({ seeds, fast }) => {
  const { Network, loadKernel } = await import(at("browser", "engine/network.js"));
  const { noise } = await import(at("browser", "engine/latent.js"));
  const read = async (path) => (await fetch(at("checkpoints", path))).arrayBuffer();
  const kernel = fast ? await loadKernel(at("browser", "engine/tensor.wasm")) : null;
  if (fast && !kernel) throw new Error("this Chromium runs no kernel");
  const answers = {};
  for (const epoch of ["000", "100", "199"]) {
    const [g, d] = await Promise.all(["generator", "discriminator"].map(async (role) =>
      new Network(await read(`epoch-${epoch}/${role}.safetensors`), kernel)));
    answers[Number(epoch)] = seeds.map((seed) => {
      const drawing = Array.from(g.run(noise(seed)));
      return { drawing, verdict: d.run(drawing)[0] };
    });
  }
  return answers;
}"""


@pytest.mark.parametrize("fast", [True, False], ids=["kernel", "plain"])
def test_drawings_and_verdicts_are_torchs(js, fast, record_property):
    answers, shipped = js(DRAW_ALL, {"seeds": SEEDS, "fast": fast}), Shipped()
    latents = torch.stack([noise(seed) for seed in SEEDS])
    for epoch in EPOCHS:
        drawn = torch.tensor([answer["drawing"] for answer in answers[str(epoch)]])
        judged = torch.tensor([answer["verdict"] for answer in answers[str(epoch)]])
        with torch.inference_mode():
            expected = shipped.network(epoch, "generator")(latents).flatten(1)
        worst = (drawn - expected).abs().max().item(), (judged - shipped.verdicts(epoch, latents)).abs().max().item()
        record_property(f"epoch {epoch}", worst)
        assert max(worst) <= 1e-4


def test_noises_are_torchs(js):
    """As near as torch's own are from one processor to another."""
    script = """async (count) => {
      const { noise } = await import(at("browser", "engine/latent.js"));
      return Array.from({ length: count }, (_, seed) => Array.from(noise(seed)));
    }"""
    assert (torch.tensor(js(script, SEEDS_OFFERED)) - noises(0, SEEDS_OFFERED)).abs().max() <= 2e-6
    far = 2**31 - 1
    script = """async (seed) => Array.from((await import(at("browser", "engine/latent.js"))).noise(seed))"""
    assert (torch.tensor(js(script, far)) - noise(far)).abs().max() <= 2e-6


def test_half_floats_are_read_as_torch_reads_them(js, tmp_path):
    every = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(torch.float16)
    write_tensors(tmp_path / "all.safetensors", {"odd": torch.zeros(3).half(), "every": every}, {})
    script = """async (bytes) => {
      const { readTensors } = await import(at("browser", "engine/safetensors.js"));
      const { data, shape } = readTensors(new Uint8Array(bytes).buffer).tensors.every;
      return [shape, Array.from(data, (number) => Number.isFinite(number) ? number : String(number))];
    }"""
    shape, numbers = js(script, list((tmp_path / "all.safetensors").read_bytes()))
    assert shape == [2**16]
    read = torch.tensor([float(number.replace("Infinity", "inf")) if isinstance(number, str) else number
                         for number in numbers])  # fmt: skip
    assert torch.equal(read.nan_to_num(7e7, 8e7, -8e7), every.float().nan_to_num(7e7, 8e7, -8e7))


def odd_network(**metadata: str) -> tuple[bytes, dict[str, torch.Tensor]]:
    """A generator whose widths are no multiples of four, as a file whose numbers begin at an odd place; its tensors."""
    generator = torch.Generator().manual_seed(1)
    tensors = {
        f"main.{i}.{name}": torch.randn(shape, generator=generator)
        for i, (n_in, n_out) in ((0, (5, 7)), (2, (7, 3)))
        for name, shape in (("weight", (n_out, n_in)), ("bias", (n_out,)))
    }
    header, data = {"__metadata__": {"role": "generator", **metadata}}, b""
    for name, tensor in tensors.items():
        content = tensor.numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    text += b" " * ((1 - len(text)) % 4)
    assert len(text) % 4 == 1
    return struct.pack("<Q", len(text)) + text + data, tensors


@pytest.mark.parametrize("fast", [True, False])
def test_any_width_and_any_place_in_the_file(js, fast):
    content, tensors = odd_network()
    z = torch.tensor([1.0, -2.0, 0.5, 3.0, -1.0])
    hidden = torch.nn.functional.leaky_relu(tensors["main.0.weight"] @ z + tensors["main.0.bias"], 0.2)
    expected = torch.tanh(tensors["main.2.weight"] @ hidden + tensors["main.2.bias"])
    script = """async ({ bytes, z, fast }) => {
      const { Network, loadKernel } = await import(at("browser", "engine/network.js"));
      const kernel = fast ? await loadKernel(at("browser", "engine/tensor.wasm")) : null;
      const network = new Network(new Uint8Array(bytes).buffer, kernel);
      const whole = Array.from(network.run(z)), hidden = Array.from(network.layers[0].output);
      return { whole, hidden, last: Array.from(network.run(hidden, 1)), widths: network.widths };
    }"""
    answer = js(script, {"bytes": list(content), "z": z.tolist(), "fast": fast})
    assert answer["widths"] == [5, 7, 3]
    assert torch.allclose(torch.tensor(answer["hidden"]), hidden, atol=1e-6)
    assert torch.allclose(torch.tensor(answer["whole"]), expected, atol=1e-6)
    assert answer["last"] == answer["whole"]


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU(0.2)", "LeakyReLU(0.01)", "Tanh", "Sigmoid"])
def test_a_network_is_run_with_the_activations_that_its_file_names(js, name):
    kind, _, slope = name.rstrip(")").partition("(")
    layer = torch.nn.LeakyReLU(float(slope)) if slope else getattr(torch.nn, kind)()
    content, tensors = odd_network(activations=json.dumps([name, "Sigmoid"]))
    plain, _ = odd_network()
    z = torch.tensor([1.0, -2.0, 0.5, 3.0, -1.0])
    hidden = layer(tensors["main.0.weight"] @ z + tensors["main.0.bias"])
    last = tensors["main.2.weight"] @ hidden + tensors["main.2.bias"]
    script = """async ({ named, plain, z, hidden }) => {
      const { Network } = await import(at("browser", "engine/network.js"));
      const answer = (bytes, ...how) => Array.from(new Network(new Uint8Array(bytes).buffer, null, ...how).run(z));
      return [answer(named), answer(plain, hidden)];
    }"""
    named, chosen = js(script, {"named": list(content), "plain": list(plain), "z": z.tolist(), "hidden": name})
    assert torch.allclose(torch.tensor(named), last.sigmoid(), atol=1e-6)
    assert torch.allclose(torch.tensor(chosen), last.tanh(), atol=1e-6)


def test_a_network_with_an_activation_that_nobody_knows_is_not_drawn(js):
    texts = ['["GELU", "Tanh"]', '["LeakyReLU(-1)", "Tanh"]', '["Tanh"]', '["constructor", "Tanh"]', "no JSON"]
    script = """async (files) => {
      const { Network } = await import(at("browser", "engine/network.js"));
      return files.map((bytes) => {
        try { new Network(new Uint8Array(bytes).buffer); return "taken"; } catch (error) { return error.message; }
      });
    }"""
    messages = js(script, [list(odd_network(activations=text)[0]) for text in texts])
    assert "taken" not in messages and "GELU is an activation" in messages[0]


def test_damaged_files_are_refused(js):
    content, _ = odd_network()
    judge = (FOLDERS["checkpoints"] / "directions.safetensors").read_bytes()
    damaged = [b"", content[:9], content[:100], content[:-4], b"\xff" * 64, content.replace(b'"F32"', b'"F16"'), judge]
    script = """async (files) => {
      const { Network } = await import(at("browser", "engine/network.js"));
      return files.map((bytes) => {
        try { new Network(new Uint8Array(bytes).buffer); return "taken"; } catch (error) { return error.message; }
      });
    }"""
    messages = js(script, [list(file) for file in damaged])
    assert "taken" not in messages and all(messages)


def test_walks_and_planes_are_pythons(js):
    stops = noises(3, 4)
    ways = [0, 0.125, 1 / 3, 0.5, 0.9, 1]
    script = """async ({ stops, ways }) => {
      const { onRoute, onPlane } = await import(at("browser", "engine/latent.js"));
      return { slerp: ways.map((way) => Array.from(onRoute(stops, way, "slerp"))),
               lerp: ways.map((way) => Array.from(onRoute(stops, way, "lerp"))),
               plane: Array.from(onPlane(stops, 0.25, 0.5)),
               corners: [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => Array.from(onPlane(stops, x, y))),
               parallel: Array.from(onRoute([[1, 0], [-2, 0]], 0.5, "slerp")) };
    }"""
    answer = js(script, {"stops": stops.tolist(), "ways": ways})
    for path in ("slerp", "lerp"):
        assert torch.allclose(torch.tensor(answer[path]), route(stops, torch.tensor(ways), path), atol=1e-5)
    top, bottom = (slerp(stops[i], stops[i + 1], torch.tensor([0.25]))[0] for i in (0, 2))
    assert torch.allclose(torch.tensor(answer["plane"]), slerp(top, bottom, torch.tensor([0.5]))[0], atol=1e-5)
    assert torch.equal(torch.tensor(answer["corners"]), stops)
    assert answer["parallel"] == [-0.5, 0]


ROUND_TRIP = """async () => {
  const { EPOCHS } = await import(at("browser", "engine/facts.js"));
  const { DEFAULT, HIDDEN, TABS, read, write } = await import(at("browser", "page/state.js"));
  let seed = 1;
  const dice = (low, high) => low + ((seed = (seed * 48271) % 2147483647) % (high - low + 1));
  const some = (count, low, high, skip) => Array.from({ length: count }, (_, i) => [i, dice(low, high)]).filter(skip);
  let longest = 0;
  for (let turn = 0; turn < 300; turn++) {
    const state = {
      tab: TABS[dice(0, TABS.length - 1)], lang: ["", "ko", "en"][dice(0, 2)], epoch: EPOCHS[dice(0, 2)],
      seeds: [0, 1, 2, 3].map(() => dice(0, 999)), at: [dice(0, 200), dice(0, 200)],
      moves: Array.from({ length: 8 }, () => dice(-100, 100)), temperature: dice(0, 200),
      painted: some(128, -127, 127, () => dice(0, turn % 5) === 0), units: some(1024, 0, 2, () => dice(0, 99) === 0),
      real: [null, dice(0, 99)][dice(0, 1)], unit: [null, dice(0, 1023)][dice(0, 1)],
      folds: dice(0, 15), sum: [null, dice(0, 1024)][dice(0, 1)],
      route: Array.from({ length: dice(2, 4) }, () => dice(0, 999)), path: ["slerp", "lerp"][dice(0, 1)],
      way: dice(0, 200), moment: dice(0, 199), lesson: dice(1, 9), step: dice(1, 40),
      view: ["", "projector"][dice(0, 1)], hide: HIDDEN.filter(() => dice(0, 1)),
    };
    const query = write(state, "__theme=dark&way=3");
    longest = Math.max(longest, query.length);
    const back = read(query), order = (one) => JSON.stringify(Object.entries(one).sort());
    if (order(back) !== order(state)) return `lost: ${query}`;
    if (!query.includes("__theme=dark")) return "what is not ours was dropped";
  }
  return { longest, empty: write(DEFAULT), own: write({ ...DEFAULT, epoch: "own", units: [[1, 0]], sum: 3 }) };
}"""


def test_an_address_holds_exactly_the_state_it_was_made_of(js):
    answer = js(ROUND_TRIP)
    assert answer["empty"] == answer["own"] == ""  # what only this visitor has cannot be sent
    assert answer["longest"] < 700


@pytest.mark.parametrize("query", [
    "way=77", "way=201", "way=-1", "way=", "way=1e2", "way=0x10", "way=1.5", "way=1&way=2", "epoch=7",
    "tab=nowhere", "lang=fr", "seeds=1.2.3", "seeds=1.2.3.1000", "at=5", "moves=0.0.0.0.0.0.0.101",
    "temperature=NaN", "painted=A", "painted=AAAA", "painted=%F0%9F%98%80", "painted=____", "painted=AAEAAA",
    "units=____", "sum=1025", "real=100", "route=1", "route=1.2.3.4.5", "path=%3Cscript%3E",
    "way=99999999999999999999",
])  # fmt: skip
def test_a_damaged_address_is_refused(js, query):
    script = """async (query) => {
      const { read } = await import(at("browser", "page/state.js"));
      try { return JSON.stringify(read(query)); } catch (error) { return error instanceof RangeError; }
    }"""
    assert js(script, query) is True


def test_the_pages_formula_is_the_engines(js):
    """G(t (z + sliders . directions)) at temperature t, as /generate draws it."""
    script = """async () => {
      const { forgers } = await import(at("browser", "page/forgers.js"));
      const { latentOf } = await import(at("browser", "page/scene.js"));
      const { DEFAULT } = await import(at("browser", "page/state.js"));
      forgers.begin(at);
      forgers.all.get(199).use("generator"); // the directions come with the first network
      while (!forgers.ready) await new Promise((go) => setTimeout(go, 10));
      const state = { ...DEFAULT, seeds: [42, 1, 2, 3], moves: [10, -20, 5, 0, 0, 30, -100, 100], temperature: 130 };
      const painted = { ...state, painted: [[0, 127], [127, -32]] };
      return [state, painted].map((one) => Array.from(latentOf(one)));
    }"""
    plain, painted = torch.tensor(js(script))
    request = DrawRequest(seed=42, temperature=1.3, sliders=(1, -2, 0.5, 0, 0, 3, -10, 10))
    expected = Shipped().latents(request)[0]
    assert torch.allclose(plain, expected, atol=1e-5)
    assert torch.allclose(painted[1:-1], expected[1:-1], atol=1e-5)
    assert painted[[0, -1]].tolist() == pytest.approx([127 / 32 * 1.3, -1.3])


def test_every_module_is_small():
    for path in Path(FOLDERS["browser"]).rglob("*"):
        assert path.stat().st_size < 20_000, path.name


def test_a_forgers_name_is_said_as_its_file_has_it(js):
    """Whatever a stranger has written there: it is text, and no key."""
    said = js("""async (names) => {
      const { forgerName, inWords } = await import(at("browser", "kit/dom.js"));
      const say = (key, values) => [key, values];
      const of = (key, about) => inWords(forgerName({ key, about }), say);
      const run = { name: "B", step: 12345 };
      const own = [{ name: "mine", run }, {}, ...names.map((name) => ({ name }))].map((about) => of("own", about));
      return [of(100, {}), ...own];
    }""", ["|", '"|{file}|<b>\\', "\u202e" + "\U0001f600" * 40])  # fmt: skip
    names = ["", "|", '"|{file}|<b>\\', "\u202e" + "\U0001f600" * 15 + "…"]
    assert said == [
        ["epoch_short", {"epoch": 100}], ["own_run", {"name": "B", "step": "12,345"}],
        *(["own_file", {"file": name}] for name in names),
    ]  # fmt: skip
