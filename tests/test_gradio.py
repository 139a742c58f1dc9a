"""What we lean on in Gradio beyond its documentation, where no other test would notice (docs/gradio.md)."""

import inspect
import json
import re

import gradio as gr
import gradio.networking
import gradio.queueing
import httpx
from runs import PATIENCE

from playground.ui.page import QUEUE_NAP, build_page, launch_options
from playground.ui.texts import say


def test_the_queue_sleeps_as_long_as_we_say():
    page = build_page()
    assert page._queue.sleep_when_free == QUEUE_NAP
    assert "sleep(self.sleep_when_free)" in inspect.getsource(gradio.queueing.Queue.start_processing)


def test_the_page_itself_brings_its_root_and_its_texts(monkeypatch):
    # A machine too busy to answer Gradio's own question starts all the same.
    monkeypatch.setattr(gradio.networking, "url_ok", lambda address: False)
    with gr.Blocks() as page:
        pass
    options = {**launch_options(), "root_path": "/behind/a/proxy"}
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **options)
    try:
        text = httpx.get(address, timeout=PATIENCE).text
    finally:
        page.close()
    config = json.loads(re.search(r"window\.gradio_config = (.*?);\s*</script>", text)[1])
    assert config["root"].endswith("/behind/a/proxy")
    assert config["i18n_translations"]["ko"]["page.title"] == say("ko", "page.title")
