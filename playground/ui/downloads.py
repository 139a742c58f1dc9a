"""Files that a visitor may take along. They lie in Gradio's cache, which serves them and clears them by age."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from playground.files import write_bytes

MOST_BYTES = 96 * 2**20  # of one visitor's files: the last few runs, the largest networks of the page included
SHARED = "shared"  # files of the endpoints, whose callers are nobody in particular


def offer(content: bytes, name: str, owner: str = SHARED) -> str:
    """Put a file where the page may serve it, into its `owner`'s folder; returns its path.

    The folder below is named by the content: the file appears whole or not at all, and the same one is written once.
    The owner's oldest files go when all of them together are too large.
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
    """Throw away all files of an owner who has left."""
    shutil.rmtree(Path(get_upload_folder()) / owner, ignore_errors=True)


def _make_room(folder: Path, keep: Path) -> None:
    files = sorted((path for path in folder.glob("*/*") if path.is_file()), key=lambda path: path.stat().st_mtime)
    total = sum(path.stat().st_size for path in files)
    for path in files:
        if total > MOST_BYTES and path != keep:
            total -= path.stat().st_size
            path.unlink(missing_ok=True)
