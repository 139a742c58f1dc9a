"""The shipped MNIST as tensors. Knows where the four files lie, and never asks the network."""

import gzip
import hashlib
import os
import tempfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from playground.checked import Refusal
from playground.files import write_bytes

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "data" / "mnist"
CACHE = PROJECT / ".cache" / "mnist"
FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
PIECE = 2**20  # bytes
HEADERS = 16, 8  # bytes before the pixels and before the labels; these files have one form, and their sums are known


class DataError(Refusal, RuntimeError):
    """A data file is missing or damaged; the message is one line that names it."""

    def __init__(self, message: str) -> None:
        super().__init__("error.data", message=message, what=message)


def load_mnist(
    train: bool = True, shipped: Path = SHIPPED, cache: Path | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (uint8, N x 28 x 28, 0 black to 255 white) and labels (int64, N) of MNIST (lecture, code 13-24).

    N is 60,000 for the training set and 10,000 for the test set. The shipped .gz files are unpacked into `cache`.
    Raises DataError when one is missing or damaged.

    The files are checked once a process. The images are not read but mapped: an image takes memory once somebody looks
    at it, until the last one of the set is forgotten.
    """
    cache = cache or writable_cache()
    images, labels = (_unpacked(cache, name) for name in FILES[train])
    _check(shipped, cache)
    if not (images.exists() and labels.exists()):  # deleted since they were checked
        _check.cache_clear()
        _check(shipped, cache)
    return _map(images, labels)


@lru_cache(maxsize=1)  # a program uses one pair of folders
def _check(shipped: Path, cache: Path) -> None:
    """Unpack all files unless that is done. An error is not cached: the next call tries again.

    Two threads that come first at the same moment may both check. There is no lock, since a process that is forked
    while a thread holds one would wait for it forever.
    """
    sums = _checksums(shipped / "MD5SUMS")
    for name in FILES[True] + FILES[False]:
        _unpack(shipped / f"{name}.gz", _unpacked(cache, name), sums)


def _unpacked(cache: Path, name: str) -> Path:
    return cache / "MNIST" / "raw" / name  # where torchvision would look for it


def _map(images: Path, labels: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The images and labels of two files of the IDX form, whose sums are right."""
    pixels, digits = (
        torch.from_file(str(path), size=path.stat().st_size, dtype=torch.uint8)[header:]
        for path, header in zip((images, labels), HEADERS, strict=True)
    )
    return pixels.view(-1, 28, 28), digits.long()


def writable_cache() -> Path:
    """CACHE; or, where the project's folder is read-only, a folder of ours among the temporary files."""
    existing = next(folder for folder in (CACHE, *CACHE.parents) if folder.exists())
    return CACHE if os.access(existing, os.W_OK) else Path(tempfile.gettempdir()) / "gan-playground-mnist"


def choose_digits(
    images: torch.Tensor, labels: torch.Tensor, digits: tuple[int, ...], count: int | None = None
) -> torch.Tensor:
    """The images (N x 28 x 28) whose label is one of `digits`; the first `count` of them where that is given."""
    every = set(digits) == set(range(10))
    return (images if every else images[torch.isin(labels, torch.tensor(digits))])[:count]


def normalise(images: torch.Tensor) -> torch.Tensor:
    """Bytes (uint8, 0 to 255) as the networks see them: float32, -1 to 1 (lecture, code 13-24)."""
    return images.float().div_(127.5).sub_(1)


def _checksums(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return {name: digest for digest, name in (line.split() for line in lines if line.strip())}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); restore it from the repository") from None
    except ValueError:
        raise DataError(f"{path}: damaged; restore it from the repository") from None


def _unpack(packed: Path, target: Path, sums: dict[str, str]) -> None:
    """Unpack one file unless that is done. Another process sees either no file or the finished one."""
    if target.exists() and _digest(target) == sums.get(packed.stem):
        return
    try:
        content = gzip.decompress(packed.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{packed}: missing; restore it from the repository") from None
    except (OSError, EOFError, zlib.error) as error:  # BadGzipFile is an OSError
        raise DataError(f"{packed}: damaged ({error}); restore it from the repository") from None
    if _md5(content).hexdigest() != sums.get(packed.stem):
        raise DataError(f"{packed}: damaged (its checksum is not MNIST's); restore it from the repository")
    try:
        write_bytes(target, content)
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror}); MNIST is unpacked there") from None


def _digest(path: Path) -> str:
    """The checksum of a file, which is read piece by piece: a whole one would stay in the memory of a server."""
    digest = _md5()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return str(digest.hexdigest())


def _md5(content: bytes = b"") -> Any:
    return hashlib.md5(content, usedforsecurity=False)  # the checksums MNIST is published with
