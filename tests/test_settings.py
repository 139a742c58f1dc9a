"""What a run can be asked for beyond the lecture: BatchNorm, a moving average, SGD, chosen digits."""

from dataclasses import replace

import pytest
import torch

from models.gan import Generator, fold
from playground.checkpoints import load_network, network_bytes
from playground.data import choose_digits
from playground.training import TrainConfig, TrainState, train

RICH = {"norm": "batch", "average": 0.9, "smoothing": 0.1, "dropout": 0.2, "beta1": 0.5}
KINDS = {
    "batch norm": {"norm": "batch"}, "average": {"average": 0.9}, "no dropout": {"dropout": 0.0}, "all": RICH,
    "sgd": {"optimizer": "sgd", "lr_g": 0.01, "lr_d": 0.01}, "sgd without momentum": {"optimizer": "sgd", "beta1": 0.0},
    "r3gan": {"loss": "r3gan", "norm": "batch"}, "wgan": {"loss": "wgan-gp", "k": 2},
}  # fmt: skip


def tensors(state: TrainState) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in state._tensors().items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_on_bit_for_bit_whatever_its_settings(tiny, images, tmp_path, kind):
    config = replace(tiny, **KINDS[kind])
    whole = TrainState(config)
    list(train(replace(config, steps=10), images, whole))
    first = TrainState(config)
    list(train(replace(config, steps=4), images, first))
    first.save(tmp_path / "state.safetensors")
    second = TrainState.load(tmp_path / "state.safetensors").clone()
    list(train(replace(config, steps=10), images, second))
    expected, found = tensors(whole), tensors(second)
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_folding_changes_no_drawing(tiny, images):
    state = TrainState(replace(tiny, **RICH))
    list(train(state.config, images, state))
    latents = torch.randn(7, tiny.latent_dim)
    for network in (state.generator, state.average):
        plain = fold(network)
        assert [type(layer).__name__ for layer in plain.main] == ["Linear", "LeakyReLU", "Linear", "Tanh"]
        assert torch.allclose(plain(latents), network.eval()(latents), atol=1e-5)


def test_an_exported_file_is_the_lectures_network(tiny, images, tmp_path):
    state = TrainState(replace(tiny, **RICH))
    list(train(state.config, images, state))
    path = tmp_path / "g.safetensors"
    path.write_bytes(network_bytes(state.forger(), "generator", 0, state.config))
    found = load_network(path, "generator")
    latents = torch.randn(5, tiny.latent_dim)
    assert torch.equal(found.network(latents), state.forger()(latents))
    assert list(found.network.state_dict()) == list(Generator(4, (16,)).state_dict())


def test_the_moving_average_follows_by_its_formula(tiny, images):
    config = replace(tiny, average=0.75)
    state = TrainState(config)
    expected = [weight.clone() for weight in state.generator.parameters()]
    for step in range(1, 4):
        list(train(replace(config, steps=step), images, state))
        decay = min(0.75, step / (9 + step))  # it forgets sooner while the run is young
        expected = [decay * a + (1 - decay) * w for a, w in zip(expected, state.generator.parameters(), strict=True)]
    for mine, wanted in zip(state.average.parameters(), expected, strict=True):
        assert torch.allclose(mine, wanted, atol=1e-6)
    drawn = state.forger()(torch.ones(1, 4))
    assert torch.equal(drawn, state.average(torch.ones(1, 4)))
    assert not torch.equal(drawn, state.generator(torch.ones(1, 4)))


def test_dropout_is_the_settings_and_may_change(tiny):
    state = TrainState(replace(tiny, dropout=0.4))
    assert {layer.p for layer in state.discriminator.main if isinstance(layer, torch.nn.Dropout)} == {0.4}
    state.adopt(replace(tiny, dropout=0.1))
    assert {layer.p for layer in state.discriminator.main if isinstance(layer, torch.nn.Dropout)} == {0.1}


def test_only_the_chosen_digits_are_learnt_from():
    images = torch.arange(6, dtype=torch.uint8)[:, None, None].expand(6, 28, 28)
    labels = torch.tensor([0, 1, 2, 3, 1, 9])
    assert choose_digits(images, labels, (1, 9))[:, 0, 0].tolist() == [1, 4, 5]
    assert choose_digits(images, labels, tuple(range(10))).equal(images)
    assert choose_digits(images, labels, (1, 9), 2)[:, 0, 0].tolist() == [1, 4]


@pytest.mark.parametrize(("name", "value"), [
    ("loss", "wasserstein"), ("optimizer", "lion"), ("dropout", 1), ("smoothing", 0.6), ("norm", "layer"),
    ("average", 1), ("digits", []), ("digits", [10]), ("digits", "3"),
])  # fmt: skip
def test_bad_settings_are_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name}: got"):
        TrainConfig(**{name: value})


def test_a_state_does_not_change_its_kind(tiny):
    state = TrainState(tiny)
    for name, value in (("norm", "batch"), ("optimizer", "sgd")):
        with pytest.raises(ValueError, match=f"^{name}: got"):
            state.adopt(replace(tiny, **{name: value}))
    state.adopt(replace(tiny, average=0.5))  # an average may begin in the middle of a run
    assert state.average is not None
