"""A class plays together in real Chromium: pictures to judge, and questions; the same alone."""

import re

import pytest
from playwright.sync_api import expect
from test_class import LESSON, Seat, students, teacher  # noqa: F401 (fixtures)
from visits import LAPTOP, PHONE, Visit, faults_by_scheme, fits, small_targets, torn_words

from playground.presets import PRESETS
from playground.room.rounds import QUESTIONS
from playground.ui.texts import LANGUAGES, say, texts

SHEETS = re.compile(r"/room/\w+/sheets/")
WIDTHS = "(all) => all.map((each) => each.getBoundingClientRect().width)"
STICKS_OUT = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
TOPS = "(all) => all.map((each) => each.getBoundingClientRect().top)"


def begin(teacher, **settings):  # noqa: F811
    teacher.id("play").click()
    for name, value in settings.items():
        teacher.page.locator(f"#round-{name}").select_option(str(value))
    teacher.page.locator("#round-start").press("Enter")
    expect(teacher.page.locator("#round-reveal")).to_be_focused()  # a hand by keyboard goes on where it was


def judge(visit, answers, keys=None):
    """Answer picture after picture, as long as there is one; by `keys` where they are given."""
    for number, answer in enumerate(answers, 1):
        place = visit.page.locator(".play .judging .place")
        expect(place).to_have_text(say(visit.language, "common.play_place", number=number, pictures=len(answers)))
        if keys:
            visit.page.locator(f"#vote-{answer}:not([aria-disabled=true])").wait_for()
            visit.page.keyboard.press(keys[answer])
        else:
            visit.page.locator(f"#vote-{answer}").click()


def told(visit):
    """What is said below each picture once it is revealed."""
    visit.page.locator(".outcome figure").first.wait_for()
    return visit.page.locator(".outcome figcaption span").all_inner_texts()


def test_a_class_judges_pictures_beside_d(teacher, students):  # noqa: F811
    begin(teacher, epoch=199, pictures=6, seconds=10)
    for one in students:
        expect(one.page.locator("[role=tab]").first).to_be_hidden()  # one picture and two buttons, no more
    judge(students[0], ["real"] * 6)
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count", done=1, of=2, votes=6))
    judge(students[1], ["fake"] * 6, {"fake": "ArrowLeft", "real": "ArrowRight"})
    expect(students[0].page.locator(".play .detective .wait")).to_have_text(say("en", "play.wait"))
    assert students[0].page.locator(".outcome figure").count() == 0, "nothing is told before the teacher reveals it"
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count", done=2, of=2, votes=12))
    teacher.page.keyboard.press("Enter")
    expect(teacher.page.locator("#round-again")).to_be_focused()
    for visit in (teacher, *students):
        was = told(visit)
        real = [text for text in was if text == say(visit.language, "common.play_was_real")]
        assert len(was) == 6 and len(real) == 3
        shares = visit.page.locator(".outcome .share.class .said")
        expect(shares).to_have_text(say(visit.language, "common.play_share", percent=50, right=6, of=12))
        expect(visit.page.locator(".outcome .share.you")).to_have_count(0 if visit is teacher else 1)
    teacher.page.locator("#round-close").click()
    for visit in (teacher, *students):
        expect(visit.page.locator("#lesson-1")).to_be_visible()
    assert teacher.page.evaluate("() => document.documentElement.dataset.play") is None


def test_who_is_loaded_anew_goes_on_where_it_was_and_votes_once(teacher, students):  # noqa: F811
    begin(teacher, pictures=6, seconds=10)
    visit = students[0]
    for number in (1, 2):
        place = visit.page.locator(".play .judging .place")
        expect(place).to_have_text(say(visit.language, "common.play_place", number=number, pictures=6))
        visit.page.locator("#vote-real").click()
    visit.open(visit.page.url)
    expect(visit.page.locator(".play .judging .place")).to_have_text(
        say(visit.language, "common.play_place", number=3, pictures=6)
    )
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count", done=0, of=2, votes=2))


def test_an_answer_that_does_not_arrive_is_sent_again(teacher, students):  # noqa: F811
    begin(teacher, pictures=6, seconds=10)
    visit = students[0]
    visit.page.route("**/vote", lambda route: route.abort())
    expect(visit.page.locator("#vote-real")).to_be_visible()
    visit.page.locator("#vote-real").click()
    judged = visit.page.locator(".play .judging .place")
    expect(judged).to_have_text(say(visit.language, "common.play_place", number=2, pictures=6))
    with visit.page.expect_response("**/vote"):
        visit.page.unroute("**/vote")
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count", done=0, of=2, votes=1))
    visit.said.clear()  # the browser tells of what was cut


def test_a_picture_stays_as_long_as_was_set(teacher, students):  # noqa: F811
    begin(teacher, pictures=6, seconds=3)
    for one in students:
        expect(one.page.locator(".play .detective .wait")).to_have_text(
            say(one.language, "play.wait")
        )  # without a vote
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count", done=2, of=2, votes=0))
    teacher.page.locator("#round-reveal").click()
    expect(teacher.page.locator(".outcome .share.class .said")).to_have_text(say("ko", "common.play_share_none"))


def test_a_question_to_the_class(teacher, students):  # noqa: F811
    teacher.id("play").click()
    teacher.page.locator("#round-question").select_option("collapse")
    teacher.page.locator("#question-start").click()
    for one, option in zip(students, (3, 1), strict=True):
        expect(one.page.locator(".question h3")).to_have_text(say(one.language, "learn.quiz_collapse"))
        one.page.locator(f".question [data-option='{option}']").click()
        one.page.locator(".question [data-option='2']").click(force=True)  # the first choice counts
        expect(one.page.locator(".question .why")).to_have_text(say(one.language, "play.answered"))
        expect(one.page.locator(".question .bar").first).to_be_hidden()
    counts = teacher.page.locator(".question .said")
    expect(counts).to_have_text(["1", "0", "1", "0"])
    teacher.page.locator("#round-reveal").click()
    right = QUESTIONS["collapse"]
    for one in (teacher, *students):
        expect(one.page.locator(".question .why")).to_have_text(say(one.language, f"learn.quiz_collapse_{right}_why"))
        expect(one.page.locator(".question .right .number")).to_have_text(str(right))


def test_a_question_with_pictures_and_one_without_after_it(teacher, students):  # noqa: F811
    teacher.id("play").click()
    for question, pictures in (("curve", 4), ("game", 0)):
        teacher.page.locator("#round-question").select_option(question)
        teacher.page.locator("#question-start").click()
        for one in (teacher, *students):
            expect(one.page.locator(".play .question h3")).to_have_text(say(one.language, f"learn.quiz_{question}"))
            expect(one.page.locator(".play .course:visible")).to_have_count(pictures)
            expect(one.page.locator(".play .course-lines:visible")).to_have_count(min(pictures, 1))
            widths = one.page.locator(".play .course:visible svg").evaluate_all(WIDTHS)
            assert all(width > 60 for width in widths), "lines that nobody can see"
            assert torn_words(one.page) == []
        students[0].page.locator(".play .question [data-option='4']").click()
        expect(teacher.page.locator(".question .said").nth(3)).to_have_text("1")
        teacher.page.locator("#round-again").click()


def test_the_results_are_saved_as_a_table(teacher, students):  # noqa: F811
    teacher.id("play").click()
    teacher.page.locator("#question-start").click()
    students[0].page.locator(".question [data-option='1']").click()
    expect(teacher.page.locator(".question .said").first).to_have_text("1")
    teacher.page.locator("#round-again").click()
    with teacher.page.expect_download() as download:
        teacher.page.locator("#round-results").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("1,question,game,,1,1,1,,") and len(lines) == 5


@pytest.mark.parametrize("size", [LAPTOP, PHONE, {"width": 360, "height": 640}], ids=["laptop", "phone", "narrow"])
def test_each_view_can_be_read_and_reached(browser, server, teacher, size):  # noqa: F811
    visit = Seat(browser, f"{server}/?{LESSON}&room={teacher.code}", "ko", viewport=size)
    expect(visit.id("follow")).to_be_visible()
    teacher.page.set_viewport_size(size)

    def check(*visits):
        for one in visits:
            assert fits(one.page) and torn_words(one.page) == []
            assert size == LAPTOP or small_targets(one.page) == []
            assert faults_by_scheme(one) == []

    teacher.id("play").click()
    expect(teacher.page.locator("#round-start")).to_be_visible()
    check(teacher)
    style = teacher.page.locator("#round-seconds").evaluate("(one) => getComputedStyle(one).appearance")
    assert style == "auto", "the arrow says that it is a list"
    teacher.page.locator("#round-seconds").select_option("10")
    teacher.page.locator("#round-pictures").select_option("6")
    teacher.page.locator("#round-start").click()
    expect(visit.page.locator("#vote-real")).to_be_visible()
    box = visit.page.locator("#vote-real").bounding_box()
    assert box["height"] >= 64 and box["y"] + box["height"] <= size["height"], "without scrolling"
    check(visit)
    judge(visit, ["real"] * 6)
    teacher.page.locator("#round-reveal").click()
    assert len(told(visit)) == len(told(teacher)) == 6
    for one in (visit, teacher):
        tops = one.page.locator(".outcome figure").evaluate_all(TOPS)
        assert len({tops.count(top) for top in tops}) == 1, "a row that is not full"
    check(visit, teacher)
    teacher.page.locator("#round-again").click()
    teacher.page.locator("#question-start").click()
    expect(visit.page.locator(".question [data-option='4']")).to_be_visible()
    check(visit, teacher)
    visit.close()
    assert visit.said == []


def test_a_students_page_costs_little_while_it_plays(server, browser, teacher):  # noqa: F811
    visit = Seat(browser, f"{server}/?{LESSON}&room={teacher.code}", "en", viewport=PHONE)
    expect(visit.id("follow")).to_be_visible()
    sizes = []
    visit.page.on("response", lambda answer: sizes.append(len(answer.body())) if SHEETS.search(answer.url) else None)
    begin(teacher, pictures=24, seconds=10)
    expect(visit.page.locator("#vote-real")).to_be_visible()
    judge(visit, ["real"] * 24)
    assert len(sizes) == 1 and sizes[0] < 30_000
    visit.close()


def test_the_room_stands_in_the_projectors_steps(teacher):  # noqa: F811
    teacher.page.keyboard.press("p")
    expect(teacher.page.locator("nav.steps")).to_be_visible()
    expect(teacher.id("code")).to_be_visible()
    box, bar = teacher.id("play").bounding_box(), teacher.page.locator("nav.steps").bounding_box()
    assert box["y"] >= bar["y"] and box["y"] + box["height"] <= bar["y"] + bar["height"]
    teacher.id("play").click()
    expect(teacher.page.locator("#round-start")).to_be_visible()
    expect(teacher.page.locator("nav.steps")).to_be_hidden()
    teacher.page.locator("#play-back").click()
    teacher.page.keyboard.press("p")


# ---- the wall ----


def hang(visit, rate):
    """Train for the wall on this device, with a learning rate of G's, and send what was learnt."""
    visit.page.locator("#wall-train").click()
    expect(visit.page.locator("#train-where input[value=device]")).to_be_checked()
    visit.page.locator("#preset input").nth(list(PRESETS).index("lecture")).check()
    visit.type("#set-lr_g input", rate)
    visit.page.locator("#train-start").click()
    visit.page.locator("#wall-send").click()
    expect(visit.page.locator(".play .mine .wait")).to_have_text(say(visit.language, "play.wall_sent"))


def test_forgers_of_students_hang_on_the_wall(teacher, students):  # noqa: F811
    teacher.id("play").click()
    teacher.page.locator("#wall-steps").select_option("25")
    teacher.page.locator("#wall-start").click()
    expect(teacher.page.locator("#wall .wait").last).to_have_text(say("ko", "play.wall_empty"))
    for one, rate in zip(students, ("0.0002", "0.001"), strict=True):
        hang(one, rate)
        assert one.page.locator(".forger").count() == 0
    cards = teacher.page.locator("#wall .forger")
    expect(cards).to_have_count(2)
    names = {one.page.locator("#room .who").inner_text() for one in students}
    assert len(names) == 2
    expect(teacher.page.locator(".leads .count")).to_have_text(say("ko", "play.count_wall", done=2, of=2))
    sizes = teacher.page.eval_on_selector_all(
        "#wall img", "(all) => all.map((one) => one.decode().then(() => one.naturalWidth))"
    )
    assert len(sizes) == 2
    assert teacher.page.locator("#wall .comparison .value").all_inner_texts() == ["0.0002", "0.001"]
    assert all(width > 300 for width in teacher.page.locator("#wall .track").evaluate_all(WIDTHS))
    for look in ("", "projector"):
        teacher.page.evaluate("(view) => { ganPage.set({ view }); ganPage.commit(); }", look)
        teacher.page.wait_for_function("(view) => (document.documentElement.dataset.view ?? '') === view", arg=look)
        assert teacher.page.locator("#wall .forger").evaluate_all(STICKS_OUT) == []
    teacher.page.evaluate("() => { ganPage.set({ view: '' }); ganPage.commit(); }")
    for one in (teacher, *students):
        assert fits(one.page) and faults_by_scheme(one) == []
    teacher.page.locator("#round-reveal").click()
    expect(students[0].page.locator("#wall .forger")).to_have_count(2)
    expect(students[0].page.locator("#wall .down").first).to_be_hidden()
    students[0].page.locator("#wall .forger .look").first.click()
    expect(students[0].page.locator("#drawing-own canvas")).to_be_visible()
    students[0].id("wall").click()
    expect(students[0].page.locator("#wall .forger").first).to_be_visible()
    expect(students[0].id("wall")).to_be_hidden()
    teacher.page.locator("#wall .down").last.click()
    expect(teacher.page.locator("#wall .down").last).to_have_text(say("ko", "play.wall_down_sure"))
    teacher.page.locator("#wall .down").last.click()
    for one in (teacher, *students):
        expect(one.page.locator("#wall .forger")).to_have_count(1)
    teacher.page.locator("#wall .forger .look").first.click()
    expect(teacher.page.locator("#drawing-own canvas")).to_be_visible()
    teacher.id("play").click()
    expect(cards.first).to_be_visible()


# ---- the teacher's live run ----


STEP = "() => window.ganDevice.shop?.run?.record.step ?? 0"


def watched(visit):
    """How the sentence begins that a follower reads."""
    return texts()[visit.language]["status.watched"].partition("{")[0]


def test_the_teachers_run_is_watched_by_all_who_follow(teacher, students):  # noqa: F811
    teacher.tab("train.tab")
    for one in students:
        one.shows("tab", "train")
    teacher.page.locator("#train-where input[value=device]").check()
    teacher.page.locator("#preset input").nth(list(PRESETS).index("pocket")).check()
    teacher.page.locator("#train-start").click()
    for one in students:
        expect(one.page.locator("#train-status .sentence")).to_contain_text(watched(one))
        one.page.wait_for_function("() => document.querySelector('#loss-chart .js-plotly-plot:not([data-ghost])')")
    students[0].id("follow").click()  # looks around alone: its own runs are there again, of which there are none
    sentence = students[0].page.locator("#train-status .sentence")
    expect(sentence).not_to_contain_text(watched(students[0]))
    students[0].id("follow").click()
    expect(sentence).to_contain_text(watched(students[0]))
    teacher.page.locator("#train-stop").click()
    expect(teacher.page.locator("#train-start")).to_be_enabled()
    last = teacher.page.evaluate(STEP)
    for one in students:
        expect(one.page.locator("#train-status .sentence")).to_contain_text(f"{last}")
        assert not [url for url in one.asked if "mnist" in url], "who watches fetches no digits"
    for scheme, ink in {"dark": "rgb(241, 242, 244)", "light": "rgb(31, 35, 41)"}.items():
        students[0].dress(scheme)  # the run rests: nothing else draws it anew
        expect(students[0].page.locator("#loss-chart .xtick text").first).to_have_css("fill", ink)


def test_a_run_on_the_server_is_watched_too(teacher, students):  # noqa: F811
    teacher.tab("train.tab")
    students[1].shows("tab", "train")
    teacher.page.locator("#train-where input[value=server]").check()
    teacher.page.locator("#preset input").nth(list(PRESETS).index("classroom")).check()
    teacher.page.locator("#train-start").click()
    expect(students[1].page.locator("#train-status .sentence")).to_contain_text(watched(students[1]))
    students[1].page.wait_for_function("() => document.querySelector('#loss-chart .js-plotly-plot:not([data-ghost])')")
    expect(students[1].page.locator("#live-sheet img")).to_be_visible()
    teacher.page.locator("#train-stop").click()
    expect(teacher.page.locator("#train-start")).to_be_enabled()


# ---- alone ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_game_stands_in_the_lesson(browser, server, language):
    visit = Visit(browser, f"{server}/?{LESSON}", language, viewport=PHONE)
    visit.page.locator("#alone-pictures").select_option("6")
    visit.page.locator("#alone-start").click()
    place = visit.page.locator("#detective .judging .place")
    for number in range(1, 7):
        expect(place).to_have_text(say(language, "common.play_place", number=number, pictures=6))
        visit.page.locator("#alone-real:not([aria-disabled=true])").wait_for()
        visit.page.keyboard.press("ArrowRight")
    was = told(visit)
    real = sum(text == say(language, "common.play_was_real") for text in was)
    assert (len(was), real) == (6, 3)
    share = visit.page.locator(".outcome .share.you .said")
    expect(share).to_have_text(say(language, "common.play_share", percent=50, right=3, of=6))
    expect(visit.page.locator(".outcome .share.d .said")).to_be_visible()
    assert fits(visit.page) and small_targets(visit.page) == [] and faults_by_scheme(visit) == []
    visit.page.locator("#alone-start").click()
    expect(place).to_have_text(say(language, "common.play_place", number=1, pictures=6))
    visit.close()
    assert visit.said == []


def test_who_gets_no_pictures_is_told(browser, server):
    visit = Visit(browser, f"{server}/?{LESSON}", "en")
    visit.page.route("**/cards.json", lambda route: route.abort())
    visit.page.locator("#alone-start").click()
    expect(visit.page.locator("#detective .said")).to_have_text(say("en", "common.play_failed"))
    visit.page.unroute("**/cards.json")
    visit.page.locator("#alone-start").click()
    expect(visit.page.locator("#alone-real")).to_be_visible()
    visit.said.clear()
    visit.close()
