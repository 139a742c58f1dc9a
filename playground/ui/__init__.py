"""The page. Everything that knows Gradio lives here."""
