"""Files to download, and those that visitors have sent. They are in Gradio's cache, which serves them.

They are for those who fetch them at once: a file is deleted after LONGEST seconds, and earlier where its owner has
asked for too many, or all owners together have.
"""

import hashlib
import shutil
import threading
import time
from collections import Counter, OrderedDict, defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from gradio.utils import get_upload_folder

from playground.files import write_bytes

MOST_BYTES = 96 * 2**20  # of one owner's files: room for the last few runs, even of the largest networks
MOST_IN_ALL = 192 * 2**20
LONGEST = 600.0  # seconds that a file is kept; asking for it again begins them anew
SAVE = "(file) => { if (file) window.ganPage.save({ path: file.path, name: file.orig_name }); }"  # of `as_file`
BLOCKS = 8192  # bytes that a file takes on the disk beside its content, at most: its folder, and its last block


class _Offered(NamedTuple):
    """A file that is offered: whose, its size on the disk in bytes, and since when (monotonic seconds)."""

    owner: str
    size: int
    since: float


class _Files(OrderedDict[Path, _Offered]):
    """What is offered, oldest first. The bytes are counted along: there may be twenty thousand files."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self.bytes_of = Counter[str]()
        self.of: defaultdict[str, OrderedDict[Path, None]] = defaultdict(OrderedDict)  # by owner

    def __setitem__(self, path: Path, file: _Offered) -> None:
        """A file that is offered again is the newest."""
        if path in self:
            del self[path]
        super().__setitem__(path, file)
        self.of[file.owner][path] = None
        self.bytes_of[file.owner] += file.size
        self.total += file.size

    def __delitem__(self, path: Path) -> None:
        file = self[path]
        super().__delitem__(path)
        self.total -= file.size
        self.bytes_of[file.owner] -= file.size
        del self.of[file.owner][path]
        if not self.of[file.owner]:
            del self.of[file.owner], self.bytes_of[file.owner]


FOLDERS = ("visitor-", "address-")  # how the names of owners begin
_offered = _Files()
_lock = threading.Lock()
_sweeper: threading.Thread | None = None


def offer(content: bytes, name: str, owner: str) -> str:
    """Put a file into its `owner`'s folder, from which the page may serve it; returns its path.

    The folder in between is named by a hash of the content, so the same file is written only once. The file appears
    complete or not at all. Raises OSError.
    """
    path = Path(get_upload_folder()) / owner / hashlib.sha256(content).hexdigest()[:32] / name
    _sweep_leftovers(path.parent.parent.parent)
    if not path.exists():
        write_bytes(path, content, durable=False)
    _note(path, len(content), owner)
    return str(path)


def is_offered(path: str) -> bool:
    """Whether a file is one of those that are offered now."""
    return Path(path) in _offered


def adopt(paths: list[str], owner: str) -> None:
    """Note files that an `owner` has sent: Gradio has written them, and they go as ours do."""
    for path in map(Path, paths):
        _sweep_leftovers(path.parent.parent)
        _note(path, path.stat().st_size, owner)


def _note(path: Path, size: int, owner: str) -> None:
    with _lock:
        _offered[path] = _Offered(owner, size + BLOCKS, time.monotonic())
        _make_room(path)
        _start_sweeper()


def as_file(content: bytes, name: str, owner: str) -> dict[str, Any]:
    """The same as an event returns it; gradio_client fetches it from `path`."""
    file: dict[str, Any] = gr.FileData(path=offer(content, name, owner), orig_name=name).model_dump()
    return file


def clear(owner: str) -> None:
    """Delete all files of an owner who has left."""
    with _lock:
        for path in list(_offered.of.get(owner, ())):
            del _offered[path]
    shutil.rmtree(Path(get_upload_folder()) / owner, ignore_errors=True)


def _make_room(newest: Path) -> None:
    """Delete files that are too many, the oldest first, but not the newest one."""
    owner = _offered[newest].owner
    while (many := _offered.bytes_of[owner] > MOST_BYTES) or _offered.total > MOST_IN_ALL:
        oldest = next(iter(_offered.of[owner] if many else _offered))
        if oldest == newest:
            return
        _delete(oldest)


def _start_sweeper() -> None:
    global _sweeper
    if _sweeper is None:
        _sweeper = threading.Thread(target=_sweep, daemon=True, name="downloads-sweeper")
        _sweeper.start()


def _sweep() -> None:
    """The sweeper's thread: delete each file after LONGEST seconds; ends when there are none."""
    global _sweeper
    while True:
        with _lock:
            while _offered and next(iter(_offered.values())).since < time.monotonic() - LONGEST:
                _delete(next(iter(_offered)))
            if not _offered:
                _sweeper = None
                return
            due = next(iter(_offered.values())).since + LONGEST
        time.sleep(max(1.0, due - time.monotonic()))


@cache
def _sweep_leftovers(folder: Path) -> None:
    """Delete the files of a program that was killed: nobody comes for them any more.

    What lies in no folder are uploads on their way; this folder may be other Gradio programs' too.
    """
    for found in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # another program has just deleted it, or holds it
            if found.lstat().st_mtime > time.time() - LONGEST:
                continue
            if found.is_dir() and found.name.startswith(FOLDERS):
                shutil.rmtree(found)
            elif found.is_file() and found.name.startswith("tmp"):
                found.unlink()


def _delete(path: Path) -> None:
    """Delete a file, and its folders unless another file lies there.

    One that cannot be deleted, as Windows says of a file that is being read, goes with the leftovers of the next start.
    """
    del _offered[path]
    with suppress(OSError):
        path.unlink(missing_ok=True)
        path.parent.rmdir()
        path.parent.parent.rmdir()
