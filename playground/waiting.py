"""How the threads that share an operation wait for one another: spinning while the processors are theirs, else asleep.

Spinning is the quickest way on an idle machine. Beside another program it is the slowest: a thread that spins takes
the processor from the thread that it waits for. Only GNU's OpenMP (libgomp), which torch brings along on Linux, is
steered here; the others have their own ways. The number of threads stays as it is: with another one, sums are rounded
differently, and a resumed run would not be the same to the bit.
"""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch

READ_EVERY = 0.5  # seconds
CALM = 3  # readings without others, until threads spin again: most programs work in bursts
SPARE = 0.25  # processors that others may keep busy before spinning costs more than it brings
USED = Path("/proc/stat")  # what each processor has done since the machine started (proc_stat(5)), in ticks
IN_CHARGE = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")  # where one of these is set, somebody has chosen already


class Clocks(NamedTuple):
    """Seconds by the clock; of processor time that this thread, this process and all programs together have used."""

    wall: float
    thread: float
    process: float
    machine: float


class Choice:
    """Whether `threads` threads should wait `asleep`, for a machine that has so many `processors`."""

    def __init__(self, processors: int) -> None:
        self.processors, self.asleep = processors, False
        self._calm = 0

    def read(self, before: Clocks, now: Clocks, threads: int) -> None:
        """Learn from two readings of the clocks: asleep at once beside others, spinning after CALM readings without."""
        crowded = busy_beside(before, now, threads) > max(0, self.processors - threads) + SPARE
        self._calm = 0 if crowded else self._calm + 1
        self.asleep = threads > 1 and (crowded or (self.asleep and self._calm < CALM))


def busy_beside(before: Clocks, now: Clocks, threads: int) -> float:
    """How many processors are kept busy by others, other threads of this process among them.

    The threads of an operation work about as long as the one that started it, which is the one that we can ask.
    """
    wall, thread, process, machine = (end - start for start, end in zip(before, now, strict=True))
    return max(0.0, machine - min(threads * thread, process)) / wall


class Waiting:
    """Lets the calling thread's team wait as suits the machine. Use it as a context, and `follow` after every step.

    On other devices than the CPU, without libgomp, and where the environment has chosen, it does nothing.
    """

    def __init__(self, device: torch.device) -> None:
        self._gomp = find_gomp() if device.type == "cpu" else None
        self._processors = os.sched_getaffinity(0) if self._gomp else set()
        self._choice = Choice(len(self._processors))
        self._crowd: Crowd | None = None
        self._before = self._read_clocks() if self._gomp else None

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *_: object) -> None:
        self._spin()

    @property
    def asleep(self) -> bool:
        """Whether threads that wait sleep."""
        return self._crowd is not None

    def follow(self) -> None:
        """Look every READ_EVERY seconds whether others want the processors, and let the team wait accordingly."""
        before = self._before
        if self._gomp is None or before is None or time.monotonic() - before.wall < READ_EVERY:
            return
        now, threads = self._read_clocks(), torch.get_num_threads()
        if now is not None:
            self._choice.read(before, now, threads)
        self._before = now
        if not self._choice.asleep:
            self._spin()
        elif self._crowd is None:
            self._crowd = Crowd(self._gomp, max(2, len(self._processors) - threads + 2))

    def _spin(self) -> None:
        if self._crowd is not None:
            self._crowd.leave()
        self._crowd = None

    def _read_clocks(self) -> Clocks | None:
        """None where the system does not say what other programs use."""
        machine = processor_time(self._processors)
        if machine is None:
            return None
        return Clocks(time.monotonic(), time.thread_time(), time.process_time(), machine)


class Crowd:
    """A second team of OpenMP's, of `count` threads, all asleep.

    As soon as libgomp has more threads than there are processors, it lets every thread that waits sleep, in all teams
    (`gomp_managed_threads` in its source). It has no other switch while a program runs.
    """

    def __init__(self, gomp: ctypes.CDLL, count: int) -> None:
        self._leave, there = threading.Event(), threading.Event()

        def stay() -> None:
            gomp.GOMP_parallel(gomp.free, None, count, 0)  # free(NULL) in each thread: the least that C can be asked
            there.set()
            self._leave.wait()  # the team lives as long as the thread that called it

        threading.Thread(target=stay, daemon=True).start()
        there.wait()

    def leave(self) -> None:
        """Let all its threads end. This waits for none: at the interpreter's own end they would not come."""
        self._leave.set()


def find_gomp(environment: Mapping[str, str] = os.environ) -> ctypes.CDLL | None:
    """The program's own symbols, if libgomp's are among them and nobody has chosen by the environment."""
    if sys.platform != "linux" or any(name in environment for name in IN_CHARGE):
        return None
    program = ctypes.CDLL(None)
    return program if hasattr(program, "GOMP_parallel") else None


def processor_time(processors: set[int]) -> float | None:
    """Seconds that these processors have been busy since the machine started; None where the system does not say.

    What a virtual machine's host took for itself counts as busy: it is not there for us.
    """
    names, ticks = {f"cpu{number}" for number in processors}, 0
    try:
        for line in USED.read_text(encoding="ascii").splitlines():
            name, *fields = line.split(maxsplit=9)
            if name in names:
                user, nice, system, _idle, _io, hard, soft, steal = map(int, fields[:8])
                ticks += user + nice + system + hard + soft + steal
    except (OSError, ValueError):
        return None
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else None
