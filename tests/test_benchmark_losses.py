"""The benchmark that compares the engine's losses with the lecture's: its runs, its file, its arithmetic."""

import csv
from dataclasses import replace

import pytest
import torch

from playground.benchmark import losses as benchmark
from playground.data import normalise
from playground.dropout import dropout
from playground.training import TrainConfig, train


@pytest.fixture
def few(monkeypatch, images):
    """Two epochs of a few images, instead of three of MNIST."""
    monkeypatch.setattr(benchmark, "_images", lambda: images)
    monkeypatch.setattr(benchmark, "EPOCHS", 2)
    return images


CONFIG = TrainConfig(batch_size=16)


@pytest.mark.parametrize("way", benchmark.WAYS)
def test_each_way_gives_both_mean_losses_of_each_epoch_and_again_the_same(few, way):
    means = benchmark.WAYS[way](CONFIG, 3)
    assert len(means) == 2 and all(len(pair) == 2 and min(pair) > 0 for pair in means)
    assert means == benchmark.WAYS[way](CONFIG, 3) != benchmark.WAYS[way](CONFIG, 4)


def test_the_engines_means_are_those_of_its_epochs(few):
    run = train(replace(CONFIG, epochs=2, seed=1), few)
    expected = [list(progress.epoch_means[:2]) for progress in run if progress.epoch_means]
    assert benchmark.engine_means(CONFIG, 1) == expected


def test_our_dropout_stands_in_the_lectures_network():
    network = benchmark.with_our_dropout(benchmark.Discriminator(), 5)
    layers = [layer for layer in network.main if "Dropout" in type(layer).__name__]
    assert len(layers) == 3 and not any(isinstance(layer, torch.nn.Dropout) for layer in layers)
    units, rng = torch.ones(4, 1024), torch.Generator().manual_seed(5)
    assert torch.equal(layers[0](units), dropout(units, layers[0].p, rng))


def test_the_lecture_sees_every_image_once_an_epoch(few):
    batches = [batch for (batch,) in benchmark._loader(16)]
    seen = torch.cat(batches).squeeze(1)
    assert len(seen) == len(few)
    assert torch.equal(seen.flatten(1).sum(1).sort().values, normalise(few).flatten(1).sum(1).sort().values)


def test_a_stopped_measurement_goes_on(monkeypatch, tmp_path, capsys):
    path, run = tmp_path / "losses.csv", []

    class Here:
        """Does at once what a pool would do in other processes."""

        def __init__(self, *_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, act, way, config, seed):
            run.append((way, seed))
            return type("Done", (), {"result": lambda self: [[1.0 + seed, 2.0]] * benchmark.EPOCHS})()

    monkeypatch.setattr(benchmark, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(benchmark, "as_completed", list)
    benchmark.compare_losses(CONFIG, 1, path)
    benchmark.compare_losses(CONFIG, 3, path)
    assert sorted(run) == sorted((way, seed) for way in benchmark.WAYS for seed in range(3))
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(benchmark.WAYS) * benchmark.EPOCHS
    assert "| 0 | G | lecture | 2.000 | 1.000 | 3 |  |" in capsys.readouterr().out


def test_the_table_says_how_many_standard_errors_apart():
    rows = [
        {"way": way, "seed": seed, "epoch": "2", "loss_g": str(mean + seed), "loss_d": "1"}
        for way, mean in (("lecture", 5.0), ("engine", 4.0))
        for seed in (-1, 0, 1)
    ]
    lines = benchmark.table(rows).splitlines()
    assert "| 2 | G | lecture | 5.000 | 1.000 | 3 |  |" in lines
    assert "| 2 | G | engine | 4.000 | 1.000 | 3 | -1.2 |" in lines  # 1 / sqrt(1/3 + 1/3)
    assert not any("dropout" in line for line in lines)  # of fewer than three runs a spread says nothing
