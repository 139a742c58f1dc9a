"""What is said of real runs: of each epoch of the shipped one, and of four on the live tab.

Which sentence is right was judged by eye from the sheets and the curves: static or one picture for all noises, no
digits yet, readable but repeated, and else who is ahead by D(x) and D(G(z)).
"""

import numpy as np
import pytest
import torch
from PIL import Image
from runs import finish

from playground.data import load_mnist, normalise
from playground.history import read_history
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Order
from playground.live.standing import Signs, signs, stand
from playground.metrics import Examiner, load_judge
from playground.recipes import RECIPES
from playground.shipped import CHECKPOINTS

# The shipped run, from the first to the last epoch of each line. The sheets: one picture for all noises until epoch 2,
# two kinds of blots until 6, one picture again until 17, then two or three shapes and here and there a digit; from 39
# on digits, in 47, 50 and 51 a few of them again and again. The curves: D's gap is widest around 35 and closes from 74.
SHIPPED = [
    (0, 2, "alike"), (3, 6, "young"), (7, 17, "alike"), (18, 27, "young"), (28, 29, "detective_far_ahead"),
    (30, 32, "young"), (33, 33, "detective_far_ahead"), (34, 36, "young"), (37, 37, "detective_far_ahead"),
    (38, 38, "young"), (39, 46, "detective_far_ahead"), (47, 47, "narrow"), (48, 49, "detective_far_ahead"),
    (50, 51, "narrow"), (52, 53, "detective_far_ahead"), (54, 54, "detective_leads"), (55, 73, "detective_far_ahead"),
    (74, 75, "detective_leads"), (76, 76, "detective_far_ahead"), (77, 155, "detective_leads"), (156, 157, "even"),
    (158, 161, "detective_leads"), (162, 199, "even"),
]  # fmt: skip

# Recorded on the live tab with seed 0: step, D(x) - D(G(z)), D(G(z)), spread, variety, recognisable, the sentence.
# None: the variety was not measured yet.
RECORDED = {
    "Classroom": [  # grey clouds after some seconds, soon digits; D's verdicts stay near 0.5
        (205, 0.02, 0.52, 0.52, None, 0.02, "young"), (339, 0.025, 0.517, 0.639, None, 0.277, "detective_guesses"),
        (437, 0.028, 0.511, 0.71, 0.603, 0.523, "detective_guesses"),
        (883, 0.055, 0.486, 0.83, 0.727, 0.891, "detective_guesses"),
        (2288, 0.082, 0.466, 0.952, 0.921, 0.949, "detective_guesses"),
        (8942, 0.06, 0.472, 1.031, 1.028, 0.953, "detective_guesses"),
    ],
    "Classroom with a rate of 0.05 for G": [  # broken strokes, more and more of them ones, and D surer and surer
        (353, 0.137, 0.432, 0.663, 0.48, 0.109, "young"), (693, 0.213, 0.382, 0.815, 0.7, 0.105, "young"),
        (1051, 0.405, 0.285, 0.889, 0.788, 0.277, "detective_leads"), (1453, 0.58, 0.2, 0.917, 0.803, 0.191, "young"),
        (2224, 0.768, 0.111, 0.883, 0.755, 0.293, "detective_far_ahead"),
        (4690, 0.878, 0.058, 0.79, 0.636, 0.391, "detective_far_ahead"),
        (5554, 0.926, 0.036, 0.741, 0.602, 0.441, "detective_wins"),
    ],
    "D wins": [  # static, now and then the same for all noises
        (589, 0.943, 0.032, 1.02, 0.181, 0.0, "detective_wins"), (1176, 1.0, 0.0, 0.134, 0.031, 0.0, "alike"),
        (2294, 0.999, 0.001, 0.26, 0.06, 0.0, "alike"), (5243, 0.998, 0.001, 0.466, 0.328, 0.0, "detective_wins"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def examiner():
    return Examiner(load_judge(CHECKPOINTS / "judge.safetensors"), load_mnist(train=False)[0])


def drawings_of(epoch: int) -> torch.Tensor:
    sheet = torch.from_numpy(np.array(Image.open(CHECKPOINTS / "drawings" / f"epoch-{epoch:03d}.png")))
    return normalise(sheet).view(8, 28, 8, 28).permute(0, 2, 1, 3).reshape(64, 1, 28, 28)


def test_each_epoch_of_the_shipped_run_is_told_what_it_shows(examiner):
    rows = read_history()
    assert [epoch for first, last, _ in SHIPPED for epoch in range(first, last + 1)] == list(range(len(rows)))
    for first, last, sentence in SHIPPED:
        for row in rows[first : last + 1]:
            drawings = drawings_of(int(row["epoch"]))
            at = Signs(
                row["d_real"] - row["d_fake"],
                row["d_fake"],
                step=118 * (int(row["epoch"]) + 1),
                spread=examiner.spread(drawings),
                variety=examiner.variety(drawings),
                recognisable=row["recognisable"],
            )
            assert stand(at) == sentence, row["epoch"]


@pytest.mark.parametrize("run", RECORDED)
def test_a_recorded_run_is_told_what_it_shows(run):
    for step, gap, fake, spread, variety, recognisable, sentence in RECORDED[run]:
        at = Signs(gap, fake, step=step, spread=spread, variety=variety)
        assert stand(at._replace(recognisable=recognisable)) == sentence, step


def test_an_sgd_that_diverges_is_told_so():
    """It takes a moment, so it is run: rates of 1 break the losses within a few steps."""
    run = finish(Line().join(Order(Record("A", RECIPES["diverged"].config), watched=True)))
    assert run.record.step < 20 and stand(signs(run.record)) == "diverged"


def test_over_noise_nobody_is_told_that_the_forger_is_ahead():
    """Before the drawings were measured Classroom was told so for its first twenty seconds."""
    assert stand(Signs(0.03, 0.51, step=100, spread=0.5, recognisable=0.0)) == "young"
