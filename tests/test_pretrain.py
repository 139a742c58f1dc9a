import csv
import gzip
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, load_file

from playground import pretrain
from playground.checkpoints import ROLES, CheckpointError, load_network, read_header
from playground.data import PROJECT
from playground.metrics import Metrics
from playground.pretrain import Pretraining, first_losses, log_line, main, read_settings
from playground.training import Averages, TrainConfig, TrainState, train

SMALL = TrainConfig(batch_size=20, epochs=4, widths_g=(16,), widths_d=(16,), device="cpu")


class FakeExaminer:
    """Measures nothing, but differs from generator to generator."""

    @classmethod
    def open(cls, path):
        return cls()

    def measure(self, generator):
        return Metrics(generator.main[0].weight.sum().item(), 0.5, 10, 0.9)


@pytest.fixture(autouse=True)
def little_data(monkeypatch, images):
    monkeypatch.setattr(pretrain, "load_mnist", lambda: (images, None))
    monkeypatch.setattr(pretrain, "Examiner", FakeExaminer)


def rows(folder):
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]


def contents(folder):
    """Every file but history.csv, whose seconds differ; of safetensors, whose header has no order, the numbers."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "history.csv"]
    return {str(path.relative_to(folder)): content(path) for path in files}


def content(path):
    if path.suffix == ".gz":
        return {name: tensor.tolist() for name, tensor in load(gzip.decompress(path.read_bytes())).items()}
    if path.suffix != ".safetensors":
        return path.read_bytes()
    return {name: tensor.tolist() for name, tensor in load_file(path).items()}, read_header(path, 2**30).metadata


def test_a_run_leaves_all_its_files(tmp_path, capsys):
    Pretraining.fresh(tmp_path, SMALL).run()
    assert [row["epoch"] for row in rows(tmp_path)] == ["0", "1", "2", "3"]
    roles = [f"{role}{half}" for role in ROLES for half in (".safetensors", ".half.safetensors.gz")]
    kept = {f"epoch-{epoch:03d}/{role}" for epoch in (0, 2, 3) for role in roles}
    drawings = {f"drawings/epoch-{epoch:03d}.png" for epoch in range(4)}
    single = {"first-steps.csv", "directions.safetensors", "state.safetensors"}
    assert set(contents(tmp_path)) == kept | drawings | single
    assert "Epoch 3 of 4  G " in capsys.readouterr().out


def test_the_first_losses_lie_beside_a_run_and_repeat(tmp_path, images, monkeypatch):
    """Step by step, as the run itself makes them; another stream of random numbers gives others."""
    Pretraining.fresh(tmp_path, SMALL).run()
    with (tmp_path / "first-steps.csv").open(encoding="utf-8", newline="") as file:
        found = [[float(row["loss_g"]), float(row["loss_d"])] for row in csv.DictReader(file)]
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)  # each step alone
    expected = [[one.loss_g, one.loss_d] for one in train(replace(SMALL, steps=20), images)]
    assert found == [pytest.approx(pair, abs=1e-6) for pair in expected] and len(found) == 20
    others = first_losses(replace(SMALL, seed=1), images)
    assert abs(float(others[19][1]) - found[19][1]) > 1e-3


@pytest.mark.parametrize("where", ["in the first epoch", "before the first state", "in an epoch", "before a state"])
def test_a_stopped_run_goes_on_to_the_same_numbers(tmp_path, monkeypatch, where):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    monkeypatch.setattr(pretrain, "FIRST_STEPS", 3)  # fewer than before the stop
    Pretraining.fresh(whole, SMALL).run()
    run = Pretraining.fresh(broken, SMALL)
    with monkeypatch.context() as patch:
        stop_in = 0 if "first" in where else 2
        if where.endswith("epoch"):
            original = pretrain.train

            def stops(*args, **options):
                for progress in original(*args, **options):
                    if progress.epoch == stop_in:
                        raise KeyboardInterrupt
                    yield progress

            patch.setattr(pretrain, "train", stops)
        else:
            save = run.state.save
            patch.setattr(run.state, "save", lambda path: stop() if run.state.epoch == stop_in + 1 else save(path))
        with pytest.raises(KeyboardInterrupt):
            run.run()
    if "first" in where:  # there is no state to resume yet
        with pytest.raises(CheckpointError):
            Pretraining.resumed(broken, {})
        Pretraining.fresh(broken, SMALL).run()
    else:
        Pretraining.resumed(broken, {}).run()
    assert rows(broken) == rows(whole)
    assert contents(broken) == contents(whole)


def stop():
    raise KeyboardInterrupt


def test_a_folder_with_a_run_is_not_overwritten(tmp_path, capsys):
    Pretraining.fresh(tmp_path, SMALL).run()
    before = contents(tmp_path)
    assert main(["--out", str(tmp_path)]) == 1
    assert "--resume" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_nothing_to_resume_and_bad_options_are_one_line(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--resume"]) == 1
    assert main(["--out", str(tmp_path), "--epochs", "0"]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 2 and "state.safetensors" in lines[0] and lines[1].startswith("epochs: got 0")


def test_a_run_is_resumed_under_its_own_settings(tmp_path):
    Pretraining.fresh(tmp_path, SMALL).run()
    for change in ({"seed": 9}, {"precision": "bf16"}):
        with pytest.raises(ValueError, match=f"^{next(iter(change))}: got"):
            Pretraining.resumed(tmp_path, change)
    assert Pretraining.resumed(tmp_path, {}).config == SMALL
    longer = Pretraining.resumed(tmp_path, {"epochs": 6})
    longer.run()
    assert len(rows(tmp_path)) == 6 and longer.config.batch_size == 20


def test_the_log_line_is_the_lectures():
    assert log_line(7, 200, Averages(1.40672, 0.95157, 0, 0)) == "Epoch 7 of 200  G 1.4067  D 0.9516"


SCRIPT = """
import sys, torch
from playground import pretrain
from playground.metrics import Metrics
images = torch.arange(50 * 784).reshape(50, 28, 28).mul(37).remainder(256).to(torch.uint8)
pretrain.load_mnist = lambda: (images, None)
pretrain.Examiner = type("E", (), {"open": classmethod(lambda c, p: c()),
    "measure": lambda s, g: Metrics(g.main[0].weight.sum().item(), 0.5, 10, 0.9)})
config = pretrain.TrainConfig(batch_size=20, epochs=int(sys.argv[2]), widths_g=(16,), widths_d=(16,), device="cpu")
out, run = pretrain.Path(sys.argv[1]), pretrain.Pretraining
(run.resumed(out, {"epochs": config.epochs}) if len(sys.argv) > 3 else run.fresh(out, config)).run()
"""


@pytest.mark.slow
def test_a_killed_run_goes_on(tmp_path):
    """SIGKILL in the middle of many short epochs: no damaged file, and the same rows as a run in one go."""
    folder = tmp_path / "run"
    command = [sys.executable, "-c", SCRIPT, str(folder), "5000"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:  # wait until some epochs are done, however long that takes
        if line.startswith("Epoch 5 of"):
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    reached = len(rows(folder))
    assert 6 <= reached < 5000
    for target, options in ((folder, ["resume"]), (tmp_path / "whole", [])):
        run = [sys.executable, "-c", SCRIPT, str(target), str(reached + 3), *options]
        subprocess.run(run, cwd=PROJECT, check=True, capture_output=True)
    assert rows(folder) == rows(tmp_path / "whole") and len(rows(folder)) == reached + 3
    assert content(folder / "state.safetensors") == content(tmp_path / "whole" / "state.safetensors")


@pytest.mark.parametrize(("steps", "epochs"), [(7, 2), (6, 2)])  # in the third epoch of three batches, and before it
def test_a_budget_of_steps_is_kept_and_its_networks_are_those_at_its_end(tmp_path, capsys, steps, epochs):
    settings = tmp_path / "settings.json"
    settings.write_text(replace(SMALL, steps=steps, epochs=100_000).to_json())
    assert main(["--settings", str(settings), "--out", str(tmp_path / "run")]) == 0
    assert len(rows(tmp_path / "run")) == epochs
    assert f"the budget ended at step {steps}" in capsys.readouterr().out
    state = TrainState.load(tmp_path / "run" / "state.safetensors")
    last = tmp_path / "run" / f"epoch-{(steps - 1) // 3:03d}" / "generator.safetensors"
    saved = load_network(last).network.state_dict()
    assert all(torch.equal(saved[name], value) for name, value in state.forger().state_dict().items())
    assert (tmp_path / "run" / "directions.safetensors").exists()


def test_a_budget_of_seconds_ends_the_run(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(replace(SMALL, seconds=1, epochs=100_000).to_json())
    assert main(["--settings", str(settings), "--out", str(tmp_path / "run")]) == 0
    state = TrainState.load(tmp_path / "run" / "state.safetensors")
    assert state.step > 0 and len(rows(tmp_path / "run")) == state.epoch


def test_epochs_on_the_command_line_count_more_than_a_budget_of_the_settings(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(replace(SMALL, seconds=1, steps=1, epochs=100_000).to_json())
    assert main(["--settings", str(settings), "--epochs", "2", "--out", str(tmp_path / "run")]) == 0
    assert len(rows(tmp_path / "run")) == 2


def test_a_settings_file_of_the_page_is_taken_whole(tmp_path):
    path = tmp_path / "settings.json"
    config = TrainConfig(seconds=60, epochs=100_000, lr_g=1e-3, widths_g=(8, 9))
    path.write_text(config.to_json())
    assert TrainConfig(**read_settings(path)) == config
    path.write_text('{"epochs": 7, "k": 2}')
    assert TrainConfig(**read_settings(path)) == TrainConfig(epochs=7, k=2)
    for wrong in ("[]", "{", '{"k": 99}'):
        path.write_text(wrong)
        with pytest.raises(ValueError):
            read_settings(path)
    assert main(["--settings", str(path), "--out", str(tmp_path / "run")]) == 1
    assert not (tmp_path / "run").exists()
