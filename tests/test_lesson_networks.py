"""Page 2 of the lesson: the networks as the files have them, and what their layers do."""

import re

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional
from visits import PHONE, Visit, fits

from models.gan import Discriminator
from playground.history import read_history
from playground.lessons.game import describe_game
from playground.lessons.networks import describe, describe_networks
from playground.shipped import Shipped
from playground.ui.texts import LANGUAGES, say

FACTS = describe_networks(Shipped())


def test_shapes_and_parameters_are_the_files():
    for role, found in FACTS.items():
        network = Shipped().network(199, role)
        assert found["parameters"] == sum(tensor.numel() for tensor in network.parameters())
        assert [layer["kind"] for layer in found["layers"]] == [type(layer).__name__ for layer in network.main]
        assert found["printed"] == str(network)
        for before, after in zip(found["layers"], found["layers"][1:], strict=False):
            assert after["inputs"] == before["outputs"]
    assert (FACTS["generator"]["layers"][0]["inputs"], FACTS["discriminator"]["layers"][-1]["outputs"]) == (128, 1)


def test_other_networks_are_described_as_they_are():
    layers = describe(Discriminator((7,)))["layers"]
    assert [(layer["kind"], layer["inputs"], layer["outputs"], layer["parameters"]) for layer in layers] == [
        ("Linear", 784, 7, 784 * 7 + 7), ("LeakyReLU", 7, 7, 0), ("Dropout", 7, 7, 0), ("Linear", 7, 1, 8),
        ("Sigmoid", 1, 1, 0),
    ]  # fmt: skip
    assert [layer.get("setting") for layer in layers] == [None, 0.2, 0.3, None, None]


@pytest.fixture(params=LANGUAGES)
def visit(request, browser, server):
    made = Visit(browser, f"{server}/?tab=learn&lesson=2", request.param)
    yield made
    assert made.said == []
    made.close()


def test_data_goes_through_layer_by_layer(visit):
    for role, found in FACTS.items():
        network = visit.page.locator(f"#network-{role}")
        expect(network.locator("h4")).to_contain_text(f"{found['parameters']:,}")
        for place, layer in enumerate(found["layers"], 1):
            visit.again(network.locator(".step").click, network.locator(".layer.lit").count)
            network.locator(".step").click()
            words = {"place": place, "layers": len(found["layers"]), "outputs": f"{layer['outputs']:,}",
                     "count": f"{layer['parameters']:,}", "rows": 28}  # fmt: skip
            text = say(visit.language, f"learn.networks_says_{layer['kind'].lower()}", **words)
            expect(network.locator(".numbers")).to_have_text(text)
            expect(network.locator(".layer").nth(place)).to_have_class(re.compile("lit"))
        network.locator(".step").click()  # and from the beginning
        expect(network.locator(".entry")).to_have_class(re.compile("lit"))
        assert network.locator("pre").text_content().strip() == found["printed"]


def test_what_is_lit_is_lit_in_what_pytorch_prints(visit):
    network = visit.page.locator("#network-discriminator")
    for _ in range(3):
        network.locator(".step").click()
    expect(network.locator("pre .lit")).to_have_text("(1): LeakyReLU(negative_slope=0.2)")
    expect(network.locator("pre")).to_be_visible()
    layers, printed = network.locator("ol").bounding_box(), network.locator("pre").bounding_box()
    assert printed["x"] >= layers["x"] + layers["width"]  # beside the layers


def test_what_pytorch_prints_is_folded_in_a_narrow_window(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=2", viewport=PHONE)
    network = visit.page.locator("#network-generator")
    expect(network.locator("pre")).to_be_hidden()
    network.locator("summary").click()
    expect(network.locator("pre")).to_be_visible()
    assert fits(visit.page)
    visit.close()


def test_data_sent_through_arrives_and_without_motion_goes_by_steps_alone(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=2")
    network = visit.page.locator("#network-generator")
    network.locator(".send").click()
    expect(network.locator(".layer").last).to_have_class(re.compile("lit"))
    visit.page.emulate_media(reduced_motion="reduce")
    expect(network.locator(".send")).to_be_hidden()
    network.locator(".step").click()
    expect(network.locator(".entry")).to_have_class(re.compile("lit"))
    visit.close()


def test_dots_run_where_data_flows_and_none_where_motion_is_not_wanted(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=2")
    page = visit.page
    expect(page.locator("#networks-renew")).to_be_visible()
    page.evaluate("""() => {
      const animate = Element.prototype.animate;
      window.runs = 0;
      Element.prototype.animate = function (...how) { window.runs++; return animate.apply(this, how); };
    }""")
    arrows = sum(len(found["layers"]) for found in FACTS.values())
    page.locator("#networks-renew").click()
    assert page.evaluate("window.runs") == arrows
    page.emulate_media(reduced_motion="reduce")
    page.locator("#networks-renew").click()
    assert page.evaluate("window.runs") == arrows
    visit.close()


LEAKS = [(-1.5, 0.2, "leaky"), (-0.01, 0.1, "leaky"), (-1.5, 0.0, "dying"), (2.0, 0.0, "relu"), (0.75, 0.5, "leaky")]


def test_leaky_relu_is_torchs(visit):
    page = visit.page
    for x, slope, key in LEAKS:
        for name, value in (("x", x), ("slope", slope)):
            page.locator(f"#leaky-{name} input[type=number]").fill(str(value))
        point = torch.tensor(x, requires_grad=True)
        y = functional.leaky_relu(point, slope)
        y.backward()
        told = {name: f"{round(value, 2) + 0:.2f}".replace("-", "−") for name, value in
                (("x", x), ("y", y.item()), ("derivative", point.grad.item()))}  # fmt: skip
        expect(page.locator("#leaky .numbers")).to_have_text(say(visit.language, "learn.networks_leaky_values", **told))
        words = say(visit.language, f"learn.networks_{key}", slope=f"{slope:.2f}", lectures=0.2)
        expect(page.locator("#leaky > p").last).to_have_text(words)


def test_dropout_mutes_others_every_time(visit):
    page, masks = visit.page, set()
    for _ in range(6):
        page.locator("#dropout > button").click()
        mute = page.locator("#dropout i").evaluate_all("cells => cells.map((cell) => cell.classList.contains('mute'))")
        masks.add(tuple(mute))
        words = say(visit.language, "learn.networks_dropout_values", mute=sum(mute), units=64, scale=f"{1 / 0.7:.2f}")
        expect(page.locator("#dropout .numbers")).to_have_text(words)
    assert len(masks) > 1 and 0.1 < sum(map(sum, masks)) / (64 * len(masks)) < 0.5


# ---- what the layers say ----


def said_by_the_pair() -> tuple[torch.Tensor, float, float]:
    """G's drawing of the page's first noise at epoch 199, what D's last Linear says of it, and D's verdict."""
    generator, discriminator = (Shipped().network(199, role).eval() for role in ("generator", "discriminator"))
    noise = torch.tensor(describe_game(read_history())["noise"])[None]
    with torch.no_grad():
        drawing = generator(noise)
        verdict = discriminator(drawing)
    return drawing.flatten(), torch.logit(verdict).item(), verdict.item()


def grey_of(canvas) -> list[int]:
    script = "(one) => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
    return canvas.evaluate(script)[::4]


def test_the_boxes_show_what_the_networks_say_of_a_noise(visit):
    page = visit.page
    generator, discriminator = (page.locator(f"#network-{role} .picture") for role in FACTS)
    expect(page.locator(".page-networks .picture.waiting")).to_have_count(0)
    drawing, logit, verdict = said_by_the_pair()
    assert grey_of(generator.last) == pytest.approx(((drawing + 1) * 127.5).round().tolist(), abs=1)
    assert grey_of(discriminator.first) == grey_of(generator.last)
    for place, value in ((-2, logit), (-1, verdict)):
        text = discriminator.nth(place % discriminator.count()).inner_text()
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.011)
    sizes = generator.evaluate_all("all => all.map((one) => one.width * one.height)")
    assert sizes == [128] + [layer["outputs"] for layer in FACTS["generator"]["layers"]]
    before = [grey_of(picture) for picture in generator.all()]
    shown = discriminator.first.evaluate("(one) => one.toDataURL()")
    page.locator("#networks-renew").click()
    changed = "(shown) => document.querySelector('#network-discriminator canvas').toDataURL() !== shown"
    page.wait_for_function(changed, arg=shown)
    assert all(grey_of(picture) != old for picture, old in zip(generator.all(), before, strict=True))


def test_without_the_networks_the_boxes_wait_and_the_page_says_why(browser, server):
    visit = Visit(browser, f"{server}/?tab=epochs")
    visit.page.route("**/*.safetensors*", lambda route: route.abort())
    visit.open(f"{server}/?tab=learn&lesson=2")
    expect(visit.page.locator(".page-networks > [role=alert]")).to_have_text(say("en", "common.failed"))
    assert visit.page.locator(".page-networks .picture.waiting").count() == 21
    visit.close()
