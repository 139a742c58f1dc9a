"""The engine of the GAN playground: data, latents, checkpoints, metrics and training. Gradio lives in ui/ only."""
