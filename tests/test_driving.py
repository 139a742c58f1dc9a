"""The live tab under a visitor's hand, in real Chromium: pause, go on, step, change, fork, keep."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from runs import break_losses
from visits import COVERED, LIVE, PHONE, Visit, faults_by_scheme, fits

from playground.config import TrainConfig
from playground.live.shelf import Point
from playground.presets import PRESETS
from playground.pretrain import read_settings
from playground.ui import downloads
from playground.ui.tabs.train import commands
from playground.ui.texts import say, texts

KEPT_KEY = "() => localStorage.getItem('gan-playground-visitor')"
MOVED = re.compile(r"D\(x\) 0\.\d+ → 0\.\d+")


@pytest.fixture
def visit(browser, server):
    visit = Visit(browser, server, "ko")
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


def open_tab(visit, fold=True):
    visit.tab("train.tab")
    expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()
    if fold:
        visit.page.locator("#settings").get_by_role("button").first.click()
        expect(visit.page.locator("#set-seed input")).to_have_value("0")


def budget(visit, kind, amount):
    visit.page.locator("#budget input").nth(("epochs", "seconds", "steps").index(kind)).check()
    visit.type("#amount input", str(amount))


def sentence(visit):
    return visit.page.locator("#train-status .sentence")


def press(visit, name):
    visit.page.locator(f"#train-{name}").click()


def at_rest(visit):
    """Wait until the run has ended and what may be kept of it is there."""
    expect(visit.page.locator("#train-start")).to_be_enabled()
    expect(visit.page.locator("#train-files")).to_be_visible()


def moving(visit):
    visit.page.wait_for_function(f"() => {LIVE}?.data?.[0].x.length >= 3")


def points(visit) -> list[str]:
    return [text.strip() for text in visit.page.locator("#point label").all_inner_texts()]


def lines(visit) -> list[str]:
    """The curves' names; what lies behind them has none."""
    return visit.page.evaluate(f"() => {LIVE}.data.map((one) => one.name).filter(Boolean)")


def names(visit) -> list[str]:
    """What stands beside the lines, and above them where settings changed."""
    return visit.page.locator("#loss-chart .names > div:not([hidden])").all_inner_texts()


@pytest.mark.slow
def test_pause_close_the_page_come_back_and_go_on(visit, server):
    open_tab(visit)
    budget(visit, "steps", 2000)
    press(visit, "start")
    moving(visit)
    for name in ("start", "go-on", "step-d"):
        expect(visit.page.locator(f"#train-{name}")).to_be_disabled()
    press(visit, "pause")
    at_rest(visit)
    expect(sentence(visit)).to_contain_text("일시 정지")
    [kept] = points(visit)
    visit.enter_again(server)
    open_tab(visit, fold=False)
    expect(sentence(visit)).to_have_text(say("ko", "status.kept"))
    assert points(visit) == [kept]
    expect(visit.page.locator("#live-sheet img")).to_be_visible()
    before = int(kept.split("·")[1].replace(",", ""))
    press(visit, "go-on")
    visit.page.wait_for_function(f"(step) => {LIVE}?.data?.[0].x.at(-1) > step", arg=before + 1)
    press(visit, "stop")
    at_rest(visit)
    assert len(points(visit)) == 2 and points(visit)[0] == kept
    steps = visit.page.evaluate(f"() => {LIVE}.data[0].x")
    assert steps == sorted(steps) and steps[0] < before < steps[-1]


def test_a_page_closed_in_the_middle_of_a_run_loses_nothing_but_a_moment(visit, server, store):
    open_tab(visit)
    budget(visit, "seconds", 3600)
    visit.type("#set-lr_g input", "0.0003")
    visit.type("#set-images input", "5000")
    press(visit, "start")
    moving(visit)
    seen = visit.page.evaluate(f"() => {LIVE}.data[0].x.at(-1)")
    visit.enter_again(server)
    open_tab(visit, fold=False)
    expect(visit.page.locator("#train-kept")).to_be_visible()
    [kept] = points(visit)
    assert int(kept.split("·")[1].replace(",", "")) >= seen
    # Its settings are in the fields again: Continue takes the rates as they stand there.
    visit.page.locator("#settings").get_by_role("button").first.click()
    for name, value in (("amount", "3600"), ("set-lr_g", "0.0003"), ("set-images", "5000"), ("set-batch_size", "128")):
        expect(visit.page.locator(f"#{name} input")).to_have_value(value)
    expect(visit.page.locator("#preset input:checked")).to_have_count(0)


def test_single_steps_say_what_they_changed_and_write_no_file(visit, monkeypatch):
    written = []
    write = downloads.write_bytes
    monkeypatch.setattr(
        downloads, "write_bytes", lambda path, *how, **more: written.append(path) or write(path, *how, **more)
    )
    open_tab(visit, fold=False)
    moved = visit.page.locator("#moved")
    press(visit, "step-both")  # begins a run
    at_rest(visit)
    expect(moved).to_contain_text(say("ko", "standing.who_both"))
    for name, who in (("step-d", "who_discriminator"), ("step-g", "who_generator")):
        press(visit, name)
        expect(moved).to_contain_text(say("ko", f"standing.{who}") + "의")
        expect(moved).to_contain_text(MOVED)
        at_rest(visit)
    assert points(visit) == ["A · 3"] and written == []
    with visit.page.expect_download() as download:
        press(visit, "discriminator")
    assert (
        [path.name for path in written] == [download.value.suggested_filename] == ["discriminator-step-3.safetensors"]
    )
    assert Path(download.value.path()).stat().st_size == written[0].stat().st_size


@pytest.mark.slow
def test_a_click_before_the_page_has_its_key_is_a_run_like_any_other(browser, server):
    """The server's answer with the key is held back until the run is under way: it must stay the visitor's."""
    visit, held = Visit(browser, server, "ko"), []
    page = visit.page
    recall = page.evaluate(
        "() => window.gradio_config.dependencies.find((one) => one.targets.some(([, name]) => name === 'select'"
        " && one.outputs.length > 10)).id"
    )

    def hold(route):
        join = route.request.post_data_json
        held.append(route) if join["fn_index"] == recall else route.continue_()

    page.route("**/queue/join*", hold)
    visit.tab("train.tab")
    press(visit, "start")
    moving(visit)
    before = page.evaluate(KEPT_KEY)
    held.pop().continue_()
    page.wait_for_function(f"(before) => ({KEPT_KEY})() !== before", arg=before)
    press(visit, "stop")
    at_rest(visit)
    press(visit, "step-both")
    expect(page.locator("#moved")).to_contain_text(MOVED)
    at_rest(visit)
    visit.close()
    assert visit.said == []


def test_a_run_that_ends_before_anything_can_be_read_is_offered_more_time(visit, monkeypatch):
    monkeypatch.setattr(commands, "MORE", 2.0)
    open_tab(visit)
    visit.page.locator("#preset input").nth(list(PRESETS).index("lecture")).check()  # it learns slowly
    expect(visit.page.locator("#set-widths_g textarea")).to_have_value("256, 512, 1024")
    budget(visit, "seconds", 1)
    press(visit, "start")
    expect(sentence(visit)).to_contain_text(texts()["ko"]["status.early"].partition("{step}")[2])
    at_rest(visit)
    before = visit.page.locator("#point input").count()
    press(visit, "more")
    expect(visit.page.locator("#train-more")).to_be_hidden()
    at_rest(visit)
    expect(visit.page.locator("#train-more")).to_be_visible()
    expect(visit.page.locator("#point input")).to_have_count(before + 1)  # the same run, further on


@pytest.mark.slow
def test_a_setting_changed_under_way_is_marked_and_a_wrong_one_leaves_the_run_alone(visit):
    open_tab(visit)
    budget(visit, "seconds", 3600)
    press(visit, "start")
    moving(visit)
    visit.type("#set-lr_g input", "0.0003")
    expect(visit.page.locator("#loss-chart .names")).to_contain_text(f"{say('ko', 'differs.lr_g')} 0.0003")
    assert visit.page.evaluate(f"() => {LIVE}.layout.shapes.length") == 1
    visit.page.locator("#set-loss input").nth(1).check()
    visit.page.wait_for_function(f"() => {LIVE}.layout.shapes.length === 2")
    expect(visit.page.locator("#loss-chart .names")).to_contain_text(f"{say('ko', 'differs.loss')} 미니맥스")
    assert visit.page.evaluate(COVERED) == []
    visit.type("#set-k input", "77")
    expect(visit.toast()).to_contain_text("10")
    expect(visit.page.locator("#train-stop")).to_be_enabled()
    press(visit, "stop")
    at_rest(visit)
    assert visit.page.evaluate(f"() => {LIVE}.layout.shapes.length") == 2
    with visit.page.expect_download() as download:
        press(visit, "settings-file")
    saved = json.loads(Path(download.value.path()).read_text())
    assert (saved["lr_g"], saved["loss"], saved["k"]) == (0.0003, "minimax", 1)


@pytest.mark.slow
def test_forks_are_laid_over_each_other_and_their_sheets_side_by_side(visit):
    page = visit.page
    open_tab(visit)
    budget(visit, "steps", 40)
    press(visit, "start")
    at_rest(visit)
    assert len(lines(visit)) == 5 and points(visit) == ["A · 40"] and len(names(visit)) == 7
    for name in "BCD":
        page.locator("#point input").first.check()  # A's point
        visit.type("#set-lr_d input", f"0.000{ord(name) - 60}")
        press(visit, "fork")
        expect(page.locator("#live-sheet figure")).to_have_count(ord(name) - 64)
        at_rest(visit)
    assert points(visit) == ["A · 40", "B · 80", "C · 80", "D · 80"]
    assert len(lines(visit)) == 20 and {name[0] for name in lines(visit)} == set("ABCD")
    assert page.evaluate(COVERED) == [] and {name[0] for name in names(visit)} >= set("ABCD")
    assert page.locator("#loss-chart :is(.legend .traces, .modebar-btn)").count() == 0
    starts = page.evaluate(f"() => Object.fromEntries({LIVE}.data.slice(0, 20).map((t) => [t.name, t.x[0]]))")
    assert all(step > 40 for name, step in starts.items() if name[0] != "A")
    captions = page.locator("#live-sheet figcaption").all_inner_texts()
    assert ["40" in one for one in captions] == [True] * 4  # A's own step, and where the others come from
    changed = say("ko", "differs.lr_d")
    assert [changed in one for one in captions] == [False, False, True, True]  # B's rate is A's
    assert captions[2].startswith(f"C · {changed} 0.0007")
    hues = page.evaluate(f"() => [...new Set({LIVE}.data.slice(0, 20).map((one) => one.line.color))]")
    assert len(hues) == 4
    sources = [image.get_attribute("src") for image in page.locator("#live-sheet img").all()]
    assert len(set(sources)) == 4
    press(visit, "drop")
    expect(page.locator("#live-sheet figure")).to_have_count(3)
    press(visit, "reset")
    press(visit, "reset")
    expect(page.locator("#live-sheet .ghost")).to_be_visible()
    expect(page.locator("#train-kept")).not_to_be_visible()


def test_all_runs_are_deleted_once_that_is_sure_and_brought_back_until_the_next_one_begins(visit, server, store):
    page = visit.page
    reset, undo = page.locator("#train-reset"), page.locator("#train-undo")
    open_tab(visit)
    budget(visit, "steps", 3)
    press(visit, "start")
    at_rest(visit)
    key = max(store._shelves, key=lambda key: store._shelves[key].touched)  # this visitor's
    shelf = store._shelves[key]
    assert shelf.points == [Point("A", 3)]
    press(visit, "reset")
    expect(reset).to_have_text(say("ko", "train.reset_asks"))
    page.keyboard.press("Escape")
    expect(reset).to_have_text(say("ko", "train.reset"))
    assert shelf.points == [Point("A", 3)]
    for _ in range(2):
        press(visit, "reset")
    expect(page.locator("#train-kept")).to_be_hidden()
    expect(page.locator("#live-sheet .ghost")).to_be_visible()
    expect(undo).to_be_focused()
    assert shelf.points == []
    press(visit, "undo")
    expect(page.locator("#point label")).to_have_text("A · 3")
    expect(sentence(visit)).to_have_text(say("ko", "status.kept"))
    expect(undo).to_be_hidden()
    press(visit, "go-on")
    expect(page.locator("#point label").last).to_have_text("A · 6")
    at_rest(visit)
    for _ in range(2):
        press(visit, "reset")
    expect(undo).to_be_visible()
    press(visit, "start")
    at_rest(visit)
    expect(undo).to_be_hidden()
    assert points(visit) == ["A · 3"] and shelf.aside is None
    for _ in range(2):
        press(visit, "reset")
    expect(undo).to_be_visible()
    visit.enter_again(server)
    open_tab(visit, fold=False)
    visit.again(store.flush, lambda: shelf.is_empty and not list((store.folder / key).iterdir()))
    expect(visit.page.locator("#train-undo")).to_be_hidden()


@pytest.mark.slow
def test_a_run_that_is_not_sent_again_stays_drawn_and_the_zoom_too(visit):
    page = visit.page
    open_tab(visit)
    budget(visit, "steps", 40)
    press(visit, "start")
    at_rest(visit)
    budget(visit, "seconds", 3600)
    press(visit, "fork")
    of_b = f"() => {LIVE}.data.find((one) => one.name?.startsWith('B'))?.x.length ?? 0"
    page.wait_for_function(f"() => ({of_b})() >= 2")
    page.evaluate(f"() => window.Plotly.relayout({LIVE}, {{'xaxis.range': [1, 30]}})")
    for _ in range(2):
        before = page.evaluate(of_b)
        page.wait_for_function(f"(before) => ({of_b})() > before", arg=before)
    assert {name[0] for name in lines(visit)} == {"A", "B"} and len(lines(visit)) == 10
    assert page.evaluate(f"() => {LIVE}.data.find((one) => one.name?.startsWith('A')).x.at(-1)") == 40
    assert page.evaluate(f"() => {LIVE}.layout.xaxis.range") == [1, 30]
    expect(page.locator("#live-sheet figure")).to_have_count(2)
    press(visit, "stop")
    at_rest(visit)


def test_what_is_seen_of_a_run(visit):
    page = visit.page
    open_tab(visit)
    page.locator("#preset input").nth(list(PRESETS).index("one_digit")).check()
    expect(page.locator("#set-digits input:checked")).to_have_count(1)
    press(visit, "start")
    expect(page.locator("#standing .stand")).to_contain_text("판별자")
    page.locator("#verdicts").check()
    painted = (
        "() => { const c = document.querySelector('#live-sheet canvas'); return c.offsetWidth > 0 && c.toDataURL(); }"
    )
    before = page.evaluate(painted)
    page.wait_for_function(f"(before) => ({painted})() !== before", arg=before)
    page.locator("#advice summary").click()
    expect(page.locator("#advice img")).to_be_visible()
    expect(page.locator("#advice .words")).to_contain_text("빨강")
    expect(page.locator("#standing .census .count")).to_contain_text("256")
    expect(page.locator("#standing .digits figure.unlearnt")).to_have_count(9)
    assert page.locator("#standing .hist div").count() == 20
    expect(page.locator("#train-status .device")).to_contain_text("GiB")
    press(visit, "stop")
    at_rest(visit)
    expect(page.locator("#standing .census .count")).to_contain_text("2,000")


def test_what_a_run_leaves_to_keep(visit, tmp_path):
    page = visit.page
    open_tab(visit)
    budget(visit, "steps", 30)
    press(visit, "start")
    at_rest(visit)
    with page.expect_download() as download:
        press(visit, "film")
    assert Image.open(download.value.path()).format == "GIF" and download.value.suggested_filename.endswith(".gif")
    with page.expect_download() as download:
        press(visit, "losses")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][0] == "step" and rows[-1][0] == "30"
    with page.expect_download() as download:
        press(visit, "settings-file")
    saved = Path(download.value.path())
    config = TrainConfig.from_json(saved.read_bytes())
    assert config == replace(PRESETS["classroom"], seconds=None, steps=30)
    assert read_settings(saved)["lr_g"] == config.lr_g  # pretrain --settings
    page.locator("#preset input").nth(0).check()
    expect(page.locator("#set-batch_size input")).to_have_value("512")
    page.locator("#settings input[type=file]").set_input_files(saved)
    expect(page.locator("#set-batch_size input")).to_have_value("128")
    expect(page.locator("#amount input")).to_have_value("30")
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"k": 5000}')
    page.locator("#settings input[type=file]").set_input_files(wrong)
    expect(visit.toast()).to_contain_text("5000")
    expect(page.locator("#set-batch_size input")).to_have_value("128")


def test_a_run_that_diverges_says_where_and_can_be_gone_on_from(visit, monkeypatch):
    break_losses(monkeypatch, step=7, above=0.5)
    open_tab(visit)
    budget(visit, "seconds", 3600)
    visit.type("#set-lr_g input", "1")
    press(visit, "start")
    at_rest(visit)
    expect(sentence(visit)).to_have_text(say("ko", "error.diverged", step=7))
    assert points(visit) == ["A · 7"]
    visit.type("#set-lr_g input", "0.0001")
    press(visit, "go-on")
    visit.page.wait_for_function(f"() => {LIVE}?.data?.[0].x.at(-1) > 9")
    press(visit, "stop")
    at_rest(visit)


@pytest.mark.slow
def test_axe_finds_no_serious_fault_with_everything_open(browser, server):
    visit = Visit(browser, server, "ko", viewport=PHONE)
    open_tab(visit)
    budget(visit, "steps", 20)
    press(visit, "start")
    at_rest(visit)
    visit.page.locator("#verdicts").check()
    visit.page.locator("#advice summary").click()
    assert fits(visit.page)
    assert faults_by_scheme(visit) == []
    visit.close()
