"""The state that one can share: the address holds it, and nothing else does."""

import pytest
from playwright.sync_api import expect
from visits import Visit

from playground.ui.page import TABS
from playground.ui.texts import say

# A link that was copied long ago: it opens the same picture for ever.
STATE = (
    "check=1fgsqxu&seeds=12.31.30.77&at=40.160&moves=5.-20.0.0.0.0.0.100&temperature=120&painted=AAADgX9_&units=AAAL_w"
    "&epoch=100&real=5&sum=40&folds=7&unit=33"
)
DRAWINGS = ("000", "100", "199", "real", "sum")


def test_a_link_opens_exactly_the_same_picture(browser, server):
    first = Visit(browser, f"{server}/?{STATE}", permissions=["clipboard-read", "clipboard-write"])
    first.page.locator("#copy-link").click()
    expect(first.page.locator("#banner .said")).to_have_text(say("en", "banner.copied"))
    link = first.page.evaluate("navigator.clipboard.readText()")
    assert set(link.partition("?")[2].split("&")) == set(STATE.split("&"))
    first.page.wait_for_function("() => document.querySelector('#drawing-sum canvas').toDataURL().length > 400")
    second = Visit(browser, link, "ko")
    for name in DRAWINGS:
        second.same(name, first.pixels(name))
    assert len({first.pixels(name) for name in DRAWINGS}) == len(DRAWINGS)
    first.close()
    second.close()


def test_going_back_restores_what_stood_there(browser, server):
    visit = Visit(browser, server)
    page, shown = visit.page, [visit.pixels("199")]
    for press in (
        lambda: page.locator("#dice").click(),
        lambda: page.locator("#direction-2 input[type=range]").press("End"),
        lambda: page.locator("#dice").click(),
    ):
        press()
        visit.changed("199", shown[-1])
        shown.append(visit.pixels("199"))
    visit.tab("interpolate.tab")
    expect(page.locator("#drawing-way")).to_be_visible()
    page.go_back()
    expect(page.locator("#drawing-199")).to_be_visible()
    visit.same("199", shown[3])
    for pixels in reversed(shown[:3]):
        page.go_back()
        visit.same("199", pixels)
    page.go_forward()
    visit.same("199", shown[1])
    page.reload()
    visit.same("199", shown[1])
    visit.close()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_damaged_link_opens_the_default_and_says_so(browser, server, language):
    whole = Visit(browser, server, language)
    visit = Visit(browser, f"{server}/?seeds=1.2.3&temperature=50", language)
    expect(visit.page.locator("#banner [role=alert]")).to_contain_text(say(language, "banner.damaged"))
    visit.same("199", whole.pixels("199"))
    visit.page.locator("#banner .close").click()
    expect(visit.page.locator("#banner [role=alert]")).to_be_hidden()
    visit.page.locator("#direction-1 input[type=range]").press("End")
    visit.page.wait_for_function("() => location.search.endsWith('&moves=100.0.0.0.0.0.0.0')")
    visit.close()
    whole.close()


def test_a_link_that_was_cut_short_is_damaged(browser, server):
    visit = Visit(browser, server)
    for cut in (STATE[:-1], STATE[: STATE.index("&units")], STATE[:8]):  # at the end, in the middle, in its check
        visit.open(f"{server}/?{cut}")
        expect(visit.page.locator("#banner [role=alert]")).to_contain_text(say("en", "banner.damaged"))
    visit.close()


def test_undo_belongs_to_its_tab(browser, server):
    visit = Visit(browser, server)
    page = visit.page
    page.locator("#dice").click()
    visit.tab("interpolate.tab")
    page.locator("#add-seed").click()
    route = visit.state("route")
    visit.tab("explore.tab")
    page.locator("#banner [data-lang=ko]").click()
    page.locator("#undo").click()
    assert visit.state("seeds[0]") == 7 and visit.state("route") == route and visit.state("lang") == "ko"
    expect(page.locator("#undo")).to_be_disabled()
    page.locator("#direction-1 input[type=range]").press("End")
    page.go_back()
    page.wait_for_function("() => window.ganPage.state.moves[0] === 0")
    expect(page.locator("#undo")).to_be_disabled()  # the browser has undone it
    visit.close()


def test_what_is_not_ours_in_an_address_stays_there(browser, server):
    visit = Visit(browser, f"{server}/?__theme=dark&fbclid=xyz")
    visit.page.locator("#direction-1 input[type=range]").press("End")
    visit.page.wait_for_function("() => location.search.includes('moves=') && location.search.includes('fbclid=xyz')")
    assert visit.page.locator("body.dark").count() == 1
    visit.close()


def test_the_switch_changes_everything_at_once_and_stays_in_the_address(browser, server):
    visit = Visit(browser, server, "en")
    page = visit.page
    visit.fold("inside")
    page.locator("#banner [data-lang=ko]").click()
    expect(page.locator("#title")).to_contain_text("GAN 놀이터")
    tabs = [say("ko", key) for key in TABS.values()]
    expect(page.get_by_role("tab")).to_have_text(tabs)  # also those that were never opened
    expect(page.locator("#drawing-100 h3")).to_have_text("G" + say("ko", "common.epoch_short", epoch=100))
    expect(page.locator("#own")).to_contain_text(say("ko", "explore.own"))
    expect(page.locator("#inside .numbers")).to_contain_text("유닛")
    expect(page.locator("footer")).to_contain_text("설정")
    assert page.evaluate("document.documentElement.lang") == "ko" and "lang=ko" in page.url
    page.locator("#seed input").fill("-1")
    expect(page.locator("#seed [role=alert]")).to_contain_text("시드")
    visit.language = "ko"
    visit.tab("train.tab")
    expect(page.locator("#train-start")).to_have_text(say("ko", "train.start"))
    expect(page.locator("#loss-chart")).to_contain_text(say("ko", "chart.empty"))
    page.locator("#settings").get_by_role("button").first.click()
    visit.type("#set-k input", "1000")
    page.locator("#train-start").click()
    expect(visit.toast()).to_contain_text(say("ko", "field.k"))
    page.reload()
    expect(page.locator("#train-start")).to_have_text(say("ko", "train.start"))
    page.locator("#banner [data-lang=en]").click()
    expect(page.locator("#train-start")).to_have_text(say("en", "train.start"))
    visit.close()


def test_a_link_brings_its_language_along(browser, server):
    visit = Visit(browser, f"{server}/?lang=en", "ko")
    expect(visit.page.locator("#title")).to_contain_text("GAN playground")
    expect(visit.page.get_by_role("tab").first).to_have_text(say("en", "explore.tab"))
    visit.close()
