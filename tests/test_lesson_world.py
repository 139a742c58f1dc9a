"""Page 8 of the lesson: where GANs went, each with its source and with what could go wrong."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from visits import Visit

from playground.data import PROJECT
from playground.ui.texts import LANGUAGES, texts

MODULE = (PROJECT / "playground/ui/browser/learn/world.js").read_text(encoding="utf-8")
CARDS = dict(
    re.findall(r'^  (\w+): \["(noise|sketch|image|text)", "[^"]+", "[^"]+", "[^"]*(?:20\d\d)"', MODULE, re.MULTILINE)
)
TOLD = ("gaugan", "edges", "style", "animals", "words", "restore", "deblur", "augment", "ct_mri", "mri_ct", "faces")


def test_everything_that_the_lecture_tells_has_a_source_and_its_harm():
    assert tuple(CARDS) == TOLD and set(CARDS.values()) == {"noise", "sketch", "image", "text"}
    for language in LANGUAGES:
        for name in CARDS:
            assert all(texts()[language][f"learn.world_{name}{part}"] for part in ("", "_what", "_harm"))
    for name in ("GauGAN", "GANimal", "StackGAN++", "MI-GAN", "DeblurGAN"):
        assert any(name in texts()["ko"][f"learn.world_{card}"] for card in CARDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_are_chosen_by_what_goes_in(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=8", language)
    page = visit.page
    shown = page.locator(".page-world .card-of:visible")
    expect(shown).to_have_count(len(CARDS))
    for given in ("noise", "text", "sketch", "image", "all"):
        page.locator(f".page-world [data-given={given}]").press("Enter")
        wanted = [name for name in CARDS if given in ("all", CARDS[name])]
        expect(shown).to_have_count(len(wanted))
        assert [each.get_attribute("id") for each in shown.all()] == [f"world-{name}" for name in wanted]
    page.locator("#world-mri_ct summary").click()
    expect(page.locator("#world-mri_ct details p")).to_have_text(texts()[language]["learn.world_mri_ct_harm"])
    links = page.locator(".page-world .source a")
    assert links.count() >= 10
    for link in links.all():
        assert urlsplit(link.get_attribute("href")).hostname == "arxiv.org"
        assert link.get_attribute("target") == "_blank" and "noopener" in link.get_attribute("rel")
    assert visit.hosts() == {urlsplit(server).netloc} and visit.said == []
    page.locator(".page-world .links a").click()
    expect(page.locator("#lesson-9")).to_be_visible()
    visit.close()
