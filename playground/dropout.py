"""Dropout from the run's own random numbers. `nn.Dropout` takes no generator, and is slow on the CPU."""

import torch

BITS = 16  # of randomness a unit: four masks from one 64-bit word, p exact to 1/65536


def dropout(units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
    """Zero a share `p` of the units (any shape) and scale the rest by 1 / (1 - p), as nn.Dropout(p) does."""
    if not p:
        return units
    if units.device.type == "cpu":
        keep = _keep_from_words(units, p, rng)
    else:
        keep = torch.empty_like(units).bernoulli_(1 - p, generator=rng)
    return units * keep.mul_(1 / (1 - p))


def _keep_from_words(units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
    """One draw gives 64 random bits: a third of a step went into drawing one number a unit."""
    words = torch.empty(-(-units.numel() * BITS // 64), dtype=torch.int64)
    words.random_(-(2**63), None, generator=rng)  # without bounds random_ leaves the sign bit 0
    threshold = round(p * 2**BITS) - 2 ** (BITS - 1)
    return (words.view(torch.int16)[: units.numel()] >= threshold).view(units.shape).to(units.dtype)
