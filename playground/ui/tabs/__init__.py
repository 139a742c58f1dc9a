"""The page's tabs, one file each: a builder that lays out, wires its own events and returns what others need."""
