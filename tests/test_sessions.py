"""What the server keeps of a visit."""

import gradio as gr
from gradio.state_holder import StateHolder

from playground.ui.page import SESSIONS, build_page, launch_options
from playground.ui.sessions import Page


def test_a_visit_of_the_real_page_begins_without_a_copy_of_it():
    holder = StateHolder()
    holder.set_blocks(build_page())
    assert holder["a visitor"].config_values == {}


def test_so_many_visits_are_remembered():
    page = build_page()
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options())
    try:
        holder = page.state_holder
        for n in range(SESSIONS + 5):
            holder[f"visitor {n}"]
        assert len(holder.session_data) <= SESSIONS + 1 and "visitor 0" not in holder
        assert len(holder.time_last_used) == len(holder.session_data)
        assert not page.share
    finally:
        page.close()


def test_two_visitors_have_values_of_their_own():
    with Page() as page:
        kept, slider = gr.State([]), gr.Slider(0, 9, 4)
    holder = StateHolder()
    holder.set_blocks(page)
    holder["one"][kept._id].append("mine")
    holder["one"][slider._id] = gr.Slider(0, 9, 7)
    holder["one"]._update_value_in_config(slider._id, 8)
    holder["one"]._update_config(slider._id)
    assert (holder["one"][kept._id], holder["one"][slider._id].value) == (["mine"], 7)
    assert not any(holder["one"].config_values.values()), "describing a component takes time that nobody profits from"
    assert (holder["two"][kept._id], holder["two"][slider._id].value) == ([], 4)
