"""What Gradio does over and over is done once here.

A drawing of four files asked the file system 308 times, all in the server's event loop. After each question the loop
waits for Python's lock, which the threads that train hold: beside a training that was most of what a visitor waited.
"""

import inspect
import os
from contextlib import nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any

import gradio.component_meta
import gradio.data_classes
import gradio.utils

from playground.ui.downloads import is_offered

_asks = gradio.utils.is_static_file


def save_effort() -> None:
    """Change Gradio's ways for this process; a second call changes nothing."""
    os.environ.setdefault("GRADIO_TEMP_DIR", gradio.utils.get_upload_folder())  # else sought for each component
    gradio.utils.is_static_file = _needs_no_check  # type: ignore[assignment]  # theirs names the argument otherwise
    # A component that a handler changes is made anew, and asks which arguments its class takes.
    known = {**vars(inspect), "getfullargspec": cache(inspect.getfullargspec)}
    gradio.component_meta.inspect = SimpleNamespace(**known)  # type: ignore[assignment,attr-defined]
    # Before and after each handler it looks for matplotlib in all folders; no handler here draws with that.
    gradio.utils.MatplotlibBackendMananger = nullcontext  # type: ignore[assignment,misc]


def _needs_no_check(file: Any) -> bool:
    """Whether a file is on its way from where it may be served: our own lie there already, as Gradio's icons do."""
    if isinstance(file, gradio.data_classes.FileData) and is_offered(file.path):
        return True
    return bool(_asks(file))
