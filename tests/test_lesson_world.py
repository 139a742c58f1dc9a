"""Page 8 of the lesson: where GANs went, each with its source and with what could go wrong."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from visits import Visit, exported

from playground.ui.texts import LANGUAGES, texts

TOLD = ("gaugan", "edges", "style", "animals", "words", "restore", "deblur", "augment", "ct_mri", "mri_ct", "faces")


@pytest.fixture(scope="module")
def cards(browser, server) -> dict[str, dict]:
    """Card to what goes in (`given`) and its `paper`."""
    return exported(browser, server, "learn/papers.js", "CARDS")


def test_everything_that_the_lecture_tells_has_a_source_and_its_harm(cards):
    assert tuple(cards) == TOLD
    assert {card["given"] for card in cards.values()} == {"noise", "sketch", "image", "text"}
    for paper in (card["paper"] for card in cards.values()):
        assert paper["authors"] and paper["title"] and "20" in paper["where"]
    for language in LANGUAGES:
        for name in cards:
            assert all(texts()[language][f"learn.world_{name}{part}"] for part in ("", "_what", "_harm"))
    for name in ("GauGAN", "GANimal", "StackGAN++", "MI-GAN", "DeblurGAN"):
        assert any(name in texts()["ko"][f"learn.world_{card}"] for card in cards)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_are_chosen_by_what_goes_in(browser, server, cards, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=8", language)
    page = visit.page
    shown = page.locator(".page-world .card-of:visible")
    expect(shown).to_have_count(len(cards))
    for given in ("noise", "text", "sketch", "image", "all"):
        page.locator(f".page-world [data-given={given}]").press("Enter")
        wanted = [name for name in cards if given in ("all", cards[name]["given"])]
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
