"""Latent vectors: seeded noise, paths between noises, and the directions that change a drawing most."""

import torch

LATENT_DIM = 128
SEEDS = 1000  # that the page offers: 0 to 999


def noise(seed: int, latent_dim: int = LATENT_DIM) -> torch.Tensor:
    """The latent of one seed (0 to 2^31 - 1): `latent_dim` numbers, float32, the same on every machine and device."""
    return torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed))


def noises(seed: int, count: int, latent_dim: int = LATENT_DIM) -> torch.Tensor:
    """The latents of seeds `seed`, `seed` + 1, ... (`count` x latent_dim)."""
    return torch.stack([noise(seed + i, latent_dim) for i in range(count)])


def lerp(start: torch.Tensor, end: torch.Tensor, way: torch.Tensor) -> torch.Tensor:
    """The straight line from `start` to `end` (latent_dim each) at every `way` (T, 0 to 1): T x latent_dim."""
    way = way[:, None]
    return start * (1 - way) + end * way


def slerp(start: torch.Tensor, end: torch.Tensor, way: torch.Tensor) -> torch.Tensor:
    """The arc between two directions, with the length interpolated linearly: T x latent_dim.

    Ken Shoemake, "Animating rotation with quaternion curves" (1985); for latents: White, "Sampling generative
    networks" (2016). Parallel latents have no arc between them: there the path is a straight line.
    """
    length_start, length_end = start.norm(), end.norm()
    unit_start, unit_end = start / length_start, end / length_end
    angle = torch.acos((unit_start @ unit_end).clamp(-1, 1))
    if not torch.sin(angle) > 1e-4:  # parallel, opposite, or a latent of length 0 (NaN)
        return lerp(start, end, way)
    t = way[:, None]
    unit = (torch.sin((1 - t) * angle) * unit_start + torch.sin(t * angle) * unit_end) / torch.sin(angle)
    walk: torch.Tensor = unit * (length_start * (1 - t) + length_end * t)
    walk[way == 0], walk[way == 1] = start, end  # both ends are exactly the two seeds' own latents
    return walk


PATHS = {"slerp": slerp, "lerp": lerp}


def route(stops: torch.Tensor, way: torch.Tensor, path: str = "slerp") -> torch.Tensor:
    """The path through two or more latents (N x latent_dim) at every `way` (T, 0 to 1): T x latent_dim.

    Each of the N - 1 legs has the same share of the way.
    """
    place = way * (len(stops) - 1)
    legs = place.floor().clamp(max=len(stops) - 2)
    latents = torch.empty(len(way), stops.shape[1])
    for leg in sorted({int(leg) for leg in legs.tolist()}):
        here = legs == leg
        latents[here] = PATHS[path](stops[leg], stops[leg + 1], place[here] - leg)
    return latents


def principal_directions(first_layer: torch.Tensor, count: int = 8) -> torch.Tensor:
    """The `count` directions (count x latent_dim, unit length) to which G's first layer reacts most.

    Right singular vectors of its weight (width x latent_dim), largest first, signed so that the entry of
    greatest magnitude is positive: Härkönen et al., "GANSpace" (2020), computed from the weights as in Shen and Zhou,
    "Closed-form factorization of latent semantics in GANs" (2021).
    """
    directions = torch.linalg.svd(first_layer.double(), full_matrices=False).Vh[:count]
    strongest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    signed: torch.Tensor = directions * strongest.sign()
    return signed.float()
