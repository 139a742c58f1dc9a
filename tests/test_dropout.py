"""Dropout's masks: from the run's generator alone, for any number of units, each unit on its own."""

import pytest
import torch

from playground.dropout import dropout


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_without_dropout_nothing_is_drawn_and_nothing_copied():
    units, generator = torch.ones(3), rng()
    before = generator.get_state()
    assert dropout(units, 0.0, generator) is units
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 17, 64, 65])
def test_any_number_of_units_takes_as_many_words_as_it_needs(count):
    generator, wanted = rng(), rng()
    assert dropout(torch.ones(count), 0.5, generator).shape == (count,)
    torch.empty(-(-count // 8), dtype=torch.int64).random_(-(2**63), None, generator=wanted)  # eight units a word
    torch.rand((), generator=wanted)  # which way this mask rounds p
    assert torch.equal(generator.get_state(), wanted.get_state())


def test_the_same_generator_draws_the_same_mask_and_then_another():
    units = torch.ones(400)
    generator = rng(5)
    first, second = dropout(units, 0.5, generator), dropout(units, 0.5, generator)
    assert torch.equal(first, dropout(units, 0.5, rng(5))) and not torch.equal(first, second)


@pytest.mark.parametrize("p", [0.001, 0.25, 0.5, 0.75, 0.99])
def test_as_many_units_fall_as_p_says_and_the_sum_is_kept(p):
    masks = torch.stack([dropout(torch.ones(4096), p, rng(seed)) for seed in range(64)])
    error = 4 * (p * (1 - p) / masks.numel()) ** 0.5 + 4 * 0.5 / 256 / 64**0.5  # each mask rounds p to 1/256
    assert (masks == 0).float().mean().item() == pytest.approx(p, abs=error)
    assert masks.max().item() == pytest.approx(1 / (1 - p), rel=1e-6)


def test_units_are_scaled_not_replaced():
    units = torch.linspace(-3, 3, 50)
    dropped = dropout(units, 0.5, rng())
    assert torch.equal(dropped[dropped != 0], 2 * units[dropped != 0]) and 10 < (dropped != 0).sum() < 40
