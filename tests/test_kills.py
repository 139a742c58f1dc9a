"""SIGKILL at moments that nobody chose: no damaged file, and what was kept is gone on from.

The suite kills a live run that saves twice, `pytest -m slow` kills it and `pretrain` ten times each, and
`python tests/test_kills.py 50` fifty times in all.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from runs import KEY

from playground.checkpoints import load_network
from playground.data import PROJECT
from playground.history import read_history
from playground.live.store import Store
from playground.state import TrainState

COMMON = """
import sys, time, torch
from playground import pretrain
from playground.metrics import Metrics
images = torch.arange(50 * 784).reshape(50, 28, 28).mul(37).remainder(256).to(torch.uint8)
config = pretrain.TrainConfig(batch_size=20, epochs=100_000, widths_g=(256,), widths_d=(256,), device="cpu")
"""
PRETRAIN = (
    COMMON
    + """
pretrain.load_mnist = lambda: (images, None)
pretrain.Examiner = type("E", (), {"open": classmethod(lambda c, p: c()),
    "measure": lambda s, g: Metrics(g.main[0].weight.sum().item(), 0.5, 10, 0.9)})
out = pretrain.Path(sys.argv[1])
begun = (out / "state.safetensors").exists()
run = pretrain.Pretraining.resumed(out, {}) if begun else pretrain.Pretraining.fresh(out, config)
print("begun", flush=True)
run.run()
"""
)
LIVE = (
    COMMON
    + """
from playground.live import run as runs
from playground.live.line import Line
from playground.live.store import Store
from playground.live.workshop import Workshop
runs.load_mnist, runs.choose_digits, runs.SAVE_EVERY = lambda: (images,), lambda images, *chosen: images, 0.0
runs.Watch = type("W", (), {"__init__": lambda *_: None, "glance": lambda *_: None, "conclude": lambda *_, **__: None})
workshop = Workshop(Line(), Store(pretrain.Path(sys.argv[1])))
shelf = workshop.store.shelf(sys.argv[2])
if shelf.points:
    run = workshop.go_on(sys.argv[2], shelf.points[-1], config)
else:
    run = workshop.start(sys.argv[2], config)
print("begun", flush=True)
while not run.over:
    run.seen()
    time.sleep(0.05)
raise SystemExit(f"it ended by itself: {run.error!r}")
"""
)


def kill_once(script: str, folder: Path, wait: float) -> None:
    """Start a program, let it work for `wait` seconds, and kill it."""
    process = subprocess.Popen([sys.executable, "-c", script, str(folder), KEY], cwd=PROJECT,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    try:
        assert process.stdout.readline() == "begun\n", "it did not come up"
        with pytest.raises(subprocess.TimeoutExpired):  # else it ended by itself
            process.wait(wait)
    finally:  # also where the test's own time is over
        process.kill()
        process.wait()


def check_pretrain(folder: Path) -> int:
    """Every file whole, the history without a gap, the state no further than it; returns the epochs so far."""
    for path in folder.glob("epoch-*/*.safetensors"):
        load_network(path)
    rows = read_history(folder)
    assert [row["epoch"] for row in rows] == list(range(len(rows)))
    if (folder / "state.safetensors").exists():
        assert TrainState.load(folder / "state.safetensors").epoch in (len(rows), len(rows) - 1)
    assert len(list(folder.rglob(".*"))) <= 1, "what a kill left half-written is cleared by the next start"
    return len(rows)


def check_live(folder: Path) -> int:
    """Every point that the store knows is whole; returns the last one's step."""
    store = Store(folder)
    points = store.shelf(KEY).points
    steps = [store.state(KEY, point).step for point in points]
    assert steps == [point.step for point in points]
    return max(steps, default=0)


CHECKS = {PRETRAIN: check_pretrain, LIVE: check_live}


def attack(script: str, folder: Path, kills: int, dice: random.Random) -> list[int]:
    """Kill, check, go on; returns how far each leg came: epochs or steps.

    On a busy machine a few legs more, each twice as long, until one has left what the next could go on from.
    """
    reached = []
    while len(reached) < kills or (reached[-1] < 2 and len(reached) < kills + 10):
        kill_once(script, folder, dice.uniform(0.05, 1.5) * 2 ** max(0, len(reached) - kills + 1))
        reached.append(CHECKS[script](folder) if folder.exists() else 0)
    return reached


@pytest.mark.parametrize(("script", "kills"), [
    pytest.param(LIVE, 2, id="a live run"),
    pytest.param(LIVE, 10, id="a live run again and again", marks=pytest.mark.slow),
    pytest.param(PRETRAIN, 10, id="pretrain", marks=pytest.mark.slow),
])  # fmt: skip
def test_it_survives_being_killed(tmp_path, script, kills):
    reached = attack(script, tmp_path / "run", kills, random.Random(1))
    assert reached == sorted(reached) and reached[-1] > 1


if __name__ == "__main__":
    for script in (PRETRAIN, LIVE):
        with tempfile.TemporaryDirectory() as home:
            legs = attack(script, Path(home) / "run", int(sys.argv[1]) // 2, random.Random())
            assert legs == sorted(legs), legs
            print(f"{len(legs)} kills of {'pretrain' if script == PRETRAIN else 'a live run'}: {legs}", flush=True)
