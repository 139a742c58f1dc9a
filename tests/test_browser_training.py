"""The engine in the browser trains as Python's does: from the same weights, batches, noises and masks."""

import base64
import json
from dataclasses import replace

import kernels
import numpy as np
import philox
import pytest
import safetensors.torch
import torch

from playground.config import TrainConfig
from playground.data import load_mnist, normalise
from playground.latent import noises
from playground.live import views
from playground.state import TrainState
from playground.training import train

ROLES = ("generator", "discriminator")
STEPS = 50
SMALL = TrainConfig(batch_size=48, latent_dim=16, widths_g=(40, 60), widths_d=(60, 40), steps=STEPS, device="cpu")
IDLE = ("generator.main.0.bias", "generator.main.3.bias")  # before a BatchNorm, which takes them away again
MODERN = {"norm": "batch", "smoothing": 0.1, "k": 2, "average": 0.9, "beta1": 0.0, "beta2": 0.99}
SGD = {"optimizer": "sgd", "lr_g": 0.01, "lr_d": 0.01}
WAYS = {
    **{loss: {"loss": loss} for loss in ("non-saturating", "minimax", "least-squares", "hinge")},
    **{f"{loss}, SGD": {"loss": loss, **SGD} for loss in ("non-saturating", "minimax", "least-squares", "hinge")},
    "modern": MODERN,
    "modern, SGD": {**MODERN, **SGD},
    "no dropout": {"dropout": 0.0},
}
TRAIN = """async ({ config, pixels, fast, gpu = false }) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const text = (data) => btoa(Array.from(new Uint8Array(data.slice().buffer), (b) => String.fromCharCode(b)).join(""));
  const texts = (tensors) => Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, text(data)]));
  const { TrainState } = await import(at("browser", "engine/state.js"));
  const { train } = await import(at("browser", "engine/training.js"));
  const file = fast ? "engine/tensor.wasm" : "engine/tensor-plain.wasm";
  const module = await WebAssembly.compile(await (await fetch(at("browser", file))).arrayBuffer());
  const state = new TrainState(config, module), all = bytes(pixels), images = { pixels: all, count: all.length / 784 };
  const start = texts(state.tensors()), losses = [];
  let [run, trainer] = [() => train(state, images), null];
  if (gpu) {
    const [{ openCard }, { Trainer }, { trainOnCard }] = await Promise.all(
      ["card", "gpu", "gpu-training"].map((name) => import(at("browser", `engine/${name}.js`))));
    const { Arithmetic } = await import(at("browser", "engine/arithmetic.js"));
    trainer = await Trainer.make(await openCard((path) => at("browser", path), new Arithmetic(module)), state);
    run = () => trainOnCard(trainer, images);
  }
  for (let steps = 1; steps <= config.steps; steps++) {
    state.config = { ...config, steps };
    for await (const now of run()) losses.push([now.loss_g, now.loss_d, now.d_real, now.d_fake]);
  }
  await trainer?.pull(true);
  return { start, losses, end: texts(state.tensors()), forger: texts(state.forger()) };
}"""


@pytest.fixture(scope="module")
def images():
    return load_mnist()[0][:300]


def floats(texts: dict[str, str]) -> dict[str, torch.Tensor]:
    read = {name: np.frombuffer(base64.b64decode(text), np.float32) for name, text in texts.items()}
    return {name: torch.from_numpy(numbers.copy()) for name, numbers in read.items()}


def below(tensors: dict[str, torch.Tensor], role: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(f"{role}."): value for name, value in tensors.items() if name.startswith(f"{role}.")}


def in_last_bit(tensors: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """The same numbers, some of them rounded to their neighbours."""
    rng = torch.Generator().manual_seed(seed)
    to = torch.tensor([-10.0, 10.0])
    return {name: torch.nextafter(x, to[torch.randint(2, x.shape, generator=rng)]) for name, x in tensors.items()}


def take(network: torch.nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    known = network.state_dict()
    network.load_state_dict({name: value.view(known[name].shape) for name, value in tensors.items()}, strict=False)


def in_python(monkeypatch, config: TrainConfig, images: torch.Tensor, start: dict[str, torch.Tensor]):
    """The same run by Python's engine: its four numbers after each step, and the state it ends with."""
    state, team, numbers = TrainState(config), philox.Philox(monkeypatch), []
    for role in ROLES:
        take(getattr(state, role), below(start, role))
    if state.average is not None:
        state.average.load_state_dict(state.generator.state_dict())
    for steps in range(1, config.steps + 1):
        for seen in train(replace(config, steps=steps), images, state, team=team):
            numbers.append([seen.loss_g, seen.loss_d, seen.d_real, seen.d_fake])
    return torch.tensor(numbers), state


def all_of(config: TrainConfig, state: TrainState) -> dict[str, torch.Tensor]:
    """Everything learnt, but for what is IDLE: gradients of nothing but rounding move it."""
    networks = {role: getattr(state, role) for role in ROLES}
    tensors = {f"{role}.{name}": value for role, one in networks.items() for name, value in one.state_dict().items()}
    tensors |= {f"forger.{name}": value for name, value in state.forger().state_dict().items()}
    idle = IDLE if config.norm == "batch" else ()
    return {name: value.flatten() for name, value in tensors.items() if name not in idle and value.is_floating_point()}


def apart(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> float:
    """The largest difference, over the largest number of its tensor."""
    return max(((ours[name] - value).abs().max() / value.abs().max()).item() for name, value in theirs.items())


@pytest.mark.parametrize("way", WAYS)
def test_fifty_steps_are_pythons(js, monkeypatch, images, way, record_property):
    """The losses within 1e-4 and the weights within 1e-3 of their largest; or three times as far as Python's own run is
    moved by first weights that differ in the last bit: Adam and the hinge make much of little.
    """
    is_pythons(js, monkeypatch, images, replace(SMALL, **WAYS[way]), record_property)


def is_pythons(js, monkeypatch, images, config, record_property, gpu=False):
    """See the test above: the run in the browser, on WebAssembly or on its GPU, beside Python's."""
    pixels = base64.b64encode(images.numpy().tobytes()).decode()
    answer = js(TRAIN, {"config": json.loads(config.to_json()), "pixels": pixels, "fast": True, "gpu": gpu})
    start = floats(answer["start"])
    losses, state = in_python(monkeypatch, config, images, start)
    ours = floats(answer["end"]) | {f"forger.{name}": value for name, value in floats(answer["forger"]).items()}
    far = [(losses - torch.tensor(answer["losses"])).abs().max().item(), apart(ours, all_of(config, state))]
    moved = [0.0, 0.0]
    for seed in range(3):
        others, other = in_python(monkeypatch, config, images, in_last_bit(start, seed))
        now = (losses - others).abs().max().item(), apart(all_of(config, other), all_of(config, state))
        moved = list(map(max, moved, now))
    record_property("losses and weights, and what the last bit moves", (far, moved))
    assert far[0] <= max(1e-4, 3 * moved[0])
    assert far[1] <= max(1e-3, 3 * moved[1])


def test_the_arithmetic_is_its_source(tmp_path):
    kernels.compile_to(tmp_path)
    for name in kernels.FILES:
        assert (tmp_path / name).read_bytes() == (kernels.ENGINE / name).read_bytes(), (
            f"python tests/kernels.py: {name}"
        )


RESUME = """async ({ config, pixels, at: parts, size, counts }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ TrainState }, { train }] = await Promise.all(["state", "training"].map(load));
  const { Workers, connect } = await load("distributed");
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const images = { pixels: bytes, count: bytes.length / 784 }, players = ["generator", "discriminator"];
  const hired = [];
  const team = (file) => {  // this page and `size` - 1 workers
    const ports = connect(size);
    for (let rank = 1; rank < size; rank++) {
      const worker = new Worker(at("browser", "engine/follower-worker.js"), { type: "module" });
      const others = ports[rank].filter(Boolean);
      worker.postMessage({ origin: { file, module, config }, players, rank, ports: ports[rank] }, others);
      hired.push(worker);
    }
    return new Workers(0, ports[0]);
  };
  let file = new TrainState(config, module).save();
  for (const [part, steps] of parts.entries()) {
    images.count = counts[part] ?? bytes.length / 784;
    const state = TrainState.load(file, module);
    state.adopt({ ...config, steps });
    for await (const _ of train(state, images, players, team(file)));
    file = state.save();
  }
  for (const worker of hired) worker.terminate();
  const text = new TextDecoder().decode(file.slice(8, 8 + Number(new DataView(file).getBigUint64(0, true))));
  let sum = "";
  for (const byte of new Uint8Array(file)) sum += String.fromCharCode(byte);
  return { file: btoa(sum), counters: JSON.parse(JSON.parse(text).__metadata__.counters) };
}"""


def resumed(js, images, way, parts, size=1, counts=()):
    """A run of 40 steps, saved and loaded after each of the `parts`, in so many workers: its file.

    `counts` are how many images have come in each part, by default all.
    """
    config = json.loads(replace(SMALL, **way).to_json())
    pixels = base64.b64encode(images.numpy().tobytes()).decode()
    answer = js(RESUME, {"config": config, "pixels": pixels, "at": parts, "size": size, "counts": list(counts)})
    assert answer["counters"]["step"] == parts[-1]
    return base64.b64decode(answer["file"])


@pytest.mark.parametrize("way", [MODERN, SGD, {}], ids=["modern", "SGD", "lecture's"])
@pytest.mark.parametrize("size", [1, 2])
def test_a_run_that_is_saved_and_goes_on_is_the_uninterrupted_one_to_the_bit(js, images, way, size):
    assert resumed(js, images, way, [3, 17, 40], size) == resumed(js, images, way, [40], size)


def test_an_epoch_goes_on_among_the_images_that_it_began_with(js, images):
    """A run begins while images still come; what had come then is its first epoch, also after it was saved."""
    few, many = 6 * SMALL.batch_size, len(images)
    assert few < many
    for first, later in ((few, many), (many, few)):
        parts = [5, 6] if first == few else [many // SMALL.batch_size - 1, many // SMALL.batch_size]
        assert resumed(js, images, MODERN, parts, counts=[first, later]) == resumed(
            js, images, MODERN, parts[1:], counts=[first]
        )


@pytest.mark.parametrize("way", [MODERN, {}], ids=["modern", "lecture's"])
@pytest.mark.parametrize("size", [2, 3])
def test_several_workers_learn_what_one_does(js, images, way, size):
    files = [resumed(js, images, way, [40], workers) for workers in (1, size)]
    alone, team = [safetensors.torch.load(file) for file in files]
    learnt = [name for name in alone if name.startswith(ROLES) and name not in (IDLE if way is MODERN else ())]
    assert len(learnt) > 10
    assert apart({name: team[name] for name in learnt}, {name: alone[name] for name in learnt}) < 0.01


SEE = """async ({ config, pixels, latents, fast }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ TrainState }, { train }] = await Promise.all(["state", "training"].map(load));
  const { Forger, look, slopesOn } = await import(at("browser", "live/views.js"));
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const text = (data) => btoa(Array.from(new Uint8Array(data.slice().buffer), (b) => String.fromCharCode(b)).join(""));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const state = new TrainState(config, module), all = bytes(pixels), images = { pixels: all, count: all.length / 784 };
  for await (const _ of train(state, images));
  const before = state.save();
  const real = Float32Array.from(all, (byte) => byte / 127.5 - 1).subarray(0, 100 * 784);
  const forger = new Forger(state), noises = new Float32Array(bytes(latents).buffer);
  const seen = { ...(await look(state, forger, noises, real)), slopes: await slopesOn(state, forger, noises) };
  const same = text(new Uint8Array(before)) === text(new Uint8Array(state.save()));
  const tensors = Object.fromEntries(Object.entries(state.tensors()).map(([name, { data }]) => [name, text(data)]));
  const numbers = Object.fromEntries(["drawings", "verdicts", "advice"].map((name) => [name, text(seen[name])]));
  return { ...seen, same, tensors, numbers };
}"""


@pytest.mark.parametrize("way", ["modern", "hinge", "minimax"])
def test_what_is_seen_of_a_run_is_pythons_and_changes_nothing(js, images, way):
    config = replace(SMALL, **WAYS[way], steps=20)
    latents = noises(0, views.SHOWN, config.latent_dim)
    given = {"config": json.loads(config.to_json()), "latents": base64.b64encode(latents.numpy().tobytes()).decode()}
    seen = js(SEE, {**given, "pixels": base64.b64encode(images.numpy().tobytes()).decode()})
    state, tensors, real = TrainState(config), floats(seen["tensors"]), normalise(images[:100])
    for role in ROLES:
        take(getattr(state, role), below(tensors, role))
    if state.average is not None:
        state.average.load_state_dict(state.generator.state_dict())  # for the running averages
        torch.nn.utils.vector_to_parameters(tensors["average"], state.average.parameters())
    with torch.inference_mode():
        drawings = state.forger()(latents)
    wanted = {"drawings": drawings, "verdicts": views.verdicts_of(state, drawings)}
    wanted["advice"] = views.advice_on(state, drawings[: views.ADVISED], real[: views.ADVISED])
    assert seen["same"] and seen["step"] == 20
    assert apart(floats(seen["numbers"]), {name: value.flatten() for name, value in wanted.items()}) < 1e-4
    assert seen["slopes"] == pytest.approx([20, *views.slopes_on(state)[1:]], rel=1e-3)
    assert seen["strength"] == pytest.approx(wanted["advice"].abs().max().item(), rel=1e-4)
    for name, judged in (("hist_real", real), ("hist_fake", drawings)):
        bins = views._histogram(views.verdicts_of(state, judged))
        assert sum(seen[name]) == sum(bins)
        assert sum(abs(one - other) for one, other in zip(seen[name], bins, strict=True)) <= 2  # on a bin's edge
