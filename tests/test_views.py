"""What can be seen of a run: true, and without a trace in it."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from models.judge import CLASSES
from playground.data import normalise
from playground.latent import noises
from playground.live import watch
from playground.live.record import Record
from playground.live.standing import EVEN, FOOLED, GUESSING, ONE_SIDED, WINS, Signs, missing, stand
from playground.live.views import BINS, advice_on, draw, look, losses_on, slopes_on
from playground.losses import LOSSES
from playground.shipped import CHECKPOINTS
from playground.training import TrainState, train


@pytest.fixture
def state(tiny, images):
    state = TrainState(replace(tiny, norm="batch", average=0.5))
    list(train(replace(state.config, steps=5), images, state))
    return state


@pytest.fixture
def real(images):
    return normalise(images)


def test_looking_leaves_no_trace(tiny, images, real):
    for loss in LOSSES:
        config = replace(tiny, loss=loss, norm="batch")
        watched, alone = TrainState(config), TrainState(config)
        for step in range(1, 5):
            for state in (watched, alone):
                list(train(replace(config, steps=step), images, state))
            look(watched, real)
            losses_on(watched, real)
            if not LOSSES[loss].paired:
                slopes_on(watched)
        expected, found = alone._tensors(), watched._tensors()
        assert all(torch.equal(found[name], expected[name]) for name in expected), loss
        assert all(weight.requires_grad and weight.grad is None for weight in watched.discriminator.parameters())


def test_a_look_says_what_d_says(state, real):
    seen = look(state, real)
    drawings = draw(state.forger(), 64)
    with torch.no_grad():
        verdicts = state.discriminator.eval()(drawings).flatten()
        genuine = state.discriminator(real).flatten()
    assert torch.allclose(torch.tensor(seen.verdicts), verdicts, atol=1e-6)
    assert sum(seen.hist_fake) == 64 and sum(seen.hist_real) == len(real) and len(seen.hist_real) == BINS
    assert seen.hist_real[int(genuine[0] * BINS)] > 0
    assert Image.open(io.BytesIO(seen.sheet)).size == (224, 224)


@pytest.mark.parametrize("loss", LOSSES)
def test_advice_is_the_slope_of_gs_loss_by_each_pixel(tiny, images, real, loss):
    state = TrainState(replace(tiny, loss=loss, dropout=0.3))
    drawings = draw(state.forger(), 3).double()
    state.discriminator.double()
    advice = advice_on(state, drawings, real[:3].double())

    def loss_of(picture):
        fake = state.discriminator.eval().main[:-1](picture.view(1, -1)).float()
        beside = state.discriminator.main[:-1](real[1:2].double().flatten(1)).float() if LOSSES[loss].paired else None
        return LOSSES[loss].g(fake, beside).item()

    for pixel in ((3, 4), (20, 9)):
        nudged = [drawings[1].clone() for _ in range(2)]
        for picture, way in zip(nudged, (0.05, -0.05), strict=True):
            picture[0][pixel] += way
        slope = (loss_of(nudged[0]) - loss_of(nudged[1])) / 0.1
        assert advice[1][pixel].item() == pytest.approx(-slope, rel=0.15, abs=2e-6)


def test_advice_is_red_for_brighter_and_blue_for_darker(state, real):
    picture = np.array(Image.open(io.BytesIO(look(state, real).advice)))
    assert picture.shape == (56, 8 * 28, 3)
    drawings = draw(state.forger(), 64)[:8]
    wish = advice_on(state, drawings, real[:8]).permute(1, 0, 2).reshape(28, -1).numpy()
    strong = abs(wish) > 0.2 * abs(wish).max()
    red, blue = picture[28:, :, 0].astype(int), picture[28:, :, 2].astype(int)
    assert ((red > blue) == (wish > 0))[strong].all() and strong.sum() > 20


def test_losses_before_and_after_are_of_one_batch(state, real):
    first, second = losses_on(state, real[:8]), losses_on(state, real[:8])
    assert first == second and set(first) == {"loss_g", "loss_d", "d_real", "d_fake"}
    assert losses_on(state, real[8:16]) != first


def test_slopes_are_the_norm_of_gs_gradient_by_hand(tiny, images):
    """By the lecture's loss -log D(G(z)), and by log(1 - D(G(z))): with torch's own functions, without ours."""
    state = TrainState(replace(tiny, loss="minimax", dropout=0.3))
    list(train(replace(state.config, steps=3), images, state))
    found = slopes_on(state)
    verdicts = state.discriminator.eval()(state.generator.eval()(noises(0, 64, tiny.latent_dim)))
    for loss, slope in (((1 - verdicts).log().mean(), found.own), (-verdicts.log().mean(), found.lecture)):
        gradients = torch.autograd.grad(loss, list(state.generator.parameters()), retain_graph=True)
        assert slope == pytest.approx(torch.cat([each.flatten() for each in gradients]).norm().item(), rel=1e-3)
    assert found.step == 3


def test_only_a_loss_that_can_lose_its_slope_is_felt(tiny, images, monkeypatch):
    monkeypatch.setattr(watch, "_examiner", lambda digits: None)
    for loss, felt in (("minimax", 1), ("non-saturating", 0)):
        record = Record("A", replace(tiny, loss=loss))
        watch.Watch(record, images).conclude(TrainState(record.config), distance=False)
        assert len(record.slopes) == felt


def test_two_images_are_enough_to_look(tiny, images):
    for loss in LOSSES:
        assert look(TrainState(replace(tiny, loss=loss)), normalise(images[:2])).strength >= 0


def test_what_is_measured_twice_at_once_counts_once(state, images, monkeypatch):
    """A digit that is missing by chance would be missing twice, and so be lost."""
    clock = Clock()
    monkeypatch.setattr(watch, "time", clock)
    monkeypatch.setattr(watch, "_examiner", lambda digits: Answers())
    watcher = watch.Watch(Record("A", state.config, "199"), images)
    watcher.glance(state)  # networks that were trained before are measured at once
    assert len(watcher.record.measures) == 1
    clock.now += 0.1
    watcher.conclude(state, distance=False)
    assert len(watcher.record.measures) == 1
    clock.now += watch.CENSUS_EVERY
    watcher.conclude(state, distance=False)
    assert len(watcher.record.measures) == 2


def test_only_of_few_images_it_is_measured_how_near_the_drawings_are(state, images):
    many = torch.zeros(watch.FEW + 1, 28, 28, dtype=torch.uint8)
    assert watch.Watch(Record("A", state.config), many).few is None
    assert torch.equal(watch.Watch(Record("A", state.config), images).few, normalise(images))


def history():
    with (CHECKPOINTS / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(float(row["d_real"]), float(row["d_fake"])) for row in rows]


def test_the_standings_thresholds_are_those_of_the_shipped_run():
    gaps = [real - fake for real, fake in history()]
    assert np.quantile(gaps, 0.75) == pytest.approx(ONE_SIDED, abs=0.01)
    assert max(gaps[-30:]) < EVEN < max(gaps[-40:]) + 0.02
    assert min(gaps) > 0.25 > GUESSING
    assert min(fake for _, fake in history()) > WINS and max(fake for _, fake in history()) < FOOLED


def test_the_shipped_runs_last_epochs_are_even():
    assert {stand(Signs(real - fake, fake)) for real, fake in history()[-30:]} == {"even"}


def test_digits_are_missing_only_where_they_were_learnt_and_something_is_recognised():
    counts = [30, 30, 0, 30, 30, 30, 30, 30, 1, 0]
    assert missing(counts, 0.8, range(10)) == [2, 8, 9]
    assert missing(counts, 0.8, (2, 3)) == [2]
    assert missing(counts, 0.1, range(10)) == []


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


class Answers:
    """An examiner that calls every drawing a 3."""

    def examine(self, drawings):
        answers = torch.zeros(len(drawings), CLASSES)
        answers[:, 3] = 1
        return None, answers

    def spread(self, drawings):
        return 0.9

    def variety(self, drawings):
        return 0.5

    def nearness(self, drawings, learnt):
        return len(learnt) / 100

    def measure(self, forger, samples):
        assert samples == watch.FRECHET_OF
        return type("M", (), {"frechet": 42.0})


def test_measuring_keeps_to_its_times(state, images, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(watch, "time", clock)
    monkeypatch.setattr(watch, "_examiner", lambda digits: Answers())
    record = Record("A", state.config)
    watcher = watch.Watch(record, images)
    looks = 0
    for tenth in range(700):  # 70 seconds
        before = record.look
        watcher.glance(state)
        looks += record.look is not before
        clock.now += 0.1
    assert 70 / watch.LOOK_EVERY * 0.8 < looks <= 70 / watch.LOOK_EVERY + 1
    assert 12 <= len(record.measures) <= 14
    assert sum(one.frechet is not None for one in record.measures) == 2
    assert record.measures[0].counts[3] == watch.CENSUS_OF and record.measures[0].recognisable == 1
    first = record.measures[0]
    assert (first.spread, first.variety, first.nearness) == (0.9, 0.5, len(images) / 100)
    watcher.conclude(state, distance=False)
    assert record.measures[-1].frechet is None and record.look.step == state.step
    watcher.conclude(state, distance=True)
    assert record.measures[-1].frechet == 42.0


def test_a_run_goes_on_without_a_judge(state, images, monkeypatch, tmp_path):
    watch._examiner.cache_clear()
    monkeypatch.setattr(watch, "CHECKPOINTS", tmp_path)
    assert watch.measure(state, distance=True) == []
    watcher = watch.Watch(Record("A", state.config, "199"), images)
    watcher.glance(state)
    watcher.conclude(state, distance=True)  # at once: there is no measure to replace
    assert watcher.record.look.step == state.step and watcher.record.measures == []
    watch._examiner.cache_clear()
