import gzip
import hashlib
import multiprocessing
import shutil

import pytest
import torch

from playground import data
from playground.data import FILES, SHIPPED, DataError, load_mnist, normalise

NAMES = FILES[True] + FILES[False]


@pytest.fixture(autouse=True)
def nothing_read_yet():
    """Each test begins as a new process does: without what an earlier test has read."""
    data._check.cache_clear()
    yield
    data._check.cache_clear()


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    shutil.copytree(SHIPPED, folder)
    return folder


def test_it_is_all_of_mnist(tmp_path):
    images, labels = load_mnist(cache=tmp_path)
    assert images.shape == (60_000, 28, 28) and images.dtype == torch.uint8
    assert labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    images, labels = load_mnist(train=False, cache=tmp_path)
    assert images.shape == (10_000, 28, 28)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_normalising_is_the_lectures():
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.allclose(normalise(pixels), (pixels.float() / 255 - 0.5) / 0.5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(shipped, tmp_path, name):
    (shipped / f"{name}.gz").unlink()
    with pytest.raises(DataError, match=f"{name}.gz: missing") as caught:
        load_mnist(shipped=shipped, cache=tmp_path / "cache")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("damage", ["cut short", "flipped byte", "other content", "no gzip"])
def test_a_damaged_file_is_named_and_not_used(shipped, tmp_path, damage):
    path = shipped / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(path.read_bytes())
    if damage == "flipped byte":
        content[2000] ^= 1
    damaged = {
        "cut short": bytes(content[:-100]),
        "flipped byte": bytes(content),
        "no gzip": b"hello",
        "other content": gzip.compress(b"\0" * 10_008),
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: damaged") as caught:
        load_mnist(train=False, shipped=shipped, cache=tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache/MNIST/raw/t10k-labels-idx1-ubyte").exists()


def test_a_flipped_bit_anywhere_is_one_clear_line(shipped, tmp_path):
    path = shipped / "t10k-labels-idx1-ubyte.gz"
    good = path.read_bytes()
    for position in range(10, len(good), 211):  # before that lies the header's date and file name
        path.write_bytes(good[:position] + bytes([good[position] ^ (1 << position % 8)]) + good[position + 1 :])
        with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: damaged"):
            load_mnist(train=False, shipped=shipped, cache=tmp_path)


def test_damaged_checksums_and_a_cache_that_cannot_be_written(shipped, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="cannot be written"):
        load_mnist(shipped=shipped, cache=tmp_path / "file")
    (shipped / "MD5SUMS").write_text("one two three")
    with pytest.raises(DataError, match="MD5SUMS: damaged"):
        load_mnist(shipped=shipped, cache=tmp_path)


def test_a_damaged_cache_is_unpacked_anew(tmp_path):
    load_mnist(train=False, cache=tmp_path)
    unpacked = tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte"
    good = unpacked.read_bytes()
    unpacked.write_bytes(good[:5000])
    data._check.cache_clear()  # as another process finds it
    load_mnist(train=False, cache=tmp_path)
    assert unpacked.read_bytes() == good


def test_files_are_checked_once_a_process(tmp_path, monkeypatch):
    checked = []
    unpack = data._unpack
    monkeypatch.setattr(data, "_unpack", lambda packed, *how: checked.append(packed.stem) or unpack(packed, *how))
    first = load_mnist(cache=tmp_path)
    assert sorted(checked) == sorted(NAMES)
    again = load_mnist(cache=tmp_path)
    assert sorted(checked) == sorted(NAMES) and torch.equal(again[0], first[0])
    again[0][0] = 9  # is nobody else's
    assert torch.equal(load_mnist(cache=tmp_path)[0], first[0])


def test_files_that_are_deleted_meanwhile_are_unpacked_again(tmp_path):
    first = load_mnist(cache=tmp_path)[0]
    shutil.rmtree(tmp_path)
    again, labels = load_mnist(cache=tmp_path)
    assert torch.equal(first, again) and len(labels) == 60_000


def test_another_folder_is_checked_and_an_error_is_not_remembered(shipped, tmp_path):
    load_mnist(cache=tmp_path / "cache")
    packed = shipped / "train-labels-idx1-ubyte.gz"
    content = packed.read_bytes()
    packed.write_bytes(content[:-100])
    for _ in range(2):
        with pytest.raises(DataError, match="damaged"):
            load_mnist(shipped=shipped, cache=tmp_path / "other")
    packed.write_bytes(content)
    assert len(load_mnist(shipped=shipped, cache=tmp_path / "other")[1]) == 60_000


def _load(cache):
    images, _ = load_mnist(train=False, cache=cache)
    return hashlib.md5(images.numpy().tobytes()).hexdigest()


@pytest.mark.slow
def test_processes_that_unpack_at_once_do_not_hurt_each_other(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        digests = pool.map(_load, [tmp_path] * 2)
    assert len(set(digests)) == 1
    assert {path.name for path in (tmp_path / "MNIST/raw").iterdir()} == set(NAMES)  # no temporary file stays
