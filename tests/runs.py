"""What tests of runs share: a visitor's key, a look at a run until it has come somewhere, and losses that break."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import torch

from playground import training

KEY, OTHER = "0123456789abcdef" * 2, "f" * 32  # two visitors
PATIENCE = 300


def play(visits):
    """Run a coroutine to its end in a thread of its own: in the tests' own Playwright has a loop that runs already."""
    return apart(asyncio.run, visits)


def apart(act, *given):
    """Call something in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act, *given).result()


def until(run, holds):
    """Look at a run, as its page does, until something holds of it; leave it the interpreter meanwhile."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert not run.over, f"it ended first: {run.phase}, {run.error!r}"
        assert time.monotonic() < end, f"it never held, {run.phase} in step {run.record.step}"
        run.seen()
        time.sleep(0.001)


def finish(run):
    """Look at a run to its end; returns it."""
    end = time.monotonic() + PATIENCE
    while not run.over:
        assert time.monotonic() < end, f"it never ended, {run.phase} in step {run.record.step}"
        run.seen()
        run.join(0.01)
    return run


def weights(state) -> torch.Tensor:
    """All weights of both networks in a row, detached."""
    return torch.cat([w.detach().flatten() for net in (state.generator, state.discriminator) for w in net.parameters()])


def break_losses(monkeypatch, step: int, above: float = 0.0):
    """Let the loss of G be no number in one step of every run whose rate of G is above `above`."""
    whole = training.generator_loss

    def broken(state, *rest):
        fails = state.step == step and state.config.lr_g > above
        return whole(state, *rest) * (float("nan") if fails else 1)

    monkeypatch.setattr(training, "generator_loss", broken)
