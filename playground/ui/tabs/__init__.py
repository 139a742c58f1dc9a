"""The page's tabs, one module each: its builder lays it out, wires its events and returns what other tabs need."""
