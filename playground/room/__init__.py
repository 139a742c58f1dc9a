"""A class together: rooms that a teacher opens, members without names, what all of them see. Knows no Gradio."""
