"""The facts that the pages of the lesson show, computed from the real networks and the real data."""
