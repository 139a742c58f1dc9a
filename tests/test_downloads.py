"""A visitor's own files: in a folder of its own, never too many, gone with the visitor."""

import os
from pathlib import Path

import pytest

from playground.ui import downloads
from playground.ui.downloads import clear, offer


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "get_upload_folder", lambda: str(tmp_path))
    return tmp_path


def test_the_same_file_is_written_once_and_each_visitor_has_a_folder(folder):
    first, again = offer(b"losses", "losses.csv", "ann"), offer(b"losses", "losses.csv", "ann")
    assert first == again and Path(first).read_bytes() == b"losses"
    other = offer(b"losses", "losses.csv", "bob")
    assert Path(other).relative_to(folder).parts[0] == "bob" and other != first


def test_the_oldest_files_of_a_visitor_make_room(folder, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 100)
    kept = Path(offer(b"bob's own", "a.bin", "bob"))
    paths = []
    for n in range(4):
        paths.append(Path(offer(bytes([n]) * 40, f"{n}.bin", "ann")))
        os.utime(paths[-1], (n, n))
    assert [path.exists() for path in paths] == [False, False, True, True] and kept.exists()
    large = Path(offer(b"x" * 500, "large.bin", "ann"))
    assert large.exists() and not paths[-1].exists()


def test_who_leaves_takes_the_files_along(folder):
    path, other = Path(offer(b"1", "a", "ann")), Path(offer(b"1", "a", "bob"))
    clear("ann")
    assert not path.exists() and other.exists()
    clear("nobody")
