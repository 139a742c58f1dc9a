"""Who is ahead, G or D, as the name of a sentence: thresholds on D's mean verdicts, in one table.

The thresholds come from the shipped run (checkpoints/history.csv, 200 epochs). Its gap D(x) - D(G(z)) was above 0.56 in
a quarter of the epochs, below 0.34 in the last thirty, and never as small as 0.15; its D(G(z)) always lay between 0.05
and 0.5. At D(G(z)) = 0.05, the minimax loss leaves G a tenth of the gradient that it has at balance, since
log(1 - D) changes with the logit by -D (Goodfellow et al. 2014, section 3).
"""

from collections.abc import Callable, Sequence

from playground.metrics import LEAST_RECOGNISED, least_count

WINS, FOOLED = 0.05, 0.5  # of D(G(z))
ONE_SIDED, EVEN, GUESSING = 0.56, 0.34, 0.15  # of D(x) - D(G(z))

Verdicts = Callable[[float, float], bool]  # whether a sentence holds for mean verdicts D(x) and D(G(z)), 0 to 1

SENTENCES: tuple[tuple[str, Verdicts], ...] = (  # the first that holds is shown
    ("detective_wins", lambda real, fake: fake < WINS),
    ("forger_ahead", lambda real, fake: fake >= FOOLED and real - fake < EVEN),
    ("detective_guesses", lambda real, fake: real - fake < GUESSING),
    ("even", lambda real, fake: real - fake < EVEN),
    ("detective_leads", lambda real, fake: real - fake < ONE_SIDED),
    ("detective_far_ahead", lambda real, fake: True),
)

PROBABILITIES = ("non-saturating", "minimax")  # losses with which D(x) is a probability that x is real


def stand(loss: str, d_real: float, d_fake: float) -> str:
    """The name of the sentence for mean verdicts D(x) and D(G(z)), 0 to 1.

    It is `critic` for a `loss` with which D gives no probabilities.
    """
    if loss not in PROBABILITIES:
        return "critic"
    return next(name for name, holds in SENTENCES if holds(d_real, d_fake))


def missing(counts: Sequence[int], recognisable: float, digits: Sequence[int]) -> list[int]:
    """Those of the `digits` in the training data that G does not draw, by the judge's `counts` of all ten.

    None where the share of `recognisable` drawings (0 to 1) is so small that the counts say nothing.
    """
    if recognisable < LEAST_RECOGNISED:
        return []
    least = least_count(sum(counts))
    return [digit for digit in digits if counts[digit] < least]
