"""Where the arithmetic runs: the one place that asks what this machine has."""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

from playground.checked import ConfigError

OWN_MEMORY = Path("/proc/self/statm")  # in pages; the second number is what lies in memory
MALLOC = {-8: 1, -3: 32 << 20, -1: 256 << 20}  # glibc's M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, in bytes
NICENESS = 5  # of a training: a page that computes beside it gets three times as much of a core
ZEROGPU = "SPACES_ZERO_GPU"  # set where Hugging Face lends a GPU for one call at a time
CPU_FLAGS = Path("/proc/cpuinfo")  # torch has no public question for them; elsewhere than Linux fp32 is safe


_borrowed = False  # whether this process is the one that a GPU was lent to


def on_zerogpu(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a Space that is lent a GPU for one call at a time."""
    return environment.get(ZEROGPU, "").lower() in ("1", "t", "true")


def borrow_gpu() -> None:
    """Say that this process is the forked one that a GPU was lent to."""
    global _borrowed
    _borrowed = True


def has_cuda() -> bool:
    """Whether this process may compute on CUDA. On ZeroGPU torch is made to say so where it may not."""
    return (_borrowed or not on_zerogpu()) and torch.cuda.is_available()


@contextmanager
def without_cuda() -> Iterator[None]:
    """Let torch itself believe `has_cuda`: on ZeroGPU its optimisers ask for a GPU that is not there.

    No other thread may compute meanwhile.
    """
    believed = torch.cuda.is_available
    if not has_cuda():
        torch.cuda.is_available = lambda: False
    try:
        yield
    finally:
        torch.cuda.is_available = believed


def pick_device(name: str = "auto") -> torch.device:
    """CUDA where there is one, else MPS, else the CPU; a name other than `auto` is taken at its word.

    Raises ConfigError when the named device is not on this machine.
    """
    present = {"cuda": has_cuda(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in present.items() if there)
    if not present[name]:
        raise ConfigError("device", name, "choice", options=", ".join(kind for kind in present if present[kind]))
    return torch.device(name)


def pick_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The type matrix products are computed in; `auto` means bf16 where the device computes in it, and quicker."""
    if precision == "auto":
        precision = "bf16" if _bf16_pays(device) else "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def describe(device: torch.device) -> dict[str, str | int]:
    """The device for a page to put into words: its kind ("lent" on ZeroGPU), the GPU's name, the number of cores."""
    if on_zerogpu() and not _borrowed:
        return {"kind": "lent", "name": "", "cores": os.cpu_count() or 1}
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {"kind": device.type, "name": name, "cores": os.cpu_count() or 1}


def memory_used() -> int | None:
    """Bytes that torch holds on the GPU, or else that this process holds; None where neither can be asked."""
    if has_cuda():
        return torch.cuda.memory_allocated()
    try:
        return int(OWN_MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # not on Linux
        return None


def free_memory() -> None:
    """Give back what a run has left: to the GPU what torch keeps for itself, to the system what glibc keeps.

    Without the second a server grows with every run, by what `keep_memory` lets the heap hold.
    """
    if has_cuda():
        torch.cuda.empty_cache()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)


@cache
def keep_memory() -> None:
    """Let glibc keep up to 256 MiB of freed memory for the next step, in one heap that all threads share.

    By itself it gives the activations of a step back to the system, which clears each page again before the next:
    thousands of page faults a step, and an eighth of the speed. Other systems' allocators are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt:
        for option, value in MALLOC.items():
            mallopt(option, value)


def claim_threads(count: int) -> None:
    """Give the calling thread `count` threads of arithmetic, and every other thread of the process one.

    OpenMP keeps a pool for each thread that computes in parallel; as soon as all pools together outnumber the cores,
    their members sleep between two operations, and training lost an eighth of its speed.
    """
    torch.get_num_threads()  # a thread's first question sets its number to the process's: get that over with
    torch.set_num_threads(count)
    others = threading.Thread(target=torch.set_num_threads, args=(1,))  # holds for itself and for threads to come
    others.start()
    others.join()


def give_way() -> None:
    """Let the calling thread, and those that it starts, compute where nobody else wants to (on Linux).

    Alone on the machine it costs nothing; beside it a page is answered while a run trains.
    """
    if sys.platform == "linux":  # elsewhere priorities belong to processes
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))


@cache
def _bf16_pays(device: torch.device) -> bool:
    """Whether products are quicker in bf16 here, tried once on a processor that has the instructions.

    Those alone do not say it: four times the speed of fp32 was measured with AMX, half of it without.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not CPU_FLAGS.exists() or "avx512_bf16" not in CPU_FLAGS.read_text(encoding="utf-8"):
        return False
    return _quickest_product(torch.bfloat16) < _quickest_product(torch.float32)


def _quickest_product(dtype: torch.dtype) -> float:
    """Seconds of the quickest of a few products as large as the lecture's."""
    left, right = torch.ones(512, 1024, dtype=dtype), torch.ones(1024, 1024, dtype=dtype)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        torch.mm(left, right)
        times.append(time.perf_counter() - started)
    return min(times)
