"""The command line that measures how fast the engine and the page are."""
