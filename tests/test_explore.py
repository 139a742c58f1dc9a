"""Explore in real Chromium: the noise in a visitor's hand."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from visits import Visit

from models.gan import Generator
from playground.checkpoints import load_network, network_bytes, tensors_bytes
from playground.metrics import load_judge
from playground.shipped import CHECKPOINTS, DrawRequest, Shipped
from playground.training import TrainConfig
from playground.ui.texts import say

EPOCHS = ("000", "100", "199")


@pytest.fixture
def visit(browser, server):
    visit = Visit(browser, server)
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


SHEETS_DRAWN = """() => { const canvases = [...document.querySelectorAll("#sheets canvas")];
  const last = (c) => c.getContext("2d").getImageData(196, 196, 28, 28).data;
  return canvases.length >= 4 && canvases.every((c) => last(c).some((v, i) => i % 4 < 3 && v > 30)); }"""


def hold(page, selector, *places):
    """Press the mouse on the first place (shares of width and height) of an element and drag it over the others."""
    box = page.locator(selector).bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def saved(page, button) -> tuple[str, np.ndarray]:
    """The name and the grey pixels of the PNG that a button saves."""
    with page.expect_download() as download:
        button.click()
    image = Image.open(download.value.path())
    assert image.format == "PNG"
    return download.value.suggested_filename, np.asarray(image.convert("L")).astype(int)


def to_save(card, place=0):
    """The button of a card's menu that saves its drawing, in sight."""
    card.locator(".saves > summary").click()
    return card.locator(".saves button").nth(place)


def test_it_opens_with_three_drawings_and_their_verdicts(visit):
    assert len({visit.pixels(epoch) for epoch in EPOCHS}) == 3
    shipped, latents = Shipped(), Shipped().latents(DrawRequest(seed=7))
    for epoch in EPOCHS:
        verdict = shipped.verdicts(int(epoch), latents).item()
        expect(visit.page.locator(f"#drawing-{epoch} .number")).to_have_text(f"D(G(z)) = {verdict:.2f}")
        meter = visit.page.locator(f"#drawing-{epoch} [role=meter]")
        expect(meter).to_have_attribute("aria-valuenow", f"{verdict:.2f}")


def test_a_drawings_name_says_what_the_judge_sees_in_it(visit):
    judge, shipped = load_judge(CHECKPOINTS / "judge.safetensors"), Shipped()
    for seed in (7, 12):
        visit.type("#seed input", str(seed))
        for name in EPOCHS:
            images = shipped.network(int(name), "generator")(shipped.latents(DrawRequest(seed=seed)))
            seen = int(judge(images).argmax())
            words = say("en", "explore.seen", digit=seen) if seen < 10 else say("en", "explore.seen_none")
            epoch = say("en", "common.epoch_short", epoch=int(name))
            expect(visit.page.locator(f"#drawing-{name} canvas")).to_have_attribute("aria-label", f"{epoch}: {words}")


def test_dragging_a_direction_draws_all_three_and_asks_the_server_nothing(visit):
    before, page = {epoch: visit.pixels(epoch) for epoch in EPOCHS}, visit.page
    page.wait_for_function(SHEETS_DRAWN)
    asked = len(visit.asked)
    hold(page, "#direction-1 input[type=range]", (0.5, 0.5), (0.9, 0.5), (0.2, 0.5), (0.8, 0.5))
    for epoch, pixels in before.items():
        visit.changed(epoch, pixels)
    assert visit.asked[asked:] == []
    move = visit.state("moves[0]")
    shipped = Shipped()
    drawn = shipped.draw(199, shipped.latents(DrawRequest(seed=7, sliders=(move / 10, *[0] * 7))))[0]
    _, pixels = saved(page, to_save(page.locator("#drawing-199")))
    assert np.abs(pixels - drawn.numpy()).max() <= 1
    page.locator("#reset").click()
    for epoch, pixels in before.items():
        visit.same(epoch, pixels)
    page.locator("#undo").click()
    assert visit.state("moves[0]") == move
    page.locator("#undo").click()
    visit.same("199", before["199"])
    expect(page.locator("#undo")).to_be_disabled()


def test_the_keyboard_moves_sliders_and_a_held_key_is_one_gesture(visit):
    page, before = visit.page, visit.pixels("199")
    page.locator("#direction-8 input[type=range]").focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    visit.changed("199", before)
    assert visit.state("moves[7]") == 30
    page.locator("#temperature input[type=number]").fill("0")
    page.keyboard.press("Tab")
    page.wait_for_function("() => location.search.includes('temperature=0')")
    assert page.evaluate("() => history.length") < 8  # thirty keys are one gesture


def test_seed_dice_and_saving_as_png(visit):
    page, before = visit.page, visit.pixels("199")
    page.locator("#seed input").fill("123")
    visit.changed("199", before)
    page.evaluate("Math.random = () => 0.4567")
    page.locator("#dice").click()
    expect(page.locator("#seed input")).to_have_value("456")
    small = saved(page, to_save(page.locator("#drawing-199"), 0))
    large = saved(page, to_save(page.locator("#drawing-199"), 1))
    drawn = Shipped().draw(199, Shipped().latents(DrawRequest(seed=456)))[0].numpy().astype(int)
    assert (small[0], large[0]) == ("epoch-199-seed-456.png", "epoch-199-seed-456-448.png")
    assert small[1].shape == (28, 28) and np.abs(small[1] - drawn).max() <= 1
    assert np.array_equal(large[1], small[1].repeat(16, 0).repeat(16, 1))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_bad_seed_is_refused_in_a_sentence_and_nothing_is_lost(browser, server, language):
    visit = Visit(browser, server, language)
    before, field = visit.pixels("199"), visit.page.locator("#seed input")
    for seed in ("-1", "1000000000000", "1.5"):
        field.fill(seed)
        sentence = say(language, "common.refused_whole", field=say(language, "common.seed"), got=seed, low=0, high=999)
        expect(visit.page.locator("#seed [role=alert]")).to_have_text(sentence)
        assert visit.pixels("199") == before
        field.press("Tab")
        expect(field).to_have_value("7")
    field.fill("8")
    visit.changed("199", before)
    expect(visit.page.locator("#seed [role=alert]")).to_be_hidden()
    field.press_sequentially("00")  # 80 is allowed, 800 too
    field.press_sequentially("0")  # 8000 is not: neither was 800 meant
    field.press("Tab")
    expect(field).to_have_value("7")
    visit.close()


def test_a_real_digit_beside_and_the_noise_as_json(browser, server):
    visit = Visit(browser, server, permissions=["clipboard-read", "clipboard-write"])
    page = visit.page
    page.locator("#real").click()
    expect(page.locator("#drawing-real .number")).to_have_text(re.compile(r"^D\(x\) = [01]\.\d\d$"))
    real = visit.pixels("real")
    page.locator("#drawing-real .again button").click()
    visit.changed("real", real)
    page.locator("#explore .source .menu > summary").click()
    page.locator("#copy-noise").click()
    expect(page.locator("#copy-noise")).to_be_hidden()  # a menu closes when something was chosen
    expect(page.locator(".said", has_text=say("en", "explore.noise_copied"))).to_be_visible()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert torch.allclose(torch.tensor(copied["latent"]), Shipped().latents(DrawRequest(seed=7))[0], atol=1e-6)
    assert copied["name"] == "seed-7" and copied["link"].startswith(server)
    visit.close()


def test_sheets_fill_in_and_a_click_takes_a_drawing_in_the_hand(visit):
    page = visit.page
    page.wait_for_function(SHEETS_DRAWN)
    sheet = page.locator("#sheets canvas").nth(2)
    pixels = page.evaluate(
        "(c) => Array.from(c.getContext('2d').getImageData(28, 28, 28, 28).data)", sheet.element_handle()
    )
    drawn = Shipped().draw(199, Shipped().latents(DrawRequest(seed=7 + 9)))[0].flatten()
    assert np.abs(np.array(pixels[::4]) - drawn.numpy().astype(int)).max() <= 1
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    sheet.click(position={"x": box["width"] * 1.5 / 8, "y": box["height"] * 1.5 / 8})
    expect(page.locator("#seed input")).to_have_value("16")
    sheet.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#seed input")).to_have_value("25")


def test_bars_are_painted_by_mouse_and_by_keys(visit):
    page, before = visit.page, visit.pixels("199")
    visit.fold("more")
    page.locator("#bars").scroll_into_view_if_needed()
    hold(page, "#bars", (0.1, 0.1), (0.4, 0.1))
    visit.changed("199", before)
    painted = visit.state("painted")
    assert len(painted) >= 36 and {value for _, value in painted} == {102}
    assert [index for index, _ in painted] == list(range(painted[0][0], painted[-1][0] + 1))  # no gaps
    page.locator("#unpaint").click()
    visit.same("199", before)
    page.locator("#bars").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert [index for index, _ in visit.state("painted")] == [1]
    visit.changed("199", before)
    page.keyboard.press("Delete")
    visit.same("199", before)


def test_the_plane_between_four_seeds_is_dragged_like_a_map(visit):
    page, before = visit.page, visit.pixels("199")
    visit.fold("more")
    page.locator("#plane").scroll_into_view_if_needed()
    hold(page, "#plane", (0.1, 0.1), (0.5, 0.5), (0.999, 0.999))
    visit.changed("199", before)
    page.locator("#plane-x input[type=range]").press("End")
    page.locator("#plane-y input[type=range]").press("End")
    assert visit.state("at") == [200, 200]
    corner = visit.state("seeds[3]")
    visit.open(f"{page.url.split('?')[0]}?{visit.query(seeds=[corner, 1, 2, 3])}")
    there = visit.pixels("199")
    page.go_back()
    page.wait_for_function("() => window.ganPage && window.ganPage.state.at[0] === 200")
    visit.same("199", there)


def test_the_walk_plays_pauses_and_stops_for_a_hand(visit):
    page = visit.page
    visit.fold("more")
    page.locator("#walk-play").click()
    shown = {visit.pixels("199")}
    for _ in range(3):
        visit.changed("199", visit.pixels("199"))
        shown.add(visit.pixels("199"))
    assert len(shown) >= 3
    page.locator("#walk-play").click()
    expect(page.locator("#walk-play")).to_have_text(say("en", "noise.walk_play"))
    x, y = visit.state("at")
    assert f"at={x}.{y}" in page.url
    page.locator("#walk-play").click()
    page.locator("#dice").click()
    expect(page.locator("#walk-play")).to_have_text(say("en", "noise.walk_play"))


def test_frame_times_can_be_read(visit):
    page = visit.page
    expect(page.locator("#frame-time")).to_be_hidden()
    more = page.locator("#explore .source .menu > summary")
    more.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#timing")).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    page.locator("#timing").click()
    page.locator("#direction-1 input[type=range]").press("ArrowRight")
    expect(page.locator("#frame-time")).to_have_text(re.compile(r"\d+\.\d ms"))


def test_look_inside_mutes_boosts_and_adds_templates(visit):
    page = visit.page
    before = visit.pixels("199")
    visit.fold("inside")
    heat = "() => document.querySelector('#units').toDataURL()"
    expect(page.locator("#inside .numbers")).to_contain_text("number 1 in strength")
    unlit = page.evaluate(heat)
    page.locator("#direction-1 input[type=range]").press("End")
    page.wait_for_function(f"(before) => ({heat})() !== before", arg=unlit)  # the heat maps live
    page.locator("#direction-1 input[type=range]").press("ArrowLeft")
    page.locator("#reset").click()
    visit.same("199", before)
    page.locator("#unit-strongest").click()
    page.locator("#unit-mute").click()
    visit.changed("199", before)
    [[unit, factor]] = visit.state("units")
    assert factor == 0
    shipped = Shipped()
    network = shipped.network(199, "generator").main
    with torch.inference_mode():
        hidden = network[:-2](shipped.latents(DrawRequest(seed=7)))
        strengths = hidden[0].abs() * network[-2].weight.abs().sum(0)
        assert strengths.argmax() == unit
        hidden[0, unit] = 0
        expected = ((network[-2:](hidden)[0] + 1) * 127.5).round().numpy()
    _, pixels = saved(page, to_save(page.locator("#drawing-199")))
    assert np.abs(pixels.flatten() - expected).max() <= 1
    page.locator("#unit-boost").click()
    assert visit.state("units") == [[unit, 2]]
    page.locator("#units-restore").click()
    visit.same("199", before)
    assert visit.pixels("sum") == before
    page.locator("#sum input[type=number]").fill("3")
    visit.changed("sum", before)
    few = visit.pixels("sum")
    _, pixels = saved(page, to_save(page.locator("#drawing-199")))
    whole = shipped.draw(199, shipped.latents(DrawRequest(seed=7)))[0].numpy().astype(int)
    assert np.abs(pixels - whole).max() <= 1  # the sum of three templates is another picture
    page.locator("#sum-play").click()
    visit.changed("sum", few)
    page.locator("#sum-play").click()
    page.locator("#units").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#units")).not_to_have_attribute("aria-valuenow", str(unit + 1))


def choose(page, *files):
    page.locator("#explore .source .menu > summary").click()
    with page.expect_file_chooser() as chooser:
        page.locator("#explore .source .own").click()
    chooser.value.set_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    )


@pytest.mark.slow
def test_a_visitors_own_network_joins_as_text_and_nothing_else(visit):
    page, config = visit.page, TrainConfig(widths_g=(30, 50))
    generator = Generator(128, (30, 50))
    metadata = {"architecture": "mlp", "role": "generator", "epoch": "3", "latent_dim": "128",
                "config": config.to_json(),
                "note": "<img src=x onerror='window.hacked=1'>${window.hacked=2}{{window}}"}  # fmt: skip
    choose(page, ("mine ${window.hacked=3}.safetensors", tensors_bytes(generator.state_dict(), metadata)))
    card = page.locator("#drawing-own")
    expect(card.locator(".number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    expect(card.locator("h3 [data-say]")).to_have_text(
        say("en", "common.own_file", file="mine window.hack…")
    )  # as Gradio has it
    card.locator("details.about > summary").click()
    expect(card).to_contain_text("<img src=x onerror='window.hacked=1'>${window.hacked=2}{{window}}")
    expect(card).to_contain_text("epoch 199")  # whose detective judges it
    assert page.evaluate("() => window.hacked") is None
    drawn = ((generator(Shipped().latents(DrawRequest(seed=7)))[0, 0] + 1) * 127.5).round().detach().numpy()
    _, pixels = saved(page, to_save(card))
    assert np.abs(pixels - drawn).max() <= 1
    visit.fold("inside")
    expect(page.locator("#inside .layers figure:visible")).to_have_count(2)
    expect(page.locator("#sheets canvas")).to_have_count(5)
    folder = CHECKPOINTS / "epoch-000"
    own = [
        (f"{role}.safetensors", (folder / f"{role}.safetensors").read_bytes())
        for role in ("discriminator", "generator")
    ]
    choose(page, *own)
    visit.same("own", visit.pixels("000"))
    expect(card.locator(".number")).to_have_text(page.locator("#drawing-000 .number").inner_text())
    page.locator("#unit-mute").click()
    page.locator("#dice").click()
    page.locator("#undo").click()
    assert visit.state("epoch") == "own" and len(visit.state("units")) == 1
    card.get_by_text(say("en", "explore.own_leave")).click()
    expect(card).to_have_count(0)
    assert visit.state("epoch") == 199

    def undo():
        page.locator("#undo").click()
        assert visit.state("epoch") == 199
        page.evaluate("() => new Promise(requestAnimationFrame)")

    visit.again(undo, lambda: page.locator("#undo").get_attribute("aria-disabled") == "true")
    choose(page, *own)  # the same once more
    expect(card.locator(".number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))


def test_a_network_of_other_activations_is_drawn_with_those(visit):
    """Where the file does not say which, the visitor does."""
    page, generator = visit.page, Generator(128, (30, 50))
    for place in (1, 3):
        generator.main[place] = torch.nn.ReLU()
    config = TrainConfig(widths_g=(30, 50))
    drawn = ((generator(Shipped().latents(DrawRequest(seed=7)))[0, 0] + 1) * 127.5).round().detach().numpy()
    card = page.locator("#drawing-own")

    def distance() -> int:
        return np.abs(saved(page, to_save(card))[1] - drawn).max()

    choose(page, ("said.safetensors", network_bytes(generator, "generator", 3, config)))
    expect(card.locator(".about").first).to_have_text("said.safetensors")
    expect(card.locator("h3 [data-say]")).to_have_text(say("en", "common.own_file", file="said"))
    expect(card.locator(".number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    expect(page.locator("#own-activation")).to_have_count(0)
    assert distance() <= 1
    choose(
        page,
        (f"unsaid{'d' * 60}.safetensors", network_bytes(generator, "generator", 3, config, says_activations=False)),
    )
    expect(page.locator("#own-activation")).to_have_value("LeakyReLU(0.2)")
    expect(card.locator("h3 [data-say]")).to_have_text(say("en", "common.own_file", file=f"unsaid{'d' * 10}…"))
    expect(card.locator(".number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    assert distance() > 1
    page.locator("#own-activation").select_option("ReLU")
    expect(page.locator("#own-activation")).to_have_value("ReLU")
    expect(page.locator("#own-activation")).to_be_focused()
    expect(card.locator(".number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    assert distance() <= 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_file_that_is_no_network_is_refused_in_a_sentence(browser, server, language, capfd):
    visit = Visit(browser, server, language)
    choose(visit.page, ("cut.safetensors", b"\x10\0\0\0\0\0\0\0{}"))
    expect(visit.toast()).to_contain_text(say(language, "file.cut"))
    assert str(CHECKPOINTS.parent) not in visit.toast().inner_text() and "/tmp" not in visit.toast().inner_text()
    small = network_bytes(Generator(4, (16,)), "generator", 0, TrainConfig(latent_dim=4, widths_g=(16,)))
    choose(visit.page, ("small.safetensors", small))
    sentence = say(language, "file.latent", got=4, wanted=128)
    expect(visit.page.locator(".toast-body", has_text=sentence).first).to_be_visible()
    choose(visit.page, ("d.safetensors", (CHECKPOINTS / "epoch-000" / "discriminator.safetensors").read_bytes()))
    roles = {"role": say(language, "role.discriminator"), "wanted": say(language, "role.generator")}
    sentence = say(language, "file.wrong_role", **roles)
    expect(visit.page.locator(".toast-body", has_text=sentence).first).to_be_visible()
    expect(visit.page.locator("#drawing-own")).to_have_count(0)
    assert "Traceback" not in "".join(capfd.readouterr())
    visit.close()


@pytest.mark.slow
def test_what_was_trained_live_opens_here_with_its_own_detective(visit):
    page = visit.page
    visit.train_for_an_hour()
    page.locator("#train-start").click()
    expect(page.locator("#train-status .sentence")).to_contain_text("D(G(z))")
    page.locator("#train-stop").click()
    page.locator("#train-explore").scroll_into_view_if_needed()
    assert page.evaluate("() => scrollY") > 0
    step = page.locator("#point input:checked").get_attribute("value").removeprefix("A:")
    page.locator("#train-explore").click()
    expect(page.locator("#drawing-own .number")).to_have_text(re.compile(r"^D\(G\(z\)\) = [01]\.\d\d$"))
    page.wait_for_function("() => scrollY === 0")
    run = say("en", "common.own_run", name="A", step=f"{int(step):,}")
    expect(page.locator("#drawing-own h3 [data-say]")).to_have_text(run)
    visit.fold("inside")
    expect(page.locator("#inside label", has=page.locator("input:checked"))).to_have_text(run)
    expect(page.get_by_role("tab", name=say("en", "explore.tab"), exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    with page.expect_download() as download:
        visit.tab("train.tab")
        page.locator("#train-discriminator").click()
    assert load_network(Path(download.value.path()), "discriminator").network(torch.zeros(1, 1, 28, 28)).shape == (1, 1)


def test_a_download_shows_its_progress_and_says_when_it_fails(browser, server):
    context = browser.new_context(locale="ko-KR")
    page, held = context.new_page(), []
    page.route("**/epoch-100/generator.half.*", lambda route: held.append(route))
    page.goto(server)
    page.locator("#dice").click()  # the first seed's drawings come with the page
    expect(page.locator("#drawing-100 [role=progressbar]")).to_be_visible()
    expect(page.locator("#drawing-100")).to_contain_text(say("ko", "common.loading"))
    page.wait_for_function(
        "() => document.querySelector('#drawing-199 .number').textContent.includes('=') || "
        "document.querySelector('#drawing-199 canvas').toDataURL().length > 500"
    )
    held.pop().abort()
    expect(page.locator("#drawing-100 [role=alert]")).to_contain_text(say("ko", "common.failed"))
    page.unroute("**/epoch-100/generator.half.*")
    page.locator("#drawing-100 [role=alert] button").click()
    expect(page.locator("#drawing-100 .number")).to_have_text(re.compile("D"))
    expect(page.locator("#drawing-100 [role=alert]")).to_be_hidden()
    page.route("**/epoch-199/discriminator.half.*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#drawing-199 [role=alert]")).to_contain_text(say("ko", "common.failed"))
    expect(page.locator("#drawing-199 [role=progressbar]")).to_be_hidden()  # the drawing is there, its verdict is not
    context.close()


def test_it_works_over_plain_http(browser, server):
    """A school's network has no certificate: no clipboard, no crypto.subtle, no shared memory."""
    visit = Visit(browser, server.replace("127.0.0.1", "school.test"))
    assert visit.page.evaluate("() => isSecureContext") is False
    visit.page.locator("#direction-1 input[type=range]").press("End")
    visit.page.locator("#copy-link").click()
    expect(visit.page.locator("#banner .said")).to_have_text(say("en", "banner.copied"))
    assert visit.said == []
    visit.close()


def test_pictures_of_the_page_are_what_a_file_holds(visit):
    """The opening drawing, from the canvas, from the API's engine, and from the checkpoint in plain PyTorch."""
    page = visit.page
    _, pixels = saved(page, to_save(page.locator("#drawing-100")))
    z = torch.randn(128, generator=torch.Generator().manual_seed(7))
    drawing = load_network(CHECKPOINTS / "epoch-100" / "generator.safetensors").network(z)
    assert np.abs(pixels - ((drawing[0, 0] + 1) * 127.5).round().numpy()).max() <= 1


def test_ten_drawings_are_saved_one_by_one_and_as_one_zip(visit, tmp_path):
    """As the lecture's code 13-34 names them, and as Python draws them."""
    page, shipped = visit.page, Shipped()
    visit.fold("ten")
    asked = len(visit.asked)
    for epoch in (100, 199):
        page.locator(f"#ten-epoch input[value='{epoch}']").check()
        expect(page.locator(f"#ten canvas[data-epoch='{epoch}']")).to_have_count(10)
        expect(page.locator("#ten-all")).to_have_attribute("aria-disabled", "false")
        drawn = shipped.draw(epoch, shipped.latents(DrawRequest(seed=0, count=10))).numpy().astype(int)
        name, pixels = saved(page, page.locator("#ten figure button").nth(8))
        assert name == "fake_images_img8.png" and pixels.shape == (448, 448)
        assert np.abs(pixels[8::16, 8::16] - drawn[8]).max() <= 1
    with page.expect_download() as download:
        page.locator("#ten-all").click()
    assert download.value.suggested_filename == "fake_images_img.zip"
    with zipfile.ZipFile(download.value.path()) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == [f"fake_images_img{seed}.png" for seed in range(10)]
        assert all(info.date_time[0] >= 2024 for info in packed.infolist())
        packed.extractall(tmp_path)
    for seed in range(10):
        pixels = np.asarray(Image.open(tmp_path / f"fake_images_img{seed}.png").convert("L")).astype(int)
        assert np.abs(pixels[8::16, 8::16] - drawn[seed]).max() <= 1
    fetched = [url.split("/")[-2:] for url in visit.asked[asked:] if not url.startswith("blob:")]
    assert fetched == [[f"epoch-{epoch}", "generator.safetensors"] for epoch in (100, 199)]  # for full precision, once
