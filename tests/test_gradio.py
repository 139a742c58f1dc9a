"""What we lean on in Gradio beyond its documentation, where no other test would notice (docs/gradio.md)."""

import inspect

import gradio.queueing

from playground.ui.page import QUEUE_NAP, build_page


def test_the_queue_sleeps_as_long_as_we_say():
    page = build_page()
    assert page._queue.sleep_when_free == QUEUE_NAP
    assert "sleep(self.sleep_when_free)" in inspect.getsource(gradio.queueing.Queue.start_processing)
