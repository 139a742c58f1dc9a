"""Failures on demand: the table holds together, two of them really fail, and the page asks, tells and cures."""

import math
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from runs import KEY, OTHER, finish
from visits import LOCALES, Visit

from playground.benchmark.recipes import Outcome, Trial, row_of
from playground.live.line import Line
from playground.live.record import Measure, Record
from playground.live.run import Order
from playground.live.shelf import Gone, Point
from playground.live.standing import SENTENCES, failures
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.presets import PRESETS
from playground.recipes import RECIPES, SCRATCH, Recipe, can_fork, cured, recipe_of
from playground.shipped import Shipped
from playground.ui.tabs.train.commands import Asked, Commands
from playground.ui.tabs.train.controls import read_config, settings_of
from playground.ui.tabs.train.shown import failure, wants_time
from playground.ui.texts import LANGUAGES, say, texts

QUICKLY = {"seconds": None, "steps": 30, "widths_g": (8,), "widths_d": (8,)}  # settings of a run that takes a moment


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_asks_what_can_be_answered(name):
    recipe = RECIPES[name]
    assert name in recipe.guesses and "learns" in recipe.guesses and len(set(recipe.guesses)) == 3
    assert set(recipe.guesses) <= {*RECIPES, "learns"}
    assert recipe.sign == "collapse" or recipe.sign in dict(SENTENCES)
    for language in LANGUAGES:
        said = [say(language, f"recipe.{name}{part}") for part in ("", "_what", "_guess", "_why", "_cure")]
        assert all(said) and len(set(said)) == 5


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipes_settings_are_fields_of_the_page(name):
    config = RECIPES[name].config
    assert read_config(settings_of(config)) == config and read_config(settings_of(cured(name, config))) == cured(
        name, config
    )
    assert config.seconds <= 60 and cured(name, config).seconds == 60


def test_recipes_differ_from_presets_and_from_each_other_and_a_cure_is_no_recipe():
    configs = [*PRESETS.values(), *(recipe.config for recipe in RECIPES.values())]
    assert len(set(configs)) == len(configs)
    assert not any(recipe_of(cured(name, recipe.config), recipe.origin) for name, recipe in RECIPES.items())
    assert not any(recipe_of(preset) for preset in PRESETS.values())


def test_a_recipe_is_known_by_its_settings_whatever_its_seed():
    for name, recipe in RECIPES.items():
        config = replace(recipe.config, seed=7)
        assert recipe_of(config, recipe.origin) == name and cured(name, config).seed == 7
        assert recipe_of(replace(config, batch_size=100), recipe.origin) is None
        assert recipe_of(config, "100") is None


def test_a_cure_forks_only_what_it_can():
    """Other rates can go on with the same networks, another size of them cannot."""
    forks = [name for name, recipe in RECIPES.items() if can_fork(recipe)]
    assert forks == ["vanishing"]
    recipe = replace(RECIPES["vanishing"], cure={"k": 2})
    assert can_fork(recipe) and not can_fork(replace(recipe, cure={"latent_dim": 64}))
    assert not can_fork(replace(recipe, anew=True))


def short(name: str, **changes) -> Recipe:
    """A recipe whose run, and whose cure's, take a second."""
    recipe = RECIPES[name]
    return replace(recipe, config=replace(recipe.config, seconds=1, **changes), cure={**recipe.cure, "seconds": 1.0})


def test_divergence_really_diverges_within_a_few_steps():
    run = finish(Line().join(Order(Record("A", RECIPES["diverged"].config), watched=True)))
    assert run.phase == "failed" and run.record.diverged and run.record.step < 20
    assert "diverged" in failures(run.record)
    readings = run.record.curve.all_points
    steps = [reading.step for reading in readings]  # of quick steps some are reported together
    assert steps == sorted(set(steps)) and steps[-1] == run.record.step
    assert max(reading.loss_d for reading in readings) > 1e6 and math.isfinite(run.record.look.strength)


@pytest.mark.slow
def test_a_gradient_really_vanishes_within_a_few_hundred_steps():
    config = replace(RECIPES["vanishing"].config, seconds=None, steps=300)
    record = finish(Line().join(Order(Record("A", config), watched=True))).record
    assert "vanishing" in failures(record)
    assert record.slopes[-1].lecture > 20 * record.slopes[-1].own > 0


def test_the_benchmark_runs_a_recipe_and_its_cure(monkeypatch):
    # Its cure takes a second; the recipe itself a few steps, however long a busy machine needs for them.
    monkeypatch.setitem(RECIPES, "diverged", replace(short("diverged"), config=RECIPES["diverged"].config))
    trial = Trial()
    outcome = trial.of("diverged", seed=3)
    assert outcome.failed and "diverged" in outcome.found
    assert [config.seed for config, _ in trial.known] == [3]
    rows = [outcome, Outcome(False, (), 20.4, True, 0.75)]
    assert row_of("diverged", rows).startswith("| diverged | 1 of 2 | 1 of 2 |") and "75%" in row_of("diverged", rows)


@pytest.fixture
def commands(tmp_path, monkeypatch):
    for name in RECIPES:
        monkeypatch.setitem(RECIPES, name, replace(short(name, steps=3), anew=name != "vanishing"))
    return Commands(Workshop(Line(), Store(tmp_path)), Shipped())


def asked(point=None, config=PRESETS["classroom"], key=KEY, origin=SCRATCH) -> Asked:
    return Asked(key, "", config, origin, point)


@pytest.mark.parametrize("name", ["alike", "vanishing", "collapse"])
def test_a_cure_begins_beside_the_failed_run_with_its_seed(commands, name):
    config = replace(RECIPES[name].config, seed=5)
    origin = RECIPES[name].origin
    failed = finish(commands.start(asked(config=config, origin=int(origin) if origin != SCRATCH else SCRATCH)))
    healed = finish(commands.cure(asked(Point("A", failed.record.step))))
    assert healed.record.config == cured(name, config) and healed.record.cures == name and healed.record.name == "B"
    assert healed.record.origin == (f"A:{failed.record.step}" if name == "vanishing" else origin)
    assert failure(failed.record, over=True)["recipe"] == failure(healed.record, over=True)["recipe"] == name
    assert Record.from_json(healed.record.to_json()).cures == name


def test_there_is_nothing_to_cure_in_another_run(commands):
    run = finish(commands.start(asked(config=replace(PRESETS["classroom"], **QUICKLY))))
    for point, key in ((Point("A", run.record.step), KEY), (Point("B", 1), KEY), (Point("A", run.record.step), OTHER)):
        with pytest.raises(Gone):
            commands.cure(asked(point, key=key))
    assert failure(run.record, over=True) is None


def test_what_a_run_has_to_say_of_its_recipe():
    ill = Record("A", RECIPES["vanishing"].config)
    assert failure(ill, over=True)["phase"] == "asked"  # stopped before its time: it has shown nothing
    ill.spent = ill.config.seconds
    assert failure(ill, over=False)["phase"] == "asked" and failure(ill, over=True)["phase"] == "survived"
    diverged = Record("A", RECIPES["diverged"].config, diverged=True)
    assert failure(diverged, over=True)["phase"] == "failed"
    cure = Record("B", cured("vanishing", ill.config), cures="vanishing")
    assert failure(cure, over=True)["phase"] == "curing"
    cure.spent = 60.0
    assert (failure(cure, over=True)["phase"], failure(cure, over=True)["percent"]) == ("uncured", 0)
    cure.measures.append(Measure(1, (20,) * 10, 0.8))
    assert (failure(cure, over=True)["phase"], failure(cure, over=True)["percent"]) == ("cured", 80)
    assert failure(replace(cure, cures="of another version"), over=True) is None


def test_of_a_recipe_no_digits_are_expected():
    assert not wants_time(Record("A", RECIPES["vanishing"].config)) and wants_time(Record("A", PRESETS["classroom"]))


@pytest.fixture(params=LOCALES)
def visit(request, browser, server):
    visit = Visit(browser, server, request.param)
    yield visit
    visit.close()
    assert visit.said == [], "words on the console"


def test_the_class_says_what_will_happen_then_sees_it_and_its_cure(visit):
    page = visit.page
    visit.tab("train.tab")
    expect(page.locator("#loss-chart")).to_contain_text(say(visit.language, "chart.empty"))
    expect(page.locator("#failure .failure")).to_be_hidden()
    visit.lab(list(RECIPES).index("diverged"))
    expect(page.locator("#preset input:checked")).to_have_count(0)
    expect(page.locator("#recipe-guess input")).to_have_count(3)
    expect(page.locator("#failure .what")).to_have_text(say(visit.language, "recipe.diverged_what"))
    page.locator("#recipe-guess input").nth(1).check()
    page.locator("#train-start").click()
    happened = say(visit.language, "recipe.diverged_guess")
    expect(page.locator("#failure .told")).to_have_text(say(visit.language, "recipe.wrong", happened=happened))
    expect(page.locator("#failure .why")).to_have_text(say(visit.language, "recipe.diverged_why"))
    expect(page.locator("#standing .stand")).to_have_text(say(visit.language, "standing.diverged"))
    page.locator("#recipe-cure").click()
    expect(page.locator("#live-sheet figure")).to_have_count(2)
    expect(page.locator("#failure .next")).to_contain_text(say(visit.language, "recipe.curing"))
    page.locator("#train-stop").click()
    expect(page.locator("#train-start")).to_be_enabled()
    expect(page.locator("#recipe-cure")).to_be_hidden()
    page.locator("#preset input").nth(list(PRESETS).index("classroom")).check()
    expect(page.locator("#recipe input:checked")).to_have_count(0)
    expect(page.locator("#failure .failure")).to_be_hidden()


def test_every_recipe_has_its_words_and_no_words_are_without_a_recipe():
    named = {key.partition(".")[2] for key in texts()["en"] if key.startswith("recipe.") and key.endswith("_what")}
    assert named == {f"{name}_what" for name in RECIPES}
