"""The data: one image of each digit, and the statistics of all pixels before and after normalising."""

import base64
from typing import Any

import torch

MEAN = STD = 0.5  # the lecture's own, code 13-24
BINS = 20  # of a histogram


def describe_data(images: torch.Tensor, labels: torch.Tensor) -> dict[str, Any]:
    """What page 3 shows of images (uint8, N x 28 x 28) and their labels (N).

    `images` is N; `mean` and `std` are of the pixels from 0 to 1, `mean_after` and `std_after` of the normalised ones;
    `standardised` is the range (least, most) of pixels normalised by the measured mean and std; `black` the share of
    pixels that are 0; `histogram` the shares of BINS equal parts of the range, the same before and after; `digits` the
    first image of each label as 784 bytes in base64. Raises IndexError for a label without an image.
    """
    counts = torch.bincount(images.flatten().int(), minlength=256).double()
    shares, values = counts / counts.sum(), torch.arange(256, dtype=torch.float64) / 255
    mean = (shares * values).sum().item()
    std = (shares * (values - mean) ** 2).sum().sqrt().item()
    return {
        "images": len(images),
        "mean": mean,
        "std": std,
        "mean_after": (mean - MEAN) / STD,
        "std_after": std / STD,
        "standardised": [-mean / std, (1 - mean) / std],
        "black": shares[0].item(),
        "histogram": torch.histogram(values, BINS, range=(0, 1), weight=shares).hist.tolist(),
        "digits": [_first(images, labels, digit) for digit in range(10)],
    }


def _first(images: torch.Tensor, labels: torch.Tensor, digit: int) -> str:
    index = (labels == digit).nonzero()[0, 0]
    return base64.b64encode(images[index].numpy().tobytes()).decode()
