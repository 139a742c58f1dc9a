"""The server's door: refuses what no page of ours asks, before Gradio sees it."""
