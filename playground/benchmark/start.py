"""How soon `python app.py` serves, and its memory, beside a bare page that imports torch, torchvision and Gradio."""

import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from playground.benchmark.servers import MIB, cpu_seconds, free_port, memory, wait_for
from playground.data import PROJECT

BARE = """
import threading
import gradio, torch, torchvision
with gradio.Blocks() as page:
    gradio.Textbox()
page.launch(server_name="127.0.0.1", server_port={port}, prevent_thread_lock=True, quiet=True, _frontend=False)
threading.Event().wait()
"""
SETTLES = 8.0  # seconds after which a server has read what it reads in the background


class Start(NamedTuple):
    """Seconds by the clock and of processor time until the page was served; bytes of memory SETTLES seconds later."""

    wall: float
    cpu: float
    memory: int


def compare_start(pairs: int) -> None:
    """Start a bare page and ours in turn; prints both and the ratios of each pair, and the medians."""
    walls, cpus, more = [], [], []
    for pair in range(pairs):
        port = free_port()
        bare = measure_start([sys.executable, "-c", BARE.format(port=port)], port)
        port = free_port()
        ours = measure_start([sys.executable, "app.py", "--port", str(port)], port)
        walls.append(ours.wall / bare.wall)
        cpus.append(ours.cpu / bare.cpu)
        more.append((ours.memory - bare.memory) / MIB)
        seconds = f"bare {bare.wall:.2f} s, ours {ours.wall:.2f} s, ratio {walls[-1]:.2f} (processor {cpus[-1]:.2f})"
        print(f"pair {pair}: {seconds}; bare {bare.memory / MIB:.0f} MiB, ours {more[-1]:+.0f} MiB", flush=True)
    middle = statistics.median
    print(f"median ratio {middle(walls):.2f} (processor {middle(cpus):.2f}), memory {middle(more):+.0f} MiB")


def measure_start(command: list[str], port: int) -> Start:
    """Start a server, wait until it serves its page, and end it."""
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/", process)
            wall, cpu = time.perf_counter() - begun, cpu_seconds(process.pid)
            time.sleep(SETTLES)
            return Start(wall, cpu, memory(process.pid))
        finally:
            process.terminate()
