"""Interpolate in real Chromium: the walk through two to four noises."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import COVERED, LAPTOP, PHONE, Visit

from playground.checked import ConfigError
from playground.shipped import DrawRequest, RouteRequest, Shipped
from playground.ui.tabs.interpolate import read_walk
from playground.ui.texts import LANGUAGES, say


@pytest.fixture
def visit(browser, server):
    visit = Visit(browser, f"{server}/?tab=interpolate")
    expect(visit.page.locator("#drawing-way .number")).to_contain_text("D(G(z))")
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


def test_both_paths_end_exactly_at_the_seeds_own_drawings(visit):
    page = visit.page
    assert visit.pixels("way") != visit.pixels("lerp")
    for key, end in (("Home", "a"), ("End", "b")):
        page.locator("#way input[type=range]").press(key)
        for path in ("way", "lerp"):
            visit.same(path, visit.pixels(end))
    before = visit.pixels("b")
    page.locator("#seed-b input").fill("77")
    visit.changed("b", before)
    visit.same("way", visit.pixels("b"))


def test_the_straight_line_passes_through_shorter_noise(visit):
    page = visit.page
    lengths = [float(text.split()[-1]) for text in page.locator(".both .numbers").all_inner_texts()]
    assert lengths[0] > 10 and lengths[1] < 0.8 * lengths[0]
    lowest = "(line) => Math.max(...line.getAttribute('points').split(' ').map((point) => Number(point.split(',')[1])))"
    arc, straight = (page.locator(f"polyline.{path}").evaluate(lowest) for path in ("slerp", "lerp"))
    assert straight > arc + 20  # lower on the plot


# Where the names of the lines stand: x and y from the lines' own nearest points, in pixels.
NEAR = """() => ["slerp", "lerp"].map((path) => {
  const line = document.querySelector(`polyline.${path}`).getBoundingClientRect();
  const name = document.querySelector(`.lengths .names .${path}`).getBoundingClientRect();
  const inside = name.left >= line.left && name.right <= line.right;
  return inside ? (path === "slerp" ? line.bottom - name.bottom : name.top - line.bottom) : null;
})"""


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_carry_their_names_where_they_are_furthest_apart(browser, server, language, size):
    visit = Visit(browser, f"{server}/?tab=interpolate", language, viewport=size)
    page = visit.page
    visit.open(f"{server}/?{visit.query(tab='interpolate', route=[7, 31, 8])}")
    expect(page.locator(".lengths polyline.lerp")).to_have_attribute("points", re.compile("."))
    assert page.locator(".lengths .names > div").count() == 5 and page.locator(".lengths .legend").count() == 0
    assert page.evaluate(COVERED) == []
    above, below = page.evaluate(NEAR)
    assert 0 < above < 60 and 0 < below < 40
    assert page.evaluate("() => document.querySelector('.lengths .tick').getBoundingClientRect().left") >= 0
    visit.close()


def test_seeds_are_added_thrown_and_left_out(visit):
    page = visit.page
    page.locator("#add-seed").click()
    page.locator("#add-seed").click()
    expect(page.locator("#add-seed")).to_be_hidden()
    assert len(visit.state("route")) == 4
    page.locator("#leave-a").click()
    assert visit.state("route[0]") == 31
    page.evaluate("Math.random = () => 0.5")
    page.locator("#dice-a").click()
    assert visit.state("route[0]") == 500
    page.locator("#leave-b").click()
    expect(page.locator("#leave-a")).to_be_hidden()  # two are the least
    page.locator("#undo-way").click()
    assert len(visit.state("route")) == 3


def test_going_back_while_it_plays_brings_back_what_stood_there(visit):
    page = visit.page
    page.locator("#way input[type=range]").press("Home")
    page.locator("#play").click()
    page.wait_for_function("() => window.ganPage.state.way > 10")
    page.go_back()
    expect(page.locator("#play")).to_have_text(say("en", "route.play"))
    assert visit.state("way") == 100
    page.go_forward()
    page.wait_for_function("() => window.ganPage.state.way === 0")


def test_the_player_goes_there_and_back_and_pauses(visit):
    page = visit.page
    page.locator("#way input[type=range]").press("Home")
    page.locator("#speed").press("End")
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_text(say("en", "route.pause"))
    page.wait_for_function(
        "() => { window.top_ = Math.max(window.top_ || 0, window.ganPage.state.way);"
        " return window.top_ > 150 && window.ganPage.state.way < window.top_ - 20; }"
    )
    page.locator("#play").click()
    assert f"way={visit.state('way')}" in page.url
    page.locator("#there-and-back").uncheck()
    page.locator("#play").click()
    page.wait_for_function("() => window.ganPage.state.way === 200")
    expect(page.locator("#play")).to_have_text(say("en", "route.play"))
    page.locator("#play").click()
    page.locator("#way input[type=range]").press("ArrowLeft")  # a hand takes over
    expect(page.locator("#play")).to_have_text(say("en", "route.play"))


def test_the_sheet_has_the_way_across_and_the_epochs_down(visit):
    page, shipped = visit.page, Shipped()
    read = "(c) => Array.from(c.getContext('2d').getImageData(0, 0, c.width, 28).data)"
    for row, epoch in enumerate((0, 100, 199)):
        drawn = shipped.draw(epoch, shipped.walk(RouteRequest(frames=13)))
        wanted = np.concatenate(list(drawn.numpy()), axis=1).astype(int)
        canvas = page.locator("#way-sheet canvas").nth(row)
        page.wait_for_function(
            "(c) => c.getContext('2d').getImageData(350, 10, 8, 8).data.some((v, i) => i % 4 < 3 && v)",
            arg=canvas.element_handle(),
        )
        pixels = np.array(canvas.evaluate(read))[::4].reshape(28, -1)
        assert np.abs(pixels - wanted).max() <= 1


def test_gif_and_strip_come_from_the_engine(visit):
    page = visit.page
    page.locator("#add-seed").click()
    seeds = visit.state("route")
    page.locator("#frames input[type=number]").fill("7")
    page.locator("#frames input[type=number]").press("Tab")
    page.locator("#path input").nth(1).check()
    with page.expect_download() as download:
        page.locator("#save-gif").click()
    name = f"epoch-199-lerp-{'-'.join(map(str, seeds))}"
    assert download.value.suggested_filename == f"{name}.gif"
    assert Image.open(download.value.path()).n_frames == 12
    with page.expect_download() as download:
        page.locator("#save-strip").click()
    assert download.value.suggested_filename == f"{name}.png"
    strip = np.asarray(Image.open(download.value.path())).astype(int)
    assert strip.shape == (112, 7 * 112)
    middle = Shipped().draw(199, Shipped().latents(DrawRequest(seed=seeds[1])))[0].numpy().astype(int)
    assert np.abs(strip[::4, 3 * 112 : 4 * 112 : 4] - middle).max() <= 1


def test_a_film_that_cannot_be_made_is_refused_in_a_sentence(visit):
    visit.page.evaluate("() => window.ganPage.set({ epoch: 'own' })")  # the server has no such network
    visit.page.locator("#save-gif").click()
    expect(visit.toast()).to_contain_text(say("en", "interpolate.own_film"))


@pytest.mark.parametrize(("walk", "frames", "field"), [
    ('{"seeds": [1, 2]}', 1000, "frames"), ('{"seeds": [1]}', 9, "seeds"), ('{"seeds": [1, true]}', 9, "seeds"),
    ('{"epoch": "own"}', 9, "epoch"), ("[" * 100_000, 9, "settings"), ("[1]", 9, "settings"),
    (None, 9, "settings"), ('{"a": 1}', 9, "a"),
])  # fmt: skip
def test_what_a_browser_sends_is_checked(walk, frames, field):
    with pytest.raises(ConfigError, match=f"^{field}: got"):
        read_walk(walk, frames)
