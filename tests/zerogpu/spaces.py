"""The package `spaces` as far as it matters here: a call runs in a forked process, arguments and yields are pickled.

Written after what the real one does (spaces/zero/wrappers.py): the process is kept for the next call, goes through the
generator by itself whether or not anybody takes what it yields, and closing the caller's generator waits for its end.
Each call is written to SPACES_LOG. As soon as a file matches the pattern SPACES_TAKE_BACK the GPU is taken back: the
process is killed.
"""

import inspect
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from glob import glob
from queue import Queue
from typing import Any, ClassVar

import gradio as gr
import torch
from gradio.context import LocalContext

FORK = multiprocessing.get_context("fork")
ABORTED = "GPU task aborted"
really = torch.cuda.is_available
forked = False


class Worker:
    """A forked process that does one task, again and again."""

    begun: ClassVar[list["Worker"]] = []

    def __init__(self, task: Callable[..., Iterator[Any]]) -> None:
        self.begun.append(self)
        self.calls = FORK.SimpleQueue()
        self.results, there = FORK.Pipe(duplex=False)
        self.process = FORK.Process(target=serve, args=(task, self.calls, there), daemon=True)
        self.process.start()
        there.close()  # now the process's end, in the middle of a word too, is an end of file here

    def result(self) -> tuple[str, Any]:
        """What it says next."""
        try:
            return self.results.recv()
        except (EOFError, OSError):
            return "aborted", None


def serve(task: Callable[..., Iterator[Any]], calls: Any, results: Any) -> None:
    global forked
    forked = True
    threading.Thread(target=leave_with, args=(os.getppid(),), daemon=True).start()
    torch.cuda.is_available = really  # here is the GPU, if there is one

    def iterate(args: tuple[Any, ...]) -> None:
        try:
            for value in task(*args):
                results.send(("value", value))
        except Exception as error:
            results.send(("error", error))

    while True:
        args = calls.get()
        with ThreadPoolExecutor() as executor:
            executor.submit(copy_context().run, iterate, args)
        results.send(("end", None))


def leave_with(parent: int) -> None:
    """A fork holds all that its parent had open: it must not outlive it."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def GPU(task: Any = None, duration: Any = 60) -> Any:  # the real one's name
    if task is None:
        return lambda task: GPU(task, duration)
    assert inspect.isgeneratorfunction(task), "others are not asked for here"
    workers: list[Worker] = []

    @wraps(task)
    def caller(*args: Any) -> Iterator[Any]:
        seconds = duration(*args) if callable(duration) else duration
        worker = workers.pop() if workers and workers[-1].process.is_alive() else Worker(task)
        worker.calls.put(args)
        log(worker.process.pid, seconds)
        take_back_later(worker)
        taken: Queue = Queue()

        def fill() -> None:
            kind = "value"
            while kind == "value":
                kind, value = worker.result()
                taken.put((kind, value))

        with ThreadPoolExecutor() as executor:
            executor.submit(fill)
            while True:
                kind, value = taken.get()
                if kind == "value":
                    yield value
                elif kind == "end":
                    workers.append(worker)
                    return
                else:
                    raise gr.Error(ABORTED) if kind == "aborted" else value

    return caller


def log(pid: int | None, seconds: float) -> None:
    """Who works for whom: the real one asks on behalf of the visitor's request."""
    if path := os.environ.get("SPACES_LOG"):
        with open(path, "a", encoding="utf-8") as file:
            asked = LocalContext.request.get(None) is not None
            print(json.dumps({"pid": pid, "seconds": seconds, "request": asked}), file=file)


def take_back_later(worker: Worker) -> None:
    if pattern := os.environ.get("SPACES_TAKE_BACK"):

        def take_back() -> None:
            while worker.process.is_alive() and not glob(pattern):
                time.sleep(0.05)
            worker.process.kill()

        threading.Thread(target=take_back, daemon=True).start()


def pretend() -> None:
    """Let torch say that there is a GPU, as the real one does in the process that has none."""
    torch.cuda.is_available = lambda: True


if os.environ.get("SPACES_ZERO_GPU"):
    pretend()
