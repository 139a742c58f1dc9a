"""Measures a run every few seconds while it trains: its drawings, its census, its Frechet distance."""

import time
from functools import lru_cache

import torch

from playground.checkpoints import CheckpointError
from playground.data import DataError, choose_digits, load_mnist, normalise
from playground.live.record import Measure, Record
from playground.live.standing import VANISHES
from playground.live.views import draw, look, slopes_on
from playground.metrics import Examiner, census, load_judge
from playground.shipped import CHECKPOINTS
from playground.state import TrainState

LOOK_EVERY = 1.0  # seconds between two looks at the drawings and verdicts
CENSUS_EVERY = 5.0  # seconds between two counts of the digits
FRECHET_EVERY = 30.0  # seconds between two Frechet distances
REAL_SHOWN = 128  # real images that D judges at each look
CENSUS_OF, FRECHET_OF = 256, 2000  # drawings that are measured
FEW = 1000  # images to learn from: so few G may learn by heart, which is measured


class Watch:
    """Fills the record of one run with what is seen of it. Works in the run's own thread."""

    def __init__(self, record: Record, images: torch.Tensor) -> None:
        """`images` are those that the run learns from: uint8, N x 28 x 28."""
        self.record = record
        self.real = normalise(images[:REAL_SHOWN])
        self.few = normalise(images) if len(images) <= FEW else None
        self._looked = self._last = float("-inf")
        self._counted = self._measured = time.monotonic()
        if record.origin != "scratch":  # trained networks: what had they drawn before?
            self._counted = float("-inf")

    def glance(self, state: TrainState) -> None:
        """Look and measure, as far as the time for each has come."""
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._look(state)
            self._looked = now
        if now - self._counted >= CENSUS_EVERY:
            distance = now - self._measured >= FRECHET_EVERY
            self.record.measures += measure(state, distance, self.few)
            self._counted = self._last = now
            self._measured = now if distance else self._measured

    def conclude(self, state: TrainState, distance: bool) -> None:
        """Look and measure when the run pauses or ends; the Frechet `distance` takes a tenth of a second."""
        self._look(state)
        if self.record.measures and time.monotonic() - self._last < CENSUS_EVERY / 2:
            self.record.measures.pop()  # the same once more: a digit that is missing by chance would be so twice
        self.record.measures += measure(state, distance, self.few)

    def _look(self, state: TrainState) -> None:
        self.record.see(look(state, self.real))
        if state.config.loss == VANISHES:
            self.record.add_slopes(slopes_on(state))


def measure(state: TrainState, distance: bool, learnt: torch.Tensor | None = None) -> list[Measure]:
    """What is found in G's drawings, as a list of one; empty where the judge's file or MNIST is missing.

    The Frechet `distance` compares FRECHET_OF drawings with the test images of the digits that the run learns. With so
    few drawings it is higher than in history.csv, where 10,000 were compared. `learnt` are the images that the run
    learns from (-1 to 1) where it is to be measured how near the drawings are to those.
    """
    examiner = _examiner(tuple(sorted(set(state.config.digits))))
    if examiner is None:
        return []
    forger = state.forger()
    drawings = draw(forger, CENSUS_OF)
    found = census(examiner.examine(drawings)[1])
    return [
        Measure(
            state.step,
            found.counts,
            found.recognisable,
            examiner.measure(forger, FRECHET_OF).frechet if distance else None,
            examiner.spread(drawings),
            examiner.variety(drawings),
            None if learnt is None else examiner.nearness(drawings, learnt),
        )
    ]


@lru_cache(maxsize=4)
def _examiner(digits: tuple[int, ...]) -> Examiner | None:
    try:
        return Examiner(load_judge(CHECKPOINTS / "judge.safetensors"), choose_digits(*load_mnist(train=False), digits))
    except (CheckpointError, DataError):  # a run can train without
        return None
