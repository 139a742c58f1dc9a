"""Whether a request is meant for this server, and comes from its own page: other sites can make a browser send any."""

import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from playground.ui.guard.refused import Refused

ANY = "*"  # among the server's names: whatever name the client says
PORTS = {"http": 80, "https": 443}
NAME = re.compile(r"[a-z0-9_.-]{1,253}")  # of a host, as it may be repeated in a sentence


def check_host(scope: Scope, headers: Headers, names: Collection[str]) -> None:
    """Refuse a host that is none of ours, where only this machine reaches the server or its `names` are listed.

    Who owns a name can let it point to this machine (DNS rebinding); then that site's page would be as good as ours to
    a browser. An address in numbers, or a name without a point, cannot be owned so.
    """
    listening = str((scope.get("server") or ("",))[0])
    host = name_of(headers.get("host", ""))
    if ANY in names or host in names or not (names or _is_loopback(listening)):
        return
    if "." in host and not host.endswith(".localhost") and not _is_address(host):
        raise Refused(403, "guard.host", host=host if NAME.fullmatch(host) else "?")


def check_origin(headers: Headers, names: Collection[str]) -> None:
    """Refuse what a browser sends for another site's page. Programs send neither of these headers.

    No page can forge `Sec-Fetch-Site` or `Origin`; nor `X-Forwarded-Host`, since a browser asks first whether another
    site's page may send it (OPTIONS), and we say no.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site == "cross-site":
        raise Refused(403, "guard.foreign")
    if site == "same-origin" or origin is None:
        return
    if not (name_of_origin(origin) in names or any(_same(origin, host) for host in hosts_of(headers))):
        raise Refused(403, "guard.foreign")


def is_secure(scope: Scope, headers: Headers) -> bool:
    """Whether a browser trusts that nobody on the way has changed the page: over https, or from this very machine."""
    host = name_of(headers.get("host", ""))
    if host == "localhost" or host.endswith(".localhost") or _is_loopback(host):
        return True
    return "https" in (scope["scheme"], headers.get("x-forwarded-proto", ""))


def hosts_of(headers: Headers) -> list[str]:
    """The hosts, each perhaps with its port, for which the client or a proxy before us says that a request is meant."""
    forwarded = headers.get("x-forwarded-host", "").split(",")
    return [host for host in (headers.get("host", ""), *map(str.strip, forwarded)) if host]


def name_of(host: str) -> str:
    """The name in a header like Host, in small letters and without the port; "" if it is none."""
    return _hostname(_split(f"//{host}"))


def name_of_origin(address: str) -> str:
    """The same of an http(s) address; "" if it is none, as `null`."""
    parts = _split(address)
    return _hostname(parts) if parts.scheme in PORTS else ""


def _same(origin: str, host: str) -> bool:
    """Whether an Origin (https://a.example) is a Host (a.example, or a.example:443)."""
    one, other = _split(origin), _split(f"//{host}")
    usual = PORTS.get(one.scheme)
    try:
        ports = one.port or usual, other.port or usual
    except ValueError:  # no number
        return False
    return usual is not None and _hostname(one) == _hostname(other) != "" and ports[0] == ports[1]


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # as http://[
        return urlsplit("")


def _hostname(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".").lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ip_address(name.partition("%")[0]).is_loopback
