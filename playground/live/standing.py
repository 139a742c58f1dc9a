"""Who is ahead, as the name of a sentence: thresholds on D's mean verdicts, in one table.

They are read off the shipped run (checkpoints/history.csv, 200 epochs): the gap D(x) - D(G(z)) of its most one-sided
quarter of epochs begins at 0.56, of its last thirty ends below 0.34, and never fell to 0.15; D(G(z)) never fell to 0.05
or rose to 0.5. At 0.05 the lecture's formula would leave G a tenth of the gradient that it has at balance, since
log(1 - D) changes with the logit by -D (Goodfellow et al. 2014, section 3).
"""

from collections.abc import Callable, Sequence

from playground.metrics import LEAST_RECOGNISED, least_count

WINS, FOOLED = 0.05, 0.5  # of D(G(z))
ONE_SIDED, EVEN, GUESSING = 0.56, 0.34, 0.15  # of D(x) - D(G(z))

Verdicts = Callable[[float, float], bool]  # mean D(x) and D(G(z)), 0 to 1, to whether the sentence is true

SENTENCES: tuple[tuple[str, Verdicts], ...] = (  # the first that is true is said
    ("detective_wins", lambda real, fake: fake < WINS),
    ("forger_ahead", lambda real, fake: fake >= FOOLED and real - fake < EVEN),
    ("detective_guesses", lambda real, fake: real - fake < GUESSING),
    ("even", lambda real, fake: real - fake < EVEN),
    ("detective_leads", lambda real, fake: real - fake < ONE_SIDED),
    ("detective_far_ahead", lambda real, fake: True),
)

PROBABILITIES = ("non-saturating", "minimax")  # losses whose D(x) is the chance that it calls x real


def stand(loss: str, d_real: float, d_fake: float) -> str:
    """The name of the sentence for mean verdicts D(x) and D(G(z)); `critic` where the loss gives no probabilities."""
    if loss not in PROBABILITIES:
        return "critic"
    return next(name for name, holds in SENTENCES if holds(d_real, d_fake))


def missing(counts: Sequence[int], recognisable: float, digits: Sequence[int]) -> list[int]:
    """Which of the `digits` learnt from G does not draw (any more), by a census of ten counts."""
    if recognisable < LEAST_RECOGNISED:
        return []
    least = least_count(sum(counts))
    return [digit for digit in digits if counts[digit] < least]
