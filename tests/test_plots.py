"""What stands on the plots: the names of lines and of changes, none on another one; zoom, and fingers that scroll."""

import json
import random
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from visits import COVERED, LAPTOP, LOCALES, PHONE, Visit

from playground.config import TrainConfig
from playground.live.record import UNTOLD
from playground.presets import PRESETS
from playground.recipes import RECIPES
from playground.ui.texts import LANGUAGES, texts

NAMES = """async ([act, given]) => {
  const names = await import(at("browser", "kit/names.js"));
  return new Function("names", "given", `return (${act})(given)`)(names, given);
}"""
WRITTEN = "() => [...document.querySelectorAll('.names > div')].filter((e) => e.offsetParent).map((e) => e.textContent)"


def test_names_are_pushed_apart_and_no_further_than_they_must(js):
    rng = random.Random(1)
    cases = []
    for _ in range(400):
        heights = [rng.choice([16, 16, 32]) for _ in range(rng.randint(1, 9))]
        cases.append([[rng.uniform(-20, 220) for _ in heights], heights, 0, max(200, sum(heights))])
    act = "(cases) => cases.map((one) => names.pushApart(...one))"
    for (wanted, heights, low, high), places in zip(cases, js(NAMES, [act, cases]), strict=True):
        order = sorted(range(len(wanted)), key=lambda at: wanted[at])
        edges = [(places[at] - heights[at] / 2, places[at] + heights[at] / 2) for at in order]
        assert edges[0][0] >= low - 1e-6 and edges[-1][1] <= high + 1e-6
        gaps = [b[0] - a[1] for a, b in pairwise(edges)]
        assert all(gap >= -1e-6 for gap in gaps), "they lie on each other, or have changed places"
        free = all(low <= wanted[at] - heights[at] / 2 and wanted[at] + heights[at] / 2 <= high for at in order)
        room = all(wanted[b] - wanted[a] >= (heights[a] + heights[b]) / 2 for a, b in pairwise(order))
        if free and room:
            assert places == pytest.approx(wanted)
    assert js(NAMES, [act, [[[50, 50], [16, 16], 0, 100], [[], [], 0, 9]]]) == [[42, 58], []]


def test_names_that_do_not_fit_are_shared_by_their_owners(js):
    act = """(most) => names.fitted(["D(x)", "D(G(z))"].flatMap((text, n) => ["A", "B", "C"].map((letter, i) => (
      { text, hue: "red", owners: [{ name: letter + " long", letter, hue: letter }], left: i, top: 10 * n - i }))),
      most, { height: () => 1 }).map((one) => [one.text, one.owners.map(({ name }) => name).join(" "), one.left])"""
    whole, some, few = (js(NAMES, [act, most]) for most in (6, 4, 2))
    assert [text for text, _, _ in whole] == ["D(x)"] * 3 + ["D(G(z))"] * 3 and whole[0][1] == "A long"
    assert some == [["D(x)", "A long", 0], ["D(x)", "B long", 1], ["D(x)", "C long", 2], ["D(G(z))", "C B A", 2]]
    assert few == [["D(G(z))", "C B A", 2], ["D(x)", "C B A", 2]]


def test_words_of_marks_never_lie_on_each_other_and_the_first_has_the_first_row(js):
    rng = random.Random(2)
    act = "(cases) => cases.map((marks) => names.inRows(marks, 0, 400, 4))"
    cases = [[{"x": rng.uniform(0, 400), "width": rng.uniform(20, 150)} for _ in range(rng.randint(1, 12))]
             for _ in range(200)]  # fmt: skip
    cases.append([{"x": 200 + n, "width": 110} for n in range(5)])  # five changes within a few steps
    hidden = 0
    for marks, spots in zip(cases, js(NAMES, [act, cases]), strict=True):
        assert spots[0]["row"] == 0
        hidden += spots.count(None)
        seen = [(spot["row"], spot["left"], spot["left"] + mark["width"])
                for mark, spot in zip(marks, spots, strict=True) if spot]  # fmt: skip
        assert all(left >= 0 and right <= 400 and row < 4 for row, left, right in seen)
        for i, (row, left, right) in enumerate(seen):
            assert all(r != row or right < a or b < left for r, a, b in seen[:i])
    assert None not in spots and hidden, "five have room, many have not"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_differs_between_runs_in_words(js, language):
    script = """async ([language, texts, given]) => {
      document.documentElement.lang = language;
      window.gradio_config = { i18n_translations: texts };
      const { headed } = await import(at("browser", "train/apart.js"));
      return given.map(([differs, most]) => headed("B", differs, most));
    }"""
    settings = json.loads(TrainConfig().to_json())
    every = [{name: value} for name, value in settings.items() if name not in UNTOLD]
    named = [*({"preset": name} for name in PRESETS), *({"recipe": name} for name in RECIPES)]
    three = {"lr_d": 0.01, "k": 2, "loss": "minimax"}
    given = [[{"lr_d": 0.01}], [three], [three, 1], [three, 0], [{}], *([one] for one in [*every, *named])]
    told = js(script, [language, texts(), given])
    first = {
        "en": ["B · D lr 0.01", "B · D lr 0.01, k 2, 1 more", "B · D lr 0.01, 2 more"],
        "ko": ["B · D 학습률 0.01", "B · D 학습률 0.01, k 2, 외 1개", "B · D 학습률 0.01, 외 2개"],
    }
    assert told[:5] == [*first[language], "B", "B"]
    assert len(set(told[5:])) == len(every) + len(named), "each is told apart"
    assert not [words for words in told if "." in words.replace("0.", "") or "null" in words or len(words) > 60]


def test_each_run_has_a_hue_of_its_own_and_keeps_it(js):
    script = """async (cases) => {
      const { huesOf } = await import(at("browser", "train/apart.js"));
      const names = ["run-1", "run-2", "run-3", "run-4"];
      document.head.append(Object.assign(document.createElement("style"), {
        textContent: `:root { ${names.map((name) => `--${name}: ${name};`).join(" ")} }` }));
      return cases.map((runs) => [...huesOf([...runs]).values()].map((hue) => hue.slice(4)).join(""));
    }"""
    runs = ["A", "ABCD", "BD", "ACDE", "BCDF", "DZ"]
    assert js(script, runs) == ["1", "1234", "24", "1342", "2341", "42"]


WALL = {"width": 2560, "height": 1440}
PROJECTED = [(WALL, False), (LAPTOP, True), (PHONE, True)]  # of large type only a wide plot has room for long names
DRAWN = """(short) => {
  const plot = document.querySelector("#story .plot");
  return plot._fullLayout.width === plot.clientWidth && (%s)().includes("G") === short;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("view", "sizes"),
    [
        ("", [(LAPTOP, False), (PHONE, True)]),
        pytest.param("&view=projector", PROJECTED, marks=pytest.mark.slow, id="projector"),
    ],
)
def test_the_curves_of_the_story_carry_their_names(browser, server, language, view, sizes):
    visit = Visit(browser, f"{server}/?tab=epochs{view}", language, viewport=sizes[0][0])
    expect(visit.page.locator("#story .names > div")).to_have_count(10)
    for size, short in sizes:
        visit.page.set_viewport_size(size)
        visit.page.wait_for_function(DRAWN % WRITTEN, arg=short)
        assert visit.page.evaluate(COVERED) == []
        assert visit.page.evaluate(f"() => new Set(({WRITTEN})()).size") == 10
    assert visit.page.locator("#story :is(.legend .traces, .modebar-btn)").count() == 0
    visit.close()


RANGE = "() => document.querySelector('#story .plot')._fullLayout.xaxis.range"


def test_a_finger_scrolls_the_page_and_zooms_where_it_moves_sideways(browser, server):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale=LOCALES["en"])
    page = context.new_page()
    page.goto(f"{server}/?tab=epochs")
    expect(page.locator("#story .names > div")).to_have_count(10)
    page.evaluate("() => document.querySelector('#story .plot').scrollIntoView({ block: 'center' })")
    devtools, whole = context.new_cdp_session(page), page.evaluate(RANGE)

    def swipe(across, along):
        box = page.locator("#story .plot .nsewdrag").first.bounding_box()
        x, y = box["x"] + 20, box["y"] + box["height"] / 2
        for kind, n in (("touchStart", 0), *(("touchMove", n) for n in range(1, 9)), ("touchEnd", None)):
            at = [] if n is None else [{"x": x + across * n / 8, "y": y + along * n / 8}]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    before = page.evaluate("() => scrollY")
    swipe(0, -120)
    page.wait_for_function("(before) => scrollY > before + 50", arg=before)
    assert page.evaluate(RANGE) == whole
    page.evaluate("() => document.querySelector('#story .plot').scrollIntoView({ block: 'center' })")
    swipe(80, 3)
    page.wait_for_function(f"(whole) => ({RANGE})()[0] > whole[0] && ({RANGE})()[1] < whole[1]", arg=whole)
    assert page.locator(".dragcover").count() == 0 and page.evaluate(COVERED) == []
    context.close()
