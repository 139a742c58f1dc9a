"""How the judge learns the ten digits, and what is not a digit. Knows no files."""

from collections.abc import Callable, Iterator

import torch
from torch.nn.functional import affine_grid, avg_pool2d, cross_entropy, fold, grid_sample, unfold
from torchvision.transforms.functional import gaussian_blur

from models.gan import Generator
from models.judge import NOT_A_DIGIT, Judge
from playground.data import normalise

BATCH = 256


def train_judge(
    images: torch.Tensor, labels: torch.Tensor, epochs: int = 20, seed: int = 0
) -> Iterator[tuple[Judge, float]]:
    """Train a judge on `images` (uint8, N x 28 x 28) and `labels` (N); yields it and the loss after every batch.

    Each batch has digits, slightly moved and noisy, and half as many images that are not digits. Seeds torch's global
    generator, so run it in a process of its own.
    """
    torch.manual_seed(seed)
    judge = Judge().train()
    steps = epochs * (len(images) // BATCH)
    optimizer = torch.optim.Adam(judge.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images)).split(BATCH)[: len(images) // BATCH]:
            digits = normalise(images[chosen])[:, None]
            none = not_digits(digits)
            shown = torch.cat([_disturb(digits), none])
            answers = torch.cat([labels[chosen], torch.full((len(none),), NOT_A_DIGIT)])
            loss = cross_entropy(judge(shown), answers)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            yield judge, loss.item()


def not_digits(digits: torch.Tensor) -> torch.Tensor:
    """About half as many images as `digits` (N x 1 x 28 x 28, -1 to 1) that are not digits, of every kind below."""
    share = max(1, len(digits) // (2 * len(NOT_DIGITS)))
    return torch.cat([make(digits[torch.randperm(len(digits))], share) for make in NOT_DIGITS.values()])


def _gaussian(digits: torch.Tensor, count: int) -> torch.Tensor:
    level, spread = torch.rand(count, 1, 1, 1) * 2 - 1, torch.rand(count, 1, 1, 1) * 1.2
    images = level * (torch.rand(count, 1, 1, 1) < 0.5) + spread * torch.randn(count, *digits.shape[1:])
    return torch.where(torch.rand(count, 1, 1, 1) < 0.5, images, images.clamp(-1, 1))


def _uniform(digits: torch.Tensor, count: int) -> torch.Tensor:
    return torch.rand(count, *digits.shape[1:]) * 2 - 1


def _shuffled(digits: torch.Tensor, count: int) -> torch.Tensor:
    places = torch.rand(count, 784).argsort(1)
    return digits[:count].flatten(1).gather(1, places).view(count, *digits.shape[1:])


def _shuffled_tiles(digits: torch.Tensor, count: int) -> torch.Tensor:
    """Strokes that form no digit: sixteen tiles of 7 x 7 in random order."""
    tiles = unfold(digits[:count], 7, stride=7)
    order = torch.rand(count, 1, 16).argsort(2).expand_as(tiles)
    return fold(tiles.gather(2, order), 28, 7, stride=7)


def _averages(digits: torch.Tensor, count: int) -> torch.Tensor:
    picks = torch.randint(5, 31, (count,)).tolist()
    return torch.stack([digits[torch.randint(len(digits), (pick,))].mean(0) for pick in picks])


def _overlays(digits: torch.Tensor, count: int) -> torch.Tensor:
    return torch.stack([digits[torch.randint(len(digits), (3,))].amax(0) for _ in range(count)])


def _blurred(digits: torch.Tensor, count: int) -> torch.Tensor:
    blurred: torch.Tensor = gaussian_blur(digits[:count], 27, 3.0 + 3 * torch.rand(1).item())
    return torch.where(
        torch.rand(count, 1, 1, 1) < 0.5,
        blurred,
        avg_pool2d(digits[:count], 7).repeat_interleave(7, 2).repeat_interleave(7, 3),
    )


def _blank(digits: torch.Tensor, count: int) -> torch.Tensor:
    level = (torch.rand(count, 1, 1, 1) * 2 - 1) * 1.5
    return level.clamp(-1, 1).expand(-1, *digits.shape[1:])


def _inverted(digits: torch.Tensor, count: int) -> torch.Tensor:
    return -digits[:count]


def _untrained(digits: torch.Tensor, count: int) -> torch.Tensor:
    with torch.no_grad():
        drawings: torch.Tensor = Generator()(torch.randn(count, 128) * (0.5 + 2 * torch.rand(1)))
    return drawings


NOT_DIGITS: dict[str, Callable[[torch.Tensor, int], torch.Tensor]] = {
    "gaussian": _gaussian,
    "uniform": _uniform,
    "shuffled": _shuffled,
    "shuffled tiles": _shuffled_tiles,
    "averages": _averages,
    "overlays": _overlays,
    "blurred": _blurred,
    "blank": _blank,
    "inverted": _inverted,
    "untrained": _untrained,
}


def _disturb(digits: torch.Tensor) -> torch.Tensor:
    """Digits varied: turned, scaled, moved by up to two pixels, some of them a little noisy."""
    count = len(digits)
    turn, scale = (torch.rand(count) - 0.5) * 0.4, 1 + (torch.rand(count) - 0.5) * 0.25
    move = (torch.rand(count, 2) - 0.5) * 4 / 14  # affine_grid counts from -1 to 1 across 28 pixels
    rows = [turn.cos() * scale, -turn.sin() * scale, move[:, 0], turn.sin() * scale, turn.cos() * scale, move[:, 1]]
    grid = affine_grid(torch.stack(rows, 1).view(count, 2, 3), list(digits.shape), align_corners=False)
    moved = grid_sample(digits + 1, grid, align_corners=False) - 1  # outside is 0: +1 makes that black
    noise = torch.randn_like(moved) * (0.3 * torch.rand(count, 1, 1, 1)) * (torch.rand(count, 1, 1, 1) < 0.3)
    return (moved + noise).clamp(-1, 1)
