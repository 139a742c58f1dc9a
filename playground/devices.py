"""Which device computes, in which type, with how many threads. Only this module asks what the machine has."""

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

OWN_MEMORY = Path("/proc/self/statm")  # in pages; the second number is the memory in use
MALLOC = {-8: 1, -3: 32 << 20, -1: 256 << 20}  # glibc's M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, in bytes
NICENESS = 3  # of training threads: others get twice as much of a core, so a page answers first
ZEROGPU = "SPACES_ZERO_GPU"  # set where Hugging Face lends a GPU for one call at a time
CPU_FLAGS = Path("/proc/cpuinfo")  # torch has no public function for these; other systems than Linux use fp32

_borrowed = False  # whether this process is the one that a GPU was lent to


def on_zerogpu(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a Space that is lent a GPU for one call at a time."""
    return environment.get(ZEROGPU, "").lower() in ("1", "t", "true")


def borrow_gpu() -> None:
    """Note that this process is the forked one that a GPU was lent to."""
    global _borrowed
    _borrowed = True


def has_cuda() -> bool:
    """Whether this process may compute on CUDA. On ZeroGPU torch says yes even in processes that may not."""
    return (_borrowed or not on_zerogpu()) and torch.cuda.is_available()


@contextmanager
def without_cuda() -> Iterator[None]:
    """Make torch itself answer like `has_cuda`: on ZeroGPU its optimisers look for a GPU that is not there.

    No other thread may compute inside this context.
    """
    is_available = torch.cuda.is_available
    if not has_cuda():
        torch.cuda.is_available = lambda: False
    try:
        yield
    finally:
        torch.cuda.is_available = is_available


def pick_device(name: str = "auto") -> torch.device:
    """The named device; `auto` means CUDA where there is one, else MPS, else the CPU.

    Raises ConfigError when this machine does not have the named device.
    """
    present = {"cuda": has_cuda(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in present.items() if there)
    if not present[name]:
        raise ConfigError("device", name, "choice", options=", ".join(kind for kind in present if present[kind]))
    return torch.device(name)


def pick_dtype(precision: str, device: torch.device) -> torch.dtype:
    """The type that matrix products are computed in; `auto` means bf16 where that is faster than fp32."""
    if precision == "auto":
        precision = "bf16" if _bf16_pays(device) else "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def describe(device: torch.device) -> dict[str, str | int]:
    """The device, for a page to show: its kind ("lent" on ZeroGPU), the GPU's name, the number of cores."""
    if on_zerogpu() and not _borrowed:
        return {"kind": "lent", "name": "", "cores": os.cpu_count() or 1}
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {"kind": device.type, "name": name, "cores": os.cpu_count() or 1}


def memory_used() -> int | None:
    """Bytes that torch uses on the GPU, or else that this process uses; None where the system does not say."""
    if has_cuda():
        return torch.cuda.memory_allocated()
    try:
        return int(OWN_MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # not on Linux
        return None


def free_memory() -> None:
    """Return freed memory after a run: torch's to the GPU, glibc's to the system.

    Without the second, a server grows with every run by what `keep_memory` lets the heap keep.
    """
    if has_cuda():
        torch.cuda.empty_cache()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)


@cache
def keep_memory() -> None:
    """Let glibc keep up to 256 MiB of freed memory for the next step, in one heap that all threads share.

    Otherwise it returns the activations of each step to the system, which clears every page before the next step:
    thousands of page faults a step, and an eighth of the speed. On other systems this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt:
        for option, value in MALLOC.items():
            mallopt(option, value)


def claim_threads(count: int) -> None:
    """Give the calling thread `count` threads of arithmetic, and every other thread of the process one.

    OpenMP keeps a pool for each thread that computes in parallel. When all pools together have more threads than there
    are cores, these sleep between two operations: training lost an eighth of its speed.
    """
    torch.get_num_threads()  # its first call in a thread resets that thread's number: do it before ours
    torch.set_num_threads(count)
    others = threading.Thread(target=torch.set_num_threads, args=(1,))  # counts for later threads too
    others.start()
    others.join()


def give_way() -> None:
    """Lower the priority of the calling thread and of those that it starts (Linux only).

    On an idle machine this costs nothing; on a busy one, the page still answers quickly while a run trains.
    """
    if sys.platform == "linux":  # elsewhere only whole processes have a priority
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))


@cache
def _bf16_pays(device: torch.device) -> bool:
    """Whether products are faster in bf16; tried out once on a processor that has the instructions.

    The instructions alone do not tell: bf16 had four times the speed of fp32 with AMX, and half of it without.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not CPU_FLAGS.exists() or "avx512_bf16" not in CPU_FLAGS.read_text(encoding="utf-8"):
        return False
    return _quickest_product(torch.bfloat16) < _quickest_product(torch.float32)


def _quickest_product(dtype: torch.dtype) -> float:
    """Seconds that the quickest of six products took; they are as large as the lecture's."""
    left, right = torch.ones(512, 1024, dtype=dtype), torch.ones(1024, 1024, dtype=dtype)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        torch.mm(left, right)
        times.append(time.perf_counter() - started)
    return min(times)
