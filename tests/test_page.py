"""The page in real Chromium, in both languages: what a visitor does, and what must happen."""

import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch
from playwright.sync_api import expect

from playground.checkpoints import load_network
from playground.ui.texts import say

pytestmark = pytest.mark.browser
SLOW = 60_000  # ms: a condition that a busy machine reaches late is still reached
expect.set_options(timeout=SLOW)
LOCALES = {"ko": "ko-KR", "en": "en-US"}


class Visit:
    """One visitor's page, with all it said and asked for."""

    def __init__(self, browser, server, language, **context):
        self.language, self.server = language, server
        self.context = browser.new_context(locale=LOCALES[language], **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW)
        self.said, self.hosts = [], set()
        self.page.on("console", lambda m: self.said.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda r: self.hosts.add(urlsplit(r.url).netloc) if r.url.startswith("http") else None)
        self.page.goto(server)
        expect(self.drawing("199")).to_have_attribute("src", re.compile("^data:"))

    def drawing(self, name):
        return self.page.locator(f"#drawing-{name} img")

    def source(self, name) -> str:
        return self.drawing(name).get_attribute("src")

    def tab(self, key):
        self.page.get_by_role("tab", name=say(self.language, key), exact=True).click()

    def changed(self, name, before):
        expect(self.drawing(name)).not_to_have_attribute("src", before)

    def train_for_an_hour(self):
        """Open the tab and set a budget that no machine spends before the test is through."""
        self.tab("train.tab")
        expect(self.page.locator("#loss-chart")).to_contain_text(say(self.language, "chart.empty"))
        self.page.locator("#settings").get_by_role("button").first.click()
        expect(self.page.locator("#set-seed input")).to_have_value("0")
        self.page.locator("#budget input").nth(1).check()
        self.page.locator("#amount input").fill("3600")
        self.page.locator("#amount input").press("Tab")

    def toast(self):
        return self.page.locator(".toast-body").first


@pytest.fixture(params=LOCALES)
def visit(request, browser, server):
    visit = Visit(browser, server, request.param)
    yield visit
    visit.context.close()
    assert visit.said == [], "words on the console"
    assert visit.hosts == {urlsplit(server).netloc}, "a request left the machine"


def test_it_speaks_the_visitors_language_everywhere(visit):
    page, language = visit.page, visit.language
    expect(page.locator("#title")).to_contain_text("GAN 놀이터" if language == "ko" else "GAN playground")
    expect(page.locator("#drawing-100 figcaption")).to_have_text(say(language, "drawing.epoch", epoch=100))
    expect(page.locator("#drawing-100")).to_contain_text(say(language, "drawing.forged"))
    for key in ("explore.tab", "interpolate.tab", "train.tab"):
        visit.tab(key)
        expect(page.get_by_role("tab", name=say(language, key), exact=True)).to_have_attribute("aria-selected", "true")
        text = page.locator("body").inner_text()
        assert "__i18n__" not in text and not re.search(r"\b(field|explore|train|status|drawing)\.[a-z_]+\b", text)
        if language == "en":
            assert not re.search("[가-힣]", text)


def test_the_page_opens_with_three_drawings_and_their_verdicts(visit):
    sources = {visit.source(epoch) for epoch in ("000", "100", "199")}
    assert len(sources) == 3
    for epoch in ("000", "100", "199"):
        expect(visit.page.locator(f"#drawing-{epoch} .number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    assert visit.page.locator("#sheets img").count() == 4


def test_a_slider_moves_every_drawing_and_reset_brings_them_back(visit):
    before = {epoch: visit.source(epoch) for epoch in ("000", "100", "199")}
    slider = visit.page.locator("#direction-1 input[type=range]")
    slider.focus()
    for _ in range(30):
        slider.press("ArrowRight")
    for epoch, source in before.items():
        visit.changed(epoch, source)
    visit.page.locator("#reset").click()
    for epoch, source in before.items():
        expect(visit.drawing(epoch)).to_have_attribute("src", source)


def test_seed_dice_and_temperature(visit):
    before, sheet = visit.source("199"), visit.page.locator("#sheets img").nth(2).get_attribute("src")
    visit.page.locator("#seed input").fill("123")
    visit.changed("199", before)
    expect(visit.page.locator("#sheets img").nth(2)).not_to_have_attribute("src", sheet)
    before = visit.source("199")
    visit.page.locator("#temperature input[type=number]").fill("0")
    visit.page.locator("#temperature input[type=number]").press("Tab")
    visit.changed("199", before)
    visit.page.evaluate("Math.random = () => 0.4567")
    visit.page.locator("#dice").click()
    expect(visit.page.locator("#seed input")).to_have_value("456")


@pytest.mark.parametrize("seed", ["-1", "1000000000000"])
def test_a_bad_seed_is_refused_in_a_sentence_and_nothing_is_lost(visit, seed, capfd):
    before = visit.source("199")
    visit.page.locator("#seed input").fill(seed)
    expect(visit.toast()).to_contain_text("999")
    expect(visit.toast()).to_contain_text(say(visit.language, "field.seed"))
    assert visit.toast().inner_text().strip("× \n").startswith(say(visit.language, "field.seed"))  # no English title
    assert visit.source("199") == before
    visit.page.locator("#seed input").fill("8")
    visit.changed("199", before)
    assert "Traceback" not in "".join(capfd.readouterr())


def test_ten_drawings_can_be_saved(visit):
    visit.page.get_by_text(say(visit.language, "explore.singles")).click()
    links = visit.page.locator("#singles a")
    expect(links).to_have_count(10)
    with visit.page.expect_download() as download:
        links.first.click()
    assert download.value.suggested_filename == "epoch-199-seed-7.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_interpolation_ends_exactly_at_the_second_seeds_drawing(visit):
    visit.tab("interpolate.tab")
    expect(visit.page.locator("#strip img")).to_have_count(9)
    before = visit.source("way")
    visit.page.locator("#way input[type=range]").press("End")
    visit.changed("way", before)
    expect(visit.drawing("way")).to_have_attribute("src", visit.source("b"))
    visit.page.locator("#way input[type=range]").press("Home")
    expect(visit.drawing("way")).to_have_attribute("src", visit.source("a"))
    assert visit.page.locator("#strip img").last.get_attribute("src") == visit.source("b")
    before = visit.source("b")
    visit.page.locator("#seed-b input").fill("77")
    visit.changed("b", before)
    expect(visit.page.locator("#strip img").last).to_have_attribute("src", visit.source("b"))
    with visit.page.expect_download() as download:
        visit.page.locator("#strip .files a").first.click()
    assert download.value.suggested_filename == "epoch-199-slerp-7-77.gif"


def curves(page) -> list[int]:
    """How many points each of both losses has."""
    return page.evaluate(
        "() => { const c = document.querySelector('#loss-chart .js-plotly-plot');"
        " return c && c.data ? c.data.slice(0, 2).map((t) => new Set(t.y).size) : [0, 0]; }"
    )


def test_a_live_run_moves_both_curves_and_stop_leaves_its_files(visit):
    page = visit.page
    visit.train_for_an_hour()
    page.locator("#begin input").nth(2).check()  # on from epoch 100
    page.locator("#train-start").click()
    page.wait_for_function(
        "() => { const c = document.querySelector('#loss-chart .js-plotly-plot');"
        " return c && c.data && c.data[0].x.length >= 4; }",
    )
    assert min(curves(page)) >= 4
    page.evaluate("() => { window.sameChart = document.querySelector('#loss-chart .js-plotly-plot'); }")
    page.evaluate("() => window.ganPlotly.then((P) => P.relayout(window.sameChart, {'xaxis.range': [1, 3]}))")
    sheet = page.locator("#live-sheet img").get_attribute("src")
    expect(page.locator("#live-sheet img")).not_to_have_attribute("src", sheet)
    assert page.evaluate(
        "() => window.sameChart === document.querySelector('#loss-chart .js-plotly-plot')"
        " && window.sameChart.layout.xaxis.range.join() === '1,3'"
    ), "the chart was torn down, or lost its zoom"
    expect(page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    page.locator("#train-stop").click()
    expect(page.locator("#train-files")).to_be_visible(timeout=SLOW)
    expect(page.locator("#train-start")).to_be_enabled()
    stopped = re.escape(say(visit.language, "status.stopped", epoch="EPOCH")).replace("EPOCH", r"\d+")
    expect(page.locator("#train-status .sentence")).to_have_text(re.compile(f"^{stopped}$"))
    with page.expect_download() as download:
        page.locator("#train-generator").click()
    path = Path(download.value.path())
    assert load_network(path, "generator").network(torch.zeros(1, 128)).shape == (1, 1, 28, 28)
    with page.expect_download() as download:
        page.locator("#train-losses").click()
    lines = io.StringIO(Path(download.value.path()).read_text()).readlines()
    assert lines[0].strip() == "step,loss_g,loss_d,d_real,d_fake" and len(lines) >= 5


def test_bad_settings_are_refused_before_the_run(visit):
    page = visit.page
    visit.tab("train.tab")
    expect(page.locator("#loss-chart")).to_contain_text(say(visit.language, "chart.empty"))
    page.locator("#settings").get_by_role("button").first.click()
    expect(page.locator("#set-seed input")).to_have_value("0")
    for field, value, limit in (("k", "1000", "10"), ("lr_g", "0", "1"), ("batch_size", "0", "2048")):
        box = page.locator(f"#set-{field} input")
        good = box.input_value()
        box.fill(value)
        box.press("Tab")
        expect(box).to_have_value(value)
        page.locator("#train-start").click()
        toast = page.locator(".toast-body", has_text=say(visit.language, f"field.{field}")).first
        expect(toast).to_contain_text(limit)
        box.fill(good)
    expect(page.locator("#train-start")).to_be_enabled()


def test_a_closed_tab_frees_the_machine_for_the_next_visitor(browser, server):
    first, second = Visit(browser, server, "en"), Visit(browser, server, "ko")
    for visit in (first, second):
        visit.train_for_an_hour()
    first.page.locator("#train-start").click()
    expect(first.page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    second.page.locator("#train-start").click()
    expect(second.page.locator("#train-status .sentence")).to_have_text(
        say("ko", "status.waiting", place=1), timeout=SLOW
    )
    second.page.locator("#train-stop").click()
    expect(second.page.locator("#train-status .sentence")).to_have_text(say("ko", "status.left"))
    expect(second.page.locator("#train-files")).not_to_be_visible()
    second.page.locator("#train-start").click()
    first.context.close()
    expect(second.page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    second.page.locator("#train-stop").click()
    expect(second.page.locator("#train-files")).to_be_visible(timeout=SLOW)
    second.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_does_not_scroll_sideways(browser, server, theme):
    visit = Visit(browser, f"{server}/?__theme={theme}", "ko", viewport={"width": 390, "height": 844})
    for key in ("explore.tab", "interpolate.tab", "train.tab"):
        visit.tab(key)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visit.context.close()
