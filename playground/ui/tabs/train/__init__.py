"""Train live: the tab, its controls, and what it shows of a run."""
