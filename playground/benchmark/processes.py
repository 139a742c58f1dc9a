"""What two processes of one run cost and gain beside one, on this machine: real images a second, the same batches.

torchrun starts each turn anew and gives each process its threads. What is measured begins after a few steps.
"""

import os
import statistics
import subprocess
import sys
from dataclasses import replace

from playground.benchmark.engine import WARM_UP, engine_steps, images_per_second
from playground.data import PROJECT
from playground.distributed import join
from playground.training import TrainConfig

WAYS = {"one thread": (1, 1), "two threads": (1, 2), "two processes": (2, 1)}  # processes, and threads of each
BATCHES = (512, 2048)  # the lecture's, and the largest
RUN = [sys.executable, "-m", "torch.distributed.run", "--standalone"]


def compare_processes(config: TrainConfig, pairs: int, steps: int) -> None:
    """All ways in turn, pair by pair, for each batch; prints images a second, and the ratios with their medians."""
    for batch in BATCHES:
        config = replace(config, batch_size=batch)
        print(f"{config.precision}, batch {batch}, {steps} steps a turn, images a second")
        print("pair " + "".join(f"{name:>15s}" for name in WAYS) + "   of one thread   of two threads")
        ratios: tuple[list[float], list[float]] = ([], [])
        for pair in range(pairs):
            single, double, team = (_measure(config, steps, *way) for way in WAYS.values())
            ratios[0].append(team / single)
            ratios[1].append(team / double)
            speeds = "".join(f"{speed:15.0f}" for speed in (single, double, team))
            print(f"{pair:4d} {speeds} {ratios[0][-1]:15.2f} {ratios[1][-1]:16.2f}", flush=True)
        medians = [statistics.median(one) for one in ratios]
        print(f"median: {medians[0]:.2f} of one process with one thread, {medians[1]:.2f} of one with two threads")


def _measure(config: TrainConfig, steps: int, processes: int, threads: int) -> float:
    """Images a second of a run in so many processes, each with so many threads."""
    command = [*RUN, "--nproc-per-node", str(processes), "-m", __name__, config.to_json(), str(steps)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def work(config: TrainConfig, steps: int) -> None:
    """One process of a turn; number 0 prints the images a second of all together."""
    with join() as team:
        advance = engine_steps(config, team)
        advance(WARM_UP)
        speed = images_per_second(advance, steps, config.batch_size)
        if team.rank == 0:
            print(speed)


if __name__ == "__main__":
    work(TrainConfig.from_json(sys.argv[1].encode()), int(sys.argv[2]))
