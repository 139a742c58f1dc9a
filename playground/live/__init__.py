"""Training runs that a visitor watches: they wait in a line, each trains in a thread of its own. Knows no page."""
