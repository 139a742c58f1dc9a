"""What a server allows: from the environment, careful by itself where strangers come."""

import pytest

import app
from playground.checked import ConfigError
from playground.limits import SAFE, SPACE, Limits, read_limits


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
