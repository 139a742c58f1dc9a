"""What a run keeps between two steps: how it begins, what it adopts, what it becomes in a file."""

import json
from dataclasses import replace

import pytest
import torch
from numpy.random import SeedSequence
from safetensors.torch import load_file

from playground.checkpoints import CheckpointError, read_header, write_tensors
from playground.config import check_same
from playground.state import FIXED, TrainState
from playground.training import TrainConfig, train


def stepped(config: TrainConfig, images: torch.Tensor, steps: int = 3) -> TrainState:
    return list(train(replace(config, steps=steps), images))[-1].state


def rewrite(path, tensors: dict | None = None, **metadata: str) -> None:
    """Change a state's file: tensors (None takes one out) and metadata."""
    kept = load_file(path) | (tensors or {})
    known = read_header(path, 2**30).metadata | metadata
    write_tensors(path, {name: value for name, value in kept.items() if value is not None}, known)


def rates(state: TrainState) -> list[float]:
    return [optimizer.param_groups[0]["lr"] for optimizer in (state.optimizer_g, state.optimizer_d)]


def test_a_run_begins_at_nothing(tiny):
    state = TrainState(tiny)
    assert (state.step, state.epoch, state.position, state.batches, state.order) == (0, 0, 0, 0, None)
    assert state.sums.tolist() == [0, 0, 0, 0] and state.average is None


def test_weights_begin_uniform_within_one_over_the_root_of_the_inputs(tiny):
    state = TrainState(replace(tiny, widths_g=(400,), widths_d=(100,)))
    layers = (state.generator.main[0], state.generator.main[2], state.discriminator.main[0])
    for layer, inputs in zip(layers, (4, 400, 784), strict=True):
        bound = inputs**-0.5
        for values in (layer.weight.flatten(), layer.bias):
            assert -bound <= values.min() < -0.9 * bound and 0.9 * bound < values.max() <= bound
            assert abs(values.mean()) < 0.2 * bound


def test_both_players_begin_with_rates_and_betas_of_their_own(tiny):
    state = TrainState(replace(tiny, lr_g=0.01, lr_d=0.02, beta1=0.4, beta2=0.8))
    assert rates(state) == [0.01, 0.02]
    assert {o.param_groups[0]["betas"] for o in (state.optimizer_g, state.optimizer_d)} == {(0.4, 0.8)}


def test_sgd_begins_with_and_adopts_its_momentum(tiny):
    config = replace(tiny, optimizer="sgd", beta1=0.4)
    state = TrainState(config)
    assert state.optimizer_d.param_groups[0]["momentum"] == 0.4
    state.adopt(replace(config, beta1=0.6, lr_g=0.03, lr_d=0.04))
    assert {o.param_groups[0]["momentum"] for o in (state.optimizer_g, state.optimizer_d)} == {0.6}
    assert rates(state) == [0.03, 0.04]


def test_other_digits_begin_a_new_epoch_and_the_same_in_another_order_do_not(tiny, images):
    state = stepped(tiny, images)
    state.adopt(replace(tiny, digits=tuple(reversed(tiny.digits))))
    assert (state.position, state.batches) == (24, 3) and state.order is not None
    state.adopt(replace(tiny, digits=(3, 4)))
    assert (state.position, state.batches, state.order, state.step) == (0, 0, None, 3)
    assert state.sums.tolist() == [0, 0, 0, 0]


def test_another_seed_begins_new_random_numbers_for_its_step(tiny, images):
    state = stepped(tiny, images)
    before = state.rng_noise.get_state(), state.rng_shuffle.get_state()
    state.adopt(replace(tiny, lr_g=0.01))
    assert torch.equal(state.rng_noise.get_state(), before[0]) and torch.equal(state.rng_shuffle.get_state(), before[1])
    state.adopt(replace(tiny, seed=9))
    shuffle, noise = SeedSequence([9, 3]).generate_state(2).tolist()
    assert (state.rng_shuffle.initial_seed(), state.rng_noise.initial_seed()) == (shuffle, noise)


def test_a_moving_average_may_begin_and_end_in_the_middle_of_a_run(tiny, images):
    state = stepped(tiny, images)
    state.adopt(replace(tiny, average=0.5))
    for mine, theirs in zip(state.average.parameters(), state.generator.parameters(), strict=True):
        assert torch.equal(mine, theirs) and mine is not theirs and not mine.requires_grad
    begun = state.average
    state.adopt(replace(tiny, average=0.7))
    assert state.average is begun
    state.adopt(tiny)
    assert state.average is None


def test_a_moving_average_of_a_new_state_asks_for_no_gradient(tiny):
    state = TrainState(replace(tiny, average=0.9))
    assert not any(weight.requires_grad for weight in state.average.parameters())


def test_a_moving_average_takes_batch_norms_statistics_as_they_are(tiny, images):
    state = stepped(replace(tiny, average=0.9, norm="batch"), images)
    pairs = list(zip(state.average.buffers(), state.generator.buffers(), strict=True))
    assert len(pairs) == 3 and all(torch.equal(mine, theirs) for mine, theirs in pairs)
    assert state.average.main[1].num_batches_tracked > 0


def test_a_state_stays_on_its_device(tiny):
    state = TrainState(tiny)
    state.device = torch.device("meta")
    with pytest.raises(ValueError, match="device: got 'cpu', the state lies on 'meta'"):
        state.adopt(tiny)


@pytest.mark.parametrize(("name", "value", "allowed"), [
    ("widths_g", (3,), "allowed is 16$"), ("widths_d", (16,), "allowed is 16, 12$"), ("latent_dim", 5, "allowed is 4$"),
    ("norm", "batch", "allowed is none$"), ("optimizer", "sgd", "allowed is adam$"),
])  # fmt: skip
def test_what_a_run_cannot_change_is_named_with_what_it_has(tiny, name, value, allowed):
    with pytest.raises(ValueError, match=f"^{name}: got .*{allowed}"):
        check_same(replace(tiny, **{name: value}), tiny, FIXED)
    check_same(replace(tiny, lr_g=0.5, dropout=0.1, loss="hinge", batch_size=3, seed=8), tiny, FIXED)


def test_a_run_that_has_not_begun_can_be_kept(tiny, tmp_path):
    path = tmp_path / "state.safetensors"
    state = TrainState(tiny)
    state.save(path)
    found = TrainState.load(path)
    assert found._counters() == state._counters() and found.order is None and found.config == tiny
    assert all(torch.equal(a, b) for a, b in zip(found._tensors().values(), state._tensors().values(), strict=True))


def test_all_counters_and_sums_are_kept(tiny, images, tmp_path):
    state = stepped(tiny, images, 9)
    state.save(tmp_path / "state.safetensors")
    for found in (TrainState.load(tmp_path / "state.safetensors", "cpu"), state.clone()):
        assert (found.step, found.epoch, found.position, found.batches) == (9, 1, 16, 2)
        assert torch.equal(found.sums, state.sums) and found.sums.abs().sum() > 0
        assert torch.equal(found.order, state.order)


def test_a_state_of_another_kind_of_device_goes_on_with_new_noise_of_its_seed_and_step(tiny, images, tmp_path):
    path = tmp_path / "state.safetensors"
    state = stepped(tiny, images)
    state.save(path)
    rewrite(path, {"rng.noise": torch.zeros(16, dtype=torch.uint8)}, device="cuda")  # CUDA's generator has 16 bytes
    found = TrainState.load(path)
    assert found.rng_noise.initial_seed() == SeedSequence([tiny.seed, 3]).generate_state(1).item()
    assert torch.equal(found.rng_shuffle.get_state(), state.rng_shuffle.get_state())


PLACE, COUNTERS = "its place in the epoch cannot be", "lacks a config or counters"


@pytest.mark.parametrize(("counters", "refusal"), [
    ({}, ""), ({"position": 50}, ""), ({"position": 51}, PLACE), ({"position": -1}, COUNTERS),
    ({"batches": -1}, COUNTERS), ({"epoch": -1}, COUNTERS), ({"step": -1}, COUNTERS), ({"step": 2**53}, COUNTERS),
    ({"step": 0, "epoch": 0, "position": 0, "batches": 0}, ""),
])  # fmt: skip
def test_a_place_in_the_epoch_must_be_possible(tiny, images, tmp_path, counters, refusal):
    path = tmp_path / "state.safetensors"
    state = stepped(tiny, images)
    state.save(path)
    rewrite(path, counters=json.dumps(state._counters() | counters))
    if not refusal:
        assert TrainState.load(path)._counters() == state._counters() | counters
    else:
        with pytest.raises(CheckpointError, match=refusal):
            TrainState.load(path)


@pytest.mark.parametrize("metadata", [
    {"config": "{"}, {"config": "[" * 50_000}, {"config": '{"lr_g": -1}'}, {"counters": "[]"}, {"counters": "{}"},
    {"counters": '{"step": "x", "epoch": 0, "position": 0, "batches": 0}'}, {"counters": "3"},
])  # fmt: skip
def test_metadata_that_is_none_of_a_state_is_refused(tiny, tmp_path, metadata):
    path = tmp_path / "state.safetensors"
    TrainState(tiny).save(path)
    rewrite(path, **metadata)
    with pytest.raises(CheckpointError, match="lacks a config or counters"):
        TrainState.load(path)


def test_a_moving_average_forgets_sooner_while_a_run_is_young(tiny):
    state = TrainState(replace(tiny, average=0.99))
    for step, decay in ((0, 0.1), (10, 0.55), (10_000, 0.99)):
        state.step = step
        for mine, theirs in zip(state.average.parameters(), state.generator.parameters(), strict=True):
            mine.data.fill_(1), theirs.data.fill_(0)
        state.move_average()
        assert next(state.average.parameters()).flatten()[0].item() == pytest.approx(decay)
