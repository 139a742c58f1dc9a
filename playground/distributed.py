"""One run in several processes: each computes its own rows of every batch, and all end up with the same networks.

`torchrun` starts the processes, here or on several machines, and tells each its place by the environment. Every process
draws the random numbers of the whole batch and uses those of its rows. So a run does not depend on how many there are.

torch's own DistributedDataParallel is not used: it counts every process alike, also one that has fewer rows, and it
needs the network's `forward`, which the losses do without.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from playground.devices import has_cuda
from playground.dropout import dropout
from playground.state import TrainState

__all__ = ["Share", "Team", "TeamLost", "join"]


class TeamLost(RuntimeError):
    """Another process of the run has ended, so this one cannot go on either."""


class Share:
    """The rows of a batch that this process computes. This class is for a process that is alone: all rows."""

    def rows(self, batch: torch.Tensor) -> torch.Tensor:
        """Our rows of a whole batch."""
        return batch

    def drop(self, units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
        """Dropout (`dropout.dropout`) of our rows' units."""
        return dropout(units, p, rng)

    def uniform(self, rows: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        """A random number from 0 to 1 for each of our `rows` (N x anything): N x 1."""
        return torch.rand(len(rows), 1, generator=rng, device=rows.device)

    def add_up(self, means: Sequence[torch.Tensor]) -> None:
        """Replace means over our rows by those over the whole batch, in place."""


class Part(Share):
    """Some rows, `first` to `end`, of a batch of `whole` rows.

    A process for which there is no row computes the first one too, and its result counts nothing: a mean over no rows
    would be no number.
    """

    def __init__(self, whole: int, first: int, end: int) -> None:
        self.whole, self.weight = whole, (end - first) / whole
        self.own = slice(first, end) if end > first else slice(0, 1)

    def rows(self, batch: torch.Tensor) -> torch.Tensor:
        return batch[self.own]

    def drop(self, units: torch.Tensor, p: float, rng: torch.Generator) -> torch.Tensor:
        """The units are of our rows, or of our real rows and then of our forged ones."""
        if not p:
            return units
        halves = len(units) // (self.own.stop - self.own.start)
        mask = dropout(units.new_ones(halves * self.whole, units.shape[1]), p, rng)
        return units * mask.view(halves, self.whole, -1)[:, self.own].reshape(units.shape)

    def uniform(self, rows: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        return torch.rand(self.whole, 1, generator=rng, device=rows.device)[self.own]

    def add_up(self, means: Sequence[torch.Tensor]) -> None:
        """All in one message, since each costs a wait. The sum is the same to the bit in every process."""
        flat = torch.cat([mean.flatten() for mean in means]).mul_(self.weight)
        with _together():
            dist.all_reduce(flat)
        for mean, part in zip(means, flat.split([mean.numel() for mean in means]), strict=True):
            mean.copy_(part.view_as(mean))


class Team:
    """The `size` processes of a run, of which this is number `rank`, from 0; number 0 writes the files.

    `restarted`: torchrun has started them anew, since one of them had ended.
    """

    def __init__(self, rank: int = 0, size: int = 1, restarted: bool = False) -> None:
        self.rank, self.size, self.restarted = rank, size, restarted

    def share(self, count: int) -> Share:
        """Our part of a batch of `count` rows: the parts follow one another and differ by one row at most."""
        if self.size == 1:
            return Share()
        return Part(count, count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def check(self, state: TrainState) -> None:
        """Raises ValueError for what several processes cannot train."""
        if self.size == 1:
            return
        config, several = state.config, f"with {self.size} processes"
        if config.norm == "batch":
            raise ValueError(f"norm: got 'batch', allowed {several} is 'none': each process sees only its own rows")
        if config.seconds is not None:
            raise ValueError(f"seconds: got {config.seconds:g}, allowed {several} are epochs or steps: clocks differ")
        if state.device.type not in ("cpu", "cuda"):
            raise ValueError(f"device: got {state.device.type!r}, allowed {several} are 'cpu' and 'cuda'")
        if state.device.type == "cuda" and _local_rank() >= torch.cuda.device_count():
            gpus = torch.cuda.device_count()
            raise ValueError(f"device: got 'cuda', allowed with more processes than GPUs (here {gpus}) is 'cpu'")

    def hand_out(self, state: TrainState | None) -> TrainState:
        """Number 0 gives its state to the others, which need not see its folder; returns it in every process."""
        if self.size == 1 and state is not None:
            return state
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.safetensors"
            if state is not None:
                state.save(path)
            content = [path.read_bytes() if state is not None else b""]
            with _together():
                dist.broadcast_object_list(content)
            if state is None:
                path.write_bytes(content[0])
                state = TrainState.load(path)
            return state


@contextmanager
def join(environment: Mapping[str, str] = os.environ) -> Iterator[Team]:
    """The team that torchrun's environment tells of; a process that torchrun did not start is alone.

    On CPUs they talk by gloo, on GPUs by NCCL, each process with a GPU of its own.
    """
    size = int(environment.get("WORLD_SIZE", 1)) if "RANK" in environment else 1
    if size == 1:
        yield Team()
        return
    if has_cuda() and _local_rank() < torch.cuda.device_count():
        torch.cuda.set_device(_local_rank())
    start = int(environment.get("TORCHELASTIC_RESTART_COUNT", 0))
    with _together():
        _meet(start)
    try:
        yield Team(dist.get_rank(), size, start > 0)
    finally:
        dist.destroy_process_group()


def _meet(start: int) -> None:
    """Join the group of the processes that torchrun started for the `start`-th time, from 0.

    Every start leaves its addresses under names of its own: torchrun keeps one store for all starts, so a process
    that was started again could read, and call, the address of one that has ended.
    """
    store, rank, size = next(rendezvous("env://"))
    # without a backend's name it takes gloo for tensors on the CPU, NCCL for those on a GPU
    dist.init_process_group(store=PrefixStore(f"start {start}", store), rank=rank, world_size=size)


def _local_rank() -> int:
    """This process's number on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", 0))


@contextmanager
def _together() -> Iterator[None]:
    """Where the processes talk, every error means that another one is gone. Raises TeamLost."""
    try:
        yield
    except RuntimeError as error:  # torch has no narrower class that both gloo and NCCL raise
        reason = str(error).splitlines()[0]
        raise TeamLost(f"another process of this run has ended, so this one ends too ({reason})") from None
