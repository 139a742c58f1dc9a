"""The page in real Chromium, in both languages: what a visitor does, and what must happen."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch
from playwright.sync_api import expect
from visits import LIVE, LOCALES, SLOW, Visit, faults_by_scheme, fits

from playground.checkpoints import load_network
from playground.losses import LOSSES
from playground.presets import PRESETS
from playground.training import TrainConfig
from playground.ui.page import TABS
from playground.ui.texts import say


@pytest.fixture(params=LOCALES)
def visit(request, browser, server):
    visit = Visit(browser, server, request.param)
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"
    assert visit.hosts() == {urlsplit(server).netloc}, "a request left the machine"


@pytest.mark.words
def test_it_speaks_the_visitors_language_everywhere(visit):
    page, language = visit.page, visit.language
    expect(page.locator("#title")).to_contain_text("GAN 놀이터" if language == "ko" else "GAN playground")
    expect(page.locator("#drawing-100 h3")).to_have_text("G" + say(language, "common.epoch_short", epoch=100))
    expect(page.locator("#drawing-100")).to_contain_text(say(language, "common.forged"))
    for fold in ("more", "inside"):
        visit.fold(fold)
    for key in ("explore.tab", "interpolate.tab", "train.tab"):
        visit.tab(key)
        expect(page.get_by_role("tab", name=say(language, key), exact=True)).to_have_attribute("aria-selected", "true")
        text = page.locator("body").inner_text().replace("한국어", "")  # the switch names each language in itself
        assert "__i18n__" not in text and not re.search(r"\b(field|explore|train|status|drawing)\.[a-z_]+\b", text)
        assert not re.search(r"[a-z]+_[a-z]+|undefined|NaN", text), "a key without words"
        if language == "en":
            assert not re.search("[가-힣]", text)


def curves(page) -> list[int]:
    """How many points each of both losses has."""
    return page.evaluate(
        f"() => {{ const c = {LIVE}; return c && c.data ? c.data.slice(0, 2).map((t) => new Set(t.y).size) : [0, 0]; }}"
    )


def test_a_live_run_moves_both_curves_and_stop_leaves_its_files(visit):
    page = visit.page
    visit.train_for_an_hour()
    page.locator("#begin input").nth(2).check()  # on from epoch 100
    page.locator("#train-start").click()
    page.wait_for_function(
        f"() => {{ const c = {LIVE}; return c && c.data && c.data[0].x.length >= 4; }}",
    )
    assert min(curves(page)) >= 4
    page.evaluate(f"() => {{ window.sameChart = {LIVE}; }}")
    page.evaluate("() => window.Plotly.relayout(window.sameChart, {'xaxis.range': [1, 3]})")
    sheet = page.locator("#live-sheet img").get_attribute("src")
    expect(page.locator("#live-sheet img")).not_to_have_attribute("src", sheet)
    assert page.evaluate(
        f"() => window.sameChart === {LIVE} && window.sameChart.layout.xaxis.range.join() === '1,3'"
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
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(
        "\ufeffstep,loss_g,loss_d,d_real,d_fake\n".encode()
    )  # a Korean spreadsheet wants the mark
    assert len(content.splitlines()) >= 5


def test_presets_fill_the_settings(visit):
    page = visit.page
    visit.tab("train.tab")
    expect(page.locator("#loss-chart")).to_contain_text(say(visit.language, "chart.empty"))
    page.locator("#settings").get_by_role("button").first.click()
    for i, preset in reversed(list(enumerate(PRESETS.values()))):
        page.locator("#preset input").nth(i).check()
        budget = (
            TrainConfig().epochs if preset.seconds is None else round(preset.seconds)
        )  # 200 where none is asked for
        expect(page.locator("#amount input")).to_have_value(str(budget))
        expect(page.locator("#set-widths_g input, #set-widths_g textarea")).to_have_value(
            ", ".join(map(str, preset.widths_g))
        )
        expect(page.locator("#set-digits input:checked")).to_have_count(len(preset.digits))
        expect(page.locator("#set-loss input").nth(list(LOSSES).index(preset.loss))).to_be_checked()


def test_a_shipped_epoch_wants_the_lectures_networks(visit):
    page = visit.page
    visit.tab("train.tab")
    expect(page.locator("#loss-chart")).to_contain_text(say(visit.language, "chart.empty"))
    page.locator("#settings").get_by_role("button").first.click()
    expect(page.locator("#set-seed input")).to_have_value("0")
    page.locator("#begin input").nth(1).check()
    page.locator("#train-start").click()
    expect(visit.toast()).to_contain_text(say(visit.language, "field.norm"))
    expect(page.locator("#train-start")).to_be_enabled()


def test_bad_settings_are_refused_before_the_run(visit):
    page = visit.page
    visit.tab("train.tab")
    expect(page.locator("#loss-chart")).to_contain_text(say(visit.language, "chart.empty"))
    page.locator("#settings").get_by_role("button").first.click()
    expect(page.locator("#set-seed input")).to_have_value("0")
    for field, value, limit in (("k", "1000", "10"), ("lr_g", "0", "1"), ("batch_size", "0", "2048")):
        box = page.locator(f"#set-{field} input")
        good = box.input_value()
        visit.type(f"#set-{field} input", value)
        page.locator("#train-start").click()
        toast = page.locator(".toast-body", has_text=say(visit.language, f"field.{field}")).first
        expect(toast).to_contain_text(limit)
        box.fill(good)
    expect(page.locator("#train-start")).to_be_enabled()


@pytest.mark.slow
def test_a_closed_tab_frees_the_machine_for_the_next_visitor(browser, server):
    first, second = Visit(browser, server, "en"), Visit(browser, server, "ko")
    for visit in (first, second):
        visit.train_for_an_hour()
    first.page.locator("#train-start").click()
    expect(first.page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    second.page.locator("#train-start").click()
    waits = re.compile(say("ko", "status.waiting", place=1, wait=say("ko", "status.most_minutes", minutes=r"(60|59)")))
    expect(second.page.locator("#train-status .sentence")).to_have_text(waits, timeout=SLOW)  # the first has an hour
    second.page.locator("#train-stop").click()
    expect(second.page.locator("#train-status .sentence")).to_have_text(say("ko", "status.left"))
    expect(second.page.locator("#train-files")).not_to_be_visible()
    second.page.locator("#train-start").click()
    first.close()
    expect(second.page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    second.page.locator("#train-stop").click()
    expect(second.page.locator("#train-files")).to_be_visible(timeout=SLOW)
    second.close()


VIEWS = {"phone": (360, 740), "large": (390, 844), "laptop": (1366, 768), "projector": (1920, 1080)}


@pytest.mark.parametrize("view", ["phone", *(pytest.param(v, marks=pytest.mark.slow) for v in list(VIEWS)[1:])])
def test_no_view_scrolls_sideways_and_axe_finds_no_serious_fault(browser, server, view):
    width, height = VIEWS[view]
    visit = Visit(browser, server, "ko", viewport={"width": width, "height": height})
    for key in TABS.values():
        visit.tab(key)
        if key == "explore.tab":
            for fold in ("more", "inside"):
                visit.fold(fold)
            expect(visit.page.locator("#inside-widget .numbers")).not_to_be_empty()
        elif key == "interpolate.tab":
            expect(visit.page.locator("#drawing-way .number")).to_contain_text("=")
        elif key == "train.tab":
            expect(visit.page.locator("#loss-chart")).to_contain_text(say("ko", "chart.empty"))
        elif key == "epochs.tab":
            expect(visit.page.locator("#story .js-plotly-plot .main-svg").first).to_be_attached()
        else:
            expect(visit.page.locator("#lesson-1 .do")).to_be_visible()
        assert fits(visit.page)
        assert faults_by_scheme(visit) == []
    visit.close()


def test_the_drawings_stand_above_the_fold(browser, server):
    for width, height in (VIEWS["laptop"], VIEWS["projector"]):
        visit = Visit(browser, server, "ko", viewport={"width": width, "height": height})
        for name in ("000", "100", "199"):
            box = visit.page.locator(f"#drawing-{name} .verdict").bounding_box()
            assert box["y"] + box["height"] <= height
        visit.close()
