"""Page 5 of the lesson: one turn's numbers are those of a turn that was really played."""

import base64
import copy

import pytest
import torch
from playwright.sync_api import expect
from torch import nn
from visits import Visit

from playground.data import load_mnist, normalise
from playground.latent import noises
from playground.lessons.turn import BATCH, EPOCH, FRESH, SHOWN, describe_turn
from playground.shipped import Shipped
from playground.training import TrainConfig
from playground.ui.texts import LANGUAGES, say

IMAGES = load_mnist()[0]
SHIPPED = Shipped()
BEFORE = {role: copy.deepcopy(SHIPPED.network(EPOCH, role)) for role in ("generator", "discriminator")}
FACTS = describe_turn(SHIPPED, IMAGES)
MOMENTS = {moment["name"]: moment for moment in FACTS["moments"]}


def test_the_shipped_networks_stay_as_they_are():
    for role, before in BEFORE.items():
        after = SHIPPED.network(EPOCH, role)
        assert all(torch.equal(a, b) for a, b in zip(before.parameters(), after.parameters(), strict=True))
    again = describe_turn(SHIPPED, IMAGES)
    assert {**again, "moments": None} == {**FACTS, "moments": None}
    for mine, theirs in zip(again["moments"], FACTS["moments"], strict=True):
        numbers = {name: value for name, value in theirs.items() if isinstance(value, float)}
        assert {name: mine[name] for name in numbers} == pytest.approx(numbers)  # sums depend on the threads at hand
        assert {**mine, **numbers} == theirs


def test_the_detectives_half_is_plain_pytorchs():
    g, d = copy.deepcopy(BEFORE["generator"]), copy.deepcopy(BEFORE["discriminator"]).requires_grad_(True)
    x, forged = normalise(IMAGES[:BATCH]).unsqueeze(1), g(noises(0, BATCH)).detach()
    real_loss, forged_loss = -d(x).log().mean(), -(1 - d(forged)).log().mean()
    assert MOMENTS["real"]["d_real"] == pytest.approx(d(x).mean().item(), abs=1e-6)
    assert MOMENTS["real"]["loss_real"] == pytest.approx(real_loss.item(), abs=1e-5)
    assert MOMENTS["forged"]["loss_forged"] == pytest.approx(forged_loss.item(), abs=1e-5)
    assert MOMENTS["forged"]["loss_d"] == pytest.approx((real_loss + forged_loss).item(), abs=1e-5)
    gradients = torch.autograd.grad(real_loss + forged_loss, list(d.parameters()))
    whole = torch.cat([gradient.flatten() for gradient in gradients])
    assert MOMENTS["forged"]["in_d"] == pytest.approx(whole.norm().item(), rel=1e-3) and MOMENTS["forged"]["in_g"] == 0
    # The first step of Adam goes lr along each sign: as far as there are weights with a gradient.
    way = TrainConfig().lr_d * (whole.abs() > 1e-6).sum().item() ** 0.5
    assert MOMENTS["update_d"]["moved_d"] == pytest.approx(way, rel=0.05) and MOMENTS["update_d"]["moved_g"] == 0


def test_the_forgers_half_moves_the_forger_alone():
    loss, backward, update = (MOMENTS[name] for name in ("loss", "backward", "update_g"))
    assert backward["in_d"] > 0 < backward["in_g"] and update["moved_d"] == 0 < update["moved_g"]
    assert loss["loss_g"] == update["loss_g_before"] > update["loss_g"]
    shape = f"{BATCH} × 128"
    assert MOMENTS["forge"]["noise"] == MOMENTS["fresh"]["noise"] == shape


def test_each_half_does_what_its_words_say():
    update_d, update_g, cut = MOMENTS["update_d"], MOMENTS["update_g"], MOMENTS["detach"]
    assert update_d["loss_d"] < update_d["loss_d_before"] == MOMENTS["forged"]["loss_d"]
    real, fake = (update_d[name] - update_d[f"{name}_before"] for name in ("d_real", "d_fake"))
    assert real > fake > 0
    assert update_g["d_fake"] > update_g["d_fake_before"]
    assert cut["tracked"] and not cut["cut"]


def test_the_pictures_are_the_batchs():
    for name, seeds in (("forged", 0), ("fresh", FRESH)):
        drawn = SHIPPED.draw(EPOCH, noises(seeds, SHOWN)).int()
        found = [torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8) for text in FACTS[name]]
        assert (torch.stack(found).view(SHOWN, 28, 28).int() - drawn).abs().max() <= 1
    assert base64.b64decode(FACTS["real"][0]) == IMAGES[0].numpy().tobytes()


def test_bce_is_the_lectures_criterion():
    d = BEFORE["discriminator"]
    verdicts = d(normalise(IMAGES[:BATCH]).unsqueeze(1))
    assert MOMENTS["real"]["loss_real"] == pytest.approx(nn.BCELoss()(verdicts, torch.ones(BATCH, 1)).item(), abs=1e-5)


def written(value, language) -> str:
    if isinstance(value, bool):
        return say(language, "learn.turn_yes" if value else "learn.turn_no")
    return value if isinstance(value, str) else f"{value:.3f}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_clicks_go_through_the_turn_and_back(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=5", language)
    page = visit.page
    for number, moment in enumerate(FACTS["moments"], 1):
        who = say(language, f"learn.turn_half_{'d' if number <= 5 else 'g'}")
        title = say(language, "learn.turn_moment", number=number, moments=10, who=who)
        expect(page.locator(".page-turn h4")).to_have_text(title)
        expect(page.locator(".page-turn .what")).to_have_text(say(language, f"learn.turn_{moment['name']}_text"))
        for name, value in moment.items():
            if name != "name":
                expect(page.locator(f"#turn-numbers [data-number={name}]")).to_have_text(written(value, language))
        frozen = page.locator(".page-turn .part.frozen")
        expect(frozen).to_have_count(1)
        assert ("g" if number <= 5 else "d") in frozen.get_attribute("class").split()
        page.locator("#turn-step").press("Enter")
    expect(page.locator("#turn-step")).to_have_attribute("aria-disabled", "true")
    page.locator("#turn-back").click()
    expect(page.locator(".page-turn .dots [aria-pressed=true]")).to_have_text("9")
    page.locator("#turn-start").click()
    expect(page.locator(".page-turn .dots [aria-pressed=true]")).to_have_text("1")
    assert visit.said == []
    visit.close()
