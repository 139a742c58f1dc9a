"""Page 1 of the lesson: the game as it was played, epoch by epoch."""

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import Visit, faults_by_scheme

from playground.history import read_history
from playground.latent import noise
from playground.lessons.game import SEED, describe_game
from playground.shipped import CHECKPOINTS
from playground.ui.texts import LANGUAGES, say

ROWS = read_history()
LIT = "parts => parts.filter((part) => !part.classList.contains('dim')).map((part) => part.classList[1]).sort()"


def test_the_facts_are_the_runs_own():
    found = describe_game(ROWS)
    assert found["seed"] == SEED < 64 and len(found["d_real"]) == len(found["d_fake"]) == 200
    assert found["noise"] == pytest.approx(noise(SEED).tolist(), abs=5e-4)
    assert (found["d_real"][2], found["d_fake"][2]) == (ROWS[2]["d_real"], ROWS[2]["d_fake"])


def test_forgeries_are_always_rather_forged_as_the_words_say():
    assert all(row["d_fake"] < 0.5 < row["d_real"] for row in ROWS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_moves_with_the_epoch(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1", language)
    page = visit.page
    forgery = page.locator(".page-game .forgery canvas")
    for epoch in (0, 57):
        page.locator("#game-epoch input[type=number]").fill(str(epoch))
        expect(forgery).to_have_attribute("data-epoch", str(epoch))
        expect(page.locator(".says-forged output")).to_have_text(f"{ROWS[epoch]['d_fake']:.2f}")
        expect(page.locator(".says-real output")).to_have_text(f"{ROWS[epoch]['d_real']:.2f}")
    drawn = forgery.evaluate("(canvas) => canvas.toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))).convert("L")
    left, top = SEED % 8 * 28, SEED // 8 * 28
    sheet = Image.open(CHECKPOINTS / "drawings" / "epoch-057.png")
    assert image.tobytes() == sheet.crop((left, top, left + 28, top + 28)).tobytes()
    page.locator("#lesson-of-d_real").click()
    text = say(language, "learn.game_lesson_d_real_text", epoch=57, d_real=f"{ROWS[57]['d_real']:.2f}")
    expect(page.locator(".page-game .lesson")).to_have_text(text)
    assert page.locator(".page-game .part").evaluate_all(LIT) == ["d", "real", "says-real"]
    page.locator("#lesson-of-g").press("Enter")
    assert page.locator(".page-game .part").evaluate_all(LIT) == ["d", "forgery", "g", "noise", "says-forged"]
    page.locator("#lesson-of-g").press("Enter")
    expect(page.locator(".page-game .lesson")).to_have_text(say(language, "learn.game_lesson_none"))
    assert visit.said == []
    visit.close()


def test_a_lesson_points_to_where_its_learner_wants_the_verdict(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1")
    page = visit.page
    page.locator("#game-epoch input[type=number]").fill("57")
    expect(page.locator(".says-real output")).to_have_text(f"{ROWS[57]['d_real']:.2f}")
    for lesson, kind, wish in (("g", "forged", 1), ("d_real", "real", 1), ("d_fake", "forged", 0)):
        page.locator(f"#lesson-of-{lesson}").click()
        arrow = page.locator(".page-game .arrow:visible")
        expect(arrow).to_have_count(1)
        expect(page.locator(f".says-{kind} .arrow")).to_be_visible()
        verdict = ROWS[57]["d_fake" if kind == "forged" else "d_real"]
        assert arrow.get_attribute("data-to") == str(wish)
        left, width = arrow.evaluate("({ style }) => [parseFloat(style.left), parseFloat(style.width)]")
        assert (left, left + width) == pytest.approx((100 * min(verdict, wish), 100 * max(verdict, wish)), abs=1e-3)
    visit.close()


def test_a_hand_stops_the_film(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1")
    page = visit.page
    page.locator("#game-play").click()
    expect(page.locator("#game-play")).to_have_text(say("en", "learn.game_pause"))
    expect(page.locator(".page-game .lesson")).to_have_attribute("aria-live", "off")  # a film is not read aloud
    number = page.locator("#game-epoch input[type=number]")
    number.focus()  # a number that changes under the fingers cannot be typed
    expect(page.locator("#game-play")).to_have_text(say("en", "learn.game_play"))
    assert int(number.input_value()) < 199  # it did not play to its end
    number.fill("150")
    expect(page.locator("#game-epoch input[type=range]")).to_have_value("150")
    expect(page.locator(".page-game .lesson")).to_have_attribute("aria-live", "polite")
    visit.close()


def test_it_plays_and_stops(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1")
    page = visit.page
    page.locator("#game-epoch input[type=number]").fill("190")
    page.locator("#game-play").click()
    expect(page.locator("#game-epoch input[type=number]")).to_have_value("199")
    expect(page.locator("#game-play")).to_have_text(say("en", "learn.game_play"))
    visit.close()


def test_what_rests_can_still_be_read(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1", reduced_motion="reduce")
    visit.page.locator("#lesson-of-d_real").click()
    expect(visit.page.locator(".page-game .part.dim")).to_have_count(4)
    assert faults_by_scheme(visit) == []
    visit.close()
