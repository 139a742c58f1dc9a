"""How OpenMP's threads wait: asleep beside other programs, spinning on an idle machine, and nothing stays behind."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from playground import training, waiting
from playground.data import PROJECT
from playground.training import train
from playground.waiting import CALM, Choice, Clocks, Waiting, busy_beside, find_gomp, processor_time

WITH_GOMP = pytest.mark.skipif(find_gomp({}) is None, reason="only libgomp's threads are steered")


def read(choice, threads=2, wall=0.5, share=1.0, page=0.0, others=0.0):
    """One reading: the team's threads each get a `share` of a processor; `page` and `others` use so many."""
    thread = share * wall
    process = threads * thread + page * wall
    choice.read(Clocks(7, 3, 5, 90), Clocks(7 + wall, 3 + thread, 5 + process, 90 + process + others * wall), threads)
    return choice.asleep


def test_on_an_idle_machine_threads_spin():
    choice = Choice(processors=2)
    assert not any(read(choice, share=share) for share in (1.0, 0.94, 0.3))  # also where the loop's reader is slow


@pytest.mark.parametrize(("share", "others"), [(0.62, 0.75), (0.47, 1.06), (0.1, 1.8)])
def test_beside_busy_programs_they_sleep_at_once_and_until_calm(share, others):
    choice = Choice(processors=2)
    assert read(choice, share=share, others=others)
    assert [read(choice, share=0.94) for _ in range(CALM)] == [True] * (CALM - 1) + [False]


def test_they_sleep_on_between_two_bursts():
    choice = Choice(processors=2)
    bursts = [0.8, 0, 0, 0.8, 0, 0, 0.8]
    assert all(read(choice, share=0.6, others=others) for others in bursts)


def test_other_programs_may_have_the_processors_that_the_team_leaves():
    assert not read(Choice(processors=8), threads=4, others=4)
    assert read(Choice(processors=8), threads=4, share=0.9, others=4.4)
    assert not read(Choice(processors=2), threads=4, share=0.5)  # more threads than processors: they sleep anyway


def test_the_page_of_our_own_process_counts_as_another_program():
    assert read(Choice(processors=2), share=0.6, page=0.8)


def test_a_thread_that_is_alone_waits_for_nobody():
    choice = Choice(processors=2)
    assert read(choice, share=0.5, others=1)
    assert not read(choice, threads=1, share=0.5, others=1.5)


def test_a_team_that_mostly_rests_is_not_taken_for_a_busy_one():
    # Python's own work, on one thread: the process has used less than its threads might have.
    assert busy_beside(Clocks(0, 0, 0, 0), Clocks(1, 1, 1.1, 2), threads=2) == pytest.approx(0.9)


@pytest.mark.parametrize("name", waiting.IN_CHARGE)
def test_who_has_chosen_by_the_environment_is_in_charge(name):
    assert find_gomp({name: "1"}) is None


def test_on_other_systems_and_devices_nothing_happens(monkeypatch):
    assert Waiting(torch.device("meta"))._gomp is None
    monkeypatch.setattr(sys, "platform", "win32")
    assert find_gomp({}) is None
    with Waiting(torch.device("cpu")) as none:
        none.follow()
    assert not none.asleep


STAT = (
    "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 20 3 999 9 4 5 6 7 8\ncpu1 50 0 0 999 9 0 0 0 0 0\ncpu2 7 7 7 7 7 7 7 7 0 0\n"
)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/stat is Linux's")
@pytest.mark.parametrize(
    ("text", "ticks"), [(STAT, 188), ("cpu0 0 0 0 0 0 0 0 0\n", None), ("cpu0 1\n", None), (None, None)]
)
def test_what_the_processors_have_done(monkeypatch, tmp_path, text, ticks):
    monkeypatch.setattr(waiting, "USED", tmp_path / "stat")
    if text is not None:
        (tmp_path / "stat").write_text(text)
    assert processor_time({0, 1}) == (ticks and ticks / os.sysconf("SC_CLK_TCK"))


SWITCHED = """
import os, time
import torch
from playground import training, waiting
from playground.waiting import Clocks, Crowd, Waiting, find_gomp

def processor_seconds():  # of both threads, over short products with a rest after each
    before = time.process_time()
    for _ in range(100):
        torch.mm(ones, ones)
        time.sleep(0.001)
    return time.process_time() - before

def settle(team, asleep):  # the clocks of a machine that others keep busy, or nobody
    for _ in range(waiting.CALM + 1):
        last.append(last[-1]._replace(wall=last[-1].wall + 1e-6, machine=last[-1].machine + asleep))
        team.follow()
    assert team.asleep is asleep

def threads():
    return len(os.listdir("/proc/self/task"))

def files():
    return len(os.listdir("/proc/self/fd"))

def until(holds):  # libgomp's threads take a moment to end
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)

torch.set_num_threads(2)
ones = torch.ones(256, 256)
processor_seconds()
alone = threads()
crowd = Crowd(find_gomp(), os.cpu_count())
asleep = min(processor_seconds() for _ in range(3))
crowd.leave()
until(lambda: threads() == alone)
until(lambda: processor_seconds() > 1.3 * asleep)  # spins
crowd = Crowd(find_gomp(), os.cpu_count())
until(lambda: processor_seconds() < 1.1 * asleep)
crowd.leave()
last = [Clocks(0, 0, 0, 0)]
waiting.READ_EVERY = 0
Waiting._read_clocks = lambda team: last[-1]
open_files = files()
for _ in range(50):
    with Waiting(torch.device("cpu")) as team:
        settle(team, True)
        settle(team, False)
        settle(team, True)
until(lambda: threads() == alone)
assert files() == open_files

def rest():
    with Waiting(torch.device("cpu")) as team:
        settle(team, True)
        yield

next(unfinished := rest())  # nobody closes it before the interpreter ends
"""


@WITH_GOMP
def test_threads_that_sleep_use_no_processor_and_nothing_stays_behind():
    free = {name: value for name, value in os.environ.items() if name not in waiting.IN_CHARGE}
    made = subprocess.run([sys.executable, "-c", SWITCHED], cwd=PROJECT, env=free, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_training_follows_after_every_step_and_lets_its_threads_spin_when_it_ends(tiny, images, monkeypatch):
    teams = []

    class Asleep(Waiting):
        def __init__(self, device):
            super().__init__(device)
            teams.append(self)
            self._gomp = self._gomp or find_gomp({})
            self._crowd = waiting.Crowd(self._gomp, 2) if self._gomp else None

        def follow(self):
            steps.append(self.asleep)

    steps = []
    monkeypatch.setattr(training, "Waiting", Asleep)
    progress = next(run := train(replace(tiny, epochs=100), images))
    assert steps == [find_gomp({}) is not None] * progress.step
    run.close()
    assert not teams[0].asleep
