"""A run moves between a browser and the server in the middle of an epoch, by the same file."""

import asyncio
import base64
import errno
import gc
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import philox
import pytest
import safetensors.torch
import torch
from playwright.sync_api import expect
from runs import KEY, OTHER, PATIENCE, finish
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_browser_training import IDLE, SMALL, WAYS, all_of, apart, images, in_last_bit  # noqa: F401
from test_device import SMALL as FIELDS
from test_device import at_rest, fields, here, points, press, sentence, visit  # noqa: F401

from playground.limits import Limits
from playground.live import store as stores
from playground.live.line import Line
from playground.live.record import Record
from playground.live.sent import MOST_TAKEN
from playground.live.shelf import Gone, Point
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.state import TrainState, read_state
from playground.training import train
from playground.ui.guard.arriving import Arriving
from playground.ui.guard.refused import Refused
from playground.ui.moving import Porter
from playground.ui.texts import say

MOVED, END = 9, 20  # steps; an epoch of the images has seven
TRAVELS = ["non-saturating", "modern", "modern, SGD"]
# Trains to a step, from a file if there is one; `among`: how many images have come by then.
GO = """async ({ config, pixels, file, among, gpu = false }) => {
  const load = (name) => import(at("browser", `engine/${name}.js`));
  const [{ TrainState }, { train }] = await Promise.all(["state", "training"].map(load));
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const all = bytes(pixels), images = { pixels: all, count: among ?? all.length / 784 };
  const state = file ? TrainState.load(bytes(file).buffer, module, config) : new TrainState(config, module);
  if (gpu) {
    const [{ openCard }, { Trainer }, { trainOnCard }, { Arithmetic }] = await Promise.all(
      ["card", "gpu", "gpu-training", "arithmetic"].map(load));
    const trainer = await Trainer.make(await openCard((path) => at("browser", path), new Arithmetic(module)), state);
    for await (const _ of trainOnCard(trainer, images));
    await trainer.pull(true);
    trainer.card.close();
  } else for await (const _ of train(state, images));
  return btoa(Array.from(new Uint8Array(state.save()), (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
def go(js, images):  # noqa: F811
    """A function that trains in the browser: to `steps`, from the bytes of a file; returns those of the next."""
    return lambda config, steps, **how: trained(js, images, config, steps, **how)


def trained(js, images, config, steps, file=b"", **how) -> bytes:  # noqa: F811
    pixels = base64.b64encode(images.numpy().tobytes()).decode()
    given = {"config": json.loads(replace(config, steps=steps).to_json()), "pixels": pixels, **how}
    return base64.b64decode(js(GO, {**given, "file": base64.b64encode(file).decode()}))


def on_server(monkeypatch, path, config, images, steps) -> TrainState:  # noqa: F811
    """The state of a file, trained on by Python with a browser's random numbers."""
    state = TrainState.load(path)
    for _ in train(replace(config, steps=steps), images, state, team=philox.Philox(monkeypatch)):
        pass
    return state


def learnt(state: TrainState) -> dict[str, torch.Tensor]:
    return all_of(state.config, state)


def is_near(ours, theirs, others) -> None:
    """Within 1e-3 of the largest number, or three times as far as the last bit of the weights on their way moves it."""
    assert apart(ours, theirs) <= max(1e-3, 3 * apart(others, theirs))


def nudged(path, to) -> None:
    """The same file with other last bits of its weights."""
    tensors = safetensors.torch.load_file(path)
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    weights = {name: value for name, value in tensors.items() if name.endswith(("weight", "bias"))}
    safetensors.torch.save_file({**tensors, **in_last_bit(weights, 0)}, to, metadata)


@pytest.mark.browser
@pytest.mark.parametrize("way", TRAVELS)
def test_a_browsers_run_goes_on_at_the_server(go, monkeypatch, tmp_path, images, way):  # noqa: F811
    config = replace(SMALL, **WAYS[way])
    moved, whole, path, other = go(config, MOVED), go(config, END), tmp_path / "moved", tmp_path / "other"
    path.write_bytes(moved)
    nudged(path, other)
    state = on_server(monkeypatch, path, config, images, END)
    assert (state.step, state.epoch) == (END, 2)
    path.write_bytes(whole)
    is_near(learnt(state), learnt(TrainState.load(path)), learnt(on_server(monkeypatch, other, config, images, END)))


@pytest.mark.browser
@pytest.mark.parametrize("way", TRAVELS)
def test_the_servers_run_goes_on_in_a_browser(go, monkeypatch, tmp_path, images, way):  # noqa: F811
    config = replace(SMALL, **WAYS[way])
    path, other = tmp_path / "moved", tmp_path / "other"
    state = TrainState(config)
    state.save(path)
    state = on_server(monkeypatch, path, config, images, MOVED)
    assert 0 < state.position < len(images)
    state.save(path)
    nudged(path, other)
    whole = on_server(monkeypatch, path, config, images, END)
    others = on_server(monkeypatch, other, config, images, END)
    path.write_bytes(go(config, END, file=path.read_bytes()))
    state = TrainState.load(path)
    assert (state.step, state.epoch, state.position) == (whole.step, whole.epoch, whole.position)
    assert state.order.equal(whole.order)
    is_near(learnt(state), learnt(whole), learnt(others))


@pytest.mark.browser
def test_there_and_back_without_a_step_is_the_same_file(go, tmp_path):
    config = replace(SMALL, **WAYS["modern"])
    first, path = go(config, MOVED), tmp_path / "there"
    path.write_bytes(first)
    TrainState.load(path).save(path)
    back = go(config, MOVED, file=path.read_bytes())
    ours, theirs = safetensors.torch.load(first), safetensors.torch.load(back)
    assert ours.keys() == theirs.keys()
    assert all(ours[name].equal(theirs[name]) for name in ours)


@pytest.mark.browser
def test_an_epoch_of_the_images_that_had_come_goes_on_among_them(go, monkeypatch, tmp_path, images):  # noqa: F811
    """A browser begins while images still come; the server has them all, and shows the others from the next epoch."""
    few, path = 4 * SMALL.batch_size, tmp_path / "moved"
    path.write_bytes(go(SMALL, 2, among=few))
    assert len(read_state(path).tensors["order"]) == few
    assert on_server(monkeypatch, path, SMALL, images, 4).epoch == 1
    state = on_server(monkeypatch, path, SMALL, images, 5)
    assert (state.epoch, len(state.order)) == (1, len(images))


def older(content: bytes) -> bytes:
    """The same file as browsers wrote it first: vectors of all weights, no shuffle, for it follows from the seed."""
    tensors = safetensors.torch.load(content)
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    del tensors["order"], tensors["sums"]
    for name in [name for name in tensors if name.endswith((".step", "tracked"))]:
        del tensors[name]
    for role, network in (("generator", "generator"), ("discriminator", "discriminator"), ("average", "generator")):
        parts = [name.partition(".")[2] for name in tensors if name.startswith(f"{network}.")]
        weights = [name for name in SORTED if name in parts]
        if role == "average":
            tensors[role] = torch.cat([tensors[f"{role}.{name}"].flatten() for name in weights])
            tensors = {name: value for name, value in tensors.items() if not name.startswith(f"{role}.")}
            continue
        for moment in ("exp_avg", "exp_avg_sq"):
            name = f"optimizer.{role}"
            every = [tensors.pop(f"{name}.{i}.{moment}").flatten() for i in range(len(weights))]
            tensors[f"{name}.{moment}"] = torch.cat(every)
    return safetensors.torch.save(tensors, metadata)


SORTED = [f"main.{layer}.{name}" for layer in range(12) for name in ("weight", "bias")]  # as torch counts parameters


@pytest.mark.browser
def test_a_file_that_a_browser_has_kept_before_goes_on_to_the_bit(go):
    config = replace(SMALL, **WAYS["modern"])
    kept = go(config, MOVED)
    assert go(config, END, file=older(kept)) == go(config, END, file=kept)


def test_a_state_of_the_deepest_networks_is_read_again(tiny, images, tmp_path):  # noqa: F811
    deep = (8,) * 8
    state = TrainState(replace(tiny, widths_g=deep, widths_d=deep, norm="batch", average=0.9, steps=1))
    for _ in train(state.config, images, state):
        pass
    state.save(tmp_path / "deep")
    assert TrainState.load(tmp_path / "deep").step == 1


def test_a_state_without_random_generators_goes_on_the_same_way_each_time(tiny, images, tmp_path):  # noqa: F811
    path, state = tmp_path / "state", TrainState(tiny)
    for _ in train(replace(tiny, steps=5), images, state):
        pass
    state.save(path)
    known = read_state(path)
    tensors = {name: value for name, value in known.tensors.items() if not name.startswith("rng.")}
    metadata = {"config": tiny.to_json(), "counters": json.dumps(known.counters), "device": "browser"}
    safetensors.torch.save_file(tensors, path, metadata)
    ends = [TrainState.load(path) for _ in range(2)]
    for end in ends:
        for _ in train(replace(tiny, steps=60), images, end):
            pass
    assert IDLE[0] in learnt(ends[0]) and apart(learnt(ends[0]), learnt(ends[1])) == 0


# ---- the server's doors ----


@pytest.fixture
def workshop(tmp_path):
    return Workshop(Line(Limits(run_seconds=60, run_steps=1000)), Store(tmp_path / "runs"))


@pytest.fixture
def door(workshop):
    """The routes of a server, without Gradio."""
    return TestClient(Starlette(routes=Porter(workshop).routes()))


def file_of(path, config, step=5) -> bytes:
    state = TrainState(config)
    state.step = step
    state.save(path)
    return path.read_bytes()


def post(door, content: bytes, key=KEY, **budget):
    return door.post("/run", content=content, headers={"x-visitor": key, "x-budget": json.dumps(budget)})


def left_behind(workshop) -> list[str]:
    """The files below the store's folder."""
    gc.collect()
    return sorted(path.name for path in workshop.store.folder.rglob("*") if path.is_file())


def test_a_run_comes_in_under_this_servers_limits_and_goes_out_again(door, workshop, tiny, tmp_path):
    content = file_of(tmp_path / "a", replace(tiny, steps=8, device="cpu"))
    assert post(door, content, steps=None, seconds=3600, epochs=4).json() == {"name": "A", "step": 5}
    workshop.store.flush(PATIENCE)
    record = workshop.store.shelf(KEY).records["A"]
    assert (record.origin, record.begun_step) == ("device-5", 5)
    assert (record.config.epochs, record.config.steps, record.config.seconds) == (4, None, 60)
    assert record.config.device == "auto"
    answer = door.get("/run/A-5", headers={"x-visitor": KEY})
    assert answer.content == content and answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.headers["x-budget"]) == {"epochs": 4, "steps": None, "seconds": 60}
    run = finish(workshop.go_on(KEY, Point("A", 5), tiny, seconds=1.0))
    assert run.phase == "finished" and run.record.step > 5


def test_it_is_found_again_after_a_restart(door, workshop, tiny, tmp_path):
    post(door, file_of(tmp_path / "a", tiny))
    workshop.store.flush(PATIENCE)
    shelf = Store(workshop.store.folder).shelf(KEY)
    assert shelf.points == [Point("A", 5)] and shelf.records["A"].origin == "device-5"


def test_a_state_that_waits_for_the_disk_goes_out_at_once(door, workshop, tiny):
    record = workshop.store.shelf(KEY).records.setdefault("A", Record("A", tiny))
    workshop.store.keep(KEY, record, TrainState(tiny), single_step=True)
    assert door.get("/run/A-0", headers={"x-visitor": KEY}).status_code == 200


def test_nobody_gets_another_visitors_run(door, workshop, tiny, tmp_path):
    post(door, file_of(tmp_path / "a", tiny))
    for headers in ({"x-visitor": OTHER}, {"x-visitor": "../" + KEY}, {}):
        answer = door.get("/run/A-5", headers=headers)
        assert (answer.status_code, answer.json()["detail"]) == (404, say("en", "error.gone"))
    assert post(door, b"", key="nobody").status_code == 404
    with pytest.raises(Gone):
        workshop.store.file(KEY, Point("B", 5))


@pytest.mark.parametrize("spoil", ["cut", "text", "numbers", "place", "weights", "nothing"])
def test_a_file_that_is_none_is_refused_and_leaves_nothing(door, workshop, tiny, tmp_path, spoil):
    path = tmp_path / "a"
    content = file_of(path, tiny)
    tensors, known = safetensors.torch.load(content), {"device": "browser"}
    counters = {"step": 5, "epoch": 0, "position": 0, "batches": 0}
    if spoil == "numbers":
        tensors["generator.main.0.weight"][0, 0] = torch.nan
    if spoil == "place":
        counters["position"] = 8
    config = replace(tiny, widths_g=(4000, 4000)) if spoil == "weights" else tiny
    metadata = {**known, "counters": json.dumps(counters), "config": config.to_json()}
    whole = safetensors.torch.save(tensors, metadata)
    sent = {"cut": content[:-1], "text": b"a run", "nothing": b""}.get(spoil, whole)
    answer = post(door, sent)
    assert answer.status_code == 400 and answer.json()["detail"]
    assert workshop.store.shelf(KEY).is_empty and left_behind(workshop) == []


@pytest.mark.parametrize("budget", ["[]", "{", '{"seed": 1}', '{"steps": 0}', '{"seconds": "x"}', "[" * 9999])
def test_a_budget_that_is_none_is_refused(door, workshop, tiny, tmp_path, budget):
    headers = {"x-visitor": KEY, "x-budget": budget}
    answer = door.post("/run", content=file_of(tmp_path / "a", tiny), headers=headers)
    assert answer.status_code == 400 and answer.json()["detail"] and workshop.store.shelf(KEY).is_empty


def test_what_is_too_large_or_not_wanted_is_refused(door, workshop, tiny, tmp_path):
    refused = post(door, b"x" * (MOST_TAKEN + 1))
    assert (refused.status_code, refused.json()["detail"]) == (413, say("en", "guard.file_large", most=48))
    for limits, key in ((Limits(uploads=False), "guard.no_uploads"), (Limits(training=False), "error.no_training")):
        closed = Workshop(Line(limits), workshop.store)
        routes = Starlette(routes=Porter(closed).routes())
        answer = post(TestClient(routes), file_of(tmp_path / "a", tiny))
        assert answer.status_code in (400, 403) and answer.json()["detail"] == say("en", key)


def test_one_visitor_sends_one_file_at_a_time_and_an_address_so_much_a_minute(workshop, tiny, tmp_path):
    porter = Porter(workshop)
    door = TestClient(Starlette(routes=porter.routes()))
    content = file_of(tmp_path / "a", tiny)
    with porter._arriving.place(KEY):
        assert post(door, content).status_code == 429
        assert post(door, content, key=OTHER).status_code == 200
    porter._arriving.often = 0
    assert post(door, content).status_code == 429
    assert not list((workshop.store.folder / "arriving").iterdir())


def test_who_finds_no_place_waits_for_one_and_an_address_takes_half_of_them():
    async def come() -> list[str]:
        door, came = Arriving(1, 1, 4, PATIENCE), []
        leave = asyncio.Event()

        async def send(who: str, address: str) -> None:
            async with door.turn(who, address):
                came.append(who)
                await leave.wait()

        sent = [asyncio.create_task(send(f"{address}{n}", address)) for address in "ab" for n in range(3)]
        while len(came) < 4:
            await asyncio.sleep(0)
        assert came == ["a0", "a1", "b0", "b1"]
        twice = await asyncio.gather(send("a0", "a"), return_exceptions=True)  # whose file arrives
        sent.append(asyncio.create_task(send("a2", "a")))  # who waits has stopped, and begins again
        anew = await asyncio.gather(sent.pop(2), return_exceptions=True)
        assert [(type(one), one.key) for one in twice + anew] == [(Refused, "room.often")] * 2
        leave.set()
        await asyncio.gather(*sent)
        assert sorted(came) == ["a0", "a1", "a2", "b0", "b1", "b2"] and not door._turns
        assert not door._who and not door._waiting
        leave.clear()
        both = [asyncio.create_task(send("c0", "c")) for _ in range(2)]  # within one turn of the loop
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        assert [type(one.exception()) for one in done] == [Refused] and door._turns == {"c": 1}
        leave.set()
        await asyncio.gather(*set(both) - done)
        assert not door._turns and not door._who
        hurried = Arriving(1, 1, 1, 0.01)
        async with hurried.turn("a", "a"):
            with pytest.raises(Refused) as refused:
                async with hurried.turn("b", "b"):
                    pass
        return refused.value.key

    with ThreadPoolExecutor(1) as beside:  # Playwright's loop may run in this thread
        assert beside.submit(asyncio.run, come()).result() == "guard.full"


def test_what_scripts_send_is_bounded_and_a_dropped_run_leaves_no_file(door, workshop, tiny, tmp_path, monkeypatch):
    """Keys that no page has: as of runs that nobody comes back for, only so much is kept of them together."""
    content = file_of(tmp_path / "a", tiny)
    monkeypatch.setattr(stores, "MOST_UNCLAIMED", 3 * len(content))
    for n in range(8):
        assert post(door, content, key=f"{n:032x}").status_code == 200
        workshop.store.flush(PATIENCE)
    assert 0 < len(list(workshop.store.folder.glob("*/*.safetensors"))) < 8
    assert not workshop.store.shelf(f"{7:032x}").claimed
    workshop.store.claim(KEY)
    post(door, content)
    workshop.drop(KEY, "A")
    workshop.store.flush(PATIENCE)
    gc.collect()
    assert not [path for name in (KEY, "arriving") for path in (workshop.store.folder / name).glob("*")]


def test_a_disk_that_is_full_is_told_without_its_paths(door, workshop, tiny, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(workshop.store.folder / KEY))

    monkeypatch.setattr(Arriving, "receive", refuse)
    answer = post(door, file_of(tmp_path / "a", tiny))
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        say("en", "error.run_disk", what=os.strerror(errno.ENOSPC)),
    )


def test_while_a_run_is_under_way_none_comes_in(door, workshop, tiny, tmp_path):
    run = workshop.start(KEY, replace(tiny, seconds=60.0))
    answer = post(door, file_of(tmp_path / "a", tiny))
    run.halt()
    run.join(PATIENCE)
    assert (answer.status_code, answer.json()["detail"]) == (409, say("en", "error.busy"))


def test_the_servers_guard_lets_these_ways_through_and_no_others(server, tiny, tmp_path):
    content, headers = file_of(tmp_path / "a", tiny), {"x-visitor": "9" * 32}
    assert httpx.post(f"{server}/run", content=content, headers=headers).json() == {"name": "A", "step": 5}
    assert httpx.get(f"{server}/run/A-5", headers=headers).content == content
    evil = {**headers, "origin": "http://evil.example"}
    assert httpx.post(f"{server}/run", content=content, headers=evil).status_code == 403
    assert httpx.get(f"{server}/run/A-5", headers={**headers, "host": "evil.example"}).status_code != 200
    for path in ("/run", "/run/", "/run/A-5/", "/run/../A-5", "/run/A-x", "/run/AA-5"):
        assert httpx.get(f"{server}{path}", headers=headers).status_code == 404


# ---- on the page ----


def choose(visit, place):  # noqa: F811
    visit.page.locator(f"#train-where input[value={place}]").check()


@pytest.mark.browser
def test_a_run_is_taken_to_the_server_and_back_and_stays_where_it_was(visit):  # noqa: F811
    here(visit)
    fields(visit, steps=3, **FIELDS)
    press(visit, "start")
    at_rest(visit)
    expect(visit.page.locator("#train-to-device")).to_be_hidden()
    press(visit, "to-server")
    expect(sentence(visit)).to_have_text(say("ko", "status.came_device", step=3))
    expect(visit.page.locator("#train-where input[value=server]")).to_be_checked()
    expect(visit.page.locator("#train-to-server")).to_be_hidden()
    expect(visit.page.locator("#train-go-on")).to_be_focused()
    expect(sentence(visit)).to_be_in_viewport()
    expect(visit.page.locator("#train-status .device")).not_to_contain_text(say("ko", "status.memory_unknown"))
    assert points(visit) == ["A · 3"]
    expect(visit.page.locator("#set-widths_g textarea")).to_have_value("40, 60")
    press(visit, "go-on")
    at_rest(visit)
    expect(visit.page.locator("#point label")).to_have_count(2)
    assert points(visit) == ["A · 3", "A · 6"]
    expect(visit.page.locator("#live-sheet img")).to_have_count(1)
    press(visit, "to-device")
    expect(sentence(visit)).to_have_text(say("ko", "status.came_server", step=6))
    expect(visit.page.locator("#train-where input[value=device]")).to_be_checked()
    expect(visit.page.locator("#point label")).to_have_count(2)
    assert points(visit) == ["A · 3", "B · 6"]
    press(visit, "go-on")
    at_rest(visit)
    expect(visit.page.locator("#point label")).to_have_count(3)
    assert points(visit) == ["A · 3", "B · 6", "B · 9"]
    choose(visit, "server")
    expect(visit.page.locator("#point label")).to_have_count(2)
    press(visit, "reset")
    press(visit, "reset")
    expect(visit.page.locator("#train-undo")).to_be_visible()


@pytest.mark.browser
def test_a_way_that_fails_or_is_stopped_says_so_and_nothing_is_lost(visit):  # noqa: F811
    here(visit)
    fields(visit, steps=3, **FIELDS)
    press(visit, "start")
    at_rest(visit)
    way = "**/run"
    visit.page.route(way, lambda route: route.fulfill(status=503, json={"detail": "<b>voll</b>"}))
    press(visit, "to-server")
    expect(sentence(visit)).to_have_text("<b>voll</b>")
    visit.page.unroute(way)
    visit.page.route(way, lambda route: route.fulfill(status=413, body="<h1>413 Request Entity Too Large</h1>"))
    press(visit, "to-server")
    expect(sentence(visit)).to_have_text(say("ko", "error.way_large"))
    visit.page.unroute(way)
    visit.page.route(way, lambda route: route.abort())
    press(visit, "to-server")
    expect(sentence(visit)).to_have_text(say("ko", "error.way"))
    visit.page.unroute(way)
    held = []
    visit.page.route(way, lambda route: held.append(route))
    visit.page.locator("#train-to-server").dblclick()
    expect(sentence(visit)).to_contain_text(say("ko", "status.moving", percent=100).split(":")[0])
    expect(visit.page.locator("#train-start")).to_be_disabled()
    visit.page.locator("#preset input").first.check()  # what can be chosen meanwhile is taken
    expect(visit.page.locator("#set-widths_g textarea")).to_have_value("256, 512, 1024")
    assert len(held) == 1
    press(visit, "stop")
    expect(sentence(visit)).to_have_text(say("ko", "status.finished", epoch=0))
    expect(visit.page.locator("#train-start")).to_be_enabled()
    visit.page.unroute(way)
    assert points(visit) == ["A · 3"]
    visit.said.clear()  # a browser notes such an answer


@pytest.mark.browser
def test_a_way_that_is_stopped_before_it_begins_sends_nothing(js):
    answer = js("""async () => {
      const { Journey } = await import(at("browser", "train/moving.js"));
      const way = new Journey(new URL("/run", location.href).href, "", () => {});
      way.abort();
      return way.send(new ArrayBuffer(8), {}).then(() => "sent", (error) => error.constructor.name);
    }""")
    assert answer == "Stopped"


@pytest.mark.browser
def test_a_run_that_a_browser_cannot_train_stays_on_the_server(visit):  # noqa: F811
    visit.tab("train.tab")
    choose(visit, "server")
    fields(visit, steps=2, **FIELDS)
    visit.page.locator("#set-loss input").last.check()
    press(visit, "start")
    at_rest(visit)
    press(visit, "to-device")
    expect(sentence(visit)).to_have_text(say("ko", "error.device_loss"))
    expect(visit.page.locator("#train-where input[value=server]")).to_be_checked()
    assert points(visit) == ["A · 2"]
