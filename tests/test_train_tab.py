"""What the live tab sends, makes and refuses, without a browser."""

import asyncio
import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest
from runs import PATIENCE, play

from playground.checked import ConfigError
from playground.live.record import Reading, Record
from playground.live.shelf import Gone, Point, Shelf
from playground.live.store import Store
from playground.live.views import Look
from playground.presets import PRESETS
from playground.recipes import RECIPES, cured
from playground.state import TrainState
from playground.training import TrainConfig
from playground.ui.readers import Readers
from playground.ui.tabs.train import shown
from playground.ui.tabs.train.files import make_file
from playground.ui.tabs.train.handlers import Handlers
from playground.ui.tabs.train.shown import CHART_EVERY, WHOLE_EVERY, Glimpses
from playground.ui.texts import say
from playground.ui.visitors import Caller, handler

KEY = "0123456789abcdef" * 2


def a_look(step: int) -> Look:
    return Look(step, b"a sheet" * 1000, (0.5,) * 64, (1,) * 20, (2,) * 20, b"advice", 0.25)


def a_record(name: str, readings: int) -> Record:
    record = Record(name, TrainConfig())
    for step in range(readings):
        record.curve.add(Reading(step, 1.0, 2.0, 0.5, 0.25))
    record.see(a_look(readings))
    return record


def a_run(record: Record) -> SimpleNamespace:
    known = {"phase": "running", "error": None, "move": None, "place": 0}
    return SimpleNamespace(
        record=record, wait=0.0, fraction=0.5, seconds_left=1.0, images_per_second=1.0, seen=lambda: None, **known
    )


@pytest.fixture
def shelf() -> Shelf:
    """A visitor's four runs, the last one under way."""
    records = {name: a_record(name, 200) for name in "ABCD"}
    return Shelf(records, run=a_run(records["D"]))


def test_only_the_run_under_way_is_sent_again(shelf):
    record, glimpses = shelf.run.record, Glimpses(shelf, shelf.run, "en")
    first = glimpses.next()
    assert list(first["chart"]["runs"]) == list(first["sheets"]["runs"]) == list("ABCD")
    assert [sorted(glimpses.next()) for _ in range(1, CHART_EVERY)] == [["status"]] * (CHART_EVERY - 1)
    record.see(a_look(201))
    update = glimpses.next()
    assert sorted(update) == ["advice", "chart", "failure", "sheets", "standing", "status"]
    for part in (update["chart"], update["sheets"]):
        assert list(part["runs"]) == ["D"] and part["names"] == list("ABCD")
    assert len(json.dumps(update)) < 0.4 * len(json.dumps(first))


def test_all_runs_are_sent_now_and_then_and_at_the_end(shelf):
    glimpses = Glimpses(shelf, shelf.run, "en")
    updates = [glimpses.next() for _ in range(WHOLE_EVERY + 1)]
    whole = [look for look, update in enumerate(updates) if len(update.get("chart", {}).get("runs", ())) == 4]
    assert whole == [0, WHOLE_EVERY]
    last = glimpses.last()
    assert list(last["chart"]["runs"]) == list(last["sheets"]["runs"]) == list("ABCD")


def test_a_run_that_was_not_looked_at_has_no_sheet(shelf):
    shelf.records["E"] = Record("E", TrainConfig())
    shelf.run = a_run(shelf.records["E"])
    update = Glimpses(shelf, shelf.run, "en").next()
    assert update["sheets"]["names"] == list("ABCD") and update["chart"]["names"] == list("ABCDE")
    assert "standing" not in update and update["status"]["phase"] == "loading"


def test_a_run_is_named_by_what_differs():
    def run(name, config, origin="scratch", **more):
        return Record(name, config, origin, **more)

    base, told = TrainConfig(seed=7), shown.differs
    first = run("A", base)
    assert told(first, first) == told(first, None) == {} == told(run("B", base), first)
    assert told(run("B", replace(base, lr_d=0.01, seconds=9, device="cpu")), first) == {"lr_d": 0.01}
    first.change(replace(base, k=5))  # under way: what counts is how it began
    assert told(run("B", replace(base, k=5)), first) == {"k": 5}
    fork = run("C", base, "B:3", departs={"dropout": 0.5})
    assert told(fork, first) == {"dropout": 0.5} and told(fork, fork) == {}
    for name in ("pocket", "classroom"):  # they differ in their budget only
        assert told(run("B", replace(PRESETS[name], seed=9)), first) == {"preset": name}
    own = told(run("B", replace(PRESETS["modern"], k=3)), first)
    assert own["k"] == 3 and len(own) > 5
    for name, recipe in RECIPES.items():
        cure = {key: value for key, value in recipe.cure.items() if key != "seconds"}
        assert told(run("B", recipe.config), first) in ({"recipe": name}, {"preset": name})
        found = told(run("B", cured(name, recipe.config), cures=name), first)
        assert json.loads(json.dumps(found)) == json.loads(json.dumps(cure))


def a_request(page: str, address: str = "127.0.0.1") -> SimpleNamespace:
    return SimpleNamespace(session_hash=page, client=SimpleNamespace(host=address))


@pytest.fixture
def toasts(monkeypatch):
    shown = []
    monkeypatch.setattr(gr, "Warning", shown.append)
    return shown


def test_a_handler_says_a_refusal_and_changes_nothing(toasts):
    def act(caller: Caller, value: int) -> int:
        if value > 10:
            raise ConfigError("k", value, "whole", low=1, high=10)
        return value

    handle, request = handler(act, otherwise="as it was"), a_request("one page")
    assert handle(request, "ko", KEY, 7) == 7 and toasts == []
    assert handle(request, "ko", KEY, 77) == "as it was"
    assert "77" in toasts[0] and say("ko", "field.k") in toasts[0]


def test_a_store_that_is_busy_does_not_stop_the_server(tmp_path):
    """Who watches a run waits for the store; what else the event loop does goes on."""
    store = Store(tmp_path)
    handlers = Handlers(None, None, SimpleNamespace(store=store), Readers())
    busy, over = threading.Event(), threading.Event()

    def work():
        with store._lock:
            busy.set()
            over.wait(10)

    async def visit():
        watching = handlers.watch(SimpleNamespace(client=None, session_hash=None), "en", KEY, "a ticket")
        ending = asyncio.create_task(anext(watching, None))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not ending.done()
        over.set()
        await ending

    worker = threading.Thread(target=work)
    worker.start()
    busy.wait(PATIENCE)
    play(visit())
    worker.join()


def test_a_page_hears_whether_a_run_would_begin_at_once(tmp_path):
    for free in (True, False):
        workshop = SimpleNamespace(store=Store(tmp_path), line=SimpleNamespace(free=free))
        handlers = Handlers(SimpleNamespace(status="status"), "visitor", workshop, Readers())

        async def open_tab(handlers=handlers):
            return await handlers.recall(SimpleNamespace(client=None, session_hash="a page"), "en", KEY)

        assert play(open_tab())["status"] == {"free": free}


def test_a_file_is_made_of_the_point_that_is_asked_for(tiny, tmp_path):
    store, record = Store(tmp_path), replace(a_record("A", 3), config=tiny)
    store.shelf(KEY).records["A"] = record
    store.keep(KEY, record, TrainState(tiny))
    store.flush()
    point = Point("A", 0)
    names = {name: make_file(name, store, KEY, point)[1] for name in ("generator", "losses", "settings_file")}
    assert names == {
        "generator": "generator-step-0.safetensors",
        "losses": "losses-step-0.csv",
        "settings_file": "settings-run-A.json",
    }
    for missing in (Point("A", 5), Point("B", 0)):
        with pytest.raises(Gone):
            make_file("discriminator", store, KEY, missing)
