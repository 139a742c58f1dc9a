"""The judge in the browser finds in drawings what Python's finds."""

import base64

import numpy as np
import pytest
import torch

from playground.data import load_mnist, normalise
from playground.metrics import Examiner, census
from playground.pretrain import JUDGE
from playground.shipped import Shipped

MEASURE = """async ({ drawings, mean, root }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ Judge }, { census, frechet }] = await Promise.all([load("judge"), load("metrics")]);
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const judge = new Judge(await (await fetch(at("checkpoints", "judge.safetensors"))).arrayBuffer(), module);
  const { features, answers } = judge.examine(floats(drawings));
  const distance = frechet(features, { mean: floats(mean), root: floats(root) });
  return { ...census(answers), distance, features: Array.from(features.subarray(0, 12_800)) };
}"""


def text(numbers: torch.Tensor | np.ndarray) -> str:
    return base64.b64encode(np.asarray(numbers, np.float32).tobytes()).decode()


def root_of(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(values.clip(0)) @ vectors.T


@pytest.fixture(scope="module")
def examiner():
    return Examiner.open(JUDGE)


@pytest.mark.parametrize("epoch", [0, 100, 199])
def test_the_judge_is_pythons(js, examiner, epoch, record_property):
    latents = torch.randn(2000, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        drawings = Shipped().network(epoch, "generator")(latents)
        features, answers = examiner.examine(drawings)
        real, _ = examiner.examine(normalise(load_mnist(train=False)[0])[:, None])
    covariance = np.cov(real.double().numpy().T)
    given = {"drawings": text(drawings), "mean": text(real.mean(0)), "root": text(root_of(covariance))}
    found, wanted = js(MEASURE, given), census(answers)
    record_property("frechet", (found["distance"], examiner.compare(drawings).frechet))
    assert found["distance"] == pytest.approx(examiner.compare(drawings).frechet, rel=0.01)
    assert found["recognisable"] == pytest.approx(wanted.recognisable, abs=0.001)
    assert np.abs(np.array(found["counts"]) - wanted.counts).max() <= 1
    assert torch.tensor(found["features"]).view(-1, 128).sub(features[:100]).abs().max() < 1e-3
