"""What measures speed: the engine, the page, the browser, a class at one server. `python -m playground.benchmark`."""
