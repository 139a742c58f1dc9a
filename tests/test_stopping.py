"""Signals that end the program in the middle of a run: what was learnt is found again.

The suite sends each signal once, `pytest -m slow` three times each at random moments, and
`python tests/test_stopping.py 20` twenty times each, `... 20 SIGINT` one of them.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from runs import KEY, OTHER, PATIENCE, finish, until, weights

from playground import training
from playground.data import PROJECT
from playground.live import run as runs
from playground.live.line import Closing, Line
from playground.live.shelf import Point
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.stopping import SIGNALS
from playground.training import TrainState

# The program as it is, on a small game: `learnt` is said when the run has made a few steps.
SERVER = """
import signal, sys, threading, time, torch
from pathlib import Path
import app
from playground.config import TrainConfig
from playground.live import run as runs
from playground.live.line import Line
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.ui.sessions import Page

for name in ("SIGINT", "SIGHUP"):  # the suite itself may run in the background, or under nohup
    signal.signal(getattr(signal, name), signal.SIG_DFL)
images = torch.arange(50 * 784).reshape(50, 28, 28).mul(37).remainder(256).to(torch.uint8)
runs.load_mnist, runs.choose_digits = lambda: (images,), lambda images, *chosen: images
config = TrainConfig(batch_size=20, epochs=100_000, widths_g=(256,), widths_d=(256,), device="cpu")

def learn():
    run = page.workshop.start(sys.argv[2], config)
    waiting = page.workshop.start("f" * 32, config)  # behind it in the line
    while not run.over:
        run.seen(), waiting.seen()
        time.sleep(0.02)
        if run.record.step >= 3 and said.acquire(blocking=False):
            print("learnt", flush=True)

with Page() as page:
    pass
said = threading.Semaphore()
page.workshop = Workshop(Line(), Store(Path(sys.argv[1])))
app._build = lambda *_: page
threading.Thread(target=learn, daemon=True).start()
app.leave(app.main([]))
"""


def signal_once(name: str, folder: Path, wait: float) -> tuple[int, float, str]:
    """Start the program, let it learn, send it a signal; its exit status, the seconds until then, and what it said."""
    command = [sys.executable, "-c", SERVER, str(folder), KEY]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "learnt\n" in iter(process.stdout.readline, ""), process.stderr.read()
        time.sleep(wait)
        sent = time.monotonic()
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, time.monotonic() - sent, said
    finally:
        process.kill()
        process.wait()


def found(folder: Path) -> int:
    """The step of the last point that a new start of the program finds, its file whole."""
    store = Store(folder)
    point = store.shelf(KEY).last_of("A")
    assert point is not None, "the run is lost"
    assert store.state(KEY, point).step == point.step == store.shelf(KEY).records["A"].step
    assert store.shelf(OTHER).points == []  # it never began
    return point.step


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no signals to a process")
@pytest.mark.parametrize("name", SIGNALS[:3])
@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_stopped_program_finds_its_run_again(tmp_path, name, times):
    dice = random.Random(times)
    for number in range(times):
        folder = tmp_path / str(number)
        status, _, said = signal_once(name, folder, dice.uniform(0, 2) if times > 1 else 0)
        assert (status, said) == (0, "")
        assert found(folder) >= 3


@pytest.fixture
def workshop(tmp_path, monkeypatch, images):
    monkeypatch.setattr(runs, "load_mnist", lambda train=True: (images, torch.arange(len(images)) % 10))
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)
    monkeypatch.setattr(runs, "LONELY", PATIENCE)  # nobody looks on, and the first import may take long
    return Workshop(Line(), Store(tmp_path))


def test_a_step_that_takes_for_ever_does_not_hold_up_the_end(workshop, tiny, monkeypatch):
    """The state before that step is kept; nobody may wait for the step, and nobody may see half of it."""
    release, stuck, loss = threading.Event(), threading.Event(), training.generator_loss

    def slow(state, *rest):
        if state.step == 4:
            stuck.set()
            assert release.wait(PATIENCE)
        return loss(state, *rest)

    monkeypatch.setattr(training, "generator_loss", slow)
    monkeypatch.setattr(runs, "LONG_STEP", 0.0)
    run = workshop.start(KEY, replace(tiny, steps=20))
    waiting = workshop.start(OTHER, tiny)
    assert stuck.wait(PATIENCE)
    workshop.close(2.0)
    again = Store(workshop.store.folder)
    assert again.shelf(KEY).points == [Point("A", 4)] and again.shelf(OTHER).points == []
    whole = TrainState(run.record.config)
    list(training.train(replace(tiny, steps=4), runs.load_mnist()[0], whole))
    assert (weights(again.state(KEY, Point("A", 4))) - weights(whole)).abs().max() < 1e-5  # half a step: 2e-4
    assert finish(waiting).phase == "left"
    release.set()
    finish(run)


@pytest.mark.parametrize("look", ["glance", "conclude"])
def test_a_look_that_takes_for_ever_does_not_hold_up_the_end(workshop, tiny, monkeypatch, look):
    """Drawing and measuring may take seconds on a busy machine, and all that was learnt waits for it."""
    release, stuck = threading.Event(), threading.Event()

    def slow(*_, **__):
        stuck.set()
        assert release.wait(PATIENCE)

    monkeypatch.setattr(f"playground.live.run.Watch.{look}", slow)
    run = workshop.start(KEY, replace(tiny, steps=20))
    assert stuck.wait(PATIENCE)
    workshop.close(2.0)
    again = Store(workshop.store.folder)
    assert again.shelf(KEY).points == [Point("A", run.record.step)] and run.record.step >= 1
    assert again.state(KEY, Point("A", run.record.step)).step == run.record.step
    release.set()
    finish(run)


def test_what_waits_in_memory_is_written_and_nobody_begins_any_more(workshop, tiny):
    finish(workshop.start(KEY, tiny, players=("generator",)))  # a single step: the disk may wait for the next click
    run = workshop.start(OTHER, replace(tiny, epochs=100_000))
    until(run, lambda: run.record.step >= 2)
    workshop.close(60.0)
    assert run.over and run.phase == "paused"
    again = Store(workshop.store.folder)
    assert again.shelf(KEY).points == [Point("A", 1)] and again.shelf(OTHER).points == [Point("A", run.record.step)]
    with pytest.raises(Closing):
        workshop.start(KEY, tiny)


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no signals to a process")
def test_a_second_ctrl_c_ends_at_once_and_nohup_holds():
    """Here the end never comes by itself. A program under nohup goes on when its terminal is closed."""
    script = (
        "import signal, time; from playground.stopping import Stop; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "signal.signal(signal.SIGINT, signal.SIG_DFL);"  # the suite may run in the background
        "stop = Stop(); print(1, flush=True); stop.wait(); print(2, flush=True)\n"
        "while True: time.sleep(0.05)"  # short: a signal just before a sleep is heard after it
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "1\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "2\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 128 + signal.SIGINT
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    for name in sys.argv[2:] or SIGNALS[:3]:
        seconds, steps = [], []
        for _ in range(int(sys.argv[1])):
            with tempfile.TemporaryDirectory() as home:
                status, took, said = signal_once(name, Path(home), random.uniform(0, 3))
                assert (status, said) == (0, ""), (status, said)
                steps.append(found(Path(home)))
                seconds.append(took)
        print(f"{name}: {len(steps)} found again, {max(seconds):.1f} s at most, steps {steps}", flush=True)
