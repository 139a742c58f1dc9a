"""How the page is seen and held: nothing jumps, a finger hits, no word is torn, and keys reach everything."""

import pytest
from playwright.sync_api import expect
from visits import LAPTOP, PHONE, TABLET, Visit, small_targets, torn_words

from playground.ui.page import TABS
from playground.ui.texts import LANGUAGES

MOST = 0.02  # layout shift
STANDS = """(tab) => {
  const panel = document.getElementById(`tab-${tab}`), shown = panel?.checkVisibility({ visibilityProperty: true });
  return shown && !panel.querySelector(".waiting:not([hidden])") && document.fonts.status === "loaded";
}"""
WIDER = """() => [...document.querySelectorAll("#explore .card .verdict")].filter((one) =>
  one.querySelector(".real").getBoundingClientRect().right > one.getBoundingClientRect().right + 1)
  .map((one) => one.textContent)"""
OPEN = "() => document.querySelectorAll('[role=tabpanel] details').forEach((part) => { part.open = true; })"


def opened(visit, server, tab):
    """Open a tab by its address, and wait until it is shown whole."""
    visit.open(f"{server}/?tab={tab}")
    visit.page.wait_for_function(STANDS, arg=tab)
    if tab == "train":  # it asks the server once what this visitor has
        expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_nothing_jumps_as_a_tab_opens(browser, server, size):
    visit = Visit(browser, f"{server}/?tab=learn", viewport=size)
    for tab in TABS:
        opened(visit, server, tab)
        moved, what = visit.shifted()
        assert moved <= MOST, (tab, [one for one in what if one[0] > 0.005])
    visit.close()


def each_tab(visit):
    """Go from tab to tab, and open all that is folded there."""
    page = visit.page
    page.wait_for_function(STANDS, arg="learn")  # what the address asked for
    for tab, key in TABS.items():
        visit.tab(key)
        page.wait_for_function(STANDS, arg=tab)
        if tab == "train":
            page.locator("#settings").get_by_role("button").first.click()
            expect(page.locator("#set-seed input")).to_be_visible()
            page.locator("#failures > button").click()
            expect(page.locator("#recipe input").first).to_be_visible()
        page.evaluate(OPEN)
        yield tab


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_a_finger_hits_everything_and_no_word_is_torn(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn", language, viewport=PHONE)
    found = {tab: small_targets(visit.page) + torn_words(visit.page) for tab in each_tab(visit)}
    assert not any(found.values()), found
    visit.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_torn_on_a_laptop_and_on_its_projector(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn", language, viewport=LAPTOP)
    found = {tab: torn_words(visit.page) for tab in each_tab(visit)}
    visit.tab("explore.tab")
    visit.page.keyboard.press("p")
    page = visit.page
    page.wait_for_function(STANDS, arg="explore")
    assert page.evaluate(WIDER) == [], "a verdict is wider than its drawing"
    for tab, key in TABS.items():  # the lesson last: it has the projector's screen for itself
        visit.tab(key)
        found[f"{tab}, large"] = torn_words(visit.page)
    assert not any(found.values()), found
    visit.close()


# The boxes of diagrams whose words are wider.
OUTSIDE = """() => [...document.querySelectorAll("#learn .part")].filter((one) => one.checkVisibility()
  && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_torn_on_a_tablet_on_any_page_of_the_lesson(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn", language, viewport=TABLET)
    page, found = visit.page, {}
    for number in range(1, 10):
        page.locator(".contents button").nth(number - 1).click()
        expect(page.locator(f"#lesson-{number} h3, #lesson-{number} h2").first).to_be_visible()
        found[number] = torn_words(page) + page.evaluate(OUTSIDE)
    assert not any(found.values()), found
    visit.close()


def test_keys_see_where_they_are_and_pass_rows_in_one_step(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn", viewport=LAPTOP)
    page = visit.page
    for tab in each_tab(visit):
        page.locator(".skip").focus()
        stops = []
        while len(stops) < 400:
            page.keyboard.press("Tab")
            stop = page.evaluate("() => window.seen.focused()")
            if stop is None:
                break
            stops.append(stop)
        assert [stop["what"] for stop in stops if not stop["seen"]] == [], tab
        rows = [stop["row"] for stop in stops if stop.get("row")]
        assert len(rows) == len(set(rows)), "a row is one stop"
    visit.close()


def test_the_first_stop_leads_past_the_row_of_tabs(browser, server):
    visit = Visit(browser, f"{server}/?tab=epochs", viewport=LAPTOP)
    page = visit.page
    page.wait_for_function(STANDS, arg="epochs")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#tab-epochs")).to_be_focused()
    assert page.url.endswith("?tab=epochs")
    page.keyboard.press("Tab")
    expect(page.locator("#story-play")).to_be_focused()
    visit.close()


def test_arrows_walk_through_the_tabs(browser, server):
    visit = Visit(browser, f"{server}/?tab=interpolate", viewport=PHONE)
    page = visit.page
    page.wait_for_function(STANDS, arg="interpolate")
    page.locator("#tab-interpolate-button").focus()
    for name in ("train", "epochs", "learn"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#tab-{name}-button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#tab-learn-button")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tab-learn-button")).to_be_in_viewport(ratio=0.99)  # the row was swept
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-explore-button")).to_be_focused()
    visit.close()
