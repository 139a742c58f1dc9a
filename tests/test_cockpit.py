"""The live tab as a cockpit: all that matters on one screen, sliders, panels beside, the ghost, runs as tabs."""

import pytest
from playwright.sync_api import expect
from visits import LAPTOP, LIVE, Visit

from playground.config import ALL_IMAGES, TrainConfig
from playground.history import read_history
from playground.presets import PRESETS
from playground.ui.assets import addresses
from playground.ui.tabs.train.controls import DIALS
from playground.ui.tabs.train.shown import ghost
from playground.ui.texts import LANGUAGES, say

MATTERS = (  # that a class sees without scrolling
    *("#preset", "#train-where", "#train-start", "#train-stop", "#train-step-both", "#train-status .sentence"),
    *("#set-loss", *(f"#dial-{name}" for name in DIALS), "#settings > button", "#failures > button"),
    *("#loss-chart .plot", "#live-sheet img", "#standing .stand"),
)
UNSEEN = """(selectors) => selectors.filter((one) => { const found = document.querySelector(one);
  const { top, bottom } = found?.getBoundingClientRect() ?? {};
  return !(found?.checkVisibility() && top >= 0 && bottom > top && bottom <= innerHeight); })"""
HAND_ON = "async ([module, parts]) => (await import(module)).handOn(parts)"
HAUNTED = "() => document.querySelector('#loss-chart .js-plotly-plot[data-ghost]')?.data?.[0].x.length"
BOX = (
    "(one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return [left, right, top, bottom]; }"
)


@pytest.fixture
def visit(browser, server, request):
    visit = Visit(browser, f"{server}/?tab=train", getattr(request, "param", "en"), viewport=LAPTOP)
    expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


def box(visit, selector):
    """Left, right, top and bottom of an element, in pixels."""
    return visit.page.locator(selector).first.evaluate(BOX)


def written(number) -> str:
    """A number as fields show it: 0.00004, not 4e-05."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def on_this_device(visit):
    """A step of both networks on this device, which is a run."""
    visit.page.locator("#train-where input").first.check()
    expect(visit.page.locator("#train-status .device")).to_contain_text("WebAssembly")
    visit.page.locator("#preset input").nth(list(PRESETS).index("pocket")).check()
    visit.page.locator("#train-step-both").click()
    expect(visit.page.locator("#moved .moved")).not_to_be_empty()
    expect(visit.page.locator("#train-start")).to_be_enabled()


@pytest.mark.parametrize("visit", LANGUAGES, indirect=True)
def test_all_that_matters_is_on_one_screen_and_a_step_is_told_beside_its_button(visit):
    on_this_device(visit)
    assert visit.page.evaluate(UNSEEN, MATTERS) == []
    told, button = box(visit, "#moved .moved"), box(visit, "#train-step-both")
    assert told[0] >= button[1] and told[2] < button[3] and button[2] < told[3]


def test_a_slider_sets_its_field_and_follows_it(visit):
    page = visit.page
    for name, stops in DIALS.items():
        slider, field = page.locator(f"#dial-{name} input"), page.locator(f"#set-{name} input")
        visit.type(f"#set-{name} input", str(stops[3]))
        expect(slider).to_have_value("3")
        slider.press("ArrowRight")
        expect(field).to_have_value(written(stops[4]))
        expect(slider).to_have_attribute("aria-valuetext", written(stops[4]))
        assert slider.get_attribute("aria-label") == say("en", f"field.{name}")
    page.locator("#preset input").first.check()  # the lecture's
    place = DIALS["lr_d"].index(min(DIALS["lr_d"], key=lambda stop: abs(stop - PRESETS["lecture"].lr_d)))
    expect(page.locator("#dial-lr_d input")).to_have_value(str(place))
    visit.type("#set-batch_size input", "100")  # between two stops: the field keeps it
    expect(page.locator("#dial-batch_size input")).to_have_value(str(DIALS["batch_size"].index(128)))
    expect(page.locator("#set-batch_size input")).to_have_value("100")


def test_a_run_under_way_follows_a_slider(visit):
    page = visit.page
    page.locator("#train-start").click()
    page.wait_for_function(f"() => {LIVE}?.data?.[0].x.length >= 2")
    page.locator("#dial-k input").press("ArrowRight")
    expect(page.locator("#loss-chart .names")).to_contain_text(f"{say('en', 'differs.k')} 2")
    page.locator("#train-stop").click()
    expect(page.locator("#train-start")).to_be_enabled()


def test_panels_open_beside_what_they_change(visit):
    page = visit.page
    for name, inside in (("settings", "#set-seed"), ("failures", "#recipe")):
        page.locator(f"#{name} > button").click()
        expect(page.locator(inside)).to_be_visible()
        panel, dials, plot = box(visit, f"#{name} > .label-wrap + div"), box(visit, "#dials"), box(visit, "#loss-chart")
        assert dials[1] <= panel[0] and panel[1] <= plot[0] and panel[2] < plot[3] <= LAPTOP["height"]
        page.wait_for_function("() => document.querySelector('#loss-chart svg.main-svg')?.clientWidth <= "
                               "document.querySelector('#loss-chart .plot').clientWidth")  # fmt: skip
        page.locator(f"#{name} > button").click()
        expect(page.locator(inside)).to_be_hidden()
    for name in ("settings", "failures"):  # together they share the place
        page.locator(f"#{name} > button").click()
    upper, lower = (box(visit, f"#{name} > .label-wrap + div") for name in ("settings", "failures"))
    assert upper[3] <= lower[2] + 1 and lower[1] <= box(visit, "#loss-chart")[0]


def test_the_ghost_is_the_shipped_run_and_is_named():
    shown = ghost(rows := read_history())
    lecture = TrainConfig()
    assert len(shown["points"]) == len(rows) == lecture.epochs
    assert shown["points"][-1][0] == lecture.epochs * lecture.steps_an_epoch(ALL_IMAGES)
    for point, row in zip(shown["points"], rows, strict=True):
        assert point[1:] == pytest.approx([row[name] for name in ("loss_g", "loss_d", "d_real", "d_fake")], abs=5e-4)


def test_before_the_first_run_a_ghost_plays_there_and_then_goes(visit):
    page = visit.page
    expect(page.locator("#loss-chart .front")).to_contain_text(say("en", "chart.ghost"))
    page.wait_for_function(
        "() => document.querySelector('#loss-chart [data-ghost].js-plotly-plot')?.data?.[0].x.length"
    )
    expect(page.locator("#live-sheet .ghost p")).to_have_text(say("en", "runs.ghost", epoch=199))  # it has played
    seen = (
        "() => new Set(document.querySelector('.ghost canvas').getContext('2d').getImageData(0, 0, 224, 224).data).size"
    )
    assert page.evaluate(seen) > 50
    on_this_device(visit)
    expect(page.locator("#live-sheet .ghost")).to_be_hidden()
    expect(page.locator("#loss-chart .front")).not_to_contain_text(say("en", "chart.ghost"))
    assert page.evaluate(f"() => {LIVE}.data[0].x") == [1]


def test_who_wants_less_motion_sees_the_ghosts_last_epoch_at_once(browser, server):
    visit = Visit(browser, f"{server}/?tab=train", reduced_motion="reduce")
    told = visit.page.locator("#live-sheet .ghost p")
    expect(told).to_have_text(say("en", "runs.ghost", epoch=199))
    sheets = [url for url in visit.asked if "/drawings/" in url]
    assert [url.rpartition("/")[2] for url in sheets] == ["epoch-199.png"]
    visit.close()


def test_kept_runs_are_tabs_and_the_chosen_one_is_in_front(visit):
    page = visit.page
    on_this_device(visit)
    visit.type("#set-lr_d input", "0.002")
    page.locator("#train-fork").click()
    tabs = page.locator("#loss-chart .tabs button")
    expect(tabs).to_have_text(["A", f"B · {say('en', 'differs.lr_d')} 0.002"])
    page.locator("#train-stop").click()
    expect(page.locator("#train-start")).to_be_enabled()
    expect(page.locator("#point input:checked")).to_have_value(last_point(page, "B"))
    tabs.first.click()
    expect(tabs.first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#point input:checked")).to_have_value("A:1")
    assert page.evaluate(f"() => {LIVE}.data[0].name").startswith("A")


def test_a_run_that_has_made_no_step_leaves_the_ghost_its_name(visit):
    """While it waits for its turn, minutes perhaps, the shipped run's curves are not taken for its own."""
    page = visit.page
    page.wait_for_function(HAUNTED)
    waiting = {"A": {"name": "A", "differs": {}, "points": [], "marks": [], "frechet": [], "slopes": [], "balance": []}}
    chart = {"names": ["A"], "runs": waiting, "current": "A", "token": "x"}
    page.evaluate(HAND_ON, [f"{addresses()['browser']}/train/live.js", {"chart": chart}])
    expect(page.locator("#loss-chart .front")).to_contain_text(say("en", "chart.ghost"))
    expect(page.locator("#loss-chart .tabs button")).to_have_count(0)


def test_after_a_run_the_one_is_in_front_whose_point_is_chosen(visit):
    page = visit.page
    on_this_device(visit)
    page.locator("#train-fork").click()
    tabs = page.locator("#loss-chart .tabs button")
    expect(tabs).to_have_count(2)
    page.wait_for_function(f"() => {LIVE}?.data?.some(({{ name }}) => name?.startsWith('B'))")
    tabs.first.click()  # while B trains: only to look
    expect(tabs.first).to_have_attribute("aria-pressed", "true")
    page.locator("#train-stop").click()
    expect(page.locator("#train-start")).to_be_enabled()
    expect(page.locator("#point input:checked")).to_have_value(last_point(page, "B"))
    expect(tabs.last).to_have_attribute("aria-pressed", "true")


def last_point(page, name):
    """The value of a run's last point."""
    return page.locator(f"#point input[value^='{name}:']").last.get_attribute("value")
