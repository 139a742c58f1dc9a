"""Files that a visitor may take along. They lie in Gradio's cache, which serves them and clears them by age."""

from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder


def offer(content: bytes, name: str) -> str:
    """Put a file where the page may serve it; returns its path."""
    return save_bytes_to_cache(content, name, get_upload_folder())


def as_file(content: bytes, name: str) -> dict[str, Any]:
    """The same as an endpoint returns it: gradio_client fetches the file and gives its own path."""
    return gr.FileData(path=offer(content, name), orig_name=name).model_dump()
