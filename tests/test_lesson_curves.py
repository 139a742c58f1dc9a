"""Page 7 of the lesson: what it says of the run's curves is what the log says."""

import math
import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from visits import Visit

from playground.history import read_history
from playground.lessons.curves import LECTURE, count_digits, describe_curves, name_places
from playground.metrics import SAMPLES
from playground.ui.texts import LANGUAGES, say

ROWS = read_history()
NAMED = {name: ROWS[epoch] for name, epoch in name_places(ROWS).items()}
PLACES = ("rise", "low", "flat", "late")


def test_the_places_are_what_the_words_claim():
    begin, rise, low, late = (NAMED[name] for name in ("begin", "rise", "low", "late"))
    lead, first, last, stumble = (NAMED[name] for name in ("lead", "flat_from", "flat_to", "stumble"))
    assert rise["loss_g"] == max(row["loss_g"] for row in ROWS) and rise["loss_d"] < begin["loss_d"]
    assert low["loss_g"] < 1.15 * late["loss_g"] and low["recognisable"] == 0 and rise["epoch"] < low["epoch"]
    assert low["frechet"] > begin["frechet"] > late["frechet"] and abs(low["loss_d"] - late["loss_d"]) < 0.1
    assert begin["epoch"] < stumble["epoch"] < rise["epoch"] and stumble["loss_d"] == max(row["loss_d"] for row in ROWS)
    assert abs(last["loss_g"] - first["loss_g"]) < 0.05 and abs(last["loss_d"] - first["loss_d"]) < 0.05
    assert last["recognisable"] > 3 * first["recognisable"] and last["frechet"] < first["frechet"]
    assert low["epoch"] < lead["epoch"] and lead["loss_d"] == min(row["loss_d"] for row in ROWS[int(low["epoch"]) :])
    assert lead["loss_g"] > low["loss_g"] and lead["loss_d"] < low["loss_d"]
    for row in (lead, ROWS[100]):  # the last hundred epochs lead where the words say
        assert row["loss_d"] < late["loss_d"] < 2 * math.log(2) and row["loss_g"] > late["loss_g"] > math.log(2)
        assert row["d_fake"] < late["d_fake"] < late["d_real"] < row["d_real"]


def test_the_losses_do_not_show_what_the_census_does():
    repeats, later = NAMED["repeats"], NAMED["varied"]
    assert abs(repeats["loss_g"] - later["loss_g"]) < 0.05 and abs(repeats["loss_d"] - later["loss_d"]) < 0.05
    assert repeats["recognisable"] > max(row["recognisable"] for row in ROWS[: int(repeats["epoch"])])
    assert repeats["digits"] < later["digits"] < NAMED["late"]["digits"] == 10
    drew, collapse = NAMED["drew"], NAMED["collapse"]
    assert collapse["epoch"] == drew["epoch"] + 1 and drew["digits"] - collapse["digits"] >= 2
    facts = describe_curves(ROWS)
    assert [one["epoch"] for one in facts["census"]] == [repeats["epoch"], 100, 199]
    poor, middle, end = (one["counts"] for one in facts["census"])
    assert sum(map(bool, poor)) == repeats["digits"] and max(poor) > sum(poor) / 2
    assert sum(map(bool, middle)) >= 9 and all(end) and max(end) < sum(end) / 4
    assert {one["drawings"] for one in facts["census"]} == {64} and sum(count_digits(0)["counts"]) == 0


def test_a_sheet_that_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="epoch-007"):
        count_digits(7, tmp_path)


def values() -> dict[str, str]:
    """The numbers that the words may name, as a teacher reads them off the log."""
    formats = {"epoch": "{:.0f}", "digits": "{:.0f}", "frechet": "{:.0f}", "recognisable": "{:.0%}"}
    told = {"level_d": f"{2 * math.log(2):.2f}", "level_g": f"{math.log(2):.2f}", "epochs": str(len(ROWS))}
    told["samples"] = f"{SAMPLES:,}"
    for place, row in NAMED.items():
        told |= {f"{place}_{name}": formats.get(name, "{:.2f}").format(x).replace("%", " %") for name, x in row.items()}
    return told | {"rise_epochs": str(NAMED["rise"]["epoch"] + 1)}


@pytest.fixture
def open_page(browser, server):
    visits = []

    def open_page(language="en", **context):
        visits.append(Visit(browser, f"{server}/?tab=learn&lesson=7", language, **context))
        expect(visits[-1].page.locator(".page-curves .mark")).to_have_count(len(PLACES))
        return visits[-1]

    yield open_page
    for visit in visits:
        assert visit.said == []
        visit.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_place_has_one_reading_that_fits(open_page, language):
    page = open_page(language).page
    answer, proofs = page.locator(".page-curves .answer"), page.locator(".page-curves .proof:visible")
    for number, name in enumerate(PLACES, 1):
        row = NAMED[name]
        losses = {name: f"{row[name]:.2f}" for name in ("loss_g", "loss_d")}
        seen = {"number": number, "epoch": row["epoch"], **losses}
        expect(page.locator(".page-curves .question")).to_have_text(say(language, "learn.curves_question", **seen))
        for other in set(PLACES) - {name}:
            page.locator(f".page-curves .reading.{other}").click()
            expect(answer).to_have_text(say(language, f"learn.curves_{name}_hint", **values()))
            expect(proofs).to_have_count(0)
        page.locator(f".page-curves .reading.{name}").press("Enter")
        expect(answer).to_have_text(say(language, f"learn.curves_{name}_why", **values()))
        sheet = re.compile(f"epoch-{row['epoch']:03d}[.]png$")
        expect(page.locator(f".proof.{name} img")).to_have_attribute("src", sheet)
        found = say(language, "learn.curves_found", found=number, places=len(PLACES))
        expect(page.locator(".page-curves .task .numbers")).to_have_text(found)
        if number < len(PLACES):
            page.locator(".page-curves .next").click()
    expect(page.locator(".page-curves .next")).to_be_hidden()
    for name in ("why", "balance", "balance_care", "collapse"):
        expect(page.get_by_text(say(language, f"learn.curves_{name}", **values()), exact=True)).to_be_visible()


def test_marks_lines_and_links_stand_at_the_logs_epochs(open_page):
    visit = open_page()
    page = visit.page
    points = page.locator(".page-curves polyline.g:not(.level)").get_attribute("points").split()
    top = math.ceil(max(row["loss_g"] for row in ROWS))
    assert [top - float(point.split(",")[1]) for point in points] == pytest.approx([row["loss_g"] for row in ROWS])
    for name in ("flat", "low"):
        page.locator(f".page-curves .mark.{name}").click()
        for player in "gd":
            dot = page.locator(f".page-curves .dot.{player}")
            left, down = dot.evaluate("(dot) => [dot.style.left, dot.style.top]")
            assert float(left[:-1]) == pytest.approx(100 * NAMED[name]["epoch"] / 199, abs=0.01)
            assert float(down[:-1]) == pytest.approx(100 * (1 - NAMED[name][f"loss_{player}"] / top), abs=0.01)
    page.locator(".page-curves .reading.low").click()
    page.locator(".proof.low a.jump").click()
    assert (visit.state("tab"), visit.state("moment")) == ("epochs", NAMED["low"]["epoch"])


def test_the_bars_are_the_census(open_page):
    page = open_page().page
    for n, one in enumerate(describe_curves(ROWS)["census"]):
        figure = page.locator(".page-curves .census figure").nth(n)
        assert figure.locator(".count").all_inner_texts() == [str(count) for count in one["counts"]]
        told = {"epoch": one["epoch"], "read": sum(one["counts"]), "drawings": 64}
        expect(figure.locator("figcaption")).to_have_text(say("en", "learn.curves_census", **told))


def test_the_lectures_log_stands_beside_ours(open_page):
    page = open_page().page
    page.locator("#lecture-log summary").click()
    lines = page.locator("#lecture-log tbody tr")
    expect(lines).to_have_count(len(LECTURE) + 1)
    for (epoch, *losses), line in zip(LECTURE, lines.all(), strict=False):
        row = ROWS[epoch]
        told = [losses[0], row["loss_g"], losses[1], row["loss_d"]]
        assert line.locator("th, td").all_inner_texts() == [str(epoch), *(f"{loss:.3f}" for loss in told)]
    ours = [sum(ROWS[epoch][name] for epoch in range(194, 200)) / 6 for name in ("loss_g", "loss_d")]
    means = ["1.277", f"{ours[0]:.3f}", "1.086", f"{ours[1]:.3f}"]
    assert lines.last.locator("td").all_inner_texts() == means
    seen = {"top_epoch": 2, "top": "6.75", "rise_epoch": 3, "rise": "5.86"}
    expect(page.locator("#lecture-log p")).to_have_text(say("en", "learn.curves_log_text", **seen))
    assert max(LECTURE, key=lambda line: line[1])[0] == seen["top_epoch"]
    assert NAMED["rise"]["epoch"] == seen["rise_epoch"]


@pytest.mark.parametrize("width", [1366, 390])
def test_the_numbers_above_the_curves_do_not_cover_each_other(open_page, width):
    page = open_page().page
    page.set_viewport_size({"width": width, "height": 844})
    edges = "all => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"
    marks = page.locator(".page-curves .marks button").evaluate_all(edges)
    assert len(marks) == 4 and all(one[1] <= after[0] for one, after in pairwise(marks))
