"""How much each address may ask of the server in a minute, and at once."""

import time
from collections import Counter
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

MINUTE = 60.0  # seconds


class Budget:
    """What each address has spent in these `seconds`, one minute if not said: requests, or bytes."""

    def __init__(self, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._begun, self._spent = 0.0, Counter[str]()

    def spend(self, address: str, amount: int = 1) -> int:
        """Note that an address spends an amount; returns all that it has spent in this time."""
        now = time.monotonic()
        if now - self._begun > self._seconds:
            self._begun = now
            self._spent.clear()
        self._spent[address] += amount
        return self._spent[address]


def caller_of(scope: Scope) -> str:
    """The address that a request comes from; behind trusted proxies the visitor's own."""
    return network_of(str((scope.get("client") or ("",))[0]))


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """The address itself; for IPv6 its network of 64 bits, all of which one machine may use."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((int(found) >> 64 << 64, 64)))
    return address
