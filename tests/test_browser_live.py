"""What the browser makes of a run that is watched is what the server makes of it."""

import json
import random
from dataclasses import replace

import pytest

from playground.config import TrainConfig
from playground.live.record import CHANGEABLE, Curve, Mark, Measure, Reading, Record
from playground.live.standing import Signs, failures, healed, lost, readable, recent, signs, stand
from playground.live.views import Look, Slopes
from playground.losses import LOSSES
from playground.presets import PRESETS
from playground.recipes import RECIPES, cured
from playground.ui.tabs.train import shown

RECORD = """async (given) => {
  const load = (name) => import(at("browser", `live/${name}.js`));
  const [{ Record, Curve, CHANGEABLE }, standing] = await Promise.all([load("record"), load("standing")]);
  const made = ({ config, readings, measures, slopes, ...numbers }) => {
    const record = Object.assign(new Record("A", config), numbers, { measures, slopes });
    for (const reading of readings) record.curve.add(reading);
    return record;
  };
  return (%s)(given, { Record, Curve, CHANGEABLE, made, ...standing });
}"""


def maybe(rng: random.Random, low: float, high: float) -> float | None:
    return rng.uniform(low, high) if rng.random() < 0.7 else None


def some_signs(rng: random.Random) -> Signs:
    shares = [maybe(rng, 0, high) for high in (0.3, 1.2, 1.2, 1.4, 1)]
    return Signs(
        rng.uniform(-0.3, 1), rng.random(), rng.randrange(3000), rng.random() < 0.8, rng.random() < 0.1, *shares
    )


def some_record(rng: random.Random) -> Record:
    config = TrainConfig(loss=rng.choice(list(LOSSES)), digits=tuple(sorted(rng.sample(range(10), rng.randint(1, 10)))))
    record = Record("A", config, step=rng.randrange(4000), diverged=rng.random() < 0.1)
    for step in range(rng.randrange(40)):
        record.curve.add(Reading(50 * step, *(rng.random() for _ in range(4))))
    for step in range(rng.randrange(6)):
        counts = tuple(rng.choice([0, 1, 3, 20, 60]) for _ in range(10))
        shares = [maybe(rng, 0, high) for high in (400, 1.2, 1.2, 1.4)]
        record.measures.append(Measure(step, counts, min(1, sum(counts) / 256), *shares))
    record.slopes = [
        Slopes(step, rng.random() * 0.3, rng.choice([0.0, rng.random()])) for step in range(rng.randrange(12))
    ]
    return record


def as_given(record: Record) -> dict:
    look, record.look = record.look, None
    known = json.loads(record.to_json())
    names = ("step", "diverged", "measures", "slopes", "config", "origin", "cures", "spent", "marks", "departs")
    numbers = {name: known[name] for name in names}
    record.look = look
    return {**numbers, "readings": [list(reading) for reading in record.curve.all_points]}


def test_the_same_signs_give_the_same_sentence(js):
    rng = random.Random(1)
    given = [some_signs(rng) for _ in range(2000)]
    told = js(RECORD % "(given, { stand }) => given.map(stand)", [at._asdict() for at in given])
    assert told == [stand(at) for at in given] and len(set(told)) == 14


def test_the_same_record_gives_the_same_signs_and_failures(js):
    rng = random.Random(2)
    records = [record for _ in range(400) if (record := some_record(rng)).curve.all_points]
    script = """(given, { made, signs, recent, lost, failures, readable, healed }) => given.map(made).map((record) => ({
      signs: signs(record), recent: recent(record), lost: lost(record), failures: failures(record),
      readable: readable(record), healed: ["collapse", "alike"].map((sign) => healed(record, sign)) }))"""
    for record, told in zip(records, js(RECORD % script, list(map(as_given, records))), strict=True):
        assert told["signs"] == pytest.approx(signs(record)._asdict())
        assert told["recent"] == pytest.approx(list(recent(record)))
        assert (told["lost"], told["failures"]) == (lost(record), failures(record))
        assert told["readable"] == readable(record)
        assert told["healed"] == [healed(record, sign) for sign in ("collapse", "alike")]
    assert sum(bool(lost(record)) for record in records) > 5


def test_the_widgets_are_given_what_the_server_gives_them(js):
    rng = random.Random(4)
    records = [record for _ in range(300) if (record := some_record(rng)).curve.all_points]
    for record in records[::2]:  # some are a recipe's, or its cure's
        name = rng.choice(list(RECIPES))
        cure = rng.random() < 0.5
        config = RECIPES[name].config
        record.config = cured(name, config) if cure else replace(config, seed=rng.randrange(9))
        record.origin, record.cures = RECIPES[name].origin, name if cure else None
        record.spent = rng.choice([1, 1000])
    for record in records:
        record.look = Look(record.step, b"", (0.5,), (1, 2), (3, 4), b"", 0.1)
        record.marks = [Mark(3, "lr_g", 0.1, 0.2)]
    script = """async ({ records, facts }, { made }) => {
      const { curveOf, failureOf, standingOf } = await import(at("browser", "train/shown.js"));
      return records.map(made).map((record) => ({ curve: curveOf(record, record, facts),
        standing: standingOf(record, null), failures: [true, false].map((over) => failureOf(record, facts, over)) }));
    }"""
    given = [{**as_given(record), "look": {"hist_real": [1, 2], "hist_fake": [3, 4]}} for record in records]
    told = js(RECORD % script, {"records": given, "facts": json.loads(json.dumps(shown.facts()))})
    for record, answer in zip(records, told, strict=True):
        curve, mine = shown._curve(record, record), answer["curve"]
        assert mine["marks"] == curve["marks"] == [[3, "lr_g", 0.2]] and mine["balance"] == json.loads(
            json.dumps(curve["balance"])
        )
        for name in ("points", "frechet", "slopes"):
            assert mine[name] == [pytest.approx(list(row), abs=0.06) for row in curve[name]]
        wanted = json.loads(json.dumps(shown.standing(record)))
        assert answer["standing"].pop("stand") == wanted.pop("stand")
        for name, value in wanted.items():
            assert answer["standing"][name] == (pytest.approx(value) if isinstance(value, float) else value), name
        for mine, over in zip(answer["failures"], (True, False), strict=True):
            known = shown.failure(record, over)
            assert mine == (known and {**known, "guesses": list(known["guesses"])})
    assert sum(bool(answer["failures"][0]) for answer in told) > 50


def test_a_run_is_named_by_the_same_difference(js):
    """Of runs with settings of presets, of recipes and others, some changed under way, some forked or cures."""
    rng, records = random.Random(5), []
    for _ in range(300):
        recipe = rng.choice(list(RECIPES))
        config = rng.choice(
            [TrainConfig(), *PRESETS.values(), RECIPES[recipe].config, cured(recipe, RECIPES[recipe].config)]
        )
        other = {"lr_d": 0.01, "digits": (1, 2), "seed": 4, "images": 500, "loss": "hinge", "seconds": 33.0}
        changed = {name: other[name] for name in rng.sample(list(other), rng.choice([0, 0, 1, 2, 4]))}
        record = Record("A", replace(config, **changed), rng.choice(["scratch", "100", "A:7"]))
        record.cures = rng.choice([None, None, recipe])
        record.marks = [Mark(3, "lr_g", record.config.lr_g, 0.2), Mark(4, "lr_g", 0.2, 0.3), Mark(4, "k", 1, 2)]
        record.config = replace(record.config, lr_g=0.3, k=2)
        record.departs = {"lr_d": 0.5, "widths_g": [8, 9]} if ":" in record.origin else {}
        records.append(record)
    script = """async ({ records, facts }, { made }) => {
      const { differs } = await import(at("browser", "train/shown.js"));
      const runs = records.map(made);
      return runs.map((run) => [runs[0], run].map((first) => Object.entries(differs(run, first, facts))));
    }"""
    given = [as_given(record) for record in records]
    told = js(RECORD % script, {"records": given, "facts": json.loads(json.dumps(shown.facts()))})
    wanted = [[list(map(list, shown.differs(record, records[0]).items())), []] for record in records]
    assert told == json.loads(json.dumps(wanted))
    kinds = [tuple(name for name, _ in one) for one, _ in told]
    assert {("preset",), ("recipe",), ("lr_d", "widths_g")} < set(kinds) and max(map(len, kinds)) > 4


def test_a_long_curve_is_averaged_in_the_same_way(js):
    script = """(count, { Curve }) => {
      const curve = new Curve();
      for (let i = 1; i <= count; i++) curve.add([i, Math.sqrt(i), 1 / i, i % 2, 0.5]);
      return { points: curve.points, all: curve.all.length, last: curve.all.at(-1) };
    }"""
    curve, count = Curve(), 45_000
    for i in range(1, count + 1):
        curve.add(Reading(i, i**0.5, 1 / i, i % 2, 0.5))
    told = js(RECORD % script, count)
    assert told["points"] == [pytest.approx(list(point)) for point in curve.points]
    assert told["all"] == len(curve.all_points) and told["last"] == pytest.approx(list(curve.all_points[-1]))


@pytest.mark.parametrize("budget", [{"seconds": 20.0}, {"steps": 30}, {"epochs": 2}])
def test_a_budget_is_spent_and_granted_in_the_same_way(js, budget):
    script = """({ config, changes }, { Record }) => {
      const record = new Record("A", config), told = [];
      record.beginAt(7, 1);
      for (const [step, spent] of [[10, 3], [37, 21], [40, 23], [90, 60]]) {
        record.curve.add([step, 0, 0, 0, 0]);
        Object.assign(record, { step, spent });
        told.push([record.fraction(4), record.remaining()]);
        record.grant(4);
        told.push([record.grants, record.remaining()]);
      }
      record.change({ ...config, ...changes });
      return { told, marks: record.marks, paid: record.paid, grants: record.grants };
    }"""
    config, record, told = TrainConfig(**budget), Record("A", TrainConfig(**budget)), []
    changes = {"lr_g": 0.1, "loss": "hinge", "seconds": 5.0, "batch_size": 3}
    answer = js(RECORD % script, {"config": json.loads(config.to_json()), "changes": changes})
    record.begin_at(7, 1)
    for step, spent in ((10, 3), (37, 21), (40, 23), (90, 60)):
        record.curve.add(Reading(step, 0, 0, 0, 0))
        record.step, record.spent = step, spent
        told.append([record.fraction(4), json.loads(record.remaining().to_json())])
        record.grant(4)
        told.append([record.grants, json.loads(record.remaining().to_json())])
    record.change(replace(config, **changes))
    assert answer["told"] == [[pytest.approx(number), config] for number, config in told]
    assert answer["marks"] == [mark.__dict__ for mark in record.marks]
    assert (answer["paid"], answer["grants"]) == (record.paid, record.grants)


def test_the_same_settings_may_change_under_way(js):
    assert js(RECORD % "(_, { CHANGEABLE }) => CHANGEABLE", None) == list(CHANGEABLE)
