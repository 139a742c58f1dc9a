"""Be the detective: pictures of which half are real and half drawn, and what D says of each. Draws, asks nobody."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from playground.data import load_mnist
from playground.images import png, sheet
from playground.latent import noises
from playground.room.rounds import Card
from playground.shipped import Shipped

COLUMNS = 6  # of the sheet


class Deal(NamedTuple):
    """Pictures in one PNG file, COLUMNS a row, 28 x 28 each, and what each was."""

    sheet: bytes
    cards: list[Card]


@torch.inference_mode()
def deal(shipped: Shipped, epochs: Sequence[int], count: int, seed: int) -> Deal:
    """`count` pictures in an order by chance: of each epoch as many, half of them real.

    The real ones are MNIST's test images, which D has not seen either. D judges what the class is shown: pixels of 8
    bits. `count` must be a multiple of twice the epochs. Raises CheckpointError and DataError.
    """
    chance = torch.Generator().manual_seed(seed)
    pixels, cards = [], []
    each = count // (2 * len(epochs))
    reals = load_mnist(train=False)[0]
    for i, epoch in enumerate(epochs):
        forged = shipped.draw(epoch, noises(seed + i * each, each))
        real = reals[torch.randint(len(reals), (each,), generator=chance)]
        shown = torch.cat([real, forged])
        verdicts = shipped.network(epoch, "discriminator")(shown.unsqueeze(1) / 127.5 - 1).flatten().tolist()
        pixels.append(shown)
        cards += [Card(epoch, j < each, round(verdict, 3)) for j, verdict in enumerate(verdicts)]
    order = torch.randperm(len(cards), generator=chance)
    return Deal(png(sheet(torch.cat(pixels)[order], COLUMNS)), [cards[i] for i in order.tolist()])
