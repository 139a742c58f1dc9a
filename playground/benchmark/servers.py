"""Starts the servers and the browser that are measured, and reads from the system what a process takes."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from playground.data import PROJECT

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
NOTHING: Mapping[str, str] = {}
MIB = 2**20  # bytes
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@contextmanager
def serve(environment: Mapping[str, str] = NOTHING, log: Path | None = None) -> Iterator[tuple[str, int]]:
    """`python app.py` in a process of its own: gives its address and process id, and ends it.

    The `environment` is added to ours; what the server says goes to the file `log`.
    """
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "app.py", "--port", address.rpartition(":")[2]]
    with ExitStack() as held:
        said = held.enter_context(log.open("w")) if log else subprocess.DEVNULL
        process = held.enter_context(
            subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **environment}, stdout=said, stderr=said)
        )
        held.callback(process.terminate)
        wait_for(address, process)
        yield address, process.pid


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Ask a server for its page until it comes whole. Raises RuntimeError where the server has ended."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                answer.read()
                return
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
            time.sleep(0.02)
    raise RuntimeError(f"the server has ended: {process.returncode}")


@contextmanager
def chromium() -> Iterator[Any]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


# Chromium's software adapter: WebGPU on the processor.
SOFTWARE = ["--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan", "--use-vulkan=swiftshader"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@contextmanager
def own_browser() -> Iterator[Any]:
    """The user's own Chromium or Chrome in a window, with WebGPU; without a screen a headless one, without a card."""
    from playwright.sync_api import sync_playwright

    screen = sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    flags = [*set(FLAGS) - {"--disable-gpu"}, "--enable-unsafe-webgpu", *([] if screen else SOFTWARE)]
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    # Without a name on the path: where Chrome's installer puts it.
    where: dict[str, Any] = {"executable_path": found} if found else {"channel": "chrome"}
    with sync_playwright() as play:
        browser = play.chromium.launch(headless=not screen, args=flags, **where)
        yield browser
        browser.close()


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def memory(pid: int) -> int:
    """Bytes of memory that a process uses (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def files_of(pid: int) -> int:
    """How many files and connections a process has open (Linux)."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads_of(pid: int) -> int:
    """How many threads a process has (Linux)."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder and those within it; a file that goes away meanwhile counts as nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(place, name)).st_size
    return total
