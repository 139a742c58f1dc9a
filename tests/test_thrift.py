"""What a visitor's call makes Gradio do, and what it does not make it do again."""

import inspect
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import gradio.component_meta
import gradio.utils
import httpx
import pytest
from gradio.data_classes import FileData
from runs import PATIENCE, play

from playground.benchmark.calls import Events, Trainer
from playground.benchmark.load import call
from playground.ui.downloads import clear, offer
from playground.ui.tabs.train.shown import TELL_EVERY, News


def within(address, ask):
    """What `ask` does with a client of that address."""

    async def visit():
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False) as client:
            return await ask(client)

    return play(visit())


@pytest.fixture
def sought(monkeypatch):
    """Every path whose links are followed while the test runs."""
    found, follow = [], os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path, **how: found.append(str(path)) or follow(path, **how))
    return found


def test_four_drawings_are_answered_without_asking_where_they_lie(server, sought):
    within(server, lambda client: call(client, "generate", [199, 7, 4, 1.0, [0] * 8]))
    assert not [path for path in sought if path.endswith(".png")]


def test_no_call_looks_for_matplotlib(server, monkeypatch):
    names = []
    looker = SimpleNamespace(find_spec=lambda name, *_: names.append(name))
    monkeypatch.setattr(sys, "meta_path", [looker, *sys.meta_path])
    within(server, lambda client: call(client, "generate", [199, 7, 1, 1.0, [0] * 8]))
    assert "matplotlib" not in names


def test_a_click_does_not_ask_again_what_a_button_is_made_of(server, monkeypatch):
    asked = []
    known = gradio.component_meta.inspect.getfullargspec
    monkeypatch.setattr(inspect, "getfullargspec", lambda what: asked.append(what) or known(what))

    async def click(client):
        return await Trainer(client, await Events.of(client), "train-step-both").start()

    assert within(server, click)
    assert gr.Button.__init__.__wrapped__ not in asked and not asked


def test_only_a_file_that_we_offer_goes_unchecked(tmp_path):
    path = Path(offer(b"one of ours", "ours.txt", "somebody"))
    assert gradio.utils.is_static_file(FileData(path=str(path)))
    for other in (str(path.with_name("other.txt")), "/etc/hostname", str(path.parent), f"{path}/../ours.txt"):
        assert not gradio.utils.is_static_file(FileData(path=other))
    assert not gradio.utils.is_static_file(str(path)), "the route that serves files asks with a bare path"
    clear("somebody")
    assert not gradio.utils.is_static_file(FileData(path=str(path)))


def told(places) -> list[int]:
    """At which looks a page is told of a run that stands at those places, one a look."""
    run = SimpleNamespace(place=0)
    news = News(run)
    looks = []
    for look, run.place in enumerate(places):
        if news.due():
            looks.append(look)
    return looks


def test_a_page_is_told_of_a_place_in_line_when_it_changes():
    assert told([3, 3, 2, 2, 2, 1, 0, 0, 0]) == [0, 2, 5, 6, 7, 8]
    assert told([9] * (2 * TELL_EVERY + 1)) == [0, TELL_EVERY, 2 * TELL_EVERY]
