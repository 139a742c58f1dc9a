"""A GPU that is lent for one call: what trains in a forked process, and what comes back from there."""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from playwright.sync_api import expect
from runs import KEY, PATIENCE, break_losses, finish, until, weights
from visits import Visit

import app
from playground.checkpoints import load_network
from playground.devices import ZEROGPU, describe, pick_device
from playground.limits import LENT, Limits, read_limits
from playground.live import run as runs
from playground.live import watch, zerogpu
from playground.live.line import Line
from playground.live.record import Record
from playground.live.run import Order
from playground.live.shelf import Point
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.live.zerogpu import GRACE, SINGLE_STEP, Errand, LentRun, NoGpu, seconds_needed
from playground.training import Diverged, TrainConfig, TrainState, train
from playground.ui.texts import LANGUAGES, explain, say

STUB = Path(__file__).parent / "zerogpu"


@pytest.fixture
def lent(monkeypatch, images):
    """The page's process on ZeroGPU: torch says that there is a GPU, but only the forked process may use one."""
    monkeypatch.syspath_prepend(STUB)
    import spaces

    for module in (runs, watch):
        monkeypatch.setattr(module, "load_mnist", lambda train=True: (images, torch.arange(len(images)) % 10))
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)
    monkeypatch.setattr(zerogpu, "REPORT_EVERY", 0.01)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(spaces, "really", lambda: False)
    monkeypatch.setenv(ZEROGPU, "true")
    monkeypatch.setattr(zerogpu, "run_errand", spaces.GPU(duration=seconds_needed)(zerogpu.run_errand))
    yield
    while spaces.Worker.begun:  # they hold what was open here, Chromium's pipes too
        worker = spaces.Worker.begun.pop()
        worker.process.kill()
        worker.process.join()


@pytest.fixture
def auto(tiny) -> TrainConfig:
    return replace(tiny, device="auto")


def test_only_the_process_with_the_gpu_may_use_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv(ZEROGPU, "true")
    assert pick_device().type == "cpu" and describe(pick_device())["kind"] == "lent"
    monkeypatch.setattr("playground.devices._borrowed", True)
    assert pick_device().type == "cuda"
    assert read_limits({ZEROGPU: "true"}) == LENT


def test_the_gpu_is_asked_for_as_long_as_the_budget_says(tiny):
    def seconds(limits, players=None, **budget):
        return seconds_needed(Errand(Order(Record("A", replace(tiny, **budget)), players=players), limits, ""))

    assert seconds(Limits(run_seconds=60), seconds=20.0) == 20 + GRACE
    assert seconds(Limits(run_seconds=60), seconds=300.0) == seconds(Limits(run_seconds=60), steps=9) == 60 + GRACE
    assert seconds(Limits(), ("generator",)) == SINGLE_STEP


@pytest.fixture
def here(auto, images) -> TrainState:
    """What a run at home comes to; made before torch says that there is a GPU."""
    state = TrainState(auto)
    for _ in train(auto, images, state):
        pass
    return state


def test_a_lent_run_is_bit_for_bit_a_run_at_home(here, lent, auto):
    run = finish(Line(kind=LentRun).join(Order(Record("A", auto), watched=True)))
    assert run.phase == "finished" and run.error is None
    assert run.record.step == here.step == run.state.step
    assert run.state.device.type == "cpu"
    assert torch.equal(weights(here), weights(run.state))
    assert len(run.record.curve.all_points) > 1 and run.record.look is not None and run.record.film


def test_it_pauses_goes_on_and_adopts_changes(lent, auto, tmp_path):
    workshop = Workshop(Line(kind=LentRun), Store(tmp_path))
    run = workshop.start(KEY, replace(auto, epochs=100_000))
    until(run, lambda: run.record.step >= 20)
    run.change(lr_g=0.0123)
    until(run, lambda: run.record.marks)
    run.halt()
    finish(run)
    assert run.phase == "paused" and run.record.config.lr_g == 0.0123
    point = Point("A", run.record.step)
    assert workshop.store.shelf(KEY).points == [point]
    again = workshop.go_on(KEY, point, replace(run.record.config, epochs=100_000), ("discriminator",))
    finish(again)
    assert again.error is None and again.record.step == point.step + 1
    assert again.move["players"] == ("discriminator",) and set(again.move) == {"players", "before", "after"}


def test_numbers_that_grow_beyond_all_bounds_come_back_with_the_last_good_state(lent, auto, monkeypatch):
    break_losses(monkeypatch, step=5)
    run = finish(Line(kind=LentRun).join(Order(Record("A", auto))))
    assert isinstance(run.error, Diverged) and run.error.step == run.state.step == 5
    assert weights(run.state).isfinite().all()


def test_a_gpu_taken_back_is_a_sentence_and_loses_little(lent, auto, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the two processes exchange their files
    monkeypatch.setenv("SPACES_TAKE_BACK", str(tmp_path / "errand-*" / zerogpu.LATEST))
    monkeypatch.setattr(runs, "SAVE_EVERY", 0.2)
    workshop = Workshop(Line(kind=LentRun), Store(tmp_path))
    run = finish(workshop.start(KEY, replace(auto, epochs=100_000)))
    assert run.phase == "failed" and isinstance(run.error, NoGpu)
    for language in LANGUAGES:
        assert explain(language, run.error) == say(language, "error.no_gpu", what="GPU task aborted")
    (point,) = workshop.store.shelf(KEY).points
    assert 0 < point.step <= run.record.step


def test_what_training_needs_is_read_before_anybody_comes(monkeypatch):
    """A process forked while a thread still imports would wait for that thread for ever."""
    happened = []

    def launch(**_):
        happened.append("served")
        raise OSError

    monkeypatch.setattr(app, "on_zerogpu", lambda: True)
    monkeypatch.setattr(app, "read_libraries", lambda: happened.append("read"))
    monkeypatch.setattr(app, "build_page", lambda **_: SimpleNamespace(launch=launch, workshop=None))
    assert app.main([]) == 1 and happened == ["read", "served"]


# ---- the whole page under the stub ----


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """`python app.py` as on a ZeroGPU Space; yields its address and the log of what was lent."""
    log = tmp_path_factory.mktemp("space") / "lent.jsonl"
    log.touch()
    environment = {**os.environ, "PYTHONPATH": str(STUB), ZEROGPU: "true", "SPACE_ID": "somebody/gan-playground",
                   "SPACES_LOG": str(log), "PYTHONUNBUFFERED": "1"}  # fmt: skip
    process = subprocess.Popen([sys.executable, "app.py", "--host", "127.0.0.1"], cwd=STUB.parent.parent,
                               env=environment, stdout=subprocess.PIPE, text=True)  # fmt: skip
    address = next((line.split()[-1] for line in process.stdout if "http://" in line), None)
    assert address, "the page did not open"
    yield address.rstrip("/"), log
    process.terminate()
    process.wait(PATIENCE)


def lent_calls(log):
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_the_endpoint_trains_in_the_forked_process(space, tmp_path):
    from gradio_client import Client

    address, log = space
    client = Client(address, verbose=False, download_files=str(tmp_path), httpx_kwargs={"timeout": PATIENCE})
    job = client.submit({"steps": 30, "batch_size": 32}, api_name="/train")
    job.result(timeout=PATIENCE)
    last = job.outputs()[-1]
    assert last["phase"] == "finished" and last["step"] == 30
    generator = last["generator"]
    assert load_network(generator if isinstance(generator, str) else generator["path"], "generator")
    call = lent_calls(log)[-1]
    assert call["request"] and call["seconds"] == LENT.run_seconds + GRACE


@pytest.mark.slow
def test_a_visitor_starts_stops_and_goes_on(space, browser):
    address, log = space
    visit = Visit(browser, f"{address}/?tab=train")
    page = visit.page
    expect(page.locator("#train-status .device")).to_contain_text(say("en", "status.lent"))
    before = len(lent_calls(log))
    page.locator("#train-start").click()
    expect(page.locator("#live-sheet img").first).to_be_visible()
    page.locator("#train-pause").click()
    expect(page.locator("#train-go-on")).to_be_enabled()
    step = step_of(page)
    page.locator("#train-go-on").click()
    expect(page.locator("#train-stop")).to_be_enabled()
    page.locator("#train-stop").click()
    expect(page.locator("#train-go-on")).to_be_enabled()
    assert step_of(page) >= step
    calls = lent_calls(log)[before:]
    assert len(calls) == 2 and all(call["request"] for call in calls)
    assert calls[0]["seconds"] == 60 + GRACE > calls[1]["seconds"] > GRACE  # the rest of the budget
    visit.close()


def step_of(page) -> int:
    """The step that the status line names."""
    return int(re.search(r"Step ([\d,]+)", page.locator("#train-status .device").inner_text())[1].replace(",", ""))
