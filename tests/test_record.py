import json
from dataclasses import replace
from itertools import pairwise

import pytest

from playground.live.record import MOST_FRAMES, MOST_POINTS, Curve, Mark, Measure, Reading, Record, unlike
from playground.live.record import settings as settings_of
from playground.live.views import Look
from playground.presets import PRESETS
from playground.training import TrainConfig


def a_look(step):
    return Look(step, b"sheet %d" % step, (0.5,) * 64, (1,) * 20, (2,) * 20, b"advice", 0.25)


def test_a_curve_stays_small_and_true():
    curve = Curve()
    for step in range(10_000):
        curve.add(Reading(step, 2.0, step / 10_000, 0.5, 0.5))
    assert MOST_POINTS / 2 <= len(curve.points) < MOST_POINTS and len(curve.all_points) == 10_000
    steps = [reading.step for reading in curve.points]
    assert steps == sorted(steps) and steps[0] < 100 and steps[-1] > 9_900
    assert all(reading.loss_g == 2.0 for reading in curve.points)
    assert all(reading.loss_d == pytest.approx(reading.step / 10_000) for reading in curve.points)


def test_a_film_stays_short_and_spans_the_run():
    record = Record("A", TrainConfig())
    for step in range(1000):
        record.see(a_look(step))
    steps = [step for step, _ in record.film]
    assert MOST_FRAMES / 2 <= len(steps) < MOST_FRAMES and steps[0] == 0 and steps[-1] > 980
    assert len({b - a for a, b in pairwise(steps)}) == 1


def test_a_record_is_the_same_after_its_journey_as_json():
    record = Record("B", PRESETS["one_digit"], "A:7", 7, 1, 2, 3.5, 9, 1, departs={"lr_d": 0.1, "digits": [3]})
    record.curve.add(Reading(9, 1.0, 2.0, 0.5, 0.25))
    record.marks.append(Mark(8, "loss", "hinge", "minimax"))
    record.measures.append(Measure(9, tuple(range(10)), 0.5, 99.0))
    record.see(a_look(9))
    assert Record.from_json(record.to_json()) == record
    for broken in ("", "[]", "{}", json.dumps({**json.loads(record.to_json()), "config": {"k": 99}})):
        with pytest.raises((ValueError, KeyError, TypeError)):
            Record.from_json(broken)


def test_what_remains_is_what_is_left_of_the_budget():
    timed = Record("A", TrainConfig(seconds=60), spent=45.0)
    assert timed.remaining().seconds == 15 and timed.fraction(118) == 0.75
    timed.spent = 60.0
    timed.grant(118)
    assert timed.remaining().seconds == 60 and timed.fraction(118) == 0.5
    stepped = Record("B", TrainConfig(steps=100), begun_step=500, step=550)
    assert stepped.remaining().steps == 600 and stepped.fraction(118) == 0.5
    counted = Record("C", TrainConfig(epochs=10), begun_epoch=3, begun_step=354, step=354)
    assert counted.remaining().epochs == 13 and counted.fraction(118) == 0


def test_changes_leave_marks_of_what_may_change_only():
    record = Record("A", TrainConfig(), step=12)
    record.change(replace(record.config, lr_g=1e-3, seed=5))
    assert record.marks == [Mark(12, "lr_g", 2e-4, 1e-3)] and record.config.seed == 5


def test_a_run_knows_what_it_began_with():
    config = TrainConfig(seed=3)
    record = Record("A", config)
    for step, settings in ((5, {"lr_g": 0.1}), (9, {"lr_g": 0.2, "k": 2})):
        record.step = step
        record.change(replace(record.config, **settings))
    assert record.config.lr_g == 0.2 and record.begun == settings_of(config)
    fork = Record("B", record.config, "A:9", step=9, departs={"k": 3, "digits": [1, 2]})
    fork.change(replace(fork.config, k=3, digits=(1, 2)))
    fork.step = 12
    fork.change(replace(fork.config, k=4))
    assert (fork.begun["k"], fork.begun["lr_g"], fork.begun["digits"]) == (3, 0.2, [1, 2])


def test_what_is_unlike_is_told_without_budget_and_place():
    own, other = TrainConfig(k=2, seed=4, seconds=9, device="cpu", digits=(1,)), TrainConfig(epochs=3)
    found = unlike(settings_of(own), settings_of(other))
    assert list(found.items()) == [("k", 2), ("digits", [1]), ("seed", 4)]  # what may change comes first
    assert unlike(settings_of(own), settings_of(own)) == {}
