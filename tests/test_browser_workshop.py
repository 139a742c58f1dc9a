"""What a visitor does with runs on this device: start, pause, continue, fork, change, step, forget."""

import json
from dataclasses import replace

import pytest

from playground.config import TrainConfig

SMALL = TrainConfig(batch_size=128, latent_dim=16, widths_g=(40, 60), widths_d=(60, 40), steps=20)
DO = """async ({ config, act, script }) => {
  const load = (name) => import(at("browser", `live/${name}.js`));
  const [{ Kept }, { Workshop }] = await Promise.all([load("kept"), load("workshop")]);
  const kept = await Kept.open();
  const clear = async () => { await kept.setAside(); await kept.discard(); };
  await clear();
  const waiting = [];
  const addresses = {
    images: at("mnist", "train-images-idx3-ubyte.gz"), labels: at("mnist", "train-labels-idx1-ubyte.gz"),
    judge: at("checkpoints", "judge.safetensors"), reals: at("checkpoints", "reals.safetensors"),
  };
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const given = { kept, module, addresses, workers: 2, script: (path) => at("browser", script?.[path] ?? path) };
  const shop = new Workshop({ ...given, tell: () => waiting.splice(0).forEach((wake) => wake()) });
  const until = async (holds) => { while (!holds()) await new Promise((resolve) => waiting.push(resolve)); };
  const rest = () => until(() => shop.run.over && shop.points.some(({ name }) => name === shop.run.record.name));
  const points = () => shop.points.map(({ name, step }) => `${name}:${step}`);
  const refused = async (what) => { try { await what(); return null; } catch (error) { return error.message; } };
  const told = await (eval(act))({ shop, config, until, rest, points, refused, given, Workshop });
  for (const worker of shop.run?.hired ?? []) worker.terminate();
  await clear();
  return told;
}"""


def do(js, act: str, config: TrainConfig = SMALL, **given):
    return js(DO, {"config": json.loads(config.to_json()), "act": act, **given})


def test_a_run_is_started_continued_and_found_again_after_the_page_was_closed(js):
    told = do(
        js,
        """async ({ shop, config, rest, points, given, Workshop }) => {
      await shop.start(config);
      await rest();
      const first = [shop.run.phase, points(), shop.run.fraction];
      await shop.goOn({ name: "A", step: 20 }, { ...config, lr_g: 0.1 });
      await rest();
      const record = shop.records.get("A"), later = new Workshop({ ...given, tell() {} });
      await later.recall();
      const again = later.records.get("A");
      return { first, points: points(), marks: record.marks, curve: record.curve.all.at(-1)[0], look: again.look.step,
        again: [again.curve.all.length === record.curve.all.length, later.points.length, again.measures.length > 0] };
    }""",
    )
    assert told["first"] == ["finished", ["A:20"], 1] and told["points"] == ["A:20", "A:40"]
    assert [mark["name"] for mark in told["marks"]] == ["lr_g"] and told["curve"] == told["look"] == 40
    assert told["again"] == [True, 2, True]


def test_from_an_earlier_point_a_run_is_forked_and_both_stay(js):
    told = do(
        js,
        """async ({ shop, config, rest, points }) => {
      await shop.start(config);
      await rest();
      await shop.goOn({ name: "A", step: 20 }, config);
      await rest();
      await shop.goOn({ name: "A", step: 20 }, { ...config, k: 2 });
      await rest();
      const b = shop.records.get("B");
      await shop.fork({ name: "A", step: 40 }, { ...config, steps: 3 });  // its budget is its own
      await rest();
      const before = points();
      await shop.drop("A");
      return { before, origin: b.origin, begun: b.begun_step, departs: b.departs, begins: b.begun.k, after: points() };
    }""",
    )
    assert told.pop("before") == ["A:20", "A:40", "B:40", "C:43"]
    assert told == {"origin": "A:20", "begun": 20, "departs": {"k": 2}, "begins": 2, "after": ["B:40", "C:43"]}


def test_a_run_under_way_may_be_changed_and_paused_and_no_other_begins_meanwhile(js):
    told = do(js, """async ({ shop, config, until, rest, refused }) => {
      await shop.start(config);
      const busy = await refused(() => shop.start(config));
      await until(() => shop.records.get("A").step > 5);
      shop.change({ lr_d: 0.5 });
      const step = shop.records.get("A").step;
      await until(() => shop.records.get("A").step > step);
      shop.halt("paused");
      await rest();
      return { busy, phase: shop.run.phase, marks: shop.records.get("A").marks, speed: shop.run.speed > 0 };
    }""", replace(SMALL, steps=None, seconds=600))  # fmt: skip
    assert (told["busy"], told["phase"], told["speed"]) == ("busy", "paused", True)
    assert [(mark["name"], mark["new"]) for mark in told["marks"]] == [("lr_d", 0.5)]


def test_single_steps_replace_the_point_before(js):
    told = do(
        js,
        """async ({ shop, config, rest, points }) => {
      await shop.start(config, { players: ["discriminator"] });
      await rest();
      const first = [points(), shop.run.move.players];
      await shop.goOn({ name: "A", step: 1 }, config, { players: ["generator"] });
      await rest();
      return { first, points: points(), changed: shop.run.move.before.loss_g !== shop.run.move.after.loss_g };
    }""",
    )
    assert told == {"first": [["A:1"], ["discriminator"]], "points": ["A:2"], "changed": True}


def test_what_is_gone_or_would_need_other_networks_is_refused(js):
    told = do(
        js,
        """async ({ shop, config, rest, refused }) => {
      await shop.start(config);
      await rest();
      return [await refused(() => shop.goOn({ name: "A", step: 7 }, config)),
        await refused(() => shop.fork({ name: "A", step: 20 }, { ...config, widths_g: [8] })), shop.records.size];
    }""",
    )
    assert told == ["gone_here", "fixed", 1]


@pytest.mark.parametrize("broken", ["live/run-worker.js", "engine/follower-worker.js"])
def test_a_worker_that_dies_ends_the_run_in_a_word(js, broken):
    told = do(js, """async ({ shop, config, until, points }) => {
      await shop.start(config);
      await until(() => shop.run.over);
      return { phase: shop.run.phase, error: shop.run.error.name, records: shop.records.size, points: points() };
    }""", script={broken: "none.js"})  # fmt: skip
    assert told == {"phase": "failed", "error": "WorkerError", "records": 0, "points": []}


def test_as_many_workers_are_hired_as_help(js):
    script = """async ({ config, most }) => {
      const { bestTeam } = await import(at("browser", "live/workshop.js"));
      const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
      return bestTeam({ config, module }, (path) => at("browser", path), most);
    }"""
    best = js(script, {"config": json.loads(SMALL.to_json()), "most": 4})
    assert best["size"] in (1, 2, 4) and best["took"] > 0


def test_a_run_goes_on_with_as_many_workers_as_it_began_with(js):
    told = do(
        js,
        """async ({ shop, config, rest, given, Workshop }) => {
      await shop.start(config);
      await rest();
      const later = new Workshop({ ...given, workers: 1, tell() {} });
      await later.recall();
      await later.goOn({ name: "A", step: 20 }, config);
      const again = later.run.hired.length;
      for (const worker of later.run.hired) worker.terminate();
      await shop.start({ ...config, batch_size: 127 });
      await rest();
      return [shop.records.get("A").workers, again, shop.run.hired.length];
    }""",
    )
    assert told == [2, 2, 1]  # with fewer than 64 images each, a second one gains nothing


def test_all_runs_are_forgotten_and_found_again_until_the_next_one_begins(js):
    told = do(
        js,
        """async ({ shop, config, rest, points, refused }) => {
      await shop.start(config);
      await rest();
      const said = { before: shop.forgotten };
      await shop.clear();
      said.cleared = [points(), shop.records.size, shop.run, shop.forgotten];
      await shop.takeBack();
      said.back = [points(), shop.records.get("A").curve.all.length > 0, shop.forgotten];
      await shop.goOn({ name: "A", step: 20 }, config);
      said.busy = [await refused(() => shop.clear()), await refused(() => shop.takeBack())];
      await rest();
      await shop.clear();
      await shop.start({ ...config, steps: 3 });
      await rest();
      await shop.takeBack();
      said.anew = [points(), shop.forgotten, await shop.given.kept.file("A", 40)];
      return said;
    }""",
    )
    assert told == {
        "before": False, "cleared": [[], 0, None, True], "back": [["A:20"], True, False], "busy": ["busy", "busy"],
        "anew": [["A:3"], False, None],
    }  # fmt: skip


def test_of_two_quick_clicks_one_is_refused(js):
    told = do(
        js,
        """async ({ shop, config, rest, refused }) => {
      await shop.start(config);
      await rest();
      const point = { name: "A", step: 20 };
      const click = () => refused(() => shop.goOn(point, config));
      const both = await Promise.all([click(), click()]);
      await rest();
      return [...both, shop.records.get("A").step];
    }""",
    )
    assert told == [None, "busy", 40]


def test_a_run_ends_also_where_the_browsers_store_has_gone(js):
    told = do(
        js,
        """async ({ shop, config, rest, until }) => {
      shop.given.kept.database?.close();
      await shop.start(config);
      await until(() => shop.run.over);
      await shop.goOn({ name: "A", step: 20 }, config);
      await until(() => shop.run.over);
      return [shop.run.phase, shop.full, shop.points.map(({ step }) => step)];
    }""",
    )
    assert told == ["finished", True, [20, 40]]


def test_a_fork_may_begin_a_moving_average(js):
    told = do(
        js,
        """async ({ shop, config, rest }) => {
      await shop.start(config);
      await rest();
      await shop.fork({ name: "A", step: 20 }, { ...config, average: 0.9 });
      await rest();
      return [shop.run.phase, shop.run.error, shop.run.record.step];
    }""",
    )
    assert told == ["finished", None, 40]
