"""What a visit fetches, and what it shows before that has come."""

from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import SLOW, WHOLE, Visit

from playground.benchmark.visit import GOALS
from playground.benchmark.visit import Visit as Measured
from playground.shipped import EPOCHS, DrawRequest, Shipped
from playground.ui.texts import say

GREYS = """(name) => Array.from(document.querySelector(`#drawing-${name} canvas`).getContext("2d")
  .getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"""


SHOWN = {  # what stands in each tab when all that it shows has come
    "explore": "#drawing-000[aria-busy=false]",
    "interpolate": "#drawing-way .verdict:not(.unknown)",
    "train": "#train-start",
    "epochs": "#story .js-plotly-plot",
    "learn": "#lesson-1 h3",
}


@pytest.fixture
def bare(browser, server):
    """A visitor to whom no network comes."""
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.held = []
    page.route("**/*.safetensors.gz", lambda route: page.held.append(route))
    yield page
    context.close()


def test_the_first_drawings_come_with_the_page(bare, server):
    bare.goto(server)
    shipped, latents = Shipped(), Shipped().latents(DrawRequest())
    for epoch in EPOCHS:
        card = bare.locator(f"#drawing-{epoch:03d}")
        expect(card.locator(".number")).to_have_text(f"D(G(z)) = {shipped.verdicts(epoch, latents).item():.2f}")
        expect(card).to_have_attribute("aria-busy", "true")
        drawn = shipped.draw(epoch, latents)[0].numpy()
        assert np.array_equal(np.reshape(bare.evaluate(GREYS, f"{epoch:03d}"), (28, 28)), drawn)
    bare.locator("#dice").click()  # another noise can only be drawn by a network
    expect(bare.locator("#drawing-199 [role=progressbar]")).to_be_visible()
    expect(bare.locator("#drawing-199")).to_contain_text(say("en", "common.loading"))


def test_a_link_to_another_noise_never_shows_the_first_drawings(bare, server):
    bare.route("**/explore/explore.js", lambda route: bare.held.append(route))
    bare.goto(f"{server}/?seeds=8.31.30.77")
    expect(bare.locator("#explore .skeleton")).to_have_count(3)
    expect(bare.locator("#explore .skeleton img").first).to_be_hidden()
    bare.goto(server)
    expect(bare.locator("#explore .skeleton img").first).to_be_visible()


def test_the_last_epoch_comes_first_and_drawings_before_verdicts(bare, server):
    asked = []

    def name_of(route):
        asked.append("/".join(urlsplit(route.request.url).path.split("/")[-2:]))
        route.continue_()

    bare.unroute("**/*.safetensors.gz")
    bare.route("**/*.safetensors.gz", name_of)
    bare.goto(server)
    bare.wait_for_function(WHOLE)
    roles = ("generator", "discriminator")
    assert asked == [
        f"epoch-{epoch:03d}/{role}.half.safetensors.gz" for role in roles for epoch in sorted(EPOCHS, reverse=True)
    ]


def test_a_saved_drawing_is_computed_in_full_precision(browser, server):
    visit = Visit(browser, server)

    def full():
        return [url for url in visit.asked if url.endswith("generator.safetensors")]

    page = visit.page
    assert not full()
    for _ in range(2):
        page.locator("#drawing-100 .saves > summary").click()
        with page.expect_download() as download:
            page.locator("#drawing-100 .saves button").first.click()
    assert [url.split("/")[-2] for url in full()] == ["epoch-100"]  # once
    drawn = Shipped().draw(100, Shipped().latents(DrawRequest()))[0].numpy()
    assert np.array_equal(np.asarray(Image.open(download.value.path()).convert("L")), drawn)
    visit.close()


def test_where_full_precision_cannot_be_had_the_card_says_so(browser, server):
    visit = Visit(browser, server)
    page = visit.page
    page.route("**/generator.safetensors", lambda route: route.abort())
    page.locator("#drawing-199 .saves > summary").click()
    page.locator("#drawing-199 .saves button").first.click()
    expect(page.locator("#drawing-199 [role=alert]")).to_contain_text(say("en", "common.failed"))
    page.unroute("**/generator.safetensors")
    page.locator("#drawing-199 [role=alert] button").click()
    expect(page.locator("#drawing-199 [role=alert]")).to_be_hidden()
    page.locator("#drawing-199 .saves > summary").click()
    with page.expect_download():
        page.locator("#drawing-199 .saves button").first.click()
    visit.said.clear()
    visit.close()


@pytest.mark.parametrize("tab", [name for name in GOALS if name != "all tabs"])
def test_a_visit_costs_no_more_than_its_tab_needs(browser, server, tab):
    visit = Measured(browser)
    visit.page.goto(f"{server}/?tab={tab}")
    visit.page.locator(SHOWN[tab]).first.wait_for(timeout=SLOW)
    visit.settle(rest=500)
    assert 0 < visit.bytes <= GOALS[tab]
    visit.page.context.close()
