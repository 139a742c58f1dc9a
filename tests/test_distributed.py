"""One run in several processes: in threads that stand for them, which is quick, and under the real torchrun."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
import torch.distributed as dist
from runs import weights

from playground import pretrain
from playground.distributed import Share, Team, TeamLost, join
from playground.losses import LOSSES
from playground.pretrain import main
from playground.training import TrainState, train

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


def test_the_judge_and_the_noises_are_one_processs_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrain, "join", lambda: nullcontext(Team(0, 2)))
    for what in ("judge", "noises"):
        assert main([what, "--out", str(tmp_path)]) == 1
        assert capsys.readouterr().err.startswith(f"{what}: allowed with 2 processes is the run alone")
    assert not list(tmp_path.iterdir())
