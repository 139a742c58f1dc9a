"""Every place of the page on a phone: nothing that axe-core calls serious, nothing beside the screen's edge.

Nothing that a finger misses either, and no torn word.
"""

import re

import pytest
from playwright.sync_api import expect
from visits import PHONE, Visit, faults_by_scheme, fits, small_targets, torn_words


def open_log(page):
    page.locator("#story .log summary").click()
    expect(page.locator("#story .rows tbody tr")).to_have_count(200)


def show_moment(page):
    page.locator(".page-turn .dots button").nth(3).click()


def read_place(page):
    page.locator(".page-curves .reading.rise").click()
    expect(page.locator(".proof.rise")).to_be_visible()
    page.locator("#lecture-log summary").click()
    page.locator("#lesson-7 button.term").first.click()
    expect(page.locator("#lesson-7 .term-words")).to_be_visible()


def answer(page):
    for number in range(4):
        page.locator("#quiz-tanh .option").nth(number).get_by_role("button").click()


def see_ten(page):
    expect(page.locator("#ten canvas[data-epoch]")).to_have_count(10)


PLACES = {
    "ten": ("check=1sjfnwe&folds=8", see_ten),
    "epochs": ("tab=epochs&moment=23", open_log),
    "game": ("tab=learn&lesson=1", None),
    "networks": ("tab=learn&lesson=2", None),
    "data": ("tab=learn&lesson=3", None),
    "objective": ("tab=learn&lesson=4", lambda page: expect(page.locator(".page-objective math")).to_be_visible()),
    "turn": ("tab=learn&lesson=5", show_moment),
    "code": ("tab=learn&lesson=6", lambda page: expect(page.locator(".page-code .cell").last).to_be_visible()),
    "curves": ("tab=learn&lesson=7", read_place),
    "world": ("tab=learn&lesson=8", lambda page: expect(page.locator(".page-world .card-of").first).to_be_visible()),
    "quiz": ("tab=learn&lesson=9", answer),
}


# axe-core reads the table of 200 epochs for a long time.
EACH = [pytest.param(name, marks=pytest.mark.slow) if name == "epochs" else name for name in PLACES]


@pytest.mark.parametrize("place", EACH)
def test_everybody_can_read_it_on_a_phone(browser, server, place):
    address, prepare = PLACES[place]
    visit = Visit(browser, f"{server}/?{address}", "ko", viewport=PHONE)
    page, lesson = visit.page, re.search(r"lesson=(\d)", address)
    if lesson:
        expect(page.locator(f"#lesson-{lesson[1]} .do")).to_be_visible()
    if prepare:
        prepare(page)
    assert fits(page)
    assert small_targets(page) + torn_words(page) == []
    assert faults_by_scheme(visit) == []
    visit.close()
