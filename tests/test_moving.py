"""A run moves between a browser and the server in the middle of an epoch, by the same file."""

import base64
import json
from dataclasses import replace

import philox
import pytest
import safetensors.torch
import torch
from test_browser_training import IDLE, SMALL, WAYS, all_of, apart, images, in_last_bit  # noqa: F401

from playground.state import TrainState, read_state
from playground.training import train

MOVED, END = 9, 20  # steps; an epoch of the images has seven
TRAVELS = ["non-saturating", "modern", "modern, SGD"]
# Trains to a step, from a file if there is one; `among`: how many images have come by then.
GO = """async ({ config, pixels, file, among, gpu = false }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ TrainState }, { train }] = await Promise.all(["state", "training"].map(load));
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const all = bytes(pixels), images = { pixels: all, count: among ?? all.length / 784 };
  const state = file ? TrainState.load(bytes(file).buffer, module, config) : new TrainState(config, module);
  if (gpu) {
    const [{ openCard }, { Trainer }, { trainOnCard }, { Arithmetic }] = await Promise.all(
      ["card", "gpu", "gpu-training", "arithmetic"].map(load));
    const trainer = await Trainer.make(await openCard((path) => at("browser", path), new Arithmetic(module)), state);
    for await (const _ of trainOnCard(trainer, images));
    await trainer.pull(true);
    trainer.card.close();
  } else for await (const _ of train(state, images));
  return btoa(Array.from(new Uint8Array(state.save()), (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
def go(js, images):  # noqa: F811
    """A function that trains in the browser: to `steps`, from the bytes of a file; returns those of the next."""
    return lambda config, steps, **how: trained(js, images, config, steps, **how)


def trained(js, images, config, steps, file=b"", **how) -> bytes:  # noqa: F811
    pixels = base64.b64encode(images.numpy().tobytes()).decode()
    given = {"config": json.loads(replace(config, steps=steps).to_json()), "pixels": pixels, **how}
    return base64.b64decode(js(GO, {**given, "file": base64.b64encode(file).decode()}))


def on_server(monkeypatch, path, config, images, steps) -> TrainState:  # noqa: F811
    """The state of a file, trained on by Python with a browser's random numbers."""
    state = TrainState.load(path)
    for _ in train(replace(config, steps=steps), images, state, team=philox.Philox(monkeypatch)):
        pass
    return state


def learnt(state: TrainState) -> dict[str, torch.Tensor]:
    return all_of(state.config, state)


def is_near(ours, theirs, others) -> None:
    """Within 1e-3 of the largest number, or three times as far as the last bit of the weights on their way moves it."""
    assert apart(ours, theirs) <= max(1e-3, 3 * apart(others, theirs))


def nudged(path, to) -> None:
    """The same file with other last bits of its weights."""
    tensors = safetensors.torch.load_file(path)
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    weights = {name: value for name, value in tensors.items() if name.endswith(("weight", "bias"))}
    safetensors.torch.save_file({**tensors, **in_last_bit(weights, 0)}, to, metadata)


@pytest.mark.browser
@pytest.mark.parametrize("way", TRAVELS)
def test_a_browsers_run_goes_on_at_the_server(go, monkeypatch, tmp_path, images, way):  # noqa: F811
    config = replace(SMALL, **WAYS[way])
    moved, whole, path, other = go(config, MOVED), go(config, END), tmp_path / "moved", tmp_path / "other"
    path.write_bytes(moved)
    nudged(path, other)
    state = on_server(monkeypatch, path, config, images, END)
    assert (state.step, state.epoch) == (END, 2)
    path.write_bytes(whole)
    is_near(learnt(state), learnt(TrainState.load(path)), learnt(on_server(monkeypatch, other, config, images, END)))


@pytest.mark.browser
@pytest.mark.parametrize("way", TRAVELS)
def test_the_servers_run_goes_on_in_a_browser(go, monkeypatch, tmp_path, images, way):  # noqa: F811
    config = replace(SMALL, **WAYS[way])
    path, other = tmp_path / "moved", tmp_path / "other"
    state = TrainState(config)
    state.save(path)
    state = on_server(monkeypatch, path, config, images, MOVED)
    assert 0 < state.position < len(images)
    state.save(path)
    nudged(path, other)
    whole = on_server(monkeypatch, path, config, images, END)
    others = on_server(monkeypatch, other, config, images, END)
    path.write_bytes(go(config, END, file=path.read_bytes()))
    state = TrainState.load(path)
    assert (state.step, state.epoch, state.position) == (whole.step, whole.epoch, whole.position)
    assert state.order.equal(whole.order)
    is_near(learnt(state), learnt(whole), learnt(others))


@pytest.mark.browser
def test_there_and_back_without_a_step_is_the_same_file(go, tmp_path):
    config = replace(SMALL, **WAYS["modern"])
    first, path = go(config, MOVED), tmp_path / "there"
    path.write_bytes(first)
    TrainState.load(path).save(path)
    back = go(config, MOVED, file=path.read_bytes())
    ours, theirs = safetensors.torch.load(first), safetensors.torch.load(back)
    assert ours.keys() == theirs.keys()
    assert all(ours[name].equal(theirs[name]) for name in ours)


@pytest.mark.browser
def test_an_epoch_of_the_images_that_had_come_goes_on_among_them(go, monkeypatch, tmp_path, images):  # noqa: F811
    """A browser begins while images still come; the server has them all, and shows the others from the next epoch."""
    few, path = 4 * SMALL.batch_size, tmp_path / "moved"
    path.write_bytes(go(SMALL, 2, among=few))
    assert len(read_state(path).tensors["order"]) == few
    assert on_server(monkeypatch, path, SMALL, images, 4).epoch == 1
    state = on_server(monkeypatch, path, SMALL, images, 5)
    assert (state.epoch, len(state.order)) == (1, len(images))


def test_a_state_without_random_generators_goes_on_the_same_way_each_time(tiny, images, tmp_path):  # noqa: F811
    path, state = tmp_path / "state", TrainState(tiny)
    for _ in train(replace(tiny, steps=5), images, state):
        pass
    state.save(path)
    known = read_state(path)
    tensors = {name: value for name, value in known.tensors.items() if not name.startswith("rng.")}
    metadata = {"config": tiny.to_json(), "counters": json.dumps(known.counters), "device": "browser"}
    safetensors.torch.save_file(tensors, path, metadata)
    ends = [TrainState.load(path) for _ in range(2)]
    for end in ends:
        for _ in train(replace(tiny, steps=60), images, end):
            pass
    assert IDLE[0] in learnt(ends[0]) and apart(learnt(ends[0]), learnt(ends[1])) == 0
