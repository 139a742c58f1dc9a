"""A run in the browser's own worker: what it tells the page, and what the page may wish of it."""

import base64
import json
from dataclasses import replace
from itertools import pairwise

import pytest
import safetensors.torch
import torch

from playground.config import TrainConfig
from playground.metrics import distance_apart, distance_to, distance_to_next
from playground.shipped import CHECKPOINTS

SMALL = TrainConfig(batch_size=64, latent_dim=16, widths_g=(40, 60), widths_d=(60, 40), steps=30)

# `act(worker, message)` may answer each message of the worker; `before` is a script that it runs before its own.
RUN = """async ({ config, workers = 1, shared = false, lost, players = null, more = {}, ...rest }) => {
  const { gpu = false, act = "() => {}", before = "" } = rest;
  const { connect, sharedBy } = await import(at("browser", "engine/distributed.js"));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const origin = { config, module, ...more }, ports = connect(workers);
  const memory = shared ? sharedBy(workers, config) : null;
  if (shared && !memory) throw new Error("this page shares no memory");
  const all = [], begun = performance.now(), answer = eval(act);
  const script = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const after = (path) => script(`import "${script(before)}"; import "${new URL(path, location.href)}";`);
  const address = (path) => (before ? after(at("browser", path)) : at("browser", path));
  const open = (path) => new Worker(address(path), { type: "module" });
  const hired = ports.map((_, rank) => open(rank ? "engine/follower-worker.js" : "live/run-worker.js"));
  const told = new Promise((resolve, reject) => {
    hired[0].onerror = (event) => reject(new Error(event.message));
    hired[0].onmessage = ({ data }) => {
      all.push({ ...data, at: performance.now() - begun });
      answer(hired[0], data);
      if (data.ended || data.failed) resolve(all);
    };
  });
  const addresses = {
    images: at("mnist", lost === "images" ? "none.gz" : "train-images-idx3-ubyte.gz"),
    labels: at("mnist", lost === "labels" ? "none.gz" : "train-labels-idx1-ubyte.gz"),
    judge: at("checkpoints", lost === "judge" ? "none" : "judge.safetensors"),
    reals: at("checkpoints", "reals.safetensors"),
  };
  for (const [name, path] of Object.entries(addresses)) addresses[name] = new URL(path, location.href).href;
  hired.slice(1).forEach((worker, i) => {
    worker.postMessage({ origin, players, rank: i + 1, ports: ports[i + 1], memory }, ports[i + 1].filter(Boolean));
  });
  const begin = { origin, addresses, ports: ports[0], memory, players, gpu };
  hired[0].postMessage({ begin }, ports[0].filter(Boolean));
  const messages = await told;
  for (const worker of hired) worker.terminate();
  const text = (data) => btoa(Array.from(new Uint8Array(data), (b) => String.fromCharCode(b)).join(""));
  return messages.map(({ saved, look, ...rest }) => ({
    ...rest, ...(saved && { saved: { ...saved, file: text(saved.file) } }), ...(look && { look: look.step }),
  }));
}"""


def run(js, config: TrainConfig, **given) -> list[dict]:
    return js(RUN, {"config": json.loads(config.to_json()), **given})


def of(told: list[dict], name: str) -> list:
    return [message[name] for message in told if message.get(name) is not None]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_tells_how_it_goes_and_leaves_its_networks(js, workers):
    told = run(js, SMALL, workers=workers)
    assert told[-1]["ended"] == "finished" and told[-1]["look"] == 30
    steps = [progress["step"] for progress in of(told, "progress")]
    assert steps == sorted(steps) and steps[-1] == 30
    come = of(told, "data")
    assert come and come[-1]["come"] <= come[-1]["of"]
    measure = told[-1]["measure"]
    assert len(measure["counts"]) == 10 and measure["frechet"] > 100 and 0 <= measure["recognisable"] <= 1
    state = safetensors.torch.load(base64.b64decode(told[-1]["saved"]["file"]))
    assert state["generator.main.0.weight"].shape == (40, 16) and all(one.isfinite().all() for one in state.values())


def test_one_digit_is_learnt_from_its_own_images(js):
    told = run(js, replace(SMALL, digits=(3,), images=64, batch_size=32))
    assert told[-1]["ended"] == "finished" and told[-1]["measure"]["nearness"] > 0
    assert told[-1]["saved"]["epoch"] == 15  # of two batches


def test_the_page_may_change_pause_and_end_a_run(js):
    act = """(worker, { progress }) => {
      if (progress?.step > 5 && !worker.paused) {
        worker.paused = performance.now();
        worker.postMessage({ rest: Infinity });
        setTimeout(() => worker.postMessage({ change: { lr_g: 0.5 }, rest: 0 }), 1000);
      } else if (worker.paused && progress?.step > 20) worker.postMessage({ halt: "stopped" });
    }"""
    told = run(js, replace(SMALL, steps=None, epochs=1000), act=f"({act})")
    assert told[-1]["ended"] == "stopped" and told[-1]["saved"]["step"] < 10_000
    pauses = [after["at"] - before["at"] for before, after in pairwise(told)]
    assert max(pauses) > 900


def test_a_run_that_diverges_says_so_and_keeps_its_last_good_networks(js):
    for seed in range(5):  # few images: all come before the first step, else how many there are is chance
        told = run(js, replace(SMALL, optimizer="sgd", lr_g=1, lr_d=1, norm="batch", seed=seed, images=2000))
        assert told[-1]["ended"] == "failed" and told[-1]["diverged"] == told[-1]["saved"]["step"] < 30
        state = safetensors.torch.load(base64.b64decode(told[-1]["saved"]["file"]))
        assert all(one.isfinite().all() for one in state.values())


@pytest.mark.parametrize("lost", ["images", "labels", "judge"])
def test_a_file_that_does_not_come_ends_the_run_with_its_name(js, lost):
    assert "none" in run(js, SMALL, lost=lost)[-1]["failed"]["message"]


def test_a_single_step_says_what_it_changed(js):
    for players in (["discriminator"], ["generator"], ["generator", "discriminator"]):
        told = run(js, SMALL, players=players, workers=2)
        [move] = of(told, "move")
        before, after = move["before"], move["after"]
        assert move["players"] == players and told[-1]["saved"]["step"] == 1
        # where only G moves, D's verdicts on real images stay
        assert (before["d_real"] == after["d_real"]) == ("discriminator" not in players)
        assert before != after and told[-1]["measure"]["frechet"] is None


def test_a_run_begins_with_networks_that_were_trained_before(js):
    more = """async ({ config, epoch }) => {
      const read = async (role) =>
        (await fetch(at("checkpoints", `epoch-${epoch}/${role}.safetensors`))).arrayBuffer();
      const [generator, discriminator] = await Promise.all(["generator", "discriminator"].map(read));
      window.trained = { generator, discriminator };
    }"""
    config = TrainConfig(batch_size=64, steps=2, lr_g=1e-6, lr_d=1e-6)
    js(more, {"config": None, "epoch": "199"})
    script = RUN.replace("...more }", "weights: window.trained }")
    told = js(script, {"config": json.loads(config.to_json())})
    state = safetensors.torch.load(base64.b64decode(told[-1]["saved"]["file"]))
    shipped = safetensors.torch.load_file(CHECKPOINTS / "epoch-199" / "generator.safetensors")
    assert (state["generator.main.0.weight"] - shipped["main.0.weight"]).abs().max() < 1e-4
    assert told[-1]["measure"]["recognisable"] > 0.7


def test_a_state_goes_on_under_other_settings_but_not_with_other_networks(js):
    script = """async ({ config, changes }) => {
      const { TrainState } = await import(at("browser", "engine/state.js"));
      const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
      const state = new TrainState(config, module);
      Object.assign(state, { step: 9, epoch: 2, position: 5, batches: 1 });
      return changes.map((change) => {
        try {
          const other = TrainState.load(state.save(), module, { ...config, ...change });
          return [other.step, other.epoch, other.position, other.batch.length];
        } catch (error) { return error.message; }
      });
    }"""
    changes = [{"batch_size": 10}, {"digits": [3]}, {"lr_g": 0.1}, {"norm": "batch"}, {"widths_d": [60]}]
    told = js(script, {"config": json.loads(SMALL.to_json()), "changes": changes})
    assert told[:3] == [[9, 2, 5, 20 * 784], [9, 2, 0, 128 * 784], [9, 2, 5, 128 * 784]]
    assert "norm" in told[3] and "widths_d" in told[4]


def test_distances_are_pythons(js):
    rng = torch.Generator().manual_seed(3)
    drawings, known = (torch.rand(count, 784, generator=rng) * 2 - 1 for count in (20, 30))
    script = """async ({ drawings, known }) => {
      const { distanceApart, distanceTo, distanceToNext } = await import(at("browser", "engine/metrics.js"));
      const [a, b] = [drawings, known].map((rows) => Float32Array.from(rows.flat()));
      return [distanceApart(a), distanceToNext(a), distanceTo(a, b)];
    }"""
    squares = drawings.view(-1, 28, 28), known.view(-1, 28, 28)
    wanted = distance_apart(squares[0]), distance_to_next(squares[0]), distance_to(*squares)
    assert js(script, {"drawings": drawings.tolist(), "known": known.tolist()}) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("way", [{}, {"norm": "batch", "average": 0.9}], ids=["lecture's", "modern"])
@pytest.mark.parametrize("workers", [2, 3])
def test_workers_that_share_memory_learn_the_same_to_the_bit(js, way, workers):
    config = replace(SMALL, images=500, **way)  # all of MNIST has come when it begins
    files = [of(run(js, config, workers=workers, shared=shared), "saved")[-1]["file"] for shared in (False, True)]
    assert files[0] == files[1]
