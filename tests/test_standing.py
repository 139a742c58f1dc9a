"""How a run stands: each sentence at the very edge of its range, the failures, and which digits are missing or lost."""

from dataclasses import replace

import pytest

from playground.live.record import Measure, Reading, Record
from playground.live.standing import (
    ALIKE,
    COPIES,
    GREW_UP,
    NARROW,
    SENTENCES,
    VANISHED,
    Signs,
    failures,
    healed,
    lost,
    missing,
    readable,
    recent,
    signs,
    stand,
)  # fmt: skip
from playground.live.views import Slopes
from playground.losses import LOSSES
from playground.metrics import least_count
from playground.training import TrainConfig

EDGES = [  # mean D(x), mean D(G(z)), the sentence
    (0.9, 0.049, "detective_wins"), (0.06, 0.05, "detective_guesses"), (0.9, 0.05, "detective_far_ahead"),
    (0.0, 0.0, "detective_wins"), (0.05, 0.049, "detective_wins"),
    (0.5, 0.5, "detective_guesses"), (0.5, 0.49, "detective_guesses"), (0.4, 0.9, "forger_ahead"),
    (0.54, 0.51, "detective_guesses"), (0.7, 0.5, "forger_ahead"), (0.66, 0.49, "even"),
    (0.83, 0.5, "forger_ahead"), (0.85, 0.5, "detective_leads"),
    (0.34, 0.2, "detective_guesses"), (0.36, 0.2, "even"), (0.53, 0.2, "even"), (0.55, 0.2, "detective_leads"),
    (0.75, 0.2, "detective_leads"), (0.81, 0.2, "detective_far_ahead"),
    (0.2, 0.3, "detective_guesses"), (1.0, 0.3, "detective_far_ahead"), (1.0, 1.0, "detective_guesses"),
]  # fmt: skip
GOOD = Signs(0.3, 0.4, step=1000, spread=0.9, variety=0.6, recognisable=0.9)


@pytest.mark.parametrize(("real", "fake", "sentence"), EDGES)
def test_every_sentence_of_verdicts_ends_where_the_next_begins(real, fake, sentence):
    assert stand(Signs(real - fake, fake)) == stand(GOOD._replace(gap=real - fake, fake=fake)) == sentence


def test_a_gap_of_exactly_a_threshold_belongs_to_the_side_of_d():
    for threshold, below, at in (
        (0.15, "detective_guesses", "even"), (0.34, "even", "detective_leads"),
        (0.6, "detective_leads", "detective_far_ahead"),
    ):  # fmt: skip
        assert stand(Signs(threshold - 1e-9, 0.25)) == below
        assert stand(Signs(threshold, 0.25)) == at


UNREADABLE = GOOD._replace(recognisable=0.19)


@pytest.mark.parametrize(("at", "sentence"), [
    (GOOD, "even"),
    (GOOD._replace(diverged=True, slope=0.0), "diverged"),
    (GOOD._replace(slope=VANISHED - 1e-9), "vanishing"), (GOOD._replace(slope=VANISHED), "even"),
    (UNREADABLE._replace(spread=ALIKE - 1e-9, fake=0.0), "alike"), (GOOD._replace(spread=ALIKE), "even"),
    (GOOD._replace(nearness=COPIES - 1e-9), "copies"), (GOOD._replace(nearness=COPIES), "even"),
    (GOOD._replace(variety=NARROW - 1e-9), "narrow"), (GOOD._replace(variety=NARROW), "even"),
    (GOOD._replace(variety=NARROW - 1e-9, recognisable=0.49), "even"),  # few ways, but hardly anything to read yet
    (GOOD._replace(probable=False), "critic"), (UNREADABLE._replace(probable=False), "critic"),
    (UNREADABLE, "young"), (UNREADABLE._replace(gap=0.9, fake=0.04), "detective_wins"),
    (UNREADABLE._replace(gap=0.0), "young"), (UNREADABLE._replace(gap=0.0, step=GREW_UP - 1), "young"),
    (UNREADABLE._replace(gap=0.0, step=GREW_UP), "blind"), (UNREADABLE._replace(gap=0.15, step=GREW_UP), "young"),
    (GOOD._replace(gap=0.0, step=GREW_UP), "detective_guesses"),
])  # fmt: skip
def test_what_was_measured_is_said_before_who_is_ahead(at, sentence):
    assert stand(at) == sentence


def test_every_sentence_is_said_somewhere():
    said = {stand(Signs(real - fake, fake)) for real, fake, _ in EDGES}
    measured = {"diverged", "vanishing", "alike", "copies", "narrow", "critic", "blind", "young"}
    assert said | measured == {name for name, _ in SENTENCES} and not said & measured


def record_of(*measures: Measure, **settings) -> Record:
    record = Record("A", TrainConfig(**settings), measures=list(measures), step=2000)
    for step in range(1, 13):  # the last eight are averaged
        record.curve.add(Reading(step, 1.0, 1.0, 0.8 if step > 4 else 0.0, 0.2 if step > 4 else 0.0))
    return record


def measure(counts=(20,) * 10, recognisable=0.8, **more) -> Measure:
    return Measure(1, tuple(counts), recognisable, **{"spread": 0.9, "variety": 0.6, **more})


def test_the_signs_of_a_run_are_its_latest():
    record = record_of(measure(spread=0.1), measure(nearness=0.6), loss="minimax")
    record.add_slopes(Slopes(1, 3.0, 4.0))
    record.add_slopes(Slopes(2, 1.0, 4.0))
    found = signs(record)
    assert (found.gap, found.fake) == pytest.approx((0.6, 0.2))
    assert found[2:] == (2000, True, False, 0.5, 0.1, 0.6, 0.6, 0.8)
    assert signs(record_of())[5:] == (None,) * 5


def test_a_slope_counts_while_the_loss_can_lose_it():
    for loss, slope in (("minimax", 0.25), ("non-saturating", None)):
        record = record_of(measure(), loss=loss)
        record.add_slopes(Slopes(1, 1.0, 4.0))
        assert signs(record).slope == slope
    record = record_of(measure(), loss="minimax")
    record.add_slopes(Slopes(1, 0.0, 0.0))  # a dead G: no loss is to blame
    assert signs(record).slope is None


def test_a_run_that_goes_on_has_not_diverged():
    record = replace(record_of(measure()), diverged=True)
    record.change(replace(record.config, lr_g=1e-4))
    assert failures(record) == []


def test_where_an_epoch_is_a_step_the_last_steps_are_averaged():
    record = Record("A", TrainConfig())
    for step in range(1, 1001):
        record.curve.add(Reading(step, 1.0, 1.0, 0.5, 0.1 if step > 980 else 0.9))
    assert recent(record).d_fake == pytest.approx(0.1)
    record.curve.add(Reading(1001, 1.0, 1.0, 0.5, 0.5))
    assert 0.1 < recent(record).d_fake < 0.15


def test_of_a_run_without_a_step_only_divergence_is_known():
    assert failures(Record("A", TrainConfig())) == []
    assert failures(Record("A", TrainConfig(), diverged=True)) == ["diverged"]


def test_a_cured_run_is_readable_and_without_that_failure():
    assert healed(record_of(measure(recognisable=0.5)), "alike") and readable(record_of(measure())) == 0.8
    assert not healed(record_of(measure(recognisable=0.49)), "alike")
    assert not healed(record_of(measure(spread=0.1)), "alike") and healed(record_of(measure(spread=0.1)), "copies")
    assert not healed(record_of(), "alike")


def test_where_d_gives_no_probabilities_nobody_is_ahead():
    for loss in LOSSES:
        said = {stand(signs(record_of(measure(), loss=loss)))}
        assert said == ({"detective_far_ahead"} if loss in ("non-saturating", "minimax") else {"critic"})


def test_a_digit_is_missing_below_one_percent_of_the_recognised_drawings():
    assert missing([50, 50, 2, 1, 0, 50, 50, 50, 50, 50], 1.0, range(10)) == [2, 3, 4]  # of 353 one percent is 3.53
    assert missing([91, *[1] * 9], 1.0, range(10)) == []  # one of a hundred is just enough
    assert missing([92, *[1] * 9], 1.0, range(10)) == list(range(1, 10))


def test_of_a_few_drawings_one_is_enough():
    assert missing([1, 0, 3, 0, 0, 0, 0, 0, 0, 0], 1.0, (0, 1, 2)) == [1]
    assert (least_count(0), least_count(100), least_count(101), least_count(1000)) == (1, 1, 1.01, 10)


def test_a_census_says_nothing_while_hardly_any_drawing_is_recognised():
    counts = [20, *[0] * 9]
    assert missing(counts, 0.2, range(3)) == [1, 2]
    assert missing(counts, 0.199, range(3)) == []


ALL, FEW, NONE = (10,) * 10, (10, 10, 10, 70, 0, 0, 0, 0, 0, 0), (0,) * 10


def test_a_digit_is_lost_that_had_been_drawn_and_is_missing_twice():
    assert lost(record_of(measure(ALL), measure(FEW), measure(FEW))) == [4, 5, 6, 7, 8, 9]
    assert lost(record_of(measure(ALL), measure(FEW), measure(ALL))) == []
    assert lost(record_of(measure(ALL), measure(FEW))) == []  # missing once: chance
    assert lost(record_of(measure(FEW), measure(FEW), measure(FEW))) == []  # never drawn


def test_only_digits_that_are_learnt_can_be_lost():
    three = record_of(measure(ALL), measure(FEW), measure(FEW), digits=(3, 4))
    assert lost(three) == [4]


def test_what_is_drawn_now_and_then_or_cannot_be_read_was_not_lost():
    rare = (70, 26, 2, 2, 0, 0, 0, 0, 0, 0)
    assert lost(record_of(measure(rare), measure((70, *[0] * 9)), measure((70, *[0] * 9)))) == [1]
    assert lost(record_of(measure(ALL), measure(NONE, 0.0), measure(NONE, 0.0))) == []
    assert lost(record_of(measure(ALL, 0.19), measure(FEW), measure(FEW))) == []


def test_all_failures_of_a_run_are_found():
    assert failures(record_of(measure())) == []
    assert failures(record_of(measure(spread=0.1), measure(spread=0.1, nearness=0.1))) == ["alike", "copies"]
    assert failures(record_of(measure(ALL), measure(FEW), measure(FEW))) == ["collapse"]
    assert failures(replace(record_of(measure()), diverged=True)) == ["diverged"]


def test_two_measures_are_looked_at_for_drawings_that_are_all_alike():
    record = Record("A", TrainConfig(), step=400)
    record.curve.add(Reading(400, 1, 1, 0.6, 0.4))
    for spread, alike in ((0.9, False), (0.1, True), (0.4, True), (0.4, False)):  # they jump from blot to blot
        record.measures.append(Measure(400, (0,) * 10, 0.0, spread=spread))
        assert ("alike" in failures(record)) == alike
