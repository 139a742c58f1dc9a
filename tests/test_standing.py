"""Who is ahead: each sentence at the very edge of its range, and which digits are missing."""

import pytest

from playground.live.standing import missing, stand
from playground.losses import LOSSES
from playground.metrics import least_count

EDGES = [  # mean D(x), mean D(G(z)), the sentence
    (0.9, 0.049, "detective_wins"), (0.06, 0.05, "detective_guesses"), (0.9, 0.05, "detective_far_ahead"),
    (0.0, 0.0, "detective_wins"), (0.05, 0.049, "detective_wins"),
    (0.5, 0.5, "forger_ahead"), (0.5, 0.49, "detective_guesses"), (0.4, 0.9, "forger_ahead"),
    (0.83, 0.5, "forger_ahead"), (0.85, 0.5, "detective_leads"),
    (0.34, 0.2, "detective_guesses"), (0.36, 0.2, "even"), (0.53, 0.2, "even"), (0.55, 0.2, "detective_leads"),
    (0.75, 0.2, "detective_leads"), (0.77, 0.2, "detective_far_ahead"),
    (0.2, 0.3, "detective_guesses"), (1.0, 0.3, "detective_far_ahead"), (1.0, 1.0, "forger_ahead"),
]  # fmt: skip


@pytest.mark.parametrize(("real", "fake", "sentence"), EDGES)
def test_every_sentence_ends_where_the_next_begins(real, fake, sentence):
    assert stand("non-saturating", real, fake) == stand("minimax", real, fake) == sentence


def test_a_gap_of_exactly_a_threshold_belongs_to_the_side_of_d():
    """The three thresholds are 0.15, 0.34 and 0.56; D(G(z)) is 0.25, so that the gaps are exact in binary."""
    for threshold, below, at in (
        (0.15, "detective_guesses", "even"), (0.34, "even", "detective_leads"),
        (0.56, "detective_leads", "detective_far_ahead"),
    ):  # fmt: skip
        real = 0.25 + threshold
        assert stand("minimax", real - 1e-9, 0.25) == below
        assert real - 0.25 >= threshold and stand("minimax", real, 0.25) == at


@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in ("non-saturating", "minimax")])
def test_where_d_gives_no_probabilities_nobody_is_ahead(loss):
    assert {stand(loss, real, fake) for real in (0.0, 0.5, 1.0) for fake in (0.0, 0.5, 1.0)} == {"critic"}


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
