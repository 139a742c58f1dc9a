"""What we lean on in Gradio beyond its documentation, where no other test would notice (docs/gradio.md)."""

import inspect
import json
import re

import gradio as gr
import gradio.networking
import gradio.queueing
from starlette.testclient import TestClient

from playground.ui.page import QUEUE_NAP, build_page, launch_options
from playground.ui.texts import i18n, say


def test_the_queue_sleeps_as_long_as_we_say():
    page = build_page()
    assert page._queue.sleep_when_free == QUEUE_NAP
    assert "sleep(self.sleep_when_free)" in inspect.getsource(gradio.queueing.Queue.start_processing)


def test_the_page_itself_brings_its_root_and_its_texts():
    with gr.Blocks() as page:
        pass
    page.i18n_instance = i18n()
    client = TestClient(gr.routes.App.create_app(page), root_path="/behind/a/proxy")
    found = re.search(r"window\.gradio_config = (.*?);\s*</script>", client.get("/").text)
    config = json.loads(found[1])
    assert config["root"].endswith("/behind/a/proxy")
    assert config["i18n_translations"]["ko"]["page.title"] == say("ko", "page.title")


def test_a_machine_too_busy_to_answer_gradio_starts_all_the_same(monkeypatch):
    monkeypatch.setattr(gradio.networking, "url_ok", lambda address: False)
    with gr.Blocks() as page:
        pass
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    page.close()
