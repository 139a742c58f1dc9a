"""What only a CUDA device can show: `pytest -m gpu` on a machine that has one."""

from dataclasses import replace

import pytest
import torch
from runs import PATIENCE, until

from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Order
from playground.training import TrainConfig, TrainState, train

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]
CONFIG = TrainConfig(device="cuda", steps=200)


@pytest.fixture
def images():
    return torch.randint(0, 256, (2000, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_200_steps(images, precision):
    last = list(train(replace(CONFIG, precision=precision), images))[-1]
    assert last.step == 200 and last.state.device.type == "cuda"
    assert all(torch.isfinite(p).all() for p in last.state.generator.parameters())


def test_resume_goes_on_from_the_same_place(images, tmp_path):
    state = list(train(replace(CONFIG, steps=30), images))[-1].state
    state.save(tmp_path / "state.safetensors")
    again = TrainState.load(tmp_path / "state.safetensors")
    assert (again.step, again.position, again.device.type) == (30, state.position, "cuda")
    assert torch.equal(again.rng_noise.get_state(), state.rng_noise.get_state())
    last = list(train(CONFIG, images, again))[-1]
    assert last.step == 200


def test_a_state_from_the_gpu_opens_on_the_cpu(images, tmp_path):
    state = list(train(replace(CONFIG, steps=30), images))[-1].state
    state.save(tmp_path / "state.safetensors")
    here = TrainState.load(tmp_path / "state.safetensors", device="cpu")
    last = list(train(replace(CONFIG, steps=32, device="cpu"), images, here))[-1]
    assert last.step == 32


def test_stop(images):
    run = Line().join(Order(Record("A", replace(CONFIG, steps=1_000_000))))
    until(run, lambda: run.record.step >= 10)
    run.halt("stopped")
    run.join(PATIENCE)
    assert run.phase == "stopped" and run.state.step == run.record.step >= 10


def test_out_of_memory_is_said_and_frees_the_machine():
    def hoard(config):
        kept = []
        while True:  # until the card is full
            kept.append(torch.empty(1 << 30, dtype=torch.uint8, device="cuda"))

    line = Line()
    run = line.join(Order(Record("A", CONFIG), first_state=hoard))
    run.join(PATIENCE)
    assert run.phase == "failed" and "memory" in str(run.error)
    good = line.join(Order(Record("B", replace(CONFIG, steps=5))))
    good.join(PATIENCE)
    assert good.phase == "finished"
