"""The registry of network pairs. To add one, write its module and add a line here."""

from typing import NamedTuple

from models.gan import Discriminator, Generator


class Architecture(NamedTuple):
    """A pair of networks. Each holds one `nn.Sequential` named `main`; D's ends in a Sigmoid."""

    generator: type[Generator]
    discriminator: type[Discriminator]


Network = Generator | Discriminator

ARCHITECTURES = {"mlp": Architecture(Generator, Discriminator)}
