"""The losses to choose from: what D and G each minimise, computed on D's logits.

Every function takes logits (float32, N x 1) and gives a scalar. A logit above 0 means that D calls an image real.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch.nn.functional import relu, softplus

Critic = Callable[[torch.Tensor], torch.Tensor]  # images (N x 784) to logits (N x 1), with gradients of gradients
Uniform = Callable[[torch.Tensor], torch.Tensor]  # images (N x 784) to random numbers from 0 to 1 (N x 1)
GRADIENT_PENALTY = 10.0  # lambda of WGAN-GP
ZERO_CENTRED = 10.0  # gamma of R1 and R2, for logits of MNIST


class Loss(NamedTuple):
    """A pair of losses, and the values of both when D cannot tell real from forged, without smoothing and penalty.

    d(real, fake, smoothing) and g(fake, real) take logits. penalty(critic, real, fake, uniform) takes images and is
    added to D's loss. `paired`: G's loss uses real images too. `balance` has D's and G's value, each as a number and as
    text.
    """

    d: Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]
    g: Callable[[torch.Tensor, torch.Tensor | None], torch.Tensor]
    balance: tuple[tuple[float, str], tuple[float, str]]
    paired: bool = False
    penalty: Callable[[Critic, torch.Tensor, torch.Tensor, Uniform], torch.Tensor] | None = None


def cross_entropy(real: torch.Tensor, fake: torch.Tensor, smoothing: float) -> torch.Tensor:
    """-log D(x) - log(1 - D(G(z))): Goodfellow et al. 2014, equation 1; the lecture's code 13-30.

    With `smoothing` s, the label of a real image is 1 - s (Salimans et al. 2016, section 3.4).
    """
    return softplus(-real).mean() + smoothing * real.mean() + softplus(fake).mean()


def non_saturating(fake: torch.Tensor, _: torch.Tensor | None) -> torch.Tensor:
    """-log D(G(z)): Goodfellow et al. 2014, end of section 3; the lecture's code 13-31."""
    return softplus(-fake).mean()


def minimax(fake: torch.Tensor, _: torch.Tensor | None) -> torch.Tensor:
    """log(1 - D(G(z))), G's part of the minimax game: Goodfellow et al. 2014, equation 1. Flat where D is sure."""
    return -softplus(fake).mean()


def least_squares_d(real: torch.Tensor, fake: torch.Tensor, smoothing: float) -> torch.Tensor:
    """1/2 (D(x) - 1)^2 + 1/2 D(G(z))^2: Mao et al. 2017, equation 9 with b = 1 - s, a = 0."""
    return ((real - 1 + smoothing) ** 2).mean() / 2 + (fake**2).mean() / 2


def least_squares_g(fake: torch.Tensor, _: torch.Tensor | None) -> torch.Tensor:
    """1/2 (D(G(z)) - 1)^2: Mao et al. 2017, equation 9 with c = 1."""
    return ((fake - 1) ** 2).mean() / 2


def hinge_d(real: torch.Tensor, fake: torch.Tensor, _: float) -> torch.Tensor:
    """max(0, 1 - D(x)) + max(0, 1 + D(G(z))): Lim and Ye 2017; Miyato et al. 2018, equation 16."""
    return relu(1 - real).mean() + relu(1 + fake).mean()


def critic_d(real: torch.Tensor, fake: torch.Tensor, _: float) -> torch.Tensor:
    """D(G(z)) - D(x): Arjovsky et al. 2017, equation 2."""
    return fake.mean() - real.mean()


def critic_g(fake: torch.Tensor, _: torch.Tensor | None) -> torch.Tensor:
    """-D(G(z)): Arjovsky et al. 2017; also G's loss with the hinge (Miyato et al. 2018, equation 17)."""
    return -fake.mean()


def relativistic_d(real: torch.Tensor, fake: torch.Tensor, _: float) -> torch.Tensor:
    """softplus(-(D(x) - D(G(z)))): Jolicoeur-Martineau 2018; Huang et al., "The GAN is dead" 2024, equation 2."""
    return softplus(fake - real).mean()


def relativistic_g(fake: torch.Tensor, real: torch.Tensor | None) -> torch.Tensor:
    """softplus(-(D(G(z)) - D(x))), the same with the sides swapped: Huang et al. 2024, equation 2."""
    assert real is not None  # its Loss is `paired`
    return softplus(real - fake).mean()


def gradient_penalty(critic: Critic, real: torch.Tensor, fake: torch.Tensor, uniform: Uniform) -> torch.Tensor:
    """10 (|grad D(x)| - 1)^2 at random points between real and forged: Gulrajani et al. 2017, equation 3."""
    share = uniform(real)
    slopes = _gradient(critic, real * share + fake * (1 - share)).norm(dim=1)
    penalty: torch.Tensor = GRADIENT_PENALTY * ((slopes - 1) ** 2).mean()
    return penalty


def zero_centred(critic: Critic, real: torch.Tensor, fake: torch.Tensor, _: Uniform) -> torch.Tensor:
    """R1 + R2, gamma/2 |grad D|^2 on real and on forged images: Mescheder et al. 2018; Huang et al. 2024, eq. 3."""
    squares = [(_gradient(critic, images) ** 2).sum(1).mean() for images in (real, fake)]
    return ZERO_CENTRED / 2 * (squares[0] + squares[1])


def _gradient(critic: Critic, images: torch.Tensor) -> torch.Tensor:
    """The critic's gradient by each pixel (N x 784), itself differentiable."""
    images = images.detach().requires_grad_()
    return torch.autograd.grad(critic(images).sum(), images, create_graph=True)[0]


LN2 = math.log(2)

LOSSES = {
    "non-saturating": Loss(cross_entropy, non_saturating, ((2 * LN2, "2 ln 2"), (LN2, "ln 2"))),
    "minimax": Loss(cross_entropy, minimax, ((2 * LN2, "2 ln 2"), (-LN2, "-ln 2"))),
    "least-squares": Loss(least_squares_d, least_squares_g, ((0.25, "1/4"), (0.125, "1/8"))),
    "hinge": Loss(hinge_d, critic_g, ((2.0, "2"), (0.0, "0"))),
    "wgan-gp": Loss(critic_d, critic_g, ((0.0, "0"), (0.0, "0")), penalty=gradient_penalty),
    "r3gan": Loss(relativistic_d, relativistic_g, ((LN2, "ln 2"), (LN2, "ln 2")), paired=True, penalty=zero_centred),
}
