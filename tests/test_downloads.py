"""Files to download: in a folder of their owner's own, never too many, gone after a while or with their owner."""

import os
import threading
from pathlib import Path

import pytest

from playground.ui import downloads
from playground.ui.downloads import BLOCKS, LONGEST, clear, offer


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "get_upload_folder", lambda: str(tmp_path))
    monkeypatch.setattr(downloads, "_offered", type(downloads._offered)())
    monkeypatch.setattr(downloads, "_start_sweeper", lambda: None)
    return tmp_path


@pytest.fixture
def clock(monkeypatch):
    """What time it is, for a test to set."""
    now = [1000.0]
    monkeypatch.setattr(downloads.time, "monotonic", lambda: now[0])
    return now


def exist(paths) -> list[bool]:
    return [Path(path).exists() for path in paths]


def test_the_same_file_is_written_once_and_each_visitor_has_a_folder(folder):
    first, again = offer(b"losses", "losses.csv", "ann"), offer(b"losses", "losses.csv", "ann")
    assert first == again and Path(first).read_bytes() == b"losses"
    other = offer(b"losses", "losses.csv", "bob")
    assert Path(other).relative_to(folder).parts[0] == "bob" and other != first


def test_the_oldest_files_of_an_owner_make_room(monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 2 * (BLOCKS + 40))
    kept = offer(b"bob's own", "a.bin", "bob")
    paths = [offer(bytes([n]) * 40, f"{n}.bin", "ann") for n in range(4)]
    assert exist(paths) == [False, False, True, True] and exist([kept]) == [True]
    offer(bytes([2]) * 40, "2.bin", "ann")  # asked for again: young again
    paths.append(offer(b"5" * 40, "5.bin", "ann"))
    assert exist(paths) == [False, False, True, False, True]
    large = offer(b"x" * 3 * BLOCKS, "large.bin", "ann")
    assert exist([*paths, large]) == [*[False] * 5, True]


def test_thousands_of_small_files_are_too_many(monkeypatch):
    """A file takes a folder and a block, however small it is."""
    monkeypatch.setattr(downloads, "MOST_BYTES", 20 * BLOCKS)
    paths = [offer(b"%d" % n, "x", "ann") for n in range(100)]
    assert sum(exist(paths)) == 19


def test_all_owners_together_have_a_bound(folder, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_IN_ALL", 2 * (BLOCKS + 1))
    paths = [offer(b"x", "x", owner) for owner in ("ann", "bob", "cay")]
    assert exist(paths) == [False, True, True]
    assert sorted(os.listdir(folder)) == ["bob", "cay"]  # no empty folders stay


def test_a_file_goes_after_a_while_by_itself(folder, clock):
    offer(b"1", "a", "ann")
    clock[0] += LONGEST + 1
    sweeper = threading.Thread(target=downloads._sweep)
    sweeper.start()
    sweeper.join(60)
    assert not sweeper.is_alive() and os.listdir(folder) == []


def test_what_a_killed_program_left_is_deleted(folder):
    left, foreign = folder / "visitor-0" / "hash" / "a", folder / "0123456789" / "b"
    for path in (left, foreign):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
        for old in path.relative_to(folder).parents[:-1]:
            os.utime(folder / old, (0, 0))
    offer(b"1", "a", "ann")
    assert not left.exists() and foreign.exists()


def test_who_leaves_takes_the_files_along():
    path, other = offer(b"1", "a", "ann"), offer(b"1", "a", "bob")
    clear("ann")
    assert exist([path, other]) == [False, True]
    clear("nobody")


def test_what_is_counted_along_is_what_is_there(monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 3 * BLOCKS)
    for n in range(20):
        offer(b"x" * (n % 7), f"{n % 5}.bin", f"owner-{n % 3}")
        files = list(downloads._offered.values())
        assert downloads._offered.total == sum(file.size for file in files)
        owners = {file.owner for file in files}
        assert set(downloads._offered.of) == set(downloads._offered.bytes_of) == owners
        for owner in owners:
            own = [path for path, file in downloads._offered.items() if file.owner == owner]
            assert list(downloads._offered.of[owner]) == own
            assert downloads._offered.bytes_of[owner] == sum(downloads._offered[path].size for path in own)
    for n in range(3):
        downloads.clear(f"owner-{n}")
    assert not downloads._offered and not downloads._offered.of and downloads._offered.total == 0
