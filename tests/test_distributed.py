"""One run in several processes: in threads that stand for them, which is quick, and under the real torchrun."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
import torch.distributed as dist
from runs import weights
from test_pretrain import rows

from playground import pretrain
from playground.data import PROJECT
from playground.distributed import Share, Team, TeamLost, join
from playground.losses import LOSSES
from playground.pretrain import main
from playground.training import TrainConfig, TrainState, train

STEPS = 20


class Desk:
    """Where threads that stand for processes meet: `all_reduce` adds up what they bring, in the order of the threads.

    Who breaks off lets the others go too.
    """

    def __init__(self, size):
        self.size, self.brought, self.gate = size, {}, threading.Barrier(size)
        self.place = threading.local()

    def all_reduce(self, tensor):
        self.brought[self.place.rank] = tensor.clone()
        self.gate.wait()
        total = sum(self.brought[rank] for rank in range(self.size))
        self.gate.wait()
        tensor.copy_(total)

    def losses(self, config, images, rank):
        """What one of the processes sees of a run: its numbers step by step, and its weights in the end."""
        self.place.rank = rank
        try:
            return losses(config, images, Team(rank, self.size))
        except BaseException:
            self.gate.abort()
            raise


def losses(config, images, team=None):
    """G's and D's loss and D's verdicts in each step (steps x 4), and all weights after the last."""
    state, seen = TrainState(config), []
    for step in range(config.steps):
        for progress in train(replace(config, steps=step + 1), images, state, **({"team": team} if team else {})):
            seen.append([progress.loss_g, progress.loss_d, progress.d_real, progress.d_fake])
    return torch.tensor(seen), weights(state)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize(("loss", "other"), [
    *((loss, {}) for loss in LOSSES),
    ("non-saturating", {"k": 2, "average": 0.9, "smoothing": 0.1, "dropout": 0.0}),
    ("non-saturating", {"batch_size": 1}),
])  # fmt: skip
def test_several_processes_see_the_losses_of_one(tiny, images, monkeypatch, size, loss, other):
    """The same order, noises and masks, whatever the rows are shared out to: the last batch of an epoch has two."""
    desk, config = Desk(size), replace(tiny, loss=loss, steps=STEPS, **other)
    monkeypatch.setattr(dist, "all_reduce", desk.all_reduce)
    alone, end = losses(config, images)
    with ThreadPoolExecutor(size) as pool:
        found = list(pool.map(desk.losses, [config] * size, [images] * size, range(size)))
    # A relativistic loss does not feel D's last bias. Adam makes whole steps of its gradient, which is rounding alone.
    bound = 2 * STEPS * config.lr_d if LOSSES[loss].paired else 1e-5
    for seen, trained in found:
        assert len(seen) == STEPS and (seen - alone)[:, :2].abs().max() < 1e-5
        assert (seen - alone)[:, 2:].abs().max() < bound
        assert torch.equal(trained, found[0][1]), "each process has the same networks to the bit"
        assert (trained - end).abs().max() < 10 * bound


def test_the_parts_of_a_batch_are_the_batch():
    for count, size in ((128, 2), (2, 3), (7, 3), (1, 4)):
        parts = [Team(rank, size).share(count) for rank in range(size)]
        assert sum(part.weight for part in parts) == pytest.approx(1)
        own = [row for part in parts if part.weight for row in part.rows(torch.arange(count)).tolist()]
        assert own == list(range(count))
        assert all(len(part.rows(torch.arange(count))) for part in parts), "a mean over no rows is no number"
    assert type(Team().share(7)) is Share


@pytest.mark.parametrize(("settings", "field"), [({"norm": "batch"}, "norm"), ({"seconds": 3.0}, "seconds")])
def test_what_a_team_cannot_train_is_refused_with_a_sentence(tiny, images, settings, field):
    with pytest.raises(ValueError, match=f"^{field}: got .*, allowed with 2 processes"):
        next(train(replace(tiny, **settings), images, team=Team(0, 2)))


def test_a_gpu_is_not_shared(tiny, monkeypatch):
    state = TrainState(tiny)
    for kind, message in (("mps", "allowed with 2 processes are 'cpu' and 'cuda'"), ("cuda", "more processes than")):
        state.device = torch.device(kind)
        with pytest.raises(ValueError, match=f"^device: got '{kind}', .*{message}"):
            Team(0, 2).check(state)


def test_who_is_alone_is_no_team():
    for environment in ({}, {"WORLD_SIZE": "2"}, {"RANK": "0", "WORLD_SIZE": "1"}):
        with join(environment) as team:
            assert (team.rank, team.size, team.restarted) == (0, 1, False)


def test_a_lost_process_is_said_in_one_line(tiny, images, monkeypatch):
    def lost(tensor):
        raise RuntimeError("Connection closed by peer\nat frame 7 ...")

    monkeypatch.setattr(dist, "all_reduce", lost)
    with pytest.raises(TeamLost, match=r"^another process of this run has ended, so this one ends too \(Conn[^\n]*\)$"):
        next(train(tiny, images, team=Team(0, 2)))


def test_the_judge_and_half_floats_are_one_processs_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrain, "join", lambda: nullcontext(Team(0, 2)))
    for what in ("judge", "halves"):
        assert main([what, "--out", str(tmp_path)]) == 1
        assert capsys.readouterr().err.startswith(f"{what}: allowed with 2 processes is the run alone")
    assert not list(tmp_path.iterdir())


SCRIPT = """
import os, sys, torch
from playground import pretrain
from playground.metrics import Metrics
images = torch.arange(50 * 784).reshape(50, 28, 28).mul(37).remainder(256).to(torch.uint8)
pretrain.load_mnist = lambda: (images, None)
pretrain.Examiner = type("E", (), {"open": classmethod(lambda c, p: c()),
    "measure": lambda s, g: Metrics(g.main[0].weight.sum().item(), 0.5, 10, 0.9)})
print("process", os.environ.get("RANK", "0"), os.getpid(), flush=True)
sys.exit(pretrain.main(sys.argv[1:]))
"""


class Folder:
    """A run in a folder of its own, started by torchrun or alone."""

    def __init__(self, home):
        self.home, self.out = home, home / "run"
        self.script, self.settings = home / "script.py", home / "settings.json"
        self.errors = home / "errors.txt"
        self.script.write_text(SCRIPT)
        self.settings.write_text(TrainConfig(batch_size=20, widths_g=(16,), widths_d=(16,), device="cpu").to_json())

    def start(self, size, *options, restarts=0):
        """The run in `size` processes, under torchrun where there are several."""
        torchrun = [*("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(size)),
                    *("--max-restarts", str(restarts))]  # fmt: skip
        command = [sys.executable, *(torchrun if size > 1 else ()), str(self.script), "--out", str(self.out), *options]
        return subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)},
                                stdout=subprocess.PIPE, stderr=self.errors.open("a"), text=True)  # fmt: skip

    def begin(self, size, epochs, **how):
        return self.start(size, "--settings", str(self.settings), "--epochs", str(epochs), **how)

    def finish(self, size, *options):
        """Run to the end."""
        with self.start(size, *options) as process:
            process.communicate()
        assert process.returncode == 0, self.errors.read_text()

    def numbers(self):
        """The history without its seconds: epochs x columns."""
        return torch.tensor([[float(number) for number in row.values()] for row in rows(self.out)])


def kill_one(process, rank):
    """Kill a process of a run as soon as three epochs are done."""
    members = {}
    for line in process.stdout:
        if line.startswith("process "):
            members[line.split()[1]] = int(line.split()[2])
        if line.startswith("Epoch 2 of"):
            break
    os.kill(members[rank], signal.SIGKILL)


@pytest.mark.slow
def test_under_torchrun_two_processes_write_the_history_of_one(tmp_path):
    histories = []
    for size in (1, 2):
        (tmp_path / str(size)).mkdir()
        run = Folder(tmp_path / str(size))
        run.finish(size, "--settings", str(run.settings), "--epochs", "7")
        histories.append(run.numbers())
    assert histories[0].shape == histories[1].shape and (histories[0] - histories[1]).abs().max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_a_run_that_was_killed_goes_on_also_in_another_number_of_processes(tmp_path, before, after):
    run = Folder(tmp_path)
    with run.begin(before, 100_000) as process:
        kill_one(process, str(before - 1))  # not the one that writes, where there are two
        process.communicate()
    assert process.returncode != 0, "all end with the one"
    reached = len(rows(run.out))
    assert reached >= 3
    whole = Folder(tmp_path)
    whole.out = tmp_path / "whole"
    shutil.copytree(run.out, whole.out)
    for folder, size in ((run, after), (whole, 1)):
        folder.finish(size, "--resume", "--epochs", str(reached + 3))
    assert len(run.numbers()) == reached + 3 and (run.numbers() - whole.numbers()).abs().max() < 1e-5


@pytest.mark.slow
def test_torchrun_starts_a_killed_run_again_and_it_goes_on(tmp_path):
    run = Folder(tmp_path)
    with run.begin(2, 150, restarts=1) as process:
        kill_one(process, "0")
        process.communicate()
    assert process.returncode == 0, run.errors.read_text()
    assert [row["epoch"] for row in rows(run.out)] == [str(epoch) for epoch in range(150)]
