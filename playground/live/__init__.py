"""Runs that somebody watches: one at a time, in a thread of its own, the others in line. Knows no page."""
