from dataclasses import fields

import pytest
import torch
from torch import nn

from models import ARCHITECTURES, Architecture
from models.gan import Discriminator, Generator
from playground.checkpoints import load_network, save_network
from playground.training import TrainConfig, TrainState, train


def lecture_generator() -> nn.Module:
    """Code 13-25, by its own words."""
    network = nn.Module()
    network.main = nn.Sequential(
        nn.Linear(128, 256), nn.LeakyReLU(0.2), nn.Linear(256, 512), nn.LeakyReLU(0.2),
        nn.Linear(512, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 784), nn.Tanh(),
    )  # fmt: skip
    return network


def lecture_discriminator() -> nn.Module:
    """Code 13-26, by its own words."""
    network = nn.Module()
    network.main = nn.Sequential(
        nn.Linear(784, 1024), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(1024, 512), nn.LeakyReLU(0.2),
        nn.Dropout(0.3), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 1), nn.Sigmoid(),
    )  # fmt: skip
    return network


@pytest.mark.parametrize(("ours", "lectures"), [(Generator, lecture_generator), (Discriminator, lecture_discriminator)])
def test_a_lecture_notebook_takes_our_weights_and_we_take_its(ours, lectures):
    mine, theirs = ours(), lectures()
    assert str(mine.main) == str(theirs.main)
    theirs.load_state_dict(mine.state_dict())
    mine.load_state_dict(lectures().state_dict())


def test_shapes_and_ranges():
    drawings = Generator()(torch.randn(5, 128))
    assert drawings.shape == (5, 1, 28, 28) and drawings.abs().max() <= 1
    verdicts = Discriminator()(drawings)
    assert verdicts.shape == (5, 1) and verdicts.min() > 0 and verdicts.max() < 1


@pytest.mark.parametrize("pair", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_registered_pairs_can_be_trained(pair):
    generator, discriminator = pair.generator(6, (5, 4)), pair.discriminator((4, 3))
    assert generator.latent_dim == 6
    assert isinstance(discriminator.main[-1], nn.Sigmoid)
    assert discriminator(generator(torch.randn(2, 6))).shape == (2, 1)


class ConvGenerator(Generator):
    """A pair of convolutions, as CONTRIBUTING.md says how to add one. `widths`: channels at 7 x 7 and at 14 x 14."""

    def __init__(self, latent_dim=128, widths=(16, 8), batch_norm=False):
        nn.Module.__init__(self)
        self.latent_dim = latent_dim
        first, second = widths
        norms = [[nn.BatchNorm2d(width)] if batch_norm else [] for width in widths]
        self.main = nn.Sequential(
            nn.Linear(latent_dim, first * 49), nn.LeakyReLU(0.2), nn.Unflatten(1, (first, 7, 7)),
            nn.Conv2d(first, first, 3, padding=1), *norms[0], nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(first, second, 4, 2, 1), *norms[1], nn.ReLU(),
            nn.ConvTranspose2d(second, 1, 4, 2, 1), nn.Tanh(),
        )  # fmt: skip


class ConvDiscriminator(Discriminator):
    def __init__(self, widths=(8, 16), dropout=0.3):
        nn.Module.__init__(self)
        first, second = widths
        self.main = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, first, 4, 2, 1), nn.LeakyReLU(0.2), nn.Dropout(dropout),
            nn.Conv2d(first, second, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(second * 49, 1), nn.Sigmoid(),
        )  # fmt: skip


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_convolutional_pair_that_joins_the_registry_is_trained_drawn_and_kept(norm, monkeypatch, images, tmp_path):
    monkeypatch.setitem(ARCHITECTURES, "conv", Architecture(ConvGenerator, ConvDiscriminator))
    field = next(one for one in fields(TrainConfig) if one.name == "architecture")
    monkeypatch.setattr(field, "metadata", {**field.metadata, "options": tuple(ARCHITECTURES)})  # as at its import
    config = TrainConfig(
        architecture="conv", widths_g=(6, 4), widths_d=(4, 6), norm=norm, batch_size=20, epochs=2, device="cpu"
    )
    *_, last = train(config, images)
    drawn, z = last.state.forger(), torch.randn(5, 128)
    assert not any("BatchNorm" in type(layer).__name__ for layer in drawn.main)
    assert torch.allclose(drawn(z), last.state.generator.eval()(z), atol=1e-5)
    save_network(tmp_path / "g", drawn, "generator", 1, config)
    assert torch.equal(load_network(tmp_path / "g").network(z), drawn(z))
    last.state.save(tmp_path / "state")
    assert TrainState.load(tmp_path / "state").step == last.step == 6
