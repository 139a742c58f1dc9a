"""The story of 200 epochs: what the log holds, and what the page makes of it."""

import csv
import io

import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import Visit

from playground.data import DataError
from playground.history import chapters, read_history
from playground.metrics import LEAST_RECOGNISED
from playground.shipped import CHECKPOINTS
from playground.ui.texts import LANGUAGES, say

ROWS = read_history()


@pytest.mark.parametrize("text", [None, "", "epoch,loss_g\n0,1\n", "\x00\n"])
def test_a_history_that_cannot_be_read_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "history.csv").write_text(text + ("" if not text else "0,x\n"), encoding="utf-8")
    if text == "":
        assert read_history(tmp_path) == []
        return
    with pytest.raises(DataError, match=r"history\.csv"):
        read_history(tmp_path)


def test_the_chapters_are_what_they_say():
    found = chapters(ROWS)
    assert list(found) == ["begin", "detective_wins", "first_digits", "collapse", "middle", "end"]
    wins, first = ROWS[found["detective_wins"]], found["first_digits"]
    assert all(row["loss_g"] <= wins["loss_g"] for row in ROWS) and wins["loss_d"] < ROWS[0]["loss_d"]
    assert ROWS[first]["recognisable"] >= LEAST_RECOGNISED > max(row["recognisable"] for row in ROWS[:first])
    before, after = ROWS[found["collapse"] - 1], ROWS[found["collapse"]]
    assert before["digits"] - after["digits"] >= 2 and min(before["recognisable"], after["recognisable"]) >= 0.2
    last = ROWS[found["end"]]  # what the chapters' words claim
    assert last["d_real"] < ROWS[100]["d_real"] and last["loss_d"] > ROWS[100]["loss_d"]
    assert last["d_fake"] > ROWS[100]["d_fake"] and last["loss_g"] < ROWS[100]["loss_g"]
    assert last["frechet"] < ROWS[100]["frechet"] < ROWS[0]["frechet"] and ROWS[100]["digits"] == last["digits"] == 10
    assert ROWS[first]["digits"] <= 5 and ROWS[0]["recognisable"] == 0


@pytest.fixture
def visit(browser, server):
    made = Visit(browser, f"{server}/?tab=epochs&moment=57")
    expect(made.page.locator("#story-sheet")).to_have_attribute("data-epoch", "57")
    yield made
    made.close()


def numbers(visit) -> dict[str, str]:
    cells = visit.page.locator("#story-numbers dd")
    return cells.evaluate_all("cells => Object.fromEntries(cells.map((c) => [c.dataset.column, c.textContent]))")


def written(epoch) -> dict[str, str]:
    """A row of the log as the page should write it, from the file itself."""
    row = list(csv.DictReader(io.StringIO((CHECKPOINTS / "history.csv").read_text(encoding="utf-8"))))[epoch]
    number = {name: float(value) for name, value in row.items()}
    return {
        "loss_g": f"{number['loss_g']:.3f}", "loss_d": f"{number['loss_d']:.3f}", "d_real": f"{number['d_real']:.2f}",
        "d_fake": f"{number['d_fake']:.2f}", "frechet": f"{number['frechet']:.0f}", "digits": row["digits"],
        "recognisable": f"{100 * number['recognisable']:.0f} %", "entropy": f"{number['entropy']:.2f}",
    }  # fmt: skip


PLACES = """() => { const plot = document.querySelector("#story .plot"); return {
  dots: plot.data.slice(-8).map((dot) => [dot.x[0], dot.y[0]]), line: plot.layout.shapes[0].x0 }; }"""


def test_the_handle_moves_numbers_drawings_and_places(visit):
    page = visit.page
    assert numbers(visit) == written(57)
    handle = page.locator("#moment input[type=range]")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#story-sheet")).to_have_attribute("data-epoch", "56")
    assert numbers(visit) == written(56)
    page.wait_for_function("() => document.querySelector('#story .plot').layout?.shapes[0].x0 === 56")
    found = page.evaluate(PLACES)
    columns = ("loss_g", "loss_d", "d_real", "d_fake", "frechet", "recognisable", "entropy", "digits")
    assert found["line"] == 56 and found["dots"] == [[56, pytest.approx(ROWS[56][name])] for name in columns]
    assert "moment=56" in page.url
    page.locator("#story-undo").click()
    expect(page.locator("#story-sheet")).to_have_attribute("data-epoch", "57")
    assert visit.said == []


def test_the_sheet_is_the_epochs_own(visit):
    found = visit.page.evaluate("() => [...document.querySelector('#story-sheet').getContext('2d')"
                                ".getImageData(0, 0, 224, 224).data].filter((_, i) => i % 4 === 0)")  # fmt: skip
    assert bytes(found) == Image.open(CHECKPOINTS / "drawings" / "epoch-057.png").tobytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_jump_and_tell_the_runs_own_numbers(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=epochs", language)
    for name, epoch in chapters(ROWS).items():
        visit.page.locator(f"#chapter-{name}").click()
        expect(visit.page.locator("#moment input[type=number]")).to_have_value(str(epoch))
        row = {f"first_{key}": value for key, value in written(0).items()} | written(epoch)
        row |= {f"before_{key}": value for key, value in written(max(epoch - 1, 0)).items()}
        expect(visit.page.locator("#chapter-text")).to_have_text(say(language, f"epochs.{name}_text", **row))
    visit.close()


def test_the_film_plays_to_its_end_and_stops_for_a_hand(visit):
    page = visit.page
    visit.type("#moment input[type=number]", "195")
    play = page.locator("#story-play")
    play.click()
    expect(page.locator("#story-sheet")).to_have_attribute("data-epoch", "199")
    expect(play).to_have_text(say("en", "epochs.play"))
    play.click()  # from the end it begins anew
    page.wait_for_function("() => window.ganPage.state.moment < 195 && window.ganPage.state.moment > 1")
    play.click()
    expect(play).to_have_text(say("en", "epochs.play"))
    assert visit.state("moment") < 199


def test_style_log_and_files(visit):
    page = visit.page
    page.wait_for_function("() => document.querySelector('#story .plot').layout?.shapes?.length")
    page.locator("#story-style").select_option("ggplot2")
    page.wait_for_function(
        "() => document.querySelector('#story .plot')._fullLayout.plot_bgcolor === 'rgb(237,237,237)'"
    )
    page.locator("#story .log summary").click()
    lines = page.locator("#story .rows tbody tr")
    expect(lines).to_have_count(200)
    expect(lines.nth(7)).to_contain_text("Epoch 7 of 200")
    lines.nth(7).get_by_role("button").click()
    expect(lines.nth(7)).to_have_class("here")
    for name, begins in (("history.csv", b"epoch,loss_g"), ("200-epochs.gif", b"GIF89a")):
        with page.expect_download() as caught:
            page.locator(f"#story a[download='{name}']").click()
        content = caught.value.path().read_bytes()
        assert content.startswith(begins) and len(content) < 10_000_000
    assert Image.open(io.BytesIO(content)).n_frames == 200


def test_a_log_opened_before_the_script_has_come_is_filled_when_it_comes(browser, server):
    visit, held = Visit(browser, server), []
    visit.page.route("**/story.js*", lambda route: held.append(route))
    visit.tab("epochs.tab")
    log = visit.page.locator("#story .log")
    log.locator("summary").dispatch_event("click")  # it has no words yet
    expect(log).to_have_js_property("open", True)
    visit.again(lambda: visit.page.wait_for_timeout(50), lambda: held)
    held[0].continue_()
    expect(log.locator("tbody tr")).to_have_count(200)
    visit.close()
