"""Looks at a run now and then, no oftener than it can spare: its drawings, its census, its Frechet distance."""

import time
from functools import lru_cache

import torch

from playground.checkpoints import CheckpointError
from playground.data import DataError, choose_digits, load_mnist, normalise
from playground.live.record import Measure, Record
from playground.live.views import draw, look
from playground.metrics import Examiner, census, load_judge
from playground.shipped import CHECKPOINTS
from playground.state import TrainState

LOOK_EVERY = 1.0  # seconds between two looks at the drawings and verdicts
CENSUS_EVERY = 5.0
FRECHET_EVERY = 30.0
BESIDE = 128  # real images that D judges beside the drawings
CENSUS_OF, FRECHET_OF = 256, 2000  # drawings


class Watch:
    """One run's watcher, in the run's own thread: what it sees goes into the record."""

    def __init__(self, record: Record, images: torch.Tensor) -> None:
        """`images`: the run's own, uint8, N x 28 x 28."""
        self.record = record
        self.real = normalise(images[:BESIDE])
        self._looked = float("-inf")
        self._counted = self._measured = time.monotonic()

    def glance(self, state: TrainState) -> None:
        """See what is due."""
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self.record.see(look(state, self.real))
            self._looked = now
        if now - self._counted >= CENSUS_EVERY:
            distance = now - self._measured >= FRECHET_EVERY
            self.record.measures += measure(state, distance)
            self._counted = now
            self._measured = now if distance else self._measured

    def conclude(self, state: TrainState, distance: bool) -> None:
        """See everything at the end of a leg; the Frechet `distance` where it is worth its tenth of a second."""
        self.record.see(look(state, self.real))
        self.record.measures += measure(state, distance)


def measure(state: TrainState, distance: bool) -> list[Measure]:
    """The judge's word on what G draws now, as a list of one; empty where the judge is missing.

    The Frechet `distance` is of 2,000 drawings to the test images of the digits learnt from; it comes out higher than
    that of the 10,000 in history.csv.
    """
    examiner = _examiner(tuple(sorted(set(state.config.digits))))
    if examiner is None:
        return []
    forger = state.forger()
    _, answers = examiner.examine(draw(forger, CENSUS_OF))
    found = census(answers)
    frechet = examiner.measure(forger, FRECHET_OF).frechet if distance else None
    return [Measure(state.step, found.counts, found.recognisable, frechet)]


@lru_cache(maxsize=4)
def _examiner(digits: tuple[int, ...]) -> Examiner | None:
    try:
        return Examiner(load_judge(CHECKPOINTS / "judge.safetensors"), choose_digits(*load_mnist(train=False), digits))
    except (CheckpointError, DataError):  # a run can do without
        return None
