"""Files to download. They are in Gradio's cache, which serves them and deletes old ones."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from playground.files import write_bytes

MOST_BYTES = 96 * 2**20  # of one visitor's files: room for the last few runs, even of the largest networks
SHARED = "shared"  # owner of the endpoints' files, whose callers are not known


def offer(content: bytes, name: str, owner: str = SHARED) -> str:
    """Put a file into its `owner`'s folder, from which the page may serve it; returns its path.

    The folder in between is named by a hash of the content, so the same file is written only once. The file appears
    complete or not at all. The owner's oldest files are deleted when they exceed MOST_BYTES together.
    """
    folder = Path(get_upload_folder()) / owner
    path = folder / hashlib.sha256(content).hexdigest()[:32] / name
    if not path.exists():
        write_bytes(path, content)
        if owner != SHARED:
            _make_room(folder, keep=path)
    return str(path)


def as_file(content: bytes, name: str, owner: str = SHARED) -> dict[str, Any]:
    """The same as an event returns it: Gradio clears the file by age, gradio_client fetches it from `path`."""
    file: dict[str, Any] = gr.FileData(path=offer(content, name, owner), orig_name=name).model_dump()
    return file


def clear(owner: str) -> None:
    """Delete all files of an owner who has left."""
    shutil.rmtree(Path(get_upload_folder()) / owner, ignore_errors=True)


def _make_room(folder: Path, keep: Path) -> None:
    files = sorted((path for path in folder.glob("*/*") if path.is_file()), key=lambda path: path.stat().st_mtime)
    total = sum(path.stat().st_size for path in files)
    for path in files:
        if total > MOST_BYTES and path != keep:
            total -= path.stat().st_size
            path.unlink(missing_ok=True)
