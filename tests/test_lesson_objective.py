"""Page 4 of the lesson: V(D, G), both losses and what G learns from each."""

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional
from visits import Visit

from playground.history import chapters, read_history
from playground.lessons.objective import describe_objective
from playground.ui.texts import LANGUAGES, say

ROWS = read_history()
FACTS = describe_objective(ROWS)


def test_the_prepared_places_are_the_runs_own():
    found = chapters(ROWS)
    assert FACTS["wins"]["epoch"] == found["detective_wins"] and FACTS["end"]["epoch"] == 199
    for place in FACTS.values():
        row = ROWS[place["epoch"]]
        assert (place["d_real"], place["d_fake"]) == (row["d_real"], row["d_fake"]) and row["d_real"] > row["d_fake"]


def written(x: float) -> str:
    return f"{x:.3f}".replace("-", "−")


def shown(real: float, fake: float) -> dict[str, str]:
    """What the page should say, by torch's own losses and gradients."""
    ones, zeros = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    x, p = ones * real, ones * fake
    logit = torch.logit(p).requires_grad_()
    cross = functional.binary_cross_entropy
    training, saturating = cross(logit.sigmoid(), ones), -cross(logit.sigmoid(), zeros)
    slopes = [torch.autograd.grad(loss, logit)[0].item() for loss in (training, saturating)]
    value = -cross(x, ones).item() - cross(p, zeros).item()
    numbers = {
        "term_real": -cross(x, ones).item(), "term_fake": -cross(p, zeros).item(), "value": value, "loss_d": -value,
        "loss_g": training.item(), "loss-training": training.item(), "loss-saturating": saturating.item(),
        "slope-training": slopes[0], "slope-saturating": slopes[1],
    }  # fmt: skip
    return {name: written(x) for name, x in numbers.items()}


@pytest.fixture(params=LANGUAGES)
def visit(request, browser, server):
    made = Visit(browser, f"{server}/?tab=learn&lesson=4", request.param)
    yield made
    assert made.said == []
    made.close()


def check(page, real: float, fake: float):
    for name, text in shown(real, fake).items():
        place = "data-curve" if "-" in name else "data-value"
        expect(page.locator(f".page-objective [{place}={name}]")).to_have_text(text)


def test_terms_losses_and_gradients_are_torchs(visit):
    for real, fake in ((0.99, 0.01), (0.6, 0.9), (0.73, 0.27)):
        for name, value in (("real", real), ("fake", fake)):
            visit.page.locator(f"#objective-{name} input[type=number]").fill(str(value))
        check(visit.page, real, fake)


def test_prepared_places_set_both_hands(visit):
    page = visit.page
    page.locator("#objective-half").click()
    check(page, 0.5, 0.5)
    told = {"level_d": "1.386", "level_g": "0.693"}
    expect(page.locator(".page-objective .numbers")).to_have_text(
        say(visit.language, "learn.objective_says_half", **told)
    )
    for name, place in FACTS.items():
        page.locator(f"#objective-{name}").press("Enter")
        expect(page.locator("#objective-real input[type=number]")).to_have_value(f"{round(place['d_real'], 2):g}")
        check(page, round(place["d_real"], 2), round(place["d_fake"], 2))
