"""The judge in the browser finds in drawings what Python's finds."""

import base64

import numpy as np
import pytest
import safetensors.torch
import torch

from playground.metrics import Examiner, census
from playground.pretrain import JUDGE, write_reals
from playground.shipped import CHECKPOINTS, Shipped

MEASURE = """async ({ drawings }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ Judge }, { census, frechet }] = await Promise.all([load("judge"), load("metrics")]);
  const { readTensors } = await load("safetensors");
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const judge = new Judge(await (await fetch(at("checkpoints", "judge.safetensors"))).arrayBuffer(), module);
  const { features, answers } = judge.examine(floats(drawings));
  const { tensors } = readTensors(await (await fetch(at("checkpoints", "reals.safetensors"))).arrayBuffer());
  const distance = frechet(features, { mean: tensors.mean.data, covariance: tensors.covariance.data });
  return { ...census(answers), distance, features: Array.from(features.subarray(0, 12_800)) };
}"""


@pytest.fixture(scope="module")
def examiner():
    return Examiner.open(JUDGE)


@pytest.mark.parametrize("epoch", [0, 100, 199])
def test_the_judge_is_pythons(js, examiner, epoch, record_property):
    latents = torch.randn(2000, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        drawings = Shipped().network(epoch, "generator")(latents)
        features, answers = examiner.examine(drawings)
    given = {"drawings": base64.b64encode(drawings.numpy().tobytes()).decode()}
    found, wanted = js(MEASURE, given), census(answers)
    record_property("frechet", (found["distance"], examiner.compare(drawings).frechet))
    assert found["distance"] == pytest.approx(examiner.compare(drawings).frechet, rel=0.01)
    assert found["recognisable"] == pytest.approx(wanted.recognisable, abs=0.001)
    assert np.abs(np.array(found["counts"]) - wanted.counts).max() <= 1
    assert torch.tensor(found["features"]).view(-1, 128).sub(features[:100]).abs().max() < 1e-3


def test_the_shipped_moments_of_real_digits_are_the_judges(tmp_path):
    write_reals(tmp_path)
    shipped, made = (safetensors.torch.load_file(folder / "reals.safetensors") for folder in (CHECKPOINTS, tmp_path))
    assert shipped.keys() == made.keys() == {"mean", "covariance"}
    for name, value in made.items():
        assert torch.allclose(shipped[name], value, rtol=1e-3, atol=1e-3)  # another processor rounds differently
