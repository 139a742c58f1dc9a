import pytest
import torch

from playground.latent import lerp, noise, noises, principal_directions, route, slerp


def test_noise_is_the_contracts_formula():
    torch.manual_seed(123)
    expected = torch.randn(128, generator=torch.Generator().manual_seed(42))
    assert torch.equal(noise(42), expected)
    assert torch.equal(noises(40, 5)[2], expected)


@pytest.mark.parametrize("walk", [slerp, lerp])
def test_a_walk_ends_exactly_at_both_latents(walk):
    frames = walk(noise(1), noise(2), torch.linspace(0, 1, 9))
    assert frames.shape == (9, 128)
    assert torch.equal(frames[0], noise(1)) and torch.equal(frames[-1], noise(2))


def test_slerp_keeps_the_length_and_lerp_does_not():
    start, end = noise(1), noise(2)
    ways = torch.linspace(0, 1, 5)
    lengths = start.norm() * (1 - ways) + end.norm() * ways
    assert torch.allclose(slerp(start, end, ways).norm(dim=1), lengths, rtol=1e-5)
    assert lerp(start, end, ways)[2].norm() < 0.9 * lengths[2]


def test_slerp_goes_at_even_speed_along_a_known_arc():
    third = slerp(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]), torch.tensor([1 / 3]))[0]
    assert torch.allclose(third, 4 / 3 * torch.tensor([3**0.5 / 2, 0.5]), atol=1e-6)


@pytest.mark.parametrize("end", [noise(1), 2 * noise(1), -noise(1), torch.zeros(128)])
def test_slerp_without_an_arc_is_a_straight_line(end):
    assert torch.allclose(slerp(noise(1), end, torch.tensor([0.25]))[0], 0.75 * noise(1) + 0.25 * end, atol=1e-5)


def test_principal_directions_are_those_of_a_known_matrix():
    weight = torch.zeros(6, 4)
    weight[0, 2], weight[1, 0], weight[2, 3] = -5.0, 3.0, 1.0
    found = principal_directions(weight, 3)
    assert torch.allclose(found, torch.eye(4)[[2, 0, 3]], atol=1e-6)


def test_a_route_meets_every_stop_and_is_the_walk_of_each_leg():
    stops = noises(1, 3)
    frames = route(stops, torch.linspace(0, 1, 9))
    assert torch.equal(frames[[0, 4, 8]], stops)
    assert torch.allclose(frames[:5], slerp(stops[0], stops[1], torch.linspace(0, 1, 5)))
    assert torch.allclose(route(stops, torch.tensor([0.75]), "lerp")[0], (stops[1] + stops[2]) / 2)


def test_seeds_count_up_from_the_first_and_have_the_length_asked_for():
    assert torch.equal(noises(7, 3, 5), torch.stack([noise(7, 5), noise(8, 5), noise(9, 5)]))
    assert noise(7).shape == (128,)


@pytest.mark.parametrize(("angle", "arc"), [(3e-4, True), (2e-5, False)])
def test_slerp_follows_an_arc_as_long_as_there_is_one(angle, arc):
    """Half a turn less a little: the arc goes round, the straight line through the middle."""
    angle = torch.tensor(torch.pi - angle)
    middle = slerp(torch.tensor([1.0, 0.0]), torch.stack([angle.cos(), angle.sin()]), torch.tensor([0.5]))[0]
    assert (middle.norm() > 0.5) == arc  # in float32 so flat an arc is short by an eighth


def test_a_route_gives_every_leg_the_same_share_and_ends_at_the_last_stop():
    stops = torch.tensor([[0.0, 1.0], [0.0, 2.0], [0.0, 4.0], [0.0, 8.0]])
    way = torch.tensor([0.0, 1 / 6, 1 / 3, 0.5, 2 / 3, 5 / 6, 1.0])
    assert route(stops, way, "lerp")[:, 1].tolist() == pytest.approx([1, 1.5, 2, 3, 4, 6, 8], rel=1e-5)
    assert torch.equal(route(stops[:2], torch.tensor([1.0])), stops[1:2])


def test_directions_come_eight_at_a_time_with_their_strongest_entry_positive():
    weight = torch.randn(40, 12, generator=torch.Generator().manual_seed(2))
    found = principal_directions(weight)
    assert found.shape == (8, 12) and found.dtype == torch.float32
    assert torch.allclose(found @ found.T, torch.eye(8), atol=1e-5)
    strengths = (weight @ found.T).norm(dim=0)
    assert (strengths[:-1] > strengths[1:]).all()
    assert (found.gather(1, found.abs().argmax(1, keepdim=True)) > 0).all()
