"""A class together in real Chromium: a teacher and students, each with a browser of their own."""

import re

import httpx
import pytest
from playwright.sync_api import expect
from visits import LAPTOP, PHONE, Visit, faults_by_scheme, fits, small_targets, torn_words

from playground.room.names import ANIMALS, CODE, COLOURS
from playground.ui.texts import LANGUAGES, say

LESSON = "tab=learn"  # the lightest tab
STREAMS = re.compile(r"/room/\w+/news")


class Seat(Visit):
    """A page in a class."""

    def id(self, name):
        return self.page.locator(f"#room-{name}")

    def open_room(self) -> str:
        self.page.locator("#for-class summary").click()
        self.id("open").click()
        expect(self.id("code")).to_have_text(CODE)
        return self.id("code").inner_text()

    def count(self, here, following):
        said = say(self.language, "room.count", here=here, following=following)
        expect(self.page.locator("#room .count")).to_have_text(said)

    def shows(self, field, value):
        self.page.wait_for_function(f"(value) => window.ganPage?.state.{field} === value", arg=value)


@pytest.fixture
def teacher(browser, server):
    visit = Seat(browser, f"{server}/?{LESSON}", "ko", viewport=LAPTOP)
    visit.code = visit.open_room()
    yield visit
    if visit.id("end").is_visible():
        visit.id("end").click()
        visit.id("end-yes").click()
        expect(visit.id("end")).to_be_hidden()
    visit.close()
    assert visit.said == []


@pytest.fixture
def students(browser, server, teacher):
    """Two, who have followed the link."""
    address = f"{server}/?{LESSON}&room={teacher.code}"
    addresses = [address, address.replace("127.0.0.1", "school.test")]  # as over a school's network: plain http
    both = [Seat(browser, *each, viewport=PHONE) for each in zip(addresses, LANGUAGES, strict=True)]
    for one in both:
        expect(one.id("follow")).to_be_visible()
    yield both
    for one in both:
        one.close()
        assert one.said == []


def test_who_opens_the_link_joins_and_follows(teacher, students):
    teacher.count(2, 2)
    teacher.page.locator(".contents button").nth(3).click()
    for one in students:
        one.shows("lesson", 4)
        expect(one.page.locator("#lesson-4")).to_be_visible()
        assert f"room={teacher.code}" in one.page.url and "lesson=4" in one.page.url
    names = {one.page.locator("#room .who").inner_text() for one in students}
    assert len(names) == 2, "each is called something else"
    assert students[0].page.evaluate("() => document.documentElement.lang") == "en", "and keeps the own language"


def test_a_student_looks_around_alone_and_comes_back(teacher, students):
    alone, other = students
    alone.id("follow").click()
    teacher.count(2, 1)
    alone.page.locator(".contents button").nth(7).click()
    teacher.page.locator(".contents button").nth(1).click()
    other.shows("lesson", 2)
    assert alone.state("lesson") == 8
    alone.id("follow").click()
    alone.shows("lesson", 2)
    teacher.count(2, 2)


def test_a_class_guesses_first_where_the_teacher_hides_the_verdicts(teacher, students):
    hide = "(names) => { ganPage.set({ hide: names }); ganPage.commit(); }"
    students[0].page.evaluate(hide, ["settings"])
    teacher.page.evaluate(hide, ["tabs", "verdicts"])
    for one, own in zip(students, (["verdicts", "settings"], ["verdicts"]), strict=True):
        one.page.wait_for_function("(names) => String(ganPage.state.hide) === String(names)", arg=own)
    students[0].id("follow").click()  # who looks around alone sees them again
    students[0].page.wait_for_function("() => String(ganPage.state.hide) === 'settings'")
    students[0].id("follow").click()
    students[0].page.wait_for_function("() => String(ganPage.state.hide) === 'verdicts,settings'")
    teacher.page.evaluate(hide, ["tabs"])
    for one, own in zip(students, (["settings"], []), strict=True):
        one.page.wait_for_function("(names) => String(ganPage.state.hide) === String(names)", arg=own)


def test_every_gesture_of_the_teacher_arrives(teacher, students):
    visit = students[0]
    teacher.tab("epochs.tab")
    visit.shows("tab", "epochs")
    slider = teacher.page.locator("#story input[type=range]")
    for key in ["Home", *["ArrowRight"] * 12]:
        slider.press(key)
    visit.shows("moment", teacher.state("moment"))
    assert visit.state("moment") == 12


def test_a_student_who_comes_late_sees_it_at_once(browser, server, teacher):
    teacher.page.locator(".contents button").nth(5).click()
    teacher.shows("lesson", 6)
    late = Seat(browser, f"{server}/?room={teacher.code}&tab=learn", "en", viewport=PHONE)
    late.shows("lesson", 6)
    late.close()


def test_a_page_that_is_loaded_anew_keeps_its_seat(server, teacher, students):
    visit = students[0]
    name = visit.page.locator("#room .who").inner_text()
    visit.id("follow").click()
    visit.open(visit.page.url)
    expect(visit.page.locator("#room .who")).to_have_text(name)
    expect(visit.id("follow")).to_have_text(say("en", "room.come_back"))
    teacher.open(teacher.page.url)
    expect(teacher.id("code")).to_have_text(teacher.code)
    teacher.count(2, 1)
    teacher.page.locator(".contents button").nth(2).click()
    students[1].shows("lesson", 3)


def test_a_browser_hears_the_news_once_however_many_tabs_it_has(server, teacher, students):
    visit = students[0]
    second = visit.context.new_page()
    asked = []
    second.on("request", lambda request: asked.append(request.url))
    second.goto(visit.page.url)
    expect(second.locator("#room .who")).to_have_text(visit.page.locator("#room .who").inner_text())
    teacher.page.locator(".contents button").nth(6).click()
    second.wait_for_function("() => window.ganPage.state.lesson === 7")
    assert not [url for url in asked if STREAMS.search(url)]
    visit.page.goto("about:blank")  # the one that held the stream goes: the other one takes it
    teacher.page.locator(".contents button").nth(0).click()
    second.wait_for_function("() => window.ganPage.state.lesson === 1")
    assert [url for url in asked if STREAMS.search(url)]
    second.close()
    visit.open(f"{server}/?{LESSON}")


def test_where_streams_are_cut_the_page_asks_now_and_then(browser, server, teacher):
    visit = Seat(browser, f"{server}/?{LESSON}", "en", viewport=PHONE)
    visit.context.route(STREAMS, lambda route: route.abort())
    visit.open(f"{server}/?{LESSON}&room={teacher.code}")
    teacher.count(1, 1)
    teacher.page.locator(".contents button").nth(4).click()
    visit.shows("lesson", 5)
    visit.context.unroute(STREAMS)
    visit.said.clear()  # the browser tells of what was cut
    visit.close()


def test_the_room_ends_for_all(teacher, students):
    teacher.id("end").click()
    teacher.id("end-yes").click()
    teacher.page.wait_for_function("() => !location.search.includes('room=')")
    expect(teacher.page.locator(".room")).to_be_hidden()
    for one in students:
        said = one.page.locator("#room [role=alert]")
        expect(said).to_have_text(say(one.language, "room.ended"))
        one.id("close").click()
        expect(said).to_be_hidden()
        one.page.wait_for_function("() => !location.search.includes('room=')")


def test_a_page_whose_room_has_ended_elsewhere_asks_no_more(server, teacher):
    token = teacher.page.evaluate(f"() => JSON.parse(localStorage.getItem('gan-seat-{teacher.code}')).teacher")
    httpx.post(f"{server}/room/{teacher.code}/end", json={"token": token}).raise_for_status()
    said = teacher.page.locator("#room [role=alert]")
    expect(said).to_have_text(say("ko", "room.ended"))
    before = len(teacher.asked)
    teacher.page.locator(".contents button").nth(2).click()
    expect(teacher.page.locator("#lesson-3")).to_be_visible()
    teacher.page.wait_for_timeout(1500)  # longer than the pause before a message would be sent again
    assert not [url for url in teacher.asked[before:] if "/room/" in url]
    teacher.id("close").click()
    expect(said).to_be_hidden()


def test_a_teacher_who_is_asked_may_keep_the_room(teacher):
    teacher.id("end").click()
    teacher.page.get_by_role("button", name=say("ko", "room.end_no")).click()
    expect(teacher.id("end")).to_be_visible()
    expect(teacher.id("code")).to_have_text(teacher.code)


def test_a_student_leaves(teacher, students):
    students[0].id("leave").click()
    expect(students[0].page.locator(".room")).to_be_hidden()
    assert "room=" not in students[0].page.url
    teacher.count(1, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_student_types_the_code(browser, server, teacher, language):
    visit = Seat(browser, f"{server}/?{LESSON}", language, viewport=PHONE)
    visit.page.locator("#for-class summary").click()
    field, problem = visit.page.locator("#room-code-field"), visit.page.locator(".door .problem")
    field.fill("abc")
    visit.id("join").click()
    expect(problem).to_have_text(say(language, "banner.room_no_code"))
    field.fill(next(code for code in ("BBBB", "CCCC") if code != teacher.code))
    visit.id("join").click()
    expect(problem).to_have_text(say(language, "room.none"))
    field.fill(f" {teacher.code.lower()} ")
    field.press("Enter")
    expect(visit.id("follow")).to_be_visible()
    expect(visit.page.locator("#for-class .panel")).to_be_hidden()
    visit.said.clear()  # the browser tells of the wrong code
    visit.close()


def test_a_link_to_a_room_that_is_none_says_so(browser, server):
    visit = Seat(browser, f"{server}/?{LESSON}&room=XXXX", "en", viewport=PHONE)
    expect(visit.page.locator("#room [role=alert]")).to_have_text(say("en", "room.none"))
    visit.id("close").click()
    expect(visit.page.locator(".room")).to_be_hidden()
    visit.said.clear()
    visit.close()


def test_a_phone_steers_once_it_was_handed_a_pass(browser, server, teacher, students):
    teacher.page.locator(".contents button").nth(4).click()
    students[0].shows("lesson", 5)
    with teacher.page.expect_response("**/room/*/pass") as answer:
        teacher.id("remote").click()
    given = answer.value.json()["pass"]
    expect(teacher.page.locator("#room dialog")).to_be_visible()
    teacher.page.keyboard.press("Escape")
    remote = Seat(browser, f"{server}/?{LESSON}&room={teacher.code}#steer={given}", "ko", viewport=PHONE)
    expect(remote.id("code")).to_have_text(teacher.code)
    assert "steer" not in remote.page.url
    remote.shows("lesson", 5)  # it takes over what the class sees
    remote.page.locator(".contents button").nth(2).click()
    students[0].shows("lesson", 3)
    teacher.shows("lesson", 3)
    remote.close()
    assert remote.said == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE, {"width": 360, "height": 740}], ids=["laptop", "phone", "narrow"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bar_can_be_read_and_reached(browser, server, language, size):
    teacher = Seat(browser, f"{server}/?{LESSON}", language, viewport=size)
    code = teacher.open_room()
    visit = Seat(browser, f"{server}/?{LESSON}&room={code}", language, viewport=size)
    expect(visit.id("follow")).to_be_visible()
    for one in (teacher, visit):
        assert fits(one.page) and torn_words(one.page) == []
        assert size == LAPTOP or small_targets(one.page) == []
        assert faults_by_scheme(one) == []
    height = visit.page.locator(".room").bounding_box()["height"]
    assert height < 100, "a slim one: two rows at most, and one on a laptop"
    assert size != LAPTOP or height < 50
    teacher.id("end").click()
    teacher.id("end-yes").click()
    expect(visit.page.locator("#room [role=alert]")).to_be_visible()
    for one in (visit, teacher):
        one.close()
        assert one.said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_its_words(language):
    for kind, names in (("colour", COLOURS), ("animal", ANIMALS)):
        words = [say(language, f"room.{kind}_{name}") for name in names]
        assert len(set(words)) == len(names) and not [word for word in words if len(word) > 9]
