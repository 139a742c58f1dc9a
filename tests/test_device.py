"""The live tab on the visitor's own device: it trains, keeps and saves without asking the server anything."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import LIVE, Visit

from playground.checkpoints import load_network
from playground.config import TrainConfig
from playground.presets import PRESETS
from playground.recipes import RECIPES
from playground.ui.texts import say, texts


@pytest.fixture
def visit(browser, server):
    visit = Visit(browser, f"{server}/?tab=train", "ko")
    visit.page.asked = []
    visit.page.on("request", lambda request: visit.page.asked.append(request.url))
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


def here(visit):
    """Open the tab, and choose this device."""
    visit.tab("train.tab")
    expect(visit.page.locator("#train-status .sentence")).not_to_be_empty()
    visit.page.locator("#train-where input").first.check()
    expect(visit.page.locator("#train-status .device")).to_contain_text("WebAssembly")
    visit.page.asked.clear()


def calls(visit) -> list[str]:
    """What was asked of the server since this device was chosen, but for files that a browser may keep."""
    kept = ("/kept/", "/assets/")  # the latter Gradio's own, which it fetches where the mouse comes to its footer
    return [url for url in visit.page.asked if url.startswith("http") and not any(path in url for path in kept)]


def fields(visit, **values):
    fold = visit.page.locator("#settings").get_by_role("button").first
    if not visit.page.locator("#set-seed input").is_visible():
        fold.click()
        expect(visit.page.locator("#set-seed input")).to_be_visible()
    for name, value in values.items():
        if name in ("epochs", "seconds", "steps"):
            visit.page.locator("#budget input").nth(("epochs", "seconds", "steps").index(name)).check()
            visit.type("#amount input", str(value))
        else:
            field = f"#set-{name} textarea" if name.startswith("widths") else f"#set-{name} input"
            visit.type(field, str(value))


SMALL = {"widths_g": "40, 60", "widths_d": "60, 40", "batch_size": 64}


def press(visit, name):
    visit.page.locator(f"#train-{name}").click()


def at_rest(visit):
    expect(visit.page.locator("#train-start")).to_be_enabled()
    expect(visit.page.locator("#train-files")).to_be_visible()


def points(visit) -> list[str]:
    return [text.strip() for text in visit.page.locator("#point label").all_inner_texts()]


def sentence(visit):
    return visit.page.locator("#train-status .sentence")


def test_a_run_here_asks_the_server_nothing_and_leaves_its_networks(visit, tmp_path):
    here(visit)
    fields(visit, steps=30, **SMALL)
    press(visit, "start")
    at_rest(visit)
    assert points(visit) == ["A · 30"]
    expect(visit.page.locator("#live-sheet img")).to_be_visible()
    expect(visit.page.locator("#standing .stand")).not_to_be_empty()
    assert visit.page.evaluate(f"() => {LIVE}.data[0].x.at(-1)") == 30
    saved = {}
    for name in ("generator", "discriminator", "losses", "settings-file", "film"):
        with visit.page.expect_download() as download:
            press(visit, name)
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    for role in ("generator", "discriminator"):
        assert load_network(saved[role], role).config.widths_g == (40, 60)
    assert len(saved["losses"].read_text(encoding="utf-8-sig").splitlines()) > 1
    assert TrainConfig.from_json(saved["settings-file"].read_bytes()).steps == 30
    assert saved["film"].name == "run-A-step-30.gif" and Image.open(saved["film"]).size == (448, 448)
    assert calls(visit) == []


def named_everywhere(visit, name):
    """Wherever Explore and Interpolate name the forger in the hand, they name it so."""
    page = visit.page
    expect(page.locator("#drawing-own h3 [data-say]")).to_have_text(name)
    expect(page.locator("#drawing-own canvas")).to_have_attribute("aria-label", re.compile(f"^{re.escape(name)}(:|$)"))
    expect(page.locator("#explore .hand .help").last).to_contain_text(name)  # whose drawings the small ones are
    for fold in ("inside", "ten"):
        if not page.locator(f"#{fold} .epochs").is_visible():
            visit.fold(fold)
        expect(page.locator(f"#{fold} label", has=page.locator("input:checked"))).to_have_text(name)
    expect(page.locator("#sheets figcaption", has_text=name)).to_have_count(1)
    visit.tab("interpolate.tab")
    expect(page.locator("#epoch label", has=page.locator("input:checked"))).to_have_text(name)
    visit.tab("explore.tab")


def test_a_pair_of_this_device_opens_in_explore(visit):
    here(visit)
    fields(visit, steps=3, **SMALL)
    press(visit, "start")
    at_rest(visit)
    visit.page.locator("#train-explore").scroll_into_view_if_needed()
    assert visit.page.evaluate("() => scrollY") > 0
    press(visit, "explore")
    card = visit.page.locator("#drawing-own")
    expect(card.locator("canvas")).to_be_visible()
    visit.page.wait_for_function("() => scrollY === 0")
    named_everywhere(visit, say("ko", "common.own_run", name="A", step=3))
    expect(card).to_contain_text("generator-step-3.safetensors")
    expect(card.locator(".verdict")).to_contain_text(re.compile(r"D\(G\(z\)\) = 0\.\d\d"))
    visit.tab("train.tab")
    fields(visit, latent_dim=64)
    press(visit, "start")
    expect(visit.page.locator("#point label")).to_have_count(2)
    at_rest(visit)
    press(visit, "explore")
    expect(sentence(visit)).to_contain_text("128")
    visit.page.locator("#point input").first.check()
    fields(visit, latent_dim=128, steps=1000)
    press(visit, "fork")
    expect(visit.page.locator("#point label").last).to_have_text("C · 1,003")
    at_rest(visit)
    press(visit, "explore")
    named_everywhere(visit, say("ko", "common.own_run", name="C", step="1,003"))  # in place of the first
    assert calls(visit) == []


def test_it_is_continued_after_the_page_was_closed(visit, server):
    here(visit)
    fields(visit, steps=20, **SMALL)
    press(visit, "start")
    at_rest(visit)
    visit.enter_again(server)
    visit.tab("train.tab")  # where it trained last
    expect(sentence(visit)).to_have_text(say("ko", "status.kept_here"))
    assert points(visit) == ["A · 20"]
    fields(visit)
    expect(visit.page.locator("#set-batch_size input")).to_have_value("64")  # of the run that was found
    fields(visit, lr_g=0.0005)
    press(visit, "go-on")
    visit.page.wait_for_function("() => document.querySelectorAll('#point label').length === 2")
    at_rest(visit)
    assert points(visit) == ["A · 20", "A · 40"]
    expect(visit.page.locator("#loss-chart .names")).to_contain_text(f"{say('ko', 'differs.lr_g')} 0.0005")
    press(visit, "reset")
    press(visit, "reset")
    expect(visit.page.locator("#train-kept")).to_be_hidden()


def test_runs_here_are_deleted_once_that_is_sure_and_brought_back(visit):
    page = visit.page
    here(visit)
    fields(visit, steps=20, **SMALL)
    press(visit, "start")
    at_rest(visit)
    reset, undo = page.locator("#train-reset"), page.locator("#train-undo")
    reset.dblclick()  # by mistake
    expect(reset).to_have_text(say("ko", "train.reset_asks"))
    expect(page.locator("#train-status .asked")).to_have_text(say("ko", "train.reset_heard"))
    for leave in (lambda: page.keyboard.press("Escape"), lambda: page.keyboard.press("Tab"),
                  lambda: page.locator("#title").click()):  # fmt: skip
        leave()
        expect(reset).to_have_text(say("ko", "train.reset"))
        expect(page.locator("#train-status .asked")).to_be_empty()
        reset.focus()
        page.keyboard.press("Enter")
        expect(reset).to_have_text(say("ko", "train.reset_asks"))
    assert points(visit) == ["A · 20"]
    page.keyboard.press("Enter")
    expect(page.locator("#train-kept")).to_be_hidden()
    expect(undo).to_be_focused()
    expect(sentence(visit)).to_have_text(say("ko", "status.idle_here"))
    page.keyboard.press("Enter")
    expect(page.locator("#point label")).to_have_text("A · 20")
    expect(page.locator("#point input:checked")).to_be_focused()
    expect(undo).to_be_hidden()
    press(visit, "go-on")
    expect(page.locator("#point label").last).to_have_text("A · 40")
    at_rest(visit)
    press(visit, "reset")
    press(visit, "reset")
    expect(undo).to_be_visible()
    fields(visit, steps=3)
    press(visit, "start")
    expect(undo).to_be_hidden()
    at_rest(visit)
    assert points(visit) == ["A · 3"] and calls(visit) == []


def test_stop_single_steps_and_a_fork(visit):
    here(visit)
    fields(visit, seconds=600, **SMALL)
    press(visit, "start")
    visit.page.wait_for_function(f"() => {LIVE}?.data?.[0].x.length > 2")
    expect(visit.page.locator("#train-go-on")).to_be_disabled()
    press(visit, "stop")
    at_rest(visit)
    expect(sentence(visit)).to_contain_text(texts()["ko"]["status.stopped"].partition("{epoch}")[2])
    [first] = points(visit)
    press(visit, "step-g")
    expect(visit.page.locator("#moved")).to_contain_text(say("ko", "standing.who_generator"))
    at_rest(visit)
    step = int(first.split("·")[1].replace(",", ""))
    assert points(visit) == [f"A · {step + 1:,}"]
    fields(visit, steps=5)
    press(visit, "fork")
    visit.page.wait_for_function("() => document.querySelectorAll('#point label').length === 2")
    at_rest(visit)
    assert points(visit)[1] == f"B · {step + 6:,}"
    assert calls(visit) == []


def test_runs_are_named_by_what_differs_as_on_the_server(visit):
    here(visit)
    fields(visit, steps=3, **SMALL)
    press(visit, "start")
    at_rest(visit)
    fields(visit, lr_d=0.01)
    for name, origin in (("start", say("ko", "runs.scratch")), ("fork", say("ko", "runs.fork", name="A", step=3))):
        visit.page.locator("#point input").first.check()  # A's
        press(visit, name)
        expect(visit.page.locator("#live-sheet figure").last).to_contain_text(origin)
        at_rest(visit)
    heads = [f"{name} · {say('ko', 'differs.lr_d')} 0.01" for name in "BC"]
    captions = visit.page.locator("#live-sheet figcaption > :first-child").all_inner_texts()
    assert captions == [f"A · {say('ko', 'runs.step', step=3)}", *heads]
    for head in heads:
        expect(visit.page.locator("#loss-chart .names")).to_contain_text(head)


def test_bad_settings_are_refused_in_a_sentence_and_nothing_is_lost(visit):
    here(visit)
    fields(visit, **{**SMALL, "widths_g": "9999"})
    press(visit, "start")
    expect(sentence(visit)).to_contain_text(say("ko", "field.widths_g"))
    expect(sentence(visit)).to_contain_text("9999")
    fields(visit, steps=3, **SMALL)
    press(visit, "start")
    at_rest(visit)
    assert points(visit) == ["A · 3"] and calls(visit) == []


def test_a_loss_that_needs_the_server_says_so(visit):
    here(visit)
    fields(visit)
    visit.page.locator("#set-loss input").last.check()
    press(visit, "start")
    expect(sentence(visit)).to_have_text(say("ko", "error.device_loss"))


def test_each_side_shows_its_own_runs(visit):
    here(visit)
    fields(visit, steps=3, **SMALL)
    press(visit, "start")
    at_rest(visit)
    visit.page.locator("#train-where input").last.check()
    expect(visit.page.locator("#train-kept")).to_be_hidden()
    expect(visit.page.locator("#live-sheet img")).to_have_count(0)
    expect(visit.page.locator("#train-go-on")).to_be_disabled()
    press(visit, "start")
    at_rest(visit)
    expect(visit.page.locator("#train-status .device")).not_to_contain_text("WebAssembly")
    press(visit, "reset")
    press(visit, "reset")
    expect(visit.page.locator("#train-undo")).to_be_visible()
    visit.page.locator("#train-where input").first.check()
    expect(visit.page.locator("#point label")).to_have_count(1)
    expect(visit.page.locator("#train-undo")).to_be_hidden()  # it is the server's
    assert points(visit) == ["A · 3"]
    visit.page.locator("#train-where input").last.check()
    expect(visit.page.locator("#train-undo")).to_be_visible()


def test_a_file_that_does_not_come_is_told_and_the_page_goes_on(visit):
    here(visit)
    visit.page.route("**/train-images*", lambda route: route.abort())
    fields(visit, steps=3, **SMALL)
    press(visit, "start")
    expect(sentence(visit)).to_contain_text(texts()["ko"]["error.fetch"].partition("(")[0])
    expect(visit.page.locator("#train-start")).to_be_enabled()
    visit.page.unroute("**/train-images*")
    press(visit, "start")
    at_rest(visit)
    visit.said.clear()  # the browser has told of the file


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({}, "device"),  # another machine, without a GPU
        ({"host": "localhost"}, "server"),
        ({"host": "localhost", "free": False}, "server"),
        ({"kind": "cuda"}, "server"),
        ({"kind": "cuda", "free": False}, "device"),
        ({"kind": "lent"}, "server"),
        ({"kind": "cuda", "last": "device"}, "device"),
        ({"last": "server", "free": False}, "server"),
        ({"last": "server", "training": False}, "device"),
    ],
)
def test_where_runs_train_at_first(js, changes, place):
    what = {"last": None, "host": "192.168.0.7", "training": True, "kind": "cpu", "free": True, **changes}
    ask = "async (what) => (await import(at('browser', 'train/place.js'))).usualPlace(what)"
    assert js(ask, what) == place


def test_who_chooses_before_the_script_has_come_is_heard(visit):
    visit.page.route("**/train/status.js", lambda route: (visit.page.wait_for_timeout(1000), route.continue_()))
    visit.page.goto(f"{visit.page.url.partition('?')[0]}?tab=train&lang=ko")
    # The tab is not shown yet; a script of the visitor's own, or a reader of the page, could still choose.
    visit.page.locator("#train-where input").first.evaluate("(choice) => choice.click()")
    assert visit.page.evaluate("() => window.ganDevice === undefined")
    expect(visit.page.locator("#train-status .device")).to_contain_text("WebAssembly")


NO_WEB_ASSEMBLY = "delete window.WebAssembly;"
FULL = """IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };"""
FORBIDDEN = """Object.defineProperty(window, "indexedDB", { get() { throw new Error("a private window"); } });"""


def test_without_webassembly_it_says_so_and_the_other_tabs_draw(visit):
    visit.page.add_init_script(NO_WEB_ASSEMBLY)
    visit.page.reload()
    visit.tab("train.tab")
    visit.page.locator("#train-where input").first.check()
    expect(sentence(visit)).to_have_text(texts()["ko"]["error.no_wasm"])
    press(visit, "start")
    expect(sentence(visit)).to_have_text(texts()["ko"]["error.no_wasm"])
    visit.tab("explore.tab")
    expect(visit.page.locator("#drawing-199 canvas")).to_be_visible()


@pytest.mark.parametrize(("script", "note"), [(FULL, "full"), (FORBIDDEN, "not_lasting")])
def test_a_store_that_is_full_or_forbidden_is_told_and_the_run_goes_on(visit, script, note):
    visit.page.add_init_script(script)
    visit.page.reload()
    here(visit)
    fields(visit, steps=20, **SMALL)
    press(visit, "start")
    expect(sentence(visit)).to_contain_text(texts()["ko"]["status.finished"].partition("{")[0])
    expect(visit.page.locator("#train-status .device")).to_contain_text(say("ko", f"status.{note}"))
    expect(visit.page.locator("#live-sheet img")).to_be_visible()
    at_rest(visit)
    assert points(visit) == ["A · 20"]
    press(visit, "go-on")
    expect(visit.page.locator("#point label").last).to_have_text("A · 40")
    with visit.page.expect_download() as download:
        press(visit, "generator")
    assert download.value.suggested_filename == "generator-step-40.safetensors"


def chosen(visit) -> str:
    """The preset that is chosen."""
    return visit.page.locator("#preset input:checked").evaluate("(input) => input.parentElement.innerText.trim()")


def test_each_side_begins_with_its_own_preset_unless_somebody_has_changed_the_fields(visit):
    here(visit)
    widths = visit.page.locator("#set-widths_g textarea")
    fields(visit)
    expect(widths).to_have_value(", ".join(map(str, PRESETS["pocket"].widths_g)))
    expect(visit.page.locator("#budget input").last).to_be_checked()  # until it is stopped
    assert chosen(visit) == say("ko", "preset.pocket")
    visit.page.locator("#train-where input").last.check()
    expect(visit.page.locator("#budget input").nth(1)).to_be_checked()
    assert chosen(visit) == say("ko", "preset.classroom")
    fields(visit, seed=3)
    visit.page.locator("#train-where input").first.check()
    expect(visit.page.locator("#train-status .device")).to_contain_text("WebAssembly")
    expect(visit.page.locator("#budget input").nth(1)).to_be_checked()
    expect(visit.page.locator("#set-seed input")).to_have_value("3")
    visit.page.locator("#preset input").nth(list(PRESETS).index("classroom")).check()  # by a hand: it stays
    visit.page.locator("#train-where input").last.check()
    visit.page.locator("#train-where input").first.check()
    expect(sentence(visit)).to_have_text(say("ko", "status.idle_here"))
    visit.page.wait_for_function("() => window.ganDevice.wanted === 'turned'")
    assert chosen(visit) == say("ko", "preset.classroom")


def test_presets_and_recipes_are_chosen_without_asking_the_server(visit):
    here(visit)
    fields(visit)
    visit.page.locator("#preset input").nth(list(PRESETS).index("one_digit")).check()
    expect(visit.page.locator("#set-digits input:checked")).to_have_count(1)
    visit.lab(list(RECIPES).index("narrow"))
    expect(visit.page.locator("#set-latent_dim input")).to_have_value("2")
    expect(visit.page.locator("#set-digits input:checked")).to_have_count(10)
    expect(visit.page.locator("#preset input:checked")).to_have_count(0)
    expect(visit.page.locator("#failure")).to_contain_text(say("ko", "recipe.narrow_what"))
    visit.page.locator("#preset input").nth(list(PRESETS).index("pocket")).check()
    expect(visit.page.locator("#recipe input:checked")).to_have_count(0)
    expect(visit.page.get_by_text(say("ko", "recipe.narrow_what"))).to_be_hidden()
    assert calls(visit) == []


def test_after_a_recipe_the_next_one_is_asked(visit):
    here(visit)
    visit.lab(list(RECIPES).index("diverged"))
    expect(visit.page.get_by_text(say("ko", "recipe.diverged_what"))).to_be_visible()
    press(visit, "start")
    at_rest(visit)
    expect(visit.page.locator("#recipe-cure")).to_be_visible()
    visit.lab(list(RECIPES).index("narrow"))
    expect(visit.page.get_by_text(say("ko", "recipe.narrow_what"))).to_be_visible()
    visit.page.locator("#preset input").nth(list(PRESETS).index("pocket")).check()
    expect(visit.page.get_by_text(say("ko", "recipe.narrow_what"))).to_be_hidden()
    expect(visit.page.get_by_text(say("ko", "recipe.diverged_what"))).to_be_hidden()
