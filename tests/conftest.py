"""What the tests share: a tiny game that trains in milliseconds, the real page, and a real browser."""

import os
import re
import shutil
import sys
from collections import defaultdict

import pytest

# Before torch is read: a thread that waits for its team sleeps, where two processes of tests share the processors.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import torch

from playground.training import TrainConfig

# Two processes of tests (pytest-xdist) look for free ports at the same time: each in a hundred of its own, counted from
# what the process that began them has handed on. Gradio reads it where it is imported, after this.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["GRADIO_SERVER_PORT"] = str(int(os.environ.get("GRADIO_SERVER_PORT", "7860")) + 100 * WORKER)
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic",
            "--host-resolver-rules=MAP school.test 127.0.0.1"]  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items):
    """Whoever asks for the browser is marked so. Of two that differ in the language one is a `twin`, by turns.

    A test whose subject are the words is marked `words` and runs in both.
    """
    twins = defaultdict(list)
    for item in items:
        if "browser" in item.fixturenames:
            item.add_marker("browser")
            if item.get_closest_marker("words") is None:
                twins[re.sub(r"(?<=[\[-])(ko|en)(?=[\]-])", "language", item.nodeid)].append(item)
    for number, both in enumerate(pair for pair in twins.values() if len(pair) == 2):
        both[number % 2].add_marker("twin")


@pytest.fixture
def tiny() -> TrainConfig:
    """A config whose networks fit on a page; 50 images make 7 batches, the last of 2."""
    return TrainConfig(
        batch_size=8, epochs=3, latent_dim=4, widths_g=(16,), widths_d=(16, 12), device="cpu", seed=3
    )  # fmt: skip


@pytest.fixture
def images() -> torch.Tensor:
    """Fifty images of noise."""
    return torch.randint(0, 256, (50, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    """Rooms that a test may fill, behind a door that does not let who asks too often wait."""
    from playground.room.rooms import Rooms
    from playground.ui.guard import door

    monkeypatch.setattr(door, "PAUSE", 0.0)
    rooms = Rooms(tmp_path / "rooms.sqlite")
    yield rooms
    rooms.close()


@pytest.fixture(autouse=True)
def nobody_stays():
    """After a test that failed its visitors leave too: a run of theirs would keep the next test waiting."""
    yield
    from visits import Visit

    while Visit.begun:
        Visit.begun[0].flee()


@pytest.fixture(autouse=True)
def nothing_stays_unread():
    """What a test of one page never fetched must not be held against the next page at the same address."""
    yield
    if readers := sys.modules.get("playground.ui.readers"):
        readers.Mailbox.of_callers.clear()


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """Where the server keeps its visitors' runs."""
    from playground.live.store import Store

    return Store(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def server(store, tmp_path_factory):
    """The page as visitors get it, on a free port; yields its address."""
    from playground.room.rooms import Rooms
    from playground.ui.page import build_page, launch_options

    page = build_page(store=store)
    rooms = Rooms(tmp_path_factory.mktemp("rooms") / "rooms.sqlite")
    options = launch_options(names=["school.test"], rooms=rooms, workshop=page.workshop)  # a name of CHROMIUM's
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **options)
    yield address.rstrip("/")
    page.close()


@pytest.fixture(scope="session")
def browser():
    """Chromium; without one the tests skip, but not where CI=true."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must have one")
        pytest.skip("no Chromium found: install it to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=executable, args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def js(browser, server):
    """A function that runs JavaScript on an empty page of the server; `at(folder, path)` gives addresses there."""
    from playground.ui.assets import addresses
    from playground.ui.guard.door import ISOLATED

    page = browser.new_page()
    blank = {
        "body": "<!doctype html>",
        "content_type": "text/html",
        "headers": {name.decode(): value.decode() for name, value in ISOLATED},
    }
    page.route("**/blank", lambda route: route.fulfill(**blank))
    page.goto(f"{server}/blank")
    page.evaluate("(folders) => { window.at = (folder, path) => `${folders[folder]}/${path}`; }", addresses())
    yield page.evaluate
    page.close()
