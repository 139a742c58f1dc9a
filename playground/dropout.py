"""Dropout from the run's own random numbers. `nn.Dropout` takes no generator, and is slow on the CPU."""

import torch

BITS = 8  # random bits a unit, so one 64-bit word serves eight units


def dropout(units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
    """Zero a share `p` (0 to 0.99) of the units (any shape) and scale the rest by 1 / (1 - p), as nn.Dropout does."""
    if not p:
        return units
    if units.device.type == "cpu":
        keep = _keep_from_words(units, p, rng)
    else:
        keep = torch.empty_like(units).bernoulli_(1 - p, generator=rng)
    return units * keep.mul_(1 / (1 - p))


def _keep_from_words(units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
    """A mask from 64 random bits a draw: drawing one number a unit took a third of a step.

    A byte is compared with 256 p, which is rarely a whole number. Each mask rounds it up or down at random, so that a
    unit is dropped with probability p exactly.
    """
    words = torch.empty(-(-units.numel() * BITS // 64), dtype=torch.int64)
    words.random_(-(2**63), None, generator=rng)  # without these bounds, random_ never sets the sign bit
    threshold = int(p * 2**BITS + torch.rand((), generator=rng).item()) - 2 ** (BITS - 1)
    drawn, keep = words.view(torch.int8)[: units.numel()].view(units.shape), torch.empty_like(units)
    return torch.ge(drawn, threshold, out=keep)  # writes numbers at once, without a mask of booleans
