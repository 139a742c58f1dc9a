"""What a machine does to its programs: no room, no port, no folder to write to, no GPU after all."""

import errno
import socket
import tempfile
from pathlib import Path

import gradio as gr
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect
from runs import KEY, PATIENCE
from visits import Visit

import app
from playground import data
from playground.checked import ConfigError
from playground.checkpoints import load_network
from playground.devices import pick_device
from playground.history import read_history
from playground.live import run as runs
from playground.live.line import Line
from playground.live.shelf import Point
from playground.live.store import Store
from playground.live.workshop import Workshop
from playground.training import train
from playground.ui import downloads
from playground.ui.page import build_page, launch_options
from playground.ui.texts import LANGUAGES, explain, say


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"), MemoryError()]
)
def test_a_full_memory_ends_a_run_with_what_helps_and_keeps_what_was_learnt(tiny, tmp_path, monkeypatch, images, error):
    def full(config, images, state, *_):
        for steps, progress in enumerate(train(config, images, state)):
            yield progress
            if steps == 2:
                raise error

    monkeypatch.setattr(runs, "train", full)
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)
    monkeypatch.setattr(runs, "load_mnist", lambda: (images, torch.zeros(len(images), dtype=torch.int64)))
    workshop = Workshop(Line(), Store(tmp_path))
    run = workshop.start(KEY, tiny)
    run.join(PATIENCE)
    assert run.phase == "failed" and run.record.step >= 3
    for language in LANGUAGES:
        assert explain(language, run.error) == say(language, "error.memory")
    workshop.store.flush()
    again = Workshop(Line(), Store(tmp_path))
    assert again.store.shelf(KEY).points == [Point("A", run.record.step)]
    assert again.store.state(KEY, Point("A", run.record.step)).step == run.record.step


def test_a_taken_port_is_one_sentence(monkeypatch, capsys):
    with gr.Blocks() as page:
        gr.Markdown("a page")
    page.workshop = None
    monkeypatch.setattr(app, "_build", lambda *_: page)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert app.main(["--port", str(other.getsockname()[1])]) == 1
    assert "port is taken" in capsys.readouterr().err


def test_a_project_that_may_only_be_read_unpacks_elsewhere(monkeypatch):
    assert data.writable_cache() == data.CACHE
    monkeypatch.setattr(data.os, "access", lambda path, mode: False)
    assert data.writable_cache() == Path(tempfile.gettempdir()) / "gan-playground-mnist"
    assert len(data.load_mnist(train=False)[0]) == 10_000


def test_the_page_opens_with_what_still_works(browser, monkeypatch, tmp_path, capsys):
    """Neither MNIST nor the run's log: both generators and the walk are still there, and two tabs say what is wrong."""
    monkeypatch.setattr(data.load_mnist, "__defaults__", (True, tmp_path / "nowhere", None))
    monkeypatch.setattr(read_history, "__defaults__", (tmp_path,))
    page = build_page(store=Store(tmp_path))
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    try:
        assert "MD5SUMS" in capsys.readouterr().err
        visit = Visit(browser, address, "ko")
        expect(visit.page.locator("#real")).to_be_hidden()
        for key in ("epochs.tab", "learn.tab"):
            visit.tab(key)
            expect(visit.page.get_by_role("tabpanel")).to_contain_text(say("ko", "page.missing"))
        visit.tab("train.tab")
        visit.page.locator("#train-start").click()
        expect(visit.page.locator("#train-status")).to_contain_text("MD5SUMS")
        assert visit.said == []
        visit.close()
    finally:
        page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_disk_is_a_sentence_and_the_run_can_be_gone_on_from(server, browser, monkeypatch, language):
    def full(path, content, **how):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(downloads, "write_bytes", full)
    visit = Visit(browser, f"{server}/?tab=train", language)
    visit.page.locator("#train-step-both").click()
    visit.page.locator("#train-generator").click()
    words = say(language, "error.disk", what="No space left on device")
    expect(visit.toast()).to_contain_text(words)
    expect(visit.page.locator("#train-start")).to_be_enabled()
    monkeypatch.undo()
    with visit.page.expect_download() as download:
        visit.page.locator("#train-generator").click()
    assert download.value.suggested_filename == "generator-step-1.safetensors"
    assert visit.said == []
    visit.close()


def test_a_full_disk_is_a_sentence_for_an_endpoints_caller_and_no_training_is_lost(server, monkeypatch):
    def full(path, content, durable=True):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    client = Client(server, verbose=False)
    monkeypatch.setattr(downloads, "write_bytes", full)
    for asked in ({"api_name": "/generate", "seed": 871}, {"api_name": "/interpolate", "seed_a": 871}):
        with pytest.raises(AppError) as caught:
            client.predict(**asked)
        assert str(caught.value) == say("en", "error.disk", what="No space left on device")
    settings = {"steps": 3, "batch_size": 16, "widths_g": [8], "widths_d": [8], "seed": 871}
    for _ in range(2):
        with pytest.raises(AppError) as caught:
            client.predict(settings, api_name="/train")
        assert str(caught.value) == say("en", "error.unsaved", what="No space left on device")
    monkeypatch.undo()
    monkeypatch.setattr(runs, "train", None)  # nobody trains anew
    last = client.predict(settings, api_name="/train")
    assert (last["phase"], last["step"]) == ("finished", 3)
    assert load_network(last["generator"], "generator").config.seed == 871


def test_a_device_that_is_not_there_is_named():
    missing = next(name for name, there in (("cuda", torch.cuda.is_available()), ("mps", False)) if not there)
    if torch.backends.mps.is_available() and missing == "mps":
        pytest.skip("this machine has every device")
    with pytest.raises(ConfigError, match=f"device: got '{missing}', allowed is .*cpu"):
        pick_device(missing)
