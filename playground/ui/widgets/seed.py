"""A seed with its dice, as several tabs have it; and how an event that follows the hand is sent."""

import gradio as gr

from playground.ui.texts import SEND_LANGUAGE, t
from playground.ui.widgets import Number

SEEDS = 1000  # the page offers 0 to 999

# For events that follow a hand: only the newest counts, and nobody waits for another visitor. They go through the
# queue, although that costs milliseconds: Gradio shows no toast for an error of an event outside it.
FOLLOW_HAND = {
    "js": SEND_LANGUAGE,
    "concurrency_limit": None,
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "api_visibility": "private",
}


def seed_and_dice(value: int, suffix: str = "") -> tuple[Number, gr.Button]:
    """A field for the seed and, beside it, a dice that throws another one in the browser itself."""
    seed = Number(value, label=t(f"field.seed{suffix.replace('-', '_')}"), elem_id=f"seed{suffix}", min_width=90)
    dice = gr.Button(t("dice"), elem_id=f"dice{suffix}", elem_classes="dice", min_width=60, scale=0)
    throw = f"() => Math.floor(Math.random() * {SEEDS})"
    dice.click(None, None, seed, js=throw, api_visibility="private", show_progress="hidden")
    return seed, dice
