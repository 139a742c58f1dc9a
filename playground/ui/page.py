"""The page: its tabs, in order."""

from pathlib import Path
from typing import Any

import gradio as gr

from playground.live import Studio
from playground.shipped import Shipped
from playground.ui.tabs.explore import build_explore
from playground.ui.tabs.interpolate import build_interpolate
from playground.ui.tabs.train import build_train
from playground.ui.texts import i18n, t

STYLE = Path(__file__).parent / "style.css"
HOUR = 3600  # seconds


def build_page(shipped: Shipped | None = None) -> gr.Blocks:
    """The whole page, ready to launch with `launch_options()`. Raises CheckpointError and DataError."""
    shipped, studio = shipped or Shipped(), Studio()
    with gr.Blocks(title="GAN playground", analytics_enabled=False, delete_cache=(HOUR, HOUR)) as page:
        language = gr.Textbox("en", visible=False)  # first, so that it is the first input of every event
        gr.Markdown(t("page.title"), elem_id="title")
        with gr.Tab(t("explore.tab"), id="explore"):
            build_explore(language, shipped)
        with gr.Tab(t("interpolate.tab"), id="interpolate"):
            build_interpolate(language, shipped)
        with gr.Tab(t("train.tab"), id="train"):
            build_train(language, shipped, studio)
    page.queue(max_size=200, default_concurrency_limit=8)
    return page


def launch_options() -> dict[str, Any]:
    """What belongs to `launch()`: looks, texts, and nothing that asks another host."""
    font = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans KR", "Malgun Gothic", "sans-serif"]
    return {
        "i18n": i18n(),
        "theme": gr.themes.Default(primary_hue="slate", font=font, font_mono=["ui-monospace", "monospace"]).set(
            body_text_color_subdued="#4b5563",  # the theme's own greys fall short of 4.5:1
            body_text_color_subdued_dark="#c3c7cf",
            block_info_text_color="#4b5563",
            block_info_text_color_dark="#c3c7cf",
        ),
        "css_paths": [STYLE],
        "footer_links": ["api", "settings"],
        "run_history": False,
        "ssr_mode": False,
        "max_file_size": "10mb",
        "show_error": False,
    }
