"""Settings are checked in the browser as on the server."""

import json
import math
from dataclasses import replace

import pytest

from playground.checked import ConfigError, rules_of
from playground.config import MOST_EPOCHS, TrainConfig
from playground.live.run import MOST_WEIGHTS
from playground.presets import PRESETS
from playground.recipes import RECIPES
from playground.ui.tabs.train.controls import settings_of
from playground.ui.tabs.train.shown import facts

MAKE = """async ({ given, rules }) => {
  const { makeConfig } = await import(at("browser", "engine/config.js"));
  return given.map((one) => {
    try { return { made: makeConfig(one, rules) }; } catch (error) { return { key: error.key, ...error.values }; }
  });
}"""
RULES = json.loads(json.dumps(rules_of(TrainConfig)))


def made(js, *given):
    return js(MAKE, {"given": list(given), "rules": RULES})


def test_presets_and_recipes_are_taken_as_they_are(js):
    configs = [TrainConfig(), *PRESETS.values(), *(recipe.config for recipe in RECIPES.values())]
    known = [json.loads(config.to_json()) for config in configs]
    assert made(js, *known) == [{"made": one} for one in known]
    assert made(js, {"seed": 5}) == [{"made": json.loads(replace(TrainConfig(), seed=5).to_json())}]


BAD = [
    {name: value}
    for name, rule in RULES.items()
    for value in (
        [rule["low"] - 1, rule["high"] * 2, "3", True, [1], {}, *([None] if not rule.get("optional") else []),
         *([rule["low"] + 0.5] if rule["rule"] == "whole" else [])]
        if rule["rule"] in ("number", "whole")
        else [[], [1.5], ["1"], [-1], [10**9], list(range(20)), 3, None]
        if rule["rule"] == "wholes"
        else ["other", None, 1, True]
    )
]  # fmt: skip


def test_what_python_refuses_the_browser_refuses_too_and_names_the_field(js):
    told = made(js, *BAD)
    for given, answer in zip(BAD, told, strict=True):
        [name] = given
        with pytest.raises(ConfigError) as refused:
            TrainConfig.from_mapping(given)
        assert (answer["key"], answer["field"]) == (f"error.{refused.value.rule}", name), given
        for limit in ("low", "high", "least", "most"):
            if limit in refused.value.limits:
                assert float(answer[limit]) == float(refused.value.limits[limit])


@pytest.mark.parametrize("given", [None, 3, [], "text", {"colour": 1}, {"__proto__": 1, "toString": 2}])
def test_what_is_no_settings_is_refused(js, given):
    assert made(js, given)[0]["key"] in ("error.object", "error.name")


def test_batch_norm_needs_two_images_and_a_width_of_a_billion_takes_no_memory(js):
    lonely, wide = made(js, {"norm": "batch", "batch_size": 1}, {"widths_g": [4096] * 8})
    assert (lonely["key"], lonely["low"], wide["key"], wide["field"]) == ("error.whole", 2, "error.weights", "widths_g")
    assert wide["high"] == f"{MOST_WEIGHTS:,}"
    assert math.isclose(float(wide["count"].replace(",", "")), 128 * 4096 + 7 * 4096**2 + 4096 * 784)


def test_the_fields_are_read_and_filled_as_on_the_server(js):
    script = """async ({ configs, fields, props }) => {
      const { configOf, fieldsOf } = await import(at("browser", "train/fields.js"));
      return { read: fields.map((one) => configOf(one, props)), shown: configs.map((one) => fieldsOf(one, "199")) };
    }"""
    configs = [TrainConfig(), PRESETS["classroom"], PRESETS["one_digit"], *(one.config for one in RECIPES.values())]
    configs += [TrainConfig(steps=5, epochs=MOST_EPOCHS), TrainConfig(images=500, widths_d=(3,))]
    known = [json.loads(config.to_json()) for config in configs]
    shown = [settings_of(config) for config in configs]
    fields = [{"point": None, "begin": "scratch", **one} for one in shown]
    answer = js(script, {"configs": known, "fields": fields, "props": {"rules": RULES, "facts": facts()}})
    assert answer["read"] == known
    for mine, theirs in zip(answer["shown"], shown, strict=True):
        assert mine["begin"] == {"value": 199}
        assert {name: mine[name]["value"] for name in theirs} == json.loads(json.dumps(theirs))
