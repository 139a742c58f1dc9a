"""Files that a visitor may take along. They lie in Gradio's cache, which serves them and clears them by age."""

import hashlib
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from playground.files import write_bytes


def offer(content: bytes, name: str) -> str:
    """Put a file where the page may serve it; returns its path.

    The folder is named by the content, so several visitors may be given one file: it appears whole or not at all.
    """
    path = Path(get_upload_folder()) / hashlib.sha256(content).hexdigest() / name
    if not path.exists():
        write_bytes(path, content)
    return str(path)


def as_file(content: bytes, name: str) -> dict[str, Any]:
    """The same as an endpoint returns it: gradio_client fetches the file and gives its own path."""
    return gr.FileData(path=offer(content, name), orig_name=name).model_dump()
