"""What a server allows: from the environment, careful by itself where strangers come."""

import pytest

import app
from playground.checked import ConfigError
from playground.limits import SAFE, SPACE, Limits, is_reachable, read_limits


def test_generous_at_home_and_safe_where_strangers_come():
    assert read_limits({}) == Limits()
    assert read_limits({SPACE: "somebody/playground"}) == read_limits({}, safe=True) == SAFE
    assert SAFE.run_seconds < Limits().run_seconds and SAFE.calls < Limits().calls


def test_the_environment_has_the_last_word():
    found = read_limits({SPACE: "a/b", "PLAYGROUND_RUN_SECONDS": "300", "PLAYGROUND_UPLOADS": "False", "OTHER": "x"})
    assert (found.run_seconds, found.uploads, found.calls) == (300.0, False, SAFE.calls)


@pytest.mark.parametrize(("name", "text"), [
    ("RUN_SECONDS", "long"), ("RUN_SECONDS", "nan"), ("RUN_SECONDS", "0"), ("RUNS", "1.5"), ("RUNS", ""),
    ("TRAINING", "1"), ("CALLS", "-3"), ("UPLOAD_MB", "true"),
])  # fmt: skip
def test_a_variable_that_makes_no_sense_is_named(name, text, monkeypatch, capsys):
    with pytest.raises(ConfigError, match=f"PLAYGROUND_{name}: got .*, allowed is"):
        read_limits({f"PLAYGROUND_{name}": text})
    monkeypatch.setenv(f"PLAYGROUND_{name}", text)
    assert app.main([]) == 1
    assert f"PLAYGROUND_{name}" in capsys.readouterr().err


@pytest.mark.parametrize(("host", "variable", "reachable"), [
    (None, None, False), ("127.0.0.1", None, False), ("localhost", None, False), ("[::1]", None, False),
    ("0.0.0.0", None, True), ("::", None, True), ("192.0.2.7", None, True), ("play.example", None, True),
    (None, "0.0.0.0", True), ("127.0.0.1", "0.0.0.0", False),
])  # fmt: skip
def test_where_others_may_come_the_limits_are_safe(host, variable, reachable, monkeypatch):
    """As with --lan."""
    assert is_reachable(host, {"GRADIO_SERVER_NAME": variable} if variable else {}) == reachable
    asked = []

    def build(lan, limits, shipped):
        asked.append(limits)
        raise OSError("that is enough")

    monkeypatch.setattr(app, "_build", build)
    monkeypatch.setenv("NO_PROXY", "")  # it is changed
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("GRADIO_SERVER_NAME", variable or "")
    assert app.main(["--host", host] if host else []) == 1
    assert asked == [SAFE if reachable else Limits()]
