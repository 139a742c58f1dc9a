"""Who is in a class's rooms and at their doors: whose pages are open, and who tries codes."""

import time
from collections import defaultdict

FREE_TRIES, LONGEST_WAIT = 20, 10.0  # wrong codes of an address without a wait, and the longest one, in seconds
FORGOTTEN = 600.0  # seconds after which an address's wrong codes are
POLLED = 7.0  # seconds for which who asks now and then, without a stream, counts as here


class Tries:
    """Wrong codes by address: after some each costs a wait that grows, so that codes cannot be found by trying."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}  # address to how many, and until when it waits

    def wait(self, address: str) -> float:
        """Seconds that an address has to wait before it may name a code again."""
        _, until = self._wrong.get(address, (0, 0.0))
        return max(0.0, until - time.monotonic())

    def fail(self, address: str) -> None:
        """Note a wrong code."""
        now = time.monotonic()
        self._wrong = {one: told for one, told in self._wrong.items() if now - told[1] < FORGOTTEN}
        count = 1 + self._wrong.get(address, (0, 0.0))[0]
        wait = min(LONGEST_WAIT, 2.0 ** (count - FREE_TRIES - 3)) if count > FREE_TRIES else 0.0
        self._wrong[address] = (count, now + wait)


class Presence:
    """Whose pages are open, by room: who listens to the news, and who has asked for them lately."""

    def __init__(self) -> None:
        self._listening: defaultdict[str, list[int]] = defaultdict(list)
        self._asked: defaultdict[str, dict[int, float]] = defaultdict(dict)

    def enter(self, code: str, number: int) -> None:
        """A member's page has opened its stream."""
        self._listening[code].append(number)

    def leave(self, code: str, number: int) -> None:
        """It has closed it."""
        if number in self._listening.get(code, []):
            self._listening[code].remove(number)

    def streams(self, code: str, number: int) -> int:
        """How many streams a member's pages have open."""
        return self._listening.get(code, []).count(number)

    def ask(self, code: str, number: int) -> None:
        """A member's page that has no stream has asked."""
        self._asked[code][number] = time.monotonic()

    def here(self, code: str) -> set[int]:
        """The numbers of the members who are here."""
        now = time.monotonic()
        asked = {number for number, when in self._asked.get(code, {}).items() if now - when < POLLED}
        return asked.union(self._listening.get(code, []))

    def forget(self, code: str) -> None:
        """The room has ended."""
        self._listening.pop(code, None)
        self._asked.pop(code, None)
