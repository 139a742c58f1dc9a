"""docs/lecture.md: what the lecture shows is where the table says, with the lecture's number beside it."""

import re
from collections import defaultdict

import pytest
from playwright.sync_api import expect
from visits import Visit

from playground.data import PROJECT
from playground.ui.texts import LANGUAGES

FILES = {"en": "lecture.md", "ko": "lecture.ko.md"}
NUMBERED = re.compile(r"(Figure|Code|Question|그림|코드|문제) ([\d-]+)")
KINDS = {
    "Figure": "figure",
    "그림": "figure",
    "Code": "code",
    "코드": "code",
    "Question": "question",
    "문제": "question",
}
UNNUMBERED = {  # in order: what the lecture gives no number to
    "Formula": ".page-objective math", "Style sheets": ".page-code .imports .exercise", "LeakyReLU": "#leaky",
    "randn, to, detach": ".page-code .training .abc", "Log": "#lecture-log", "Misprints": ".page-code .slip",
}  # fmt: skip
FOLDED = {"?tab=train": "#settings button"}  # what a visitor opens to see it


def rows_of(language) -> list[tuple[str, str, list[str]]]:
    """The table: the lecture's name of each thing, the selector of what the page has of it, and the addresses."""
    text = (PROJECT / "docs" / FILES[language]).read_text(encoding="utf-8")
    others = iter(UNNUMBERED.values())
    rows = []
    for line in [line for line in text.splitlines() if line.startswith("|")][2:]:
        name, _, where = (cell.strip() for cell in line.strip("|").split("|"))
        numbered = NUMBERED.fullmatch(name)
        mark = f".slide.{KINDS[numbered[1]]}-{numbered[2]}" if numbered else next(others)
        rows.append((name, mark, re.findall(r"`(\?[^`]+)`", where)))
    return rows


def test_the_table_has_all_of_the_lecture_in_both_languages():
    english, korean = rows_of("en"), rows_of("ko")
    assert [row[1:] for row in english] == [row[1:] for row in korean]
    names = [name for name, _, addresses in english if addresses]
    assert len(names) == len(english) and names[0] == "Figure 13-21" and names[-1] == "Question 2"
    codes = [name for name in names if name.startswith("Code")]
    assert codes == [f"Code 13-{number}" for number in range(22, 35)]
    figures = {name.partition("-")[2] for name in names if name.startswith("Figure")}
    assert figures == {"21", "23", "25", "27", "30", "31", "32", "34", "35"}
    assert [name for name in names if not NUMBERED.fullmatch(name)] == list(UNNUMBERED)


def test_every_mark_of_the_page_has_its_row():
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "playground" / "ui").rglob("*.js"))
    marks = {f".slide.{kind}-{number}" for kind, number in re.findall(r'slide\("(\w+)", "([\d-]+)"\)', code)}
    assert len(marks) > 8 and marks <= {mark for _, mark, _ in rows_of("en")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_address_of_the_table_opens_what_it_names(browser, server, language):
    things = defaultdict(list)
    for name, mark, addresses in rows_of(language):
        for address in addresses:
            things[address].append((name, mark))
    visit = Visit(browser, f"{server}/?tab=learn", language)
    for address, named in things.items():
        visit.page.goto(server + "/" + address)
        if opener := FOLDED.get(address):
            visit.page.locator(opener).first.click()
        for name, mark in named:
            thing = visit.page.locator(f"{mark}:visible").first
            expect(thing).to_be_visible()
            if mark.startswith(".slide.") and "question" not in mark:
                expect(thing).to_have_text(name)
        expect(visit.page.locator("#banner [role=alert]")).to_be_hidden()  # the address is whole
    visit.close()
