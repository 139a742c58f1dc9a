"""Dropout from the run's own random numbers. `nn.Dropout` takes no generator, and is slow on the CPU."""

import torch

BITS = 8  # of randomness a unit: eight masks from one 64-bit word


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
    """One draw gives 64 random bits: a third of a step went into drawing one number a unit.

    256 p is no whole number as a rule: each mask draws which of its two neighbours it takes, so that a unit falls
    with the chance p.
    """
    words = torch.empty(-(-units.numel() * BITS // 64), dtype=torch.int64)
    words.random_(-(2**63), None, generator=rng)  # without bounds random_ leaves the sign bit 0
    threshold = int(p * 2**BITS + torch.rand((), generator=rng).item()) - 2 ** (BITS - 1)
    drawn, keep = words.view(torch.int8)[: units.numel()].view(units.shape), torch.empty_like(units)
    return torch.ge(drawn, threshold, out=keep)  # no mask of booleans on the way: a pass less
