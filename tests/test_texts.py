import re

import gradio as gr
import pytest

from playground.checked import SENTENCES, ConfigError
from playground.checkpoints import CheckpointError
from playground.data import PROJECT
from playground.live.line import LineFull
from playground.shipped import DrawRequest, RouteRequest, WalkRequest
from playground.training import TrainConfig
from playground.ui.texts import LANGUAGES, explain, plainly, politely, say, t, texts

HOLES = re.compile(r"{(\w+)}")


def test_both_languages_say_the_same():
    english, korean = texts()["en"], texts()["ko"]
    assert list(english) == list(korean)
    for key, text in english.items():
        assert text.strip() and korean[key].strip()
        assert set(HOLES.findall(text)) == set(HOLES.findall(korean[key])), key


def test_korean_is_korean():
    same = {key for key, text in texts()["ko"].items() if not re.search("[가-힣]", text)}
    assert same <= {"precision.fp32", "precision.bf16", "field.beta1", "field.beta2", "status.cuda", "status.mps",
                    "status.failed", "inside.boosted", "chart.of_run", "differs.k", "differs.beta1", "differs.beta2",
                    *(f"learn.quiz_game_{option}" for option in (1, 2, 3, 4)),  # as the lecture has them
                    "room.member", "loss.wgan-gp", "loss.r3gan", "optimizer.adam", "optimizer.sgd"}  # fmt: skip


def test_every_key_that_the_code_names_exists_and_every_text_is_used():
    """A text is used by its whole key, by a key put together from names, or by a widget below whose prefix it lies."""
    files = [path for kind in ("py", "js", "html") for path in (PROJECT / "playground").rglob(f"*.{kind}")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    whole = set(re.findall(r"""["'`]([\w.]+)["'`]""", code))
    built = [re.sub(r"{[^}]+}", r"[\\w-]+", name) for name in re.findall(r'f"([\w.]*{[^}]+}\w*|\w+{[^}]+})"', code)]
    for template in re.findall(
        r"`((?:[\w.]|\${[^}]+})*\${[^}]+}(?:[\w.]|\${[^}]+})*)`", code
    ):  # the same in JavaScript
        built.append(re.sub(r"\${[^}]+}", r"[\\w-]+", template))
    widgets = {"common", *re.findall(r'texts="(\w+)"', code)}
    assert set(re.findall(r'\bt\("([\w.]+)"\)', code)) <= set(texts()["en"])
    patterns = [pattern for pattern in built if re.search("[a-z]", pattern.replace("[\\w-]+", ""))]
    for key in texts()["en"]:
        head, _, tail = key.partition(".")
        names = {key, tail} if head in widgets else {key}
        assert names & whole or any(re.fullmatch(pattern, name) for pattern in patterns for name in names), key


def test_every_text_that_a_widget_says_exists():
    tails = {key.partition(".")[2] for key in texts()["en"]}
    said = r'''(?:say|name): (?:key\()?"(\w+)"|\bsay\("(\w+)"|data-(?:say|name)="(\w+)"'''
    for path in [p for kind in ("js", "html") for p in (PROJECT / "playground" / "ui").rglob(f"*.{kind}")]:
        for names in re.findall(said, path.read_text(encoding="utf-8")):
            assert set(names) - {""} <= tails, f"{path.name} says {names}"


def test_every_setting_and_every_rule_has_words():
    for kind in (TrainConfig, DrawRequest, WalkRequest, RouteRequest):
        for field in kind.__dataclass_fields__:
            assert f"field.{field}" in texts()["en"]
    assert {f"error.{rule}" for rule in SENTENCES} <= set(texts()["en"])


@pytest.fixture
def toasts(monkeypatch):
    shown = []
    monkeypatch.setattr(gr, "Warning", shown.append)
    return shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_field_value_and_range_in_the_visitors_language(language, toasts):
    with politely(language):
        TrainConfig(k=1000)
    [message] = toasts
    assert "1000" in message and "10" in message and say(language, "field.k") in message


def test_a_refusal_is_text_and_not_html(toasts):
    with politely("ko"):
        raise CheckpointError("<img src=x onerror=alert(1)>.safetensors", "cut")
    assert "<img" not in toasts[0] and "&lt;img" in toasts[0]


def test_an_endpoint_refuses_in_its_own_names_without_a_traceback():
    with pytest.raises(gr.Error, match="k: got 1000, allowed is a whole number from 1 to 10") as caught, plainly():
        TrainConfig(k=1000)
    assert not caught.value.print_exception


def test_unknown_languages_hear_english_and_unknown_keys_are_an_error():
    assert say("fr", "common.dice") == say(None, "common.dice") == texts()["en"]["common.dice"]
    assert say("ko-KR", "common.dice") == texts()["ko"]["common.dice"]
    with pytest.raises(KeyError):
        t("no.such.key")
    assert explain("en", ConfigError("x", 1, "object")) == "x: 1 does not work. Allowed is a JSON object."
    assert explain("en", ConfigError("k", None, "whole", low=1, high=10)).startswith("k (D steps per G step): An empty")
    assert "minutes" in explain("en", LineFull())
    assert explain("en", RecursionError()) == "The run could not go on: RecursionError"


PARTICLES = "은|는|이|가|을|를|과|와|로|으로|라고|이라고|이고|이며|이나|나|라서|이라서|여서|이어서|면|이면"


def test_no_particle_follows_a_number():
    """Which particle is right depends on how the number is read: 3을 and 2를. 은(는) says both."""
    wrong = re.compile(r"{\w+}(" + PARTICLES + r")(?![가-힣(])")
    found = {key: match[0] for key, text in texts()["ko"].items() if (match := wrong.search(text))}
    assert not found
    assert wrong.search("{fake}라고 하고") and not wrong.search("{fake}은(는)") and not wrong.search("{n}장을 보고")


def test_no_text_uses_a_word_that_the_glossary_rules_out():
    rows = [
        line.split("|")[1:-1]
        for line in (PROJECT / "docs" / "glossary.md").read_text("utf-8").splitlines()
        if "|" in line
    ]
    ruled_out = {"en": 3, "ko": 4}
    found = []
    for language, column in ruled_out.items():
        words = [word.strip() for row in rows[2:] for word in row[column].split(",") if word.strip()]
        assert words
        pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
        found += [key for key, text in texts()[language].items() if pattern.search(text)]
    assert found == []
