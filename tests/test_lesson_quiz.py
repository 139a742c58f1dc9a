"""Page 9 of the lesson: questions, their scoring, and what the teacher's view hides."""

from collections import Counter

import pytest
from playwright.sync_api import expect
from visits import Visit, exported

from playground.ui.texts import LANGUAGES, say, texts

OPTIONS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def right(browser, server) -> dict[str, int]:
    """Question to its right option."""
    questions = exported(browser, server, "game/questions.js", "QUESTIONS")
    return {name: question["right"] for name, question in questions.items()}


def test_every_question_has_four_options_each_explained(right):
    names = list(right)
    for language in LANGUAGES:
        words = texts()[language]
        assert len(names) >= 12 and names[:2] == ["game", "forger"]
        for name in names:
            options = [words[f"learn.quiz_{name}_{option}"] for option in OPTIONS]
            assert len(set(options)) == 4 and words[f"learn.quiz_{name}"]
            assert len({words[f"learn.quiz_{name}_{option}_why"] for option in OPTIONS}) == 4
            starts = [words[f"learn.quiz_{name}_{option}_why"] for option in OPTIONS if option != right[name]]
            yes = "Right" if language == "en" else "맞습니다"
            assert words[f"learn.quiz_{name}_{right[name]}_why"].startswith(yes)
            assert not any(start.startswith(yes) for start in starts)


def test_the_right_ones_are_spread_and_the_lectures_are_its_own(right):
    counts = Counter(right.values())
    assert set(counts) == set(OPTIONS) and max(counts.values()) - min(counts.values()) <= 1
    korean = texts()["ko"]
    assert korean["learn.quiz_game"] == "생성망과 판별망이 서로 적대적으로 경쟁하며 학습시키는 네트워크를 고르시오."
    assert [korean[f"learn.quiz_forger_{option}"] for option in OPTIONS] == ["인코더", "디코더", "생성망", "판별망"]
    assert right["game"] == 1 and right["forger"] == 3


def test_the_courses_to_choose_from_are_what_their_words_say(browser, server):
    """Measured runs: who copies others in must find the same story in them, or other words."""
    courses = exported(browser, server, "game/courses.js", "COURSES")
    asked = exported(browser, server, "game/questions.js", "QUESTIONS")["curve"]
    assert asked["courses"] == list(courses) and asked["courses"][asked["right"] - 1] == "collapse"
    for course in courses.values():
        assert len(course["steps"]) == len(course["readable"]) == len(course["digits"]) >= 7
        assert course["steps"] == sorted(course["steps"])
    last = {name: (course["readable"][-3:], course["digits"][-3:]) for name, course in courses.items()}
    assert min(last["sound"][0]) >= 90 and min(last["sound"][1]) == 10
    assert min(courses["threes"]["readable"]) >= 90 and set(courses["threes"]["digits"]) == {1}
    assert max(courses["blind"]["readable"]) < 20 and set(courses["blind"]["digits"]) == {0}
    assert courses["collapse"]["digits"][0] == 10 and set(courses["collapse"]["digits"][-12:]) <= {3, 4, 5}
    assert min(courses["collapse"]["readable"][-12:]) >= 45


@pytest.fixture(params=LANGUAGES)
def visit(request, browser, server, right):
    made = Visit(browser, f"{server}/?tab=learn&lesson=9", request.param)
    made.questions = len(right)
    expect(made.page.locator(".page-quiz .question")).to_have_count(made.questions)
    yield made
    assert made.said == []
    made.close()


def option(visit, name, number):
    return visit.page.locator(f"#quiz-{name} .option").nth(number - 1)


def score(visit, answered, first):
    words = say(visit.language, "learn.quiz_score", answered=answered, questions=visit.questions, first=first)
    expect(visit.page.locator(".page-quiz .score")).to_have_text(words)


def why(visit, name, number) -> str:
    return say(visit.language, f"learn.quiz_{name}_{number}_why")


def test_answers_are_explained_and_scored_and_survive_a_reload(visit):
    page = visit.page
    score(visit, 0, 0)
    assert page.locator(".page-quiz .why:visible").count() == 0
    assert "✓" not in page.locator(".page-quiz").inner_text()
    option(visit, "game", 1).get_by_role("button").press("Enter")
    score(visit, 1, 1)
    for number in OPTIONS:  # all four are told as soon as the right one is found
        expect(option(visit, "game", number).locator(".why")).to_have_text(why(visit, "game", number))
    option(visit, "forger", 4).get_by_role("button").click()
    score(visit, 2, 1)
    expect(option(visit, "forger", 4).locator(".why")).to_have_text(why(visit, "forger", 4))
    expect(option(visit, "forger", 3).locator(".why")).to_be_hidden()
    option(visit, "forger", 3).get_by_role("button").click()
    score(visit, 2, 1)  # right, but not at the first try
    expect(page.locator("#quiz-forger .where")).to_be_visible()
    page.reload()
    score(visit, 2, 1)
    expect(option(visit, "forger", 3).locator(".why")).to_have_text(why(visit, "forger", 3))
    page.locator("#quiz-again").click()
    score(visit, 0, 0)
    assert page.locator(".page-quiz .why:visible").count() == 0


def test_the_teachers_view_keeps_the_answer_until_reveal(visit):
    page = visit.page
    page.locator("#quiz-teacher").click()
    expect(page.locator(".page-quiz .question:visible")).to_have_count(1)
    for number in (2, 1):  # the class changes its mind
        option(visit, "game", number).get_by_role("button").click()
        expect(option(visit, "game", number).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#quiz-game [aria-pressed=true]")).to_have_count(1)
    assert page.locator("#quiz-game .why:visible").count() == 0
    inside = page.locator("#quiz-game").inner_html()
    assert why(visit, "game", 1) not in inside and "✓" not in inside
    page.locator("#quiz-reveal").click()
    for number in OPTIONS:
        expect(option(visit, "game", number).locator(".why")).to_have_text(why(visit, "game", number))
    answer = say(visit.language, "learn.quiz_told", right=1, words=say(visit.language, "learn.quiz_game_1"))
    expect(page.locator(".page-quiz .told")).to_have_text(answer)  # a live region: those who do not see hear it
    option(visit, "game", 3).get_by_role("button").click(force=True)  # told is told
    expect(page.locator("#quiz-game [aria-pressed=true]")).to_have_count(1)
    expect(option(visit, "game", 1).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    page.locator("#quiz-next").press("Enter")
    expect(page.locator("#quiz-forger")).to_be_visible()
    assert page.locator(".page-quiz .why:visible").count() == 0
    place = say(visit.language, "learn.quiz_place", number=2, questions=visit.questions)
    expect(page.locator(".page-quiz .score")).to_have_text(place)
    expect(page.locator(".page-quiz .told")).to_be_empty()


def test_what_a_class_chose_is_neither_told_nor_scored_elsewhere(visit):
    page = visit.page
    option(visit, "forger", 4).get_by_role("button").click()
    page.locator("#quiz-teacher").click()
    option(visit, "game", 2).get_by_role("button").click()
    page.locator("#quiz-next").click()
    expect(page.locator("#quiz-forger [aria-pressed=true]")).to_have_count(0)
    option(visit, "forger", 1).get_by_role("button").click()
    page.locator("#quiz-teacher").click()
    score(visit, 1, 0)
    expect(page.locator("#quiz-game [aria-pressed=true]")).to_have_count(0)
    expect(page.locator("#quiz-forger [aria-pressed=true]")).to_have_count(1)
    assert page.locator(".page-quiz .why:visible").count() == 1
    page.locator("#quiz-teacher").click()
    page.reload()
    expect(option(visit, "forger", 1).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#quiz-forger [aria-pressed=true]")).to_have_count(1)


def test_every_question_leads_to_where_it_was_shown(visit, right):
    page = visit.page
    for name in right:
        option(visit, name, right[name]).get_by_role("button").click()
    score(visit, visit.questions, visit.questions)
    page.locator("#quiz-detach .where a").click()
    expect(page.locator("#lesson-5")).to_be_visible()


def test_a_picture_is_chosen_by_eye_and_by_ear(visit):
    page = visit.page
    expect(page.locator("#quiz-curve .course:visible")).to_have_count(4)
    assert page.locator(".page-quiz .course").count() == 4  # no other question has any
    lines = page.locator("#quiz-curve .course polyline")
    assert len({line.get_attribute("points") for line in lines.all()}) == 7  # of one run both lie at 0
    words = say(visit.language, "learn.quiz_curve_4")
    page.locator("#quiz-curve").get_by_role("button", name=words).click()
    expect(option(visit, "curve", 4).locator(".why")).to_have_text(why(visit, "curve", 4))
    box = option(visit, "curve", 4).locator(".words").bounding_box()
    assert box["width"] <= 1 and box["height"] <= 1  # the picture says it to who sees
