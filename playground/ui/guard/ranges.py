"""Pieces of files that a client asks for. Gradio fails at some of these requests."""

import re

PIECE = re.compile(rb"bytes=(?:(?P<first>\d{1,15})-(?P<last>\d{1,15})?|-\d{1,15})")


def plain_ranges(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers without a Range that asks for several pieces, or for none: then the whole file is sent (RFC 9110)."""
    return [(name, value) for name, value in headers if name.lower() != b"range" or _is_plain(value)]


def _is_plain(value: bytes) -> bool:
    found = PIECE.fullmatch(value)
    if found is None:
        return False
    return not (found["first"] and found["last"]) or int(found["first"]) <= int(found["last"])
