"""How a class finds the server: its address in the school's network, and addresses as QR codes."""

import io
import socket
from functools import lru_cache

import segno

from playground.checked import ConfigError

MOST_LETTERS = 300  # of an address in a code: more makes dots too small for a phone at the back, and takes long to draw
QUIET = 4  # width of the white border in modules (ISO/IEC 18004)


def lan_address() -> str | None:
    """This machine's IPv4 address in its network; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the system only picks the sender's address (RFC 5737)
            found = str(probe.getsockname()[0])
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
    """The same for a terminal; a character is two modules high. Raises ConfigError like `code_as_svg`."""
    out = io.StringIO()
    _code(address).terminal(out, border=2, compact=True)
    return out.getvalue()
