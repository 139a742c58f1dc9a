import pytest
import torch
from torch import nn

from models import ARCHITECTURES
from models.gan import Discriminator, Generator


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
