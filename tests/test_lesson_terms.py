"""The lesson explains a term of the glossary where a page first names it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from visits import PHONE, Visit, fits

from playground.ui.glossary import FILES, glossary_or_none, read_glossary, words_of
from playground.ui.texts import LANGUAGES, texts

GLOSSARY = read_glossary()


def test_the_words_of_a_term():
    assert words_of("generator (forger), G") == ["generator", "forger", "generators", "forgers"]
    assert words_of("판별자(경찰), D") == ["판별자", "경찰"]
    assert words_of("latent vector z (noise)")[:3] == ["latent vector z", "noise", "latent vector"]
    assert {"losses", "batches", "epochs"} <= {word for term in GLOSSARY["en"] for word in term["words"]}
    assert words_of("run") == words_of("호(lerp), G")[1:-1] == []


def test_both_languages_name_the_same_terms():
    names = {language: {term["name"] for term in terms} for language, terms in GLOSSARY.items()}
    assert len(names["en"]) > 20 and {term["other"] for term in GLOSSARY["en"]} - {"심판"} <= names["ko"] | {"학습"}
    assert all(term["meaning"] for terms in GLOSSARY.values() for term in terms)
    for language, terms in GLOSSARY.items():
        assert len({word for term in terms for word in term["words"]}) == sum(len(term["words"]) for term in terms)
        assert any(terms[0]["words"][0] in text for text in texts()[language].values())


def test_the_lesson_does_without_a_glossary(monkeypatch, tmp_path, capsys):
    with pytest.raises(FileNotFoundError):
        read_glossary(tmp_path)
    monkeypatch.setattr("playground.ui.glossary.FILES", dict.fromkeys(LANGUAGES, "none.md"))
    assert glossary_or_none() == {"en": [], "ko": []} and "none.md" in capsys.readouterr().err


@pytest.mark.parametrize("row", ["| latent |", "| latent | 잠재 |", "| latent | | noise |", "| latent | 잠재 | |"])
def test_a_row_of_the_glossary_has_all_its_cells(tmp_path, row):
    lines = ["| term | Korean | what it is |", "|---|---|---|", "| noise | 노이즈 | what G begins with |", row]
    for name in FILES.values():
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match="glossary"):
        read_glossary(tmp_path)


def meaning(language, word) -> str:
    return next(term["meaning"] for term in GLOSSARY[language] if word in term["words"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_press_explains_a_term_and_escape_closes_it(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=1", language, viewport=PHONE)
    page, word = visit.page, {"en": "noise", "ko": "노이즈"}[language]
    term = page.locator("#lesson-1").get_by_role("button", name=word, exact=True)
    box = page.locator("#lesson-1 .term-words")
    expect(term).to_have_count(1)
    expect(box).not_to_be_visible()
    term.press("Enter")
    expect(box.locator(".meaning")).to_have_text(meaning(language, word))
    expect(box).to_be_visible()
    assert fits(page)
    page.keyboard.press("Escape")
    expect(box).not_to_be_visible()
    expect(term).to_be_focused()
    term.click()
    expect(box).to_be_visible()
    page.locator("#lesson-1 h3").click()
    expect(box).not_to_be_visible()
    assert visit.hosts() == {urlsplit(server).netloc} and visit.said == []
    visit.close()


def test_each_term_is_marked_once_a_page_and_follows_the_language(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=7")
    page, marks = visit.page, "#lesson-7 button.term"
    expect(page.locator(marks).first).to_be_visible()
    for language, word in (("en", "loss"), ("ko", "오차"), ("en", "loss")):
        page.evaluate("(lang) => window.ganPage.set({ lang })", language)
        expect(page.locator(marks).first).to_have_text(word)
        numbers = page.locator(marks).evaluate_all("(all) => all.map((each) => each.dataset.term)")
        assert len(numbers) == len(set(numbers)) > 3
        words = [GLOSSARY[language][int(number)]["words"] for number in numbers]
        named = page.locator(marks).all_inner_texts()
        assert all(name.lower() in map(str.lower, known) for name, known in zip(named, words, strict=True))
        page.locator(marks).first.click()
        expect(page.locator("#lesson-7 .meaning")).to_have_text(meaning(language, word))
    page.evaluate("() => window.ganPage.set({ lesson: 8 })")
    expect(page.locator("#lesson-8 button.term").first).to_be_visible()
    assert visit.said == []
    visit.close()
