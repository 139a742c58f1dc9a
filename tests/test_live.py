import threading

import pytest

from playground import live
from playground.live import LONGEST_RUN, MOST_POINTS, Curve, LineFull, Studio, check_work
from playground.training import ConfigError, TrainConfig, TrainState


@pytest.fixture(autouse=True)
def little_data(monkeypatch, images):
    monkeypatch.setattr(live, "load_mnist", lambda: (images, None))
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)


@pytest.fixture
def endless(tiny):
    from dataclasses import replace

    return replace(tiny, epochs=100_000)


class Gate:
    """Makes a run's first state when it is opened, and tells when the run has come that far."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, config):
        self.reached.set()
        assert self.opened.wait(60)
        return TrainState(config)


def test_a_run_trains_to_its_end_and_shows_itself(tiny):
    run = Studio().begin(tiny)
    run.join(60)
    assert (run.phase, run.step, run.epoch, run.fraction) == ("finished", 21, 2, 1.0)
    assert run.over and run.error is None and run.state.step == 21
    assert [point[0] for point in run.curve.points] == list(range(1, 22))
    assert run.drawings.shape == (64, 28, 28) and run.images_per_second > 0


def test_a_halted_run_keeps_what_it_learnt(endless):
    run = Studio().begin(endless)
    while run.step < 5:
        assert not run.over
    run.halt()
    run.join(60)
    assert run.phase == "stopped" and run.state.step == run.step >= 5 and run.drawings is not None


def test_runs_take_turns_in_the_order_they_came(tiny):
    studio, gate = Studio(), Gate()
    first = studio.begin(tiny, gate)
    assert gate.reached.wait(60)
    second, third = studio.begin(tiny), studio.begin(tiny)
    assert [run.place for run in (first, second, third)] == [0, 1, 2]
    assert (second.phase, second.step) == ("waiting", 0)
    gate.opened.set()
    for run in (first, second, third):
        run.join(60)
        assert run.phase == "finished"


def test_who_leaves_the_line_lets_the_others_move_up(tiny):
    studio, gate = Studio(), Gate()
    studio.begin(tiny, gate)
    assert gate.reached.wait(60)
    second, third = studio.begin(tiny), studio.begin(tiny)
    second.halt()
    second.join(60)
    assert (second.phase, second.state, third.place) == ("left", None, 1)
    gate.opened.set()
    third.join(60)
    assert third.phase == "finished"


def test_a_run_that_fails_says_why_and_frees_the_machine(tiny):
    def fails(config):
        raise RuntimeError("CUDA out of memory")

    studio = Studio()
    bad = studio.begin(tiny, fails)
    bad.join(60)
    assert bad.phase == "failed" and "out of memory" in str(bad.error) and bad.over
    good = studio.begin(tiny)
    good.join(60)
    assert good.phase == "finished"


def test_a_run_that_diverges_keeps_its_last_good_networks(tiny, monkeypatch):
    import playground.training as training

    whole = training.generator_loss
    monkeypatch.setattr(
        training, "generator_loss", lambda state, *a: whole(state, *a) * (float("nan") if state.step == 4 else 1)
    )
    run = Studio().begin(tiny)
    run.join(60)
    assert (run.phase, run.step, run.state.step) == ("failed", 4, 4)
    assert all(weight.isfinite().all() for weight in run.state.generator.parameters())
    assert run.error.__traceback__ is None  # its frames would keep the run's memory


def test_a_full_line_and_too_long_a_step_are_refused(tiny, monkeypatch):
    monkeypatch.setattr(live, "MOST_IN_LINE", 2)
    studio, gate = Studio(), Gate()
    runs = [studio.begin(tiny, gate), studio.begin(tiny)]
    with pytest.raises(LineFull):
        studio.begin(tiny)
    with pytest.raises(ConfigError, match="batch_size: got 2048, allowed is a whole number from 1 to") as caught:
        studio.begin(TrainConfig(batch_size=2048, k=10))
    studio_limit = int(caught.value.limits["high"])
    check_work(TrainConfig(batch_size=studio_limit, k=10))
    with pytest.raises(ConfigError):
        check_work(TrainConfig(widths_g=(4096,) * 8, widths_d=(4096,) * 8))
    gate.opened.set()
    for run in runs:
        run.join(60)


def test_no_run_is_longer_than_the_longest(tiny):
    from dataclasses import replace

    with pytest.raises(ConfigError, match="seconds: got"):
        Studio().begin(replace(tiny, seconds=LONGEST_RUN + 1))
    run = Studio().begin(tiny)
    assert run.config.seconds == LONGEST_RUN
    run.join(60)


def test_a_curve_stays_small_and_true():
    curve = Curve()
    for step in range(10_000):
        curve.add((step, 2.0, step / 10_000, 0.5, 0.5))
    assert MOST_POINTS / 2 <= len(curve.points) < MOST_POINTS and len(curve.all_points) == 10_000
    steps = [point[0] for point in curve.points]
    assert steps == sorted(steps) and steps[0] < 100 and steps[-1] > 9_900
    assert all(point[1] == 2.0 for point in curve.points)
    assert all(point[2] == pytest.approx(point[0] / 10_000) for point in curve.points)
