"""Every loss as one computes it by hand: values and gradients."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from playground.losses import GRADIENT_PENALTY, LOSSES, ZERO_CENTRED, gradient_penalty, zero_centred
from playground.training import TrainState, train

REAL, FAKE = torch.tensor([[2.0], [-1.0]]), torch.tensor([[0.5], [3.0]])


def softplus(x):
    return math.log(1 + math.exp(x))


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def mean(function, *columns):
    return sum(map(function, *columns)) / len(columns[0])


R, F = [2.0, -1.0], [0.5, 3.0]
CROSS_ENTROPY = mean(lambda x: softplus(-x), R) + mean(softplus, F)
VALUES = {  # loss of D, loss of G, gradient of G's loss by each forged logit
    "non-saturating": (CROSS_ENTROPY, mean(lambda x: softplus(-x), F), [(sigmoid(x) - 1) / 2 for x in F]),
    "minimax": (CROSS_ENTROPY, -mean(softplus, F), [-sigmoid(x) / 2 for x in F]),
    "least-squares": (
        mean(lambda x: (x - 1) ** 2 / 2, R) + mean(lambda x: x**2 / 2, F),
        mean(lambda x: (x - 1) ** 2 / 2, F), [(x - 1) / 2 for x in F],
    ),
    "hinge": ((0 + 2) / 2 + (1.5 + 4) / 2, -1.75, [-0.5, -0.5]),
    "wgan-gp": (1.75 - 0.5, -1.75, [-0.5, -0.5]),
    "r3gan": (
        mean(lambda r, f: softplus(f - r), R, F), mean(lambda r, f: softplus(r - f), R, F),
        [-sigmoid(r - f) / 2 for r, f in zip(R, F, strict=True)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_by_hand(name):
    loss, (value_d, value_g, slope_g) = LOSSES[name], VALUES[name]
    fake = FAKE.clone().requires_grad_()
    assert loss.d(REAL, FAKE, 0.0).item() == pytest.approx(value_d, abs=1e-6)
    value = loss.g(fake, REAL if loss.paired else None)
    assert value.item() == pytest.approx(value_g, abs=1e-6)
    value.backward()
    assert fake.grad.flatten().tolist() == pytest.approx(slope_g, abs=1e-6)


def test_smoothing_wants_real_images_called_real_with_less():
    """Cross-entropy with the label 1 - s for real images, term by term."""
    s = 0.1
    wanted = mean(lambda x: -(1 - s) * math.log(sigmoid(x)) - s * math.log(1 - sigmoid(x)), R) + mean(softplus, F)
    assert LOSSES["non-saturating"].d(REAL, FAKE, s).item() == pytest.approx(wanted, abs=1e-6)
    least = mean(lambda x: (x - 1 + s) ** 2 / 2, R) + mean(lambda x: x**2 / 2, F)
    assert LOSSES["least-squares"].d(REAL, FAKE, s).item() == pytest.approx(least, abs=1e-6)


def uniform(images):
    return torch.rand(len(images), 1, generator=torch.Generator().manual_seed(4))


def test_penalties_by_hand():
    """A linear critic w x has the slope w everywhere; a square |x|^2 / 2 has the slope x."""
    critic = nn.Linear(2, 1, bias=False)
    nn.init.constant_(critic.weight, 2.0)
    real, fake = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 1.0]])
    penalty = gradient_penalty(critic, real, fake, uniform)
    assert penalty.item() == pytest.approx(GRADIENT_PENALTY * (math.sqrt(8) - 1) ** 2)
    penalty.backward()  # d/dw of 10 (|w| - 1)^2
    assert critic.weight.grad.tolist()[0] == pytest.approx([20 * (math.sqrt(8) - 1) * 2 / math.sqrt(8)] * 2)
    square = zero_centred(lambda x: (x**2).sum(1, keepdim=True) / 2, real, fake, uniform)
    assert square.item() == pytest.approx(ZERO_CENTRED / 2 * (25 + 1))


@pytest.mark.parametrize("name", LOSSES)
def test_balance_is_where_d_cannot_tell(name):
    """Both kinds of images get one logit, the one that D then chooses: its loss is least there."""
    loss, (level_d, level_g) = LOSSES[name], (level for level, _ in LOSSES[name].balance)
    same = {logit: torch.full((2, 1), logit) for logit in (-1.0, -0.5, 0.0, 0.5, 1.0)}
    best = min(same, key=lambda logit: (loss.d(same[logit], same[logit], 0.0).item(), abs(logit)))
    assert loss.d(same[best], same[best], 0.0).item() == pytest.approx(level_d, abs=1e-6)
    assert loss.g(same[best], same[best]).item() == pytest.approx(level_g, abs=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_both_players_learn_by_every_loss(tiny, images, name):
    config = replace(tiny, loss=name, epochs=2)
    state = TrainState(config)
    before = [weight.clone() for network in (state.generator, state.discriminator) for weight in network.parameters()]
    last = list(train(config, images, state))[-1]
    after = [weight for network in (state.generator, state.discriminator) for weight in network.parameters()]
    assert math.isfinite(last.loss_g) and math.isfinite(last.loss_d)
    unchanged = sum(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    by_difference = name in ("hinge", "wgan-gp", "r3gan")  # these move D's last bias by nothing, or now and then
    assert unchanged <= by_difference


def half_square(images: torch.Tensor) -> torch.Tensor:
    """|x|^2 / 2, whose slope is x: a penalty then tells the length of the x that it was taken at."""
    return (images**2).sum(1, keepdim=True) / 2


def test_the_gradient_penalty_looks_between_the_real_and_the_forged_image():
    real, fake = torch.tensor([[3.0]]), torch.tensor([[5.0]])
    share = torch.rand(1, 1, generator=torch.Generator().manual_seed(4)).item()
    penalty = gradient_penalty(half_square, real, fake, uniform)
    assert penalty.item() == pytest.approx(10 * (3 * share + 5 * (1 - share) - 1) ** 2, rel=1e-5)


def test_every_image_has_a_place_of_its_own_and_the_penalties_are_means():
    real, fake = torch.tensor([[3.0, 0.0], [0.0, 6.0]]), torch.tensor([[5.0, 0.0], [0.0, 9.0]])
    shares = torch.rand(2, 1, generator=torch.Generator().manual_seed(4)).flatten().tolist()
    lengths = [3 * shares[0] + 5 * (1 - shares[0]), 6 * shares[1] + 9 * (1 - shares[1])]
    penalty = gradient_penalty(half_square, real, fake, uniform)
    assert penalty.item() == pytest.approx(sum(10 * (length - 1) ** 2 for length in lengths) / 2, rel=1e-5)
    both = zero_centred(half_square, real, fake, uniform)
    assert both.item() == pytest.approx(5 * ((9 + 36) / 2 + (25 + 81) / 2))


def test_only_the_relativistic_loss_looks_at_real_images_and_two_losses_have_a_penalty():
    assert [name for name, loss in LOSSES.items() if loss.paired] == ["r3gan"]
    assert {name: loss.penalty for name, loss in LOSSES.items() if loss.penalty} == {
        "wgan-gp": gradient_penalty, "r3gan": zero_centred,
    }  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_balance_as_written_is_the_number(name):
    words = {"2 ln 2": 2 * math.log(2), "ln 2": math.log(2), "-ln 2": -math.log(2), "1/4": 0.25, "1/8": 0.125,
             "2": 2.0, "0": 0.0}  # fmt: skip
    assert [number for number, _ in LOSSES[name].balance] == [words[written] for _, written in LOSSES[name].balance]
