"""The lesson in front of a class: one step a screen, turned by keys, clicker or mouse, and kept in the address."""

import re

import pytest
from playwright.sync_api import expect
from visits import Visit, fits, serious_faults

from playground.ui.texts import LANGUAGES, say

SCREENS = {"laptop": {"width": 1366, "height": 768}, "hall": {"width": 1920, "height": 1080}}
# How far a step reaches beyond its screen: the whole, or anything in it that scrolls by itself.
BEYOND = """(article) => {
  const over = (one) => Math.max(0, one.scrollHeight - one.clientHeight);
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowY) && one.checkVisibility();
  const within = [...article.querySelectorAll("*")].filter(scrolls).map(over);
  return Math.max(over(article), Math.ceil(article.getBoundingClientRect().bottom) - innerHeight, ...within);
}"""
# All that may be pressed on a step and adds words to it, each pressed in turn; what then reached beyond the screen.
PRESS = f"""async (article) => {{
  const beyond = {BEYOND}, found = [];
  const there = (selector) => [...article.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const press = async (button) => {{
    button.click();
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    if (beyond(article) > 0) found.push(`${{button.className}} ${{button.textContent}}: ${{beyond(article)}}`);
  }};
  const once = ".choices button, .dots button, details:not([open]) > summary, #quiz-reveal";
  for (const one of there(once)) await press(one);
  for (const one of there(".step")) for (let place = 0; place < 13; place++) await press(one);
  for (const one of there(".mark")) {{
    await press(one);
    for (const reading of there(".reading")) await press(reading);
  }}
  return found;
}}"""


def lesson_of(visit):
    return visit.page.locator(f"#lesson-{visit.state('lesson')}")


def stand_at(visit, lesson, step):
    """Wait until that step of a page of the lesson is shown."""
    expect(visit.page.locator(f"#lesson-{lesson}")).to_have_attribute("data-at", str(step))
    expect(visit.page.locator(f"#lesson-{lesson}")).to_be_visible()


def steps_of(visit) -> int:
    return int(re.findall(r"\d+", visit.page.locator("#learn .steps .place").inner_text())[-1])


@pytest.mark.parametrize("lesson", range(1, 10))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_fits_the_screen_whatever_is_pressed_on_it(browser, server, lesson, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson={lesson}&view=projector", language, viewport=SCREENS["laptop"])
    stand_at(visit, lesson, 1)
    steps, article = steps_of(visit), lesson_of(visit)
    assert steps > 2
    for size in SCREENS.values():
        visit.page.set_viewport_size(size)
        for step in range(1, steps + 1):
            visit.page.evaluate("(step) => { window.ganPage.set({ step }); }", step)
            stand_at(visit, lesson, step)
            assert article.evaluate(BEYOND) <= 0, (size, step)
            assert article.evaluate(PRESS) == [], (size, step)
            assert fits(visit.page), (size, step)
            assert article.inner_text().strip(), "an empty screen"
    assert visit.said == []
    visit.close()


def test_nothing_of_a_page_is_lost_between_its_steps(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&view=projector", viewport=SCREENS["laptop"])
    stand_at(visit, 1, 1)
    lost = """(article) => [...article.children].filter((one) => !one.closest("[data-step], h3, .term-words"))
      .map((one) => one.outerHTML.slice(0, 80))"""
    for lesson in range(1, 10):
        visit.page.evaluate("(lesson) => { window.ganPage.set({ lesson, step: 1 }); }", lesson)
        stand_at(visit, lesson, 1)
        article, steps = lesson_of(visit), steps_of(visit)
        assert article.evaluate(lost) == [], "it would stand on every step"
        marks = article.locator("[data-step]").evaluate_all("all => all.map((one) => one.dataset.step)")
        stood = {int(step) for mark in marks for step in mark.split()}
        assert stood == set(range(1, steps + 1)), lesson
    visit.close()


def test_keys_turn_steps_and_pages_and_the_address_keeps_the_step(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1&view=projector", "ko", viewport=SCREENS["laptop"])
    page = visit.page
    stand_at(visit, 1, 1)
    expect(page.locator("#step-back")).to_have_attribute("aria-disabled", "true")
    for key, step in (("PageDown", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("PageUp", 1), ("PageUp", 1)):
        page.keyboard.press(key)
        stand_at(visit, 1, step)
    page.locator("#step-on").click()
    stand_at(visit, 1, 2)
    assert "step=2" in page.url and page.evaluate("() => window.ganPage.link") == page.url
    words = say("ko", "learn.step_place", step=2, steps=steps_of(visit))
    expect(page.locator("#learn .steps .place")).to_have_text(words)
    for key in ("b", ".", "Control+PageDown"):  # blank the screen, or are the browser's own
        page.keyboard.press(key)
    stand_at(visit, 1, 2)
    last = steps_of(visit)
    for _ in range(2, last):
        page.keyboard.press("PageDown")
    stand_at(visit, 1, last)
    page.keyboard.press("PageDown")  # past the last step
    stand_at(visit, 2, 1)
    assert "lesson=2" in page.url and "step=" not in page.url
    page.go_back()
    stand_at(visit, 1, last)
    visit.open(f"{server}/?tab=learn&lesson=4&view=projector")
    stand_at(visit, 4, 1)
    page.keyboard.press("PageUp")  # before the first one: a page that was never opened
    stand_at(visit, 3, 3)
    assert "step=3" in page.url
    assert visit.said == []
    visit.close()


def test_a_control_that_uses_arrows_keeps_them_but_a_clicker_still_turns(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1&view=projector", viewport=SCREENS["laptop"])
    page = visit.page
    slider = page.locator("#game-epoch input[type=range]")
    slider.press("ArrowRight")
    expect(slider).to_have_value("1")
    stand_at(visit, 1, 1)
    slider.press("PageDown")
    stand_at(visit, 1, 2)
    expect(slider).to_have_value("1")
    page.locator("#lesson-of-g").press("ArrowRight")  # a button has no use for them
    stand_at(visit, 1, 3)
    visit.close()


def test_a_link_to_a_step_opens_it_and_one_beyond_the_last_opens_the_last(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=5&step=2&view=projector", viewport=SCREENS["laptop"])
    page = visit.page
    stand_at(visit, 5, 2)
    expect(page.locator("#turn-step")).to_be_visible()
    expect(page.locator("#lesson-5 .lead")).to_be_hidden()
    page.keyboard.press("p")  # leaves the view: all of the page stands there
    expect(page.locator("#lesson-5 .lead")).to_be_visible()
    expect(page.locator("#learn .steps")).to_be_hidden()
    page.keyboard.press("PageDown")
    assert visit.state("step") == 2
    page.keyboard.press("p")
    stand_at(visit, 5, 2)
    visit.open(f"{server}/?tab=learn&lesson=5&step=40&view=projector")
    stand_at(visit, 5, 3)
    page.keyboard.press("PageUp")
    stand_at(visit, 5, 2)
    visit.close()


def test_a_page_that_a_teacher_shows_alone_keeps_its_class(browser, server):
    address = f"{server}/?tab=learn&lesson=3&step=3&view=projector&hide=pages"
    visit = Visit(browser, address, viewport=SCREENS["laptop"])
    stand_at(visit, 3, 3)
    expect(visit.page.locator("#step-on")).to_have_attribute("aria-disabled", "true")
    visit.page.keyboard.press("PageDown")
    visit.page.keyboard.press("PageUp")
    stand_at(visit, 3, 2)
    visit.close()


def test_the_bar_has_the_link_and_the_way_out_and_everybody_can_read_it(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1&step=3&view=projector", "ko", viewport=SCREENS["laptop"])
    page = visit.page
    stand_at(visit, 1, 3)
    for there in ("#copy-link", "#projector", "#lesson-1 .links a >> nth=1"):  # the last one leads to Explore
        expect(page.locator(there)).to_be_in_viewport(ratio=1)
    for gone in ("#title", ".tab-wrapper", "#learn .contents", "#learn .turn-over"):
        expect(page.locator(gone).first).to_be_hidden()
    bars = page.locator("#learn .steps").bounding_box()
    assert bars["y"] == 0 and bars["height"] <= 56
    assert serious_faults(page) == []
    page.locator("#lesson-1 .links a").nth(1).click()
    expect(page.locator("#drawing-199")).to_be_visible()
    expect(page.get_by_role("tab").first).to_be_visible()  # other tabs stand as they did
    page.go_back()
    stand_at(visit, 1, 3)
    page.locator("#projector").click()
    expect(page.locator("#title")).to_be_visible()
    visit.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_moves_nothing_of_its_question_and_has_room(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=9&view=projector", language, viewport=SCREENS["laptop"])
    page, quiz = visit.page, visit.page.locator(".page-quiz")
    places = """(quiz) => [...quiz.querySelectorAll("legend, .option, .option button, #quiz-reveal")]
      .filter((one) => one.checkVisibility()).map((one) => JSON.stringify(one.getBoundingClientRect()))"""
    tight = """(quiz) => [...quiz.querySelectorAll(".option")].filter((one) => one.checkVisibility())
      .filter((one) => [...one.children].some((part) => part.scrollHeight > one.clientHeight))
      .map((one) => one.textContent)"""
    stand_at(visit, 9, 1)
    for step in range(2, steps_of(visit) + 1):
        page.keyboard.press("PageDown")
        stand_at(visit, 9, step)
        expect(page.locator(".page-quiz .question:visible")).to_have_count(1)
        before = quiz.evaluate(places)
        assert len(before) == 10
        assert page.locator(".page-quiz .why:visible").count() == 0
        page.locator(".page-quiz .option button:visible").nth(2).click()
        page.locator("#quiz-reveal").click()
        expect(page.locator(".page-quiz .why:visible")).to_have_count(4)
        assert quiz.evaluate(places) == before
        assert quiz.evaluate(tight) == []
    visit.close()
