"""How much of its speed training keeps beside programs that take every processor they can get."""

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from playground.benchmark.servers import cpu_seconds
from playground.data import load_mnist
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Order
from playground.training import Progress, TrainConfig, train
from playground.waiting import processor_time

BUSY = "while True: pass"
FOLLOWS = 3.0  # seconds in which the engine must have noticed who came and who went
BEFORE = {"GOMP_SPINCOUNT": "300000"}  # libgomp's default; who sets it is in charge, so the engine steers nothing
ALONE = 0.97  # goal: the share of the speed that the engine has where it steers nothing
GOALS = {
    "train()": 0.7,
    "live run": 0.45,
    "pretrain": 0.7,
}  # of the fair share, beside one and two; a live run gives way
STRANGERS = 0.15  # processors that other programs may use while we measure
TRIES = 6  # of a measurement on a machine that is not quiet

Rate = Callable[[], float]  # steps a second


def compare_beside(config: TrainConfig, pairs: int, seconds: float) -> None:
    """Each way of training alone, steered and not, and beside one and two busy programs, in turn.

    The fair share beside n programs is processors / (processors + n) of the speed alone. Prints the ratios and their
    medians; ends with exit status 1 where a goal is missed.
    """
    missed = False  # Linux only: it reads what programs use from /proc
    for name, goal in GOALS.items():
        before, ours = _rates(name, config, seconds)
        ratios = [_measure_pair(name, before, ours) for _ in range(pairs)]
        for column, what in enumerate(("alone", "beside one", "beside two")):
            middle, least = statistics.median(pair[column] for pair in ratios), goal if column else ALONE
            missed |= middle < least
            verdict = "held" if middle >= least else "MISSED"
            print(f"{name} {what}: median {middle:.2f}, goal {least:.2f}: {verdict}", flush=True)
    sys.exit(missed)


def _measure_pair(name: str, before: Rate, ours: Rate) -> tuple[float, float, float]:
    """The ratios alone (to the speed before) and beside one and two programs (to the fair share of it)."""
    cores, speeds = os.cpu_count() or 1, [_undisturbed(before), _undisturbed(ours)]
    for programs in (1, 2):
        with busy(programs):
            speeds.append(_undisturbed(ours))
    ratios = [speeds[1] / speeds[0], *(speeds[1 + n] / speeds[0] * (cores + n) / cores for n in (1, 2))]
    unsteered, alone, one, two = speeds
    print(f"{name}: alone unsteered {unsteered:.2f}, alone {alone:.2f}, beside one {one:.2f}, two {two:.2f} steps/s; "
          "ratios " + " ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)  # fmt: skip
    return ratios[0], ratios[1], ratios[2]


def _undisturbed(rate: Rate) -> float:
    """The rate, measured anew while programs that are none of ours work beside it; gives up after TRIES."""
    for _ in range(TRIES):
        begun, machine, own = time.monotonic(), _machine_seconds(), _own_seconds()
        speed = rate()
        strangers = _machine_seconds() - machine - (_own_seconds() - own)
        share = strangers / (time.monotonic() - begun)
        if share < STRANGERS:
            return speed
        print(f"measured again: other programs used {share:.2f} processors", flush=True)
    sys.exit("this machine is too busy to measure")


def _machine_seconds() -> float:
    return processor_time(set(range(os.cpu_count() or 1))) or 0.0


def _own_seconds() -> float:
    """Processor time of this process's group, which all that we start belong to, also of those that have ended."""
    ended, seconds = os.times(), 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == os.getpgrp():
                seconds += cpu_seconds(int(folder.name))
    return seconds + ended.children_user + ended.children_system


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many programs that do nothing but take a processor each."""
    programs = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def _rates(name: str, config: TrainConfig, seconds: float) -> tuple[Rate, Rate]:
    """The speed of that way of training, unsteered and steered. Each has a process of its own."""
    if name == "pretrain":
        return partial(_pretrain_rate, BEFORE), partial(_pretrain_rate, {})
    measure = _train_rate if name == "train()" else _live_rate
    return _apart(measure, BEFORE, config, seconds), _apart(measure, {}, config, seconds)


def _apart(measure: Callable[[TrainConfig, float], float], environment: Mapping[str, str], config: TrainConfig,
           seconds: float) -> Rate:  # fmt: skip
    """The measurement in a process that is started with this environment."""
    kept = dict(os.environ)
    os.environ.update(environment)
    try:
        apart = ProcessPoolExecutor(1, get_context("spawn"))
        apart.submit(measure, config, 0.1).result()  # starts it, and fills memory and caches
    finally:
        os.environ.clear()
        os.environ.update(kept)
    return lambda: apart.submit(measure, config, seconds).result()


@cache
def _endless(config: TrainConfig) -> Iterator[Progress]:
    """One run for all turns: it must follow when programs come and when they go."""
    return train(config, load_mnist()[0])


def _train_rate(config: TrainConfig, seconds: float) -> float:
    """Steps a second of `train()`, FOLLOWS seconds after it went on."""
    run, marks = _endless(config), []
    for wait in (FOLLOWS, seconds):
        end = time.monotonic() + wait
        marks.append((next(progress.step for progress in run if time.monotonic() >= end), time.monotonic()))
    return _rate(*marks)


@cache
def _line() -> Line:
    return Line()


def _live_rate(config: TrainConfig, seconds: float) -> float:
    """Steps a second of a run of the live tab, from FOLLOWS seconds after its start."""
    run = _line().join(Order(Record("A", config)))
    marks = []
    for wait in (FOLLOWS, seconds):
        end = time.monotonic() + wait
        while time.monotonic() < end or not run.record.step:
            run.seen()
            time.sleep(0.02)
        marks.append((run.record.step, time.monotonic()))
    run.halt()
    run.join()
    return _rate(*marks)


def _rate(begun: tuple[int, float], ended: tuple[int, float]) -> float:
    """Steps a second between two steps, each with its time."""
    return (ended[0] - begun[0]) / (ended[1] - begun[1])


def _pretrain_rate(environment: Mapping[str, str]) -> float:
    """Steps a second of the command `pretrain` in a first epoch: it has to notice the busy programs there too."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "playground.pretrain", "--epochs", "1", "--device", "cpu", "--out", out]
        subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
        with (Path(out) / "history.csv").open(encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
    return TrainConfig().steps_an_epoch(len(load_mnist()[0])) / float(row["seconds"])
