import pytest
import torch

from models.gan import Generator
from models.judge import NOT_A_DIGIT
from playground.data import load_mnist, normalise
from playground.metrics import (
    CHUNK,
    SAMPLES,
    Examiner,
    census,
    distance_apart,
    distance_to,
    distance_to_next,
    load_judge,
)  # fmt: skip
from playground.shipped import CHECKPOINTS


@pytest.fixture(scope="module")
def examiner():
    return Examiner.open(CHECKPOINTS / "judge.safetensors")


@pytest.fixture(scope="module")
def digits():
    return normalise(load_mnist(train=False)[0])[:, None]


def accepted(examiner, images) -> float:
    return (examiner.examine(images)[1].argmax(1) != NOT_A_DIGIT).float().mean().item()


def test_the_judge_knows_its_digits(examiner, digits):
    answers = examiner.examine(digits)[1]
    assert (answers[:, :10].argmax(1) == load_mnist(train=False)[1]).float().mean() >= 0.992
    assert (answers.argmax(1) == NOT_A_DIGIT).float().mean() <= 0.015


NOT_DIGITS = {
    "gaussian": lambda digits, rng: torch.randn(500, 1, 28, 28, generator=rng),
    "gaussian, clipped": lambda digits, rng: torch.randn(500, 1, 28, 28, generator=rng).clamp(-1, 1),
    "uniform": lambda digits, rng: torch.rand(500, 1, 28, 28, generator=rng) * 2 - 1,
    "pixel-shuffled": lambda digits, rng: torch.stack(
        [image.flatten()[torch.randperm(784, generator=rng)].view(1, 28, 28) for image in digits[:500]]
    ),
    "averages of 20": lambda digits, rng: digits[torch.randint(10_000, (500, 20), generator=rng)].mean(1),
    "blank": lambda digits, rng: torch.linspace(-1, 1, 101)[:, None, None, None].expand(-1, 1, 28, 28),
    "inverted": lambda digits, rng: -digits[:1000],
    "untrained G": lambda digits, rng: torch.cat(
        [Generator()(torch.randn(50, 128, generator=rng)) for _ in range(10)]
    ).detach(),
}


@pytest.mark.parametrize("kind", NOT_DIGITS)
def test_the_judge_knows_what_is_no_digit(examiner, digits, kind):
    assert accepted(examiner, NOT_DIGITS[kind](digits, torch.Generator().manual_seed(11))) <= 0.02


def test_it_waits_for_no_other_process(monkeypatch):
    """In a team only one process measures. torchmetrics would let it wait until all do."""
    monkeypatch.setattr("torchmetrics.metric.jit_distributed_available", lambda: True)
    alone = Examiner(load_judge(CHECKPOINTS / "judge.safetensors"), load_mnist(train=False)[0][:200])
    assert alone.compare(normalise(load_mnist()[0][:200])[:, None]).digits == 10


def test_real_against_real_is_near_nothing(examiner, digits):
    same = examiner.compare(digits)
    assert abs(same.frechet) < 0.01 and same.digits == 10 and same.entropy > 0.99 and same.recognisable > 0.985
    others = examiner.compare(normalise(load_mnist()[0][:10_000])[:, None])
    assert 0 < others.frechet < 5


def test_distances_by_hand():
    corners = torch.zeros(4, 1, 28, 28)
    for image, (x, y) in zip(corners, ((0, 0), (3, 0), (0, 4), (3, 4)), strict=True):
        image[0, 0, 0], image[0, 5, 5] = x, y
    assert distance_apart(corners) == pytest.approx((3 + 3 + 4 + 4 + 5 + 5) / 6)
    assert distance_to_next(corners) == pytest.approx(3) and distance_to_next(corners[::2]) == pytest.approx(4)
    assert distance_to(corners[:2], corners[2:]) == pytest.approx(4)
    same = corners[:1].expand(5, -1, -1, -1)
    assert (distance_apart(same), distance_to_next(same)) == (0, 0)


def test_drawings_are_held_against_real_digits(examiner, digits):
    others = normalise(load_mnist()[0][:256])[:, None]
    assert examiner.spread(others) == pytest.approx(1, abs=0.1) and examiner.variety(others) == pytest.approx(
        1, abs=0.1
    )
    blot = digits[:1] + 0.01 * torch.randn(256, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert examiner.spread(blot) < 0.05 and examiner.nearness(blot, others) > 0.7
    assert examiner.nearness(others[:64] + 0.01, others) < 0.1  # learnt by heart
    assert examiner.nearness(digits[5000:5256], others) == pytest.approx(1, abs=0.1)  # unseen digits


def test_noise_is_far_away_and_one_digit_is_a_collapse(examiner, digits):
    noise = examiner.compare(torch.randn(1000, 1, 28, 28, generator=torch.Generator().manual_seed(0)))
    assert noise.frechet > 500 and noise.recognisable == 0 and (noise.digits, noise.entropy) == (0, 0)
    one = examiner.compare(digits[:1].expand(1000, -1, -1, -1))
    assert (one.digits, one.recognisable) == (1, 1.0) and one.entropy == pytest.approx(0)
    assert one.frechet > 100


def test_frechet_distance_by_hand():
    """Two diagonal Gaussians: |m1 - m2|^2 + sum (s1 - s2)^2 (Dowson and Landau 1982)."""
    from torchmetrics.image.fid import FrechetInceptionDistance

    identity = torch.nn.Identity()
    identity.num_features = 2
    metric = FrechetInceptionDistance(feature=identity)
    rng = torch.Generator().manual_seed(0)
    metric.update(torch.randn(200_000, 2, generator=rng) * torch.tensor([1.0, 2.0]), real=True)
    metric.update(
        torch.randn(200_000, 2, generator=rng) * torch.tensor([3.0, 2.0]) + torch.tensor([0.0, 4.0]), real=False
    )
    assert metric.compute().item() == pytest.approx(16 + 4, rel=0.02)


def test_the_census_by_hand():
    answers = torch.full((200, 11), -1.0)
    for row, answer in enumerate([0] * 99 + [1] * 99 + [2] + [10]):
        answers[row, answer] = 1
    found = census(answers)
    assert found.counts == (99, 99, 1, *[0] * 7)
    assert found.recognisable == 199 / 200
    assert found.digits == 2  # 1 of 199 is less than 1 %
    assert found.entropy == pytest.approx((2 * 99 / 199 * 0.69819 + 1 / 199 * 5.2933) / 2.302585, rel=1e-3)
    assert census(torch.zeros(0, 11)).recognisable == 0


def answers_of(counts: dict[int, int]) -> torch.Tensor:
    """Answers (N x 11 logits) with that many of each class."""
    return torch.cat([torch.eye(11)[[answer] * count] for answer, count in counts.items()])


def test_a_digit_counts_from_one_percent_of_the_accepted_on():
    assert census(answers_of({0: 198, 1: 2, 10: 300})).digits == 2  # of 200 accepted two are just enough
    assert census(answers_of({0: 199, 1: 2, 10: 300})).digits == 1
    assert census(answers_of({9: 1, 10: 5})).digits == 1
    assert census(answers_of(dict.fromkeys(range(10), 7))).entropy == pytest.approx(1)


def test_what_is_no_number_is_no_digit():
    answers = answers_of({3: 2})
    answers[0, 3] = float("nan")
    assert census(answers).counts[3] == 1 and census(answers).recognisable == 0.5


def test_a_census_of_nothing_accepted():
    for answers in (answers_of({10: 3}), torch.zeros(0, 11)):
        found = census(answers)
        assert (found.counts, found.recognisable, found.digits, found.entropy) == ((0,) * 10, 0, 0, 0)


def test_features_and_answers_are_the_judges_however_many_drawings(examiner):
    drawings = torch.rand(CHUNK + 3, 1, 28, 28, generator=torch.Generator().manual_seed(1)) * 2 - 1
    features, answers = examiner.examine(drawings)
    assert features.shape == (CHUNK + 3, 128) and answers.shape == (CHUNK + 3, 11)
    assert torch.allclose(features, examiner.judge.embed(drawings), atol=1e-5)
    assert not answers.requires_grad and SAMPLES == 10_000


def test_the_shipped_judge_is_only_read_from():
    judge = load_judge(CHECKPOINTS / "judge.safetensors")
    assert not judge.training and not any(weight.requires_grad for weight in judge.parameters())


def test_measuring_uses_the_contracts_noises(examiner):
    generator = Generator()
    latents = torch.randn(300, 128, generator=torch.Generator().manual_seed(0))
    assert examiner.measure(generator, 300) == examiner.compare(generator(latents).detach())
