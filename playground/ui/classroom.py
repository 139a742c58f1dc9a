"""What a class needs of the server: its address in the school's network, and an address as a QR code."""

import io
import socket
from functools import lru_cache

import segno

from playground.checked import ConfigError

MOST_LETTERS = 1000  # of an address in a code: more would be too small for a phone's camera
QUIET = 4  # modules of white around a code, as ISO/IEC 18004 wants


def lan_address() -> str | None:
    """This machine's IPv4 address in its network; None where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the system only says from where it would (RFC 5737)
            found = probe.getsockname()[0]
        except OSError:
            return None
    return None if found.startswith("127.") else found


def _code(address: str) -> segno.QRCode:
    if len(address) > MOST_LETTERS:
        raise ConfigError("address", len(address), "whole", low=1, high=MOST_LETTERS)
    if not address.startswith(("http://", "https://")):
        raise ConfigError("address", address, "choice", options="http://…, https://…")
    return segno.make(address, micro=False, error="l" if len(address) > 200 else "m")


@lru_cache(maxsize=64)
def code_as_svg(address: str) -> bytes:
    """An http(s) address as a QR code, black on white. Raises ConfigError for any other text, or a longer one."""
    out = io.BytesIO()
    _code(address).save(out, kind="svg", scale=8, border=QUIET, light="white", xmldecl=False)
    return out.getvalue()


def code_as_text(address: str) -> str:
    """The same for a terminal, two modules a letter high. Raises ConfigError as `code_as_svg`."""
    out = io.StringIO()
    _code(address).terminal(out, border=2, compact=True)
    return out.getvalue()
