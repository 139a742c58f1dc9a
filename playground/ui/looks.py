"""How the page looks: its style sheets, and Gradio's theme made of the same tokens (browser/kit/tokens.css)."""

from typing import Any

import gradio as gr

from playground.ui.widgets import BROWSER

STYLES = [
    BROWSER / f"{name}.css"
    for name in (
        "kit/tokens",
        "kit/page",
        "kit/cards",
        "kit/controls",
        "kit/plot",
        "head/row",
        "train/cockpit",
        "kit/projector",
    )
]
FONT = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans KR", "Malgun Gothic", "sans-serif"]
# Gradio's name to a value of ours; the tokens themselves change with the scheme, so both schemes take the same ones.
COLOURS = {
    "body_background_fill": "var(--ground)",
    "background_fill_primary": "var(--ground)",
    "background_fill_secondary": "var(--ground-2)",
    "block_background_fill": "var(--ground)",
    "block_label_background_fill": "var(--ground)",
    "panel_background_fill": "var(--ground)",
    "code_background_fill": "var(--ground-2)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--ink-2)",
    "block_info_text_color": "var(--ink-2)",
    "block_label_text_color": "var(--ink)",
    "block_title_text_color": "var(--ink)",
    "link_text_color": "var(--detective-ink)",
    "link_text_color_hover": "var(--detective-ink)",
    "link_text_color_active": "var(--detective-ink)",
    "link_text_color_visited": "var(--detective-ink)",
    "border_color_primary": "var(--edge)",
    "border_color_accent": "var(--rim)",
    "color_accent_soft": "var(--ground-2)",
    "input_background_fill": "var(--ground)",
    "input_border_color": "var(--rim)",
    "input_border_color_hover": "var(--ink)",
    "input_border_color_focus": "var(--ink)",
    "input_placeholder_color": "var(--ink-2)",
    "error_background_fill": "var(--ground)",
    "error_border_color": "var(--wrong)",
    "error_text_color": "var(--wrong)",
    "error_icon_color": "var(--wrong)",
    "slider_color": "var(--fill)",
    "checkbox_background_color": "var(--ground)",
    "checkbox_background_color_hover": "var(--ground-2)",
    "checkbox_background_color_selected": "var(--chosen)",
    "checkbox_border_color": "var(--rim)",
    "checkbox_border_color_hover": "var(--ink)",
    "checkbox_border_color_selected": "var(--chosen)",
    "checkbox_label_background_fill": "var(--ground)",
    "checkbox_label_background_fill_hover": "var(--ground-2)",
    "checkbox_label_background_fill_selected": "var(--ground-2)",
    "checkbox_label_border_color": "var(--edge)",
    "checkbox_label_border_color_hover": "var(--rim)",
    "checkbox_label_border_color_selected": "var(--ink)",
    "button_primary_background_fill": "var(--fill)",
    "button_primary_background_fill_hover": "var(--fill)",
    "button_primary_border_color": "var(--fill)",
    "button_primary_border_color_hover": "var(--fill)",
    "button_primary_text_color": "var(--on-fill)",
    "button_secondary_background_fill": "var(--ground)",
    "button_secondary_background_fill_hover": "var(--ground-2)",
    "button_secondary_border_color": "var(--rim)",
    "button_secondary_border_color_hover": "var(--ink)",
    "button_secondary_text_color": "var(--ink)",
}
# Of these Gradio has no second value for the dark scheme.
SAME = {
    f"button_{size}_{name}": value
    for size, padding in (("large", "3px 14px"), ("medium", "3px 14px"), ("small", "3px 12px"))
    for name, value in (
        ("padding", padding),
        ("radius", "var(--round)"),
        ("text_size", "var(--type-m)"),
        ("text_weight", "500"),
    )
} | {
    "color_accent": "var(--fill)",
    "button_border_width": "1px",
    "button_transition": "none",
    "block_radius": "var(--round)",
    "input_radius": "var(--round-s)",
    "checkbox_border_radius": "var(--round-s)",
    "input_padding": "6px 10px",
    "block_title_text_weight": "400",
    "block_info_text_size": "var(--type-s)",
}
SIZES = {"xxs": "s", "xs": "s", "sm": "s", "md": "m", "lg": "m", "xl": "l", "xxl": "xl"}  # of Gradio's type, to ours


def theme() -> gr.themes.Base:
    """Gradio's default theme in the page's tokens, without a font that would have to be fetched."""
    type_scale = gr.themes.Size(name="tokens", **{size: f"var(--type-{ours})" for size, ours in SIZES.items()})
    both: dict[str, Any] = COLOURS | {f"{name}_dark": value for name, value in COLOURS.items()}
    fonts: dict[str, Any] = {"font": FONT, "font_mono": ["ui-monospace", "monospace"]}
    return gr.themes.Default(primary_hue="slate", text_size=type_scale, **fonts).set(**both, **SAME)
