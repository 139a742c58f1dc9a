"""How a run stands, as the name of a sentence: from D's verdicts, G's slope, and what was measured of the drawings.

The thresholds of the verdicts come from the shipped run (checkpoints/history.csv, 200 epochs). Its gap D(x) - D(G(z))
was above 0.6 in a quarter of the epochs, below 0.34 in the last thirty, and never as small as 0.25; its D(G(z)) always
lay between 0.05 and 0.5. At D(G(z)) = 0.05, the minimax loss leaves G a tenth of the gradient that it has at balance,
since log(1 - D) changes with the logit by -D (Goodfellow et al. 2014, section 3).
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from playground.live.record import Measure, Reading, Record
from playground.metrics import LEAST_RECOGNISED, LEAST_SHARE, least_count

WINS, FOOLED = 0.05, 0.5  # of D(G(z))
ONE_SIDED, EVEN, GUESSING = 0.6, 0.34, 0.15  # of D(x) - D(G(z))
VANISHED = 0.1  # of the slope of the lecture's loss under the same D; at balance both are the same
ALIKE = 0.28  # of the mean distance between real digits; those of one kind have 0.67 (ones) to 1
NARROW = 0.5  # of the distance from a real digit to the one most like it; a sound run soon has 0.6 and more
COPIES = 0.7  # of the distance from unseen real digits to those learnt from
READABLE = 0.5  # share of drawings that are digits
GREW_UP = 1500  # steps; a sound run draws digits long before
RECENT = 8  # readings that are averaged at least, about two seconds
LOOKS = 9  # at G's slope, about as many seconds
LATELY = 0.02  # share of the steps that is averaged: where an epoch is a step, so is a reading
DRAWN = 3 * LEAST_SHARE  # share of the recognisable drawings: a digit with so many had been learnt

VANISHES = "minimax"  # the loss that is flat where D is sure, so its slope is worth a look
FAILURES = ("diverged", "vanishing", "alike", "copies", "narrow", "blind")  # sentences that name one
PROBABILITIES = ("non-saturating", "minimax")  # losses with which D(x) is a probability that x is real


class Signs(NamedTuple):
    """What the sentences look at. None is what was not measured.

    `gap` is D(x) - D(G(z)) of the mean verdicts, `fake` D(G(z)). `slope` is G's over that of the lecture's loss.
    `spread` is the smaller one of the last two Measures; `variety`, `nearness` and `recognisable` are the last one's.
    """

    gap: float
    fake: float
    step: int = 0
    probable: bool = True
    diverged: bool = False
    slope: float | None = None
    spread: float | None = None
    variety: float | None = None
    nearness: float | None = None
    recognisable: float | None = None


Holds = Callable[[Signs], bool]


def _below(value: float | None, threshold: float) -> bool:
    return value is not None and value < threshold


SENTENCES: tuple[tuple[str, Holds], ...] = (  # the first that holds is shown
    ("diverged", lambda at: at.diverged),
    ("vanishing", lambda at: _below(at.slope, VANISHED)),
    ("alike", lambda at: _below(at.spread, ALIKE)),
    ("copies", lambda at: _below(at.nearness, COPIES)),
    ("narrow", lambda at: _below(at.variety, NARROW) and not _below(at.recognisable, READABLE)),
    ("critic", lambda at: not at.probable),
    ("detective_wins", lambda at: at.fake < WINS),
    ("blind", lambda at: at.probable and _unreadable(at) and at.step >= GREW_UP and at.gap < GUESSING),
    ("young", lambda at: _unreadable(at)),
    ("detective_guesses", lambda at: abs(at.gap) < GUESSING),
    ("forger_ahead", lambda at: at.gap < EVEN and at.fake >= FOOLED),
    ("even", lambda at: at.gap < EVEN),
    ("detective_leads", lambda at: at.gap < ONE_SIDED),
    ("detective_far_ahead", lambda at: True),
)


def _unreadable(at: Signs) -> bool:
    return _below(at.recognisable, LEAST_RECOGNISED)


def stand(at: Signs) -> str:
    """The name of the first sentence that holds."""
    return next(name for name, holds in SENTENCES if holds(at))


def signs(record: Record) -> Signs:
    """The signs of a run that has made a step."""
    verdicts, measure = recent(record), record.measures[-1] if record.measures else None
    return Signs(
        gap=verdicts.d_real - verdicts.d_fake,
        fake=verdicts.d_fake,
        step=record.step,
        probable=record.config.loss in PROBABILITIES,
        diverged=record.diverged,
        slope=_slope(record),
        spread=_spread(record),
        variety=measure.variety if measure else None,
        nearness=measure.nearness if measure else None,
        recognisable=measure.recognisable if measure else None,
    )


def _spread(record: Record) -> float | None:
    """The smaller of the last two: where rates are too high the drawings jump to another blot, and some come later."""
    return min((one.spread for one in record.measures[-2:] if one.spread is not None), default=None)


def _slope(record: Record) -> float | None:
    """G's slope over that of the lecture's loss: the median of the latest looks, between which it jumps."""
    if record.config.loss != VANISHES:  # a loss that was changed leaves old slopes
        return None
    ratios = [one.own / one.lecture for one in record.slopes[-LOOKS:] if one.lecture]
    return median(ratios) if ratios else None


def recent(record: Record) -> Reading:
    """The mean of the latest readings."""
    points = record.curve.all_points
    lately = sum(reading.step > (1 - LATELY) * points[-1].step for reading in points[-1000:])
    latest = points[-max(RECENT, lately) :]
    return Reading(*(sum(column) / len(latest) for column in zip(*latest, strict=True)))


def missing(counts: Sequence[int], recognisable: float, digits: Sequence[int]) -> list[int]:
    """Those of the `digits` in the training data that G does not draw, by the judge's `counts` of all ten.

    None where the share of `recognisable` drawings (0 to 1) is so small that the counts say nothing.
    """
    if recognisable < LEAST_RECOGNISED:
        return []
    least = least_count(sum(counts))
    return [digit for digit in digits if counts[digit] < least]


def lost(record: Record) -> list[int]:
    """The digits that G had drawn and draws no more: a collapse. Missing in the last two measures, to be sure."""
    last, before = record.measures[-2:], record.measures[:-2]
    drawn = {digit for measure in before for digit, share in enumerate(_shares(measure)) if share >= DRAWN}
    gone = [set(missing(measure.counts, measure.recognisable, record.config.digits)) for measure in last]
    return sorted(drawn.intersection(*gone)) if len(gone) == 2 else []


def _shares(measure: Measure) -> list[float]:
    """The share of each digit among the recognisable drawings; of too few, nothing."""
    if measure.recognisable < LEAST_RECOGNISED:
        return []
    return [count / sum(measure.counts) for count in measure.counts]


def failures(record: Record) -> list[str]:
    """All failures that the run shows now: sentences that name one, and "collapse" where digits were lost."""
    if not record.curve.all_points:
        return ["diverged"] * record.diverged
    at = signs(record)
    names = [name for name, holds in SENTENCES if name in FAILURES and holds(at)]
    return names + ["collapse"] * bool(lost(record))


def readable(record: Record) -> float:
    """The share of the run's drawings that the judge can read, as last measured; 0 before."""
    return record.measures[-1].recognisable if record.measures else 0.0


def healed(record: Record, sign: str) -> bool:
    """Whether a run that is to cure that failure does not show it, and draws what can be read."""
    return readable(record) >= READABLE and sign not in failures(record)
