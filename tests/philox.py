"""The browser's random numbers in numpy, and a run of Python's engine that uses them."""

from itertools import count

import numpy as np
import torch

from playground.distributed import Share, Team

SHUFFLE = 0xFFFF_FFFF  # as in random.js
WORDS = 4096  # that random.js draws at a time for a shuffle


def philox(key, counter) -> np.ndarray:
    """Philox4x32-10 (Salmon et al. 2011): two key words and four counter words, numbers or arrays, to N x 4 words."""
    keys, x = [np.uint64(word) for word in key], np.broadcast_arrays(*[np.asarray(word, np.uint64) for word in counter])
    low, shift = np.uint64(0xFFFF_FFFF), np.uint64(32)
    for turn in range(10):
        k = [(key + np.uint64(turn * step)) & low for key, step in zip(keys, (0x9E3779B9, 0xBB67AE85), strict=True)]
        first, second = x[0] * np.uint64(0xD2511F53), x[2] * np.uint64(0xCD9E8D57)
        x = [(second >> shift) ^ x[1] ^ k[0], second & low, (first >> shift) ^ x[3] ^ k[1], first & low]
    return np.stack(x, -1).astype(np.uint32)


def words(rows: int, columns: int, seed: int, step: int, draw: int, first: int = 0) -> np.ndarray:
    """Random words: rows x columns, which is a multiple of four."""
    row, block = np.mgrid[first : first + rows, 0 : columns // 4]
    return philox((seed, draw), (row, block, step, 0)).reshape(rows, columns)


def normal(rows: int, columns: int, seed: int, step: int, draw: int) -> torch.Tensor:
    """Box and Muller 1958."""
    drawn = words(rows, -(-columns // 4) * 4, seed, step, draw).astype(np.float64) / 2**32
    length, angle = np.sqrt(-2 * np.log(drawn[:, ::2] + 2**-32)), 2 * np.pi * drawn[:, 1::2]
    pairs = np.stack([length * np.cos(angle), length * np.sin(angle)], -1)
    return torch.from_numpy(pairs.reshape(rows, -1)[:, :columns].astype(np.float32))


def mask(rows: int, columns: int, p: float, seed: int, step: int, draw: int) -> torch.Tensor:
    """A dropout mask: 16 bits a unit."""
    halves = words(rows, -(-columns // 8) * 4, seed, step, draw).view(np.uint16).reshape(rows, -1)[:, :columns]
    return torch.from_numpy(np.where(halves < round(p * 65_536), 0, 1 / (1 - p)).astype(np.float32))


def order(images: int, seed: int, epoch: int) -> torch.Tensor:
    """An epoch's shuffle: Fisher and Yates 1938."""
    drawn = words(-(-images // WORDS), WORDS, seed, epoch, SHUFFLE).ravel()
    chosen = list(range(images))
    for i, word in zip(range(images - 1, 0, -1), drawn.tolist(), strict=False):
        j = int(word / 2**32 * (i + 1))
        chosen[i], chosen[j] = chosen[j], chosen[i]
    return torch.tensor(chosen)


class Philox(Team):
    """One process that draws noises, masks and shuffles as the browser does."""

    def __init__(self, monkeypatch) -> None:
        super().__init__()
        self.at, self.draws = -1, count()
        monkeypatch.setattr("playground.training._latents", self.latents)
        monkeypatch.setattr("playground.state.TrainState.shuffle", self.shuffle)

    def latents(self, state, rows: int) -> torch.Tensor:
        if state.step != self.at:
            self.at, self.draws, self.seed = state.step, count(), state.config.seed
        return normal(rows, state.config.latent_dim, self.seed, self.at, next(self.draws))

    @staticmethod
    def shuffle(state, images: int) -> torch.Tensor:
        state.order = order(images, state.config.seed, state.epoch)
        return state.order

    def share(self, _: int) -> Share:
        return _Masks(self)


class _Masks(Share):
    def __init__(self, team: Philox) -> None:
        self.team = team

    def drop(self, units: torch.Tensor, p: float, rng: object = None) -> torch.Tensor:
        team = self.team
        return units * mask(*units.shape, p, team.seed, team.at, next(team.draws)) if p else units
