"""What one may do with rooms: open, join, follow, show, ask and answer, hand on, end.

Every method may be called from any thread.
"""

import hashlib
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from playground.checked import ConfigError, Refusal
from playground.data import PROJECT
from playground.files import write_bytes
from playground.room.book import Book, Member, Room
from playground.room.names import CODE, free_name
from playground.room.rounds import Forger, Round, as_csv, past_of

FILE = PROJECT / ".cache" / "rooms.sqlite"
LONGEST = 3 * 3600.0  # seconds after its last event that a room is kept
MOST_ROOMS, MOST_OF_ONE = 200, 20  # of all, and opened from one address, which may be a school
MOST_MEMBERS = 240  # of a room: fewer than there are names, which a test holds
MODEST = 60  # seats of one address, above which it gives one to another address where all are taken
YOUNG = 600.0  # seconds after its last event for which a room that nobody listens to gives way to no other one
PASSES = 120.0  # seconds in which a pass is good
MOST_TEACHERS = 8  # devices that steer a room
MOST_SHOWN = 4096  # letters of an address
MOST_ROUNDS = 100  # of a room
MOST_ON_WALL, MOST_OF_OPENER = 512 * 2**20, 2**30  # bytes of a room's networks, and of all rooms from one address
MOST_ON_WALLS, LEAST_FREE = 4 * 2**30, 2 * 2**30  # bytes of all networks; of the disk that are left alone
KINDS = ("png", "safetensors")  # of files that hang on a wall


class NoRoom(Refusal, LookupError):
    """There is no room of this code: it never was, or it has ended."""

    key = "room.none"


class Taken(Refusal, RuntimeError):
    """There is a room of this code already."""

    key = "room.taken"


class Full(Refusal, RuntimeError):
    """There are as many rooms, members, devices or rounds as there may be, or no space for one more file."""

    key = "room.full"


class Forbidden(Refusal, PermissionError):
    """This is the teacher's, or a member's own."""

    key = "room.forbidden"


class Over(Refusal, RuntimeError):
    """This round takes no answers: it has ended, or there is another one."""

    key = "room.over"


class Twice(Refusal, RuntimeError):
    """This member's network hangs on the wall already."""

    key = "room.twice"


class Seat(NamedTuple):
    """What a member's browser keeps: the number and the name in the room, and the token that proves both.

    With its `ear` it asks for the news.
    """

    number: int
    colour: str
    animal: str
    token: str
    follows: bool
    ear: str


class Rooms:
    """All rooms of a server, kept in a file."""

    def __init__(self, path: Path = FILE, longest: float = LONGEST) -> None:
        self.longest = longest
        self._path = path
        self._openers = dict[str, str]()  # code to the address from which it was opened
        self._seated = dict[str, str]()  # a member's key to the address from which it came; it is written nowhere
        self._lock = threading.RLock()

    @cached_property
    def _book(self) -> Book:
        return Book(self._path)  # made when it is needed first: most pages have no rooms

    @cached_property
    def _rooms(self) -> dict[str, Room]:
        rooms = self._book.load()
        for folder in self._walls.glob("*"):  # of rooms that ended while no program ran
            if folder.name not in rooms:
                shutil.rmtree(folder, ignore_errors=True)
        return rooms

    @property
    def _walls(self) -> Path:
        return self._path.with_suffix(".walls")

    def open(self, code: str, opener: str = "", live: Collection[str] = ()) -> str:
        """Open a room under a code that the browser proposes, from an address; returns the teacher's token.

        The rooms that are `live`, since somebody listens to them, never give way to it. Raises Taken, Full, or
        ConfigError for what is no code.
        """
        check_code(code)
        with self._lock:
            self.sweep()
            if code in self._rooms:
                raise Taken
            self._make_room(opener, live)
            token, now = secrets.token_hex(16), time.time()
            room = Room(code, now, now, teachers={hash_of(token)})
            self._book.put_room(room)
            self._rooms[code], self._openers[code] = room, opener
        return token

    def _make_room(self, opener: str, live: Collection[str]) -> None:
        """Let a room of this address go that everybody has left, where it has too many. Raises Full."""
        own = [self._rooms[code] for code, other in self._openers.items() if other == opener and code in self._rooms]
        if len(own) < MOST_OF_ONE and len(self._rooms) < MOST_ROOMS:
            return
        left = [room for room in own if room.code not in live and time.time() - room.touched > YOUNG]
        if not left:
            raise Full
        self._drop(min(left, key=lambda room: room.touched).code)

    def join(self, code: str, token: str = "", here: Collection[int] = (), address: str = "") -> Seat:
        """Come into a room, or come back with the token of the first time. Raises NoRoom or Full.

        Where all seats are taken, one is given on of a member who is not `here`, by number, or of another `address`
        that has very many.
        """
        with self._lock:
            room = self._room(code)
            member = room.members.get(hash_of(token))
            if member is None:
                token = secrets.token_hex(16)
                member = self._seat(room, hash_of(token), here, address)
            self._seated[member.key] = address
            return Seat(member.number, *member.name, token, member.follows, ear_of(token))

    def _seat(self, room: Room, key: str, here: Collection[int], address: str) -> Member:
        if len(room.members) >= MOST_MEMBERS:
            self._free_seat(room, here, address)
        member = Member(room.next_number(), key, free_name({one.name for one in room.members.values()}))
        self._book.put_member(room.code, member)
        room.members[key] = member
        self._touch(room)
        return member

    def _free_seat(self, room: Room, here: Collection[int], address: str) -> None:
        away = [member for member in room.members.values() if member.number not in here]
        given = min(away, key=lambda member: member.number) if away else self._newest_of_many(room, address)
        self._book.drop_member(room.code, given.number)
        del room.members[given.key]
        self._seated.pop(given.key, None)

    def _newest_of_many(self, room: Room, address: str) -> Member:
        """The last seat of the address that has the most: one script may not keep a class out. Raises Full."""
        seats = Counter(self._seated[key] for key in room.members if self._seated.get(key))
        greediest, count = seats.most_common(1)[0] if seats else ("", 0)
        if count <= MODEST or greediest == address:
            raise Full
        own = [member for key, member in room.members.items() if self._seated.get(key) == greediest]
        return max(own, key=lambda member: member.number)

    def follow(self, code: str, token: str, follows: bool) -> None:
        """Let a member follow the teacher's page, or look around alone. Raises NoRoom or Forbidden."""
        with self._lock:
            room = self._room(code)
            member = self._member(room, token)
            if member.follows != follows:
                member.follows = follows
                self._book.put_member(code, member)

    def show(self, code: str, token: str, showing: str, by: str = "") -> None:
        """Show all who follow what the teacher's page shows: the query of its address. `by` is what it calls itself.

        Raises NoRoom, Forbidden, or ConfigError for a query that is too long.
        """
        if not isinstance(showing, str) or not showing.isascii() or len(showing) > MOST_SHOWN:
            raise ConfigError("showing", showing, "choice", options=f"an address of at most {MOST_SHOWN} letters")
        with self._lock:
            room = self._steered(code, token)
            room.showing, room.by = showing, by
            self._touch(room)

    def begin(self, code: str, token: str, new: Round) -> int:
        """Ask all in a room something; what was asked before is over. Returns the round's number.

        Raises NoRoom, Forbidden or Full.
        """
        with self._lock:
            room = self._steered(code, token)
            if len(room.rounds) >= MOST_ROUNDS:
                raise Full("room.full_rounds")
            self._close_round(room)
            new.number = len(room.rounds) + 1
            self._book.put_round(code, new)
            room.rounds.append(new)
            self._touch(room)
        return new.number

    def answer(self, code: str, token: str, number: object, item: object, answer: object) -> None:
        """Take what a member answers to one thing of a round, None for nothing in time; the first answer stays.

        Raises NoRoom, Forbidden, Over, or ConfigError for what the round does not have.
        """
        with self._lock:
            room = self._room(code)
            member = self._member(room, token)
            asked = room.rounds[-1] if room.rounds else None
            if asked is None or not asked.runs or type(number) is not int or number != asked.number:
                raise Over
            item = check_below("item", item, asked.items)
            answer = None if answer is None else check_below("answer", answer, asked.answers)
            if (member.number, item) not in asked.given:
                if member.number not in asked.by_member and len(asked.by_member) >= MOST_MEMBERS:
                    raise Full  # seats that were given on and on
                self._book.put_vote(code, asked.number, item, member.number, answer)
                asked.take(member.number, item, answer)

    def may_hang(self, code: str, token: str, number: int) -> int:
        """The number of a member who may hang a network on the wall. Raises NoRoom, Forbidden, Over or Twice."""
        room = self._room(code)
        member = self._member(room, token)
        asked = room.rounds[-1] if room.rounds else None
        if asked is None or not asked.runs or asked.kind != "wall" or number != asked.number:
            raise Over
        if member.number in asked.wall or member.number in asked.taken:
            raise Twice
        return member.number

    def work(self, code: str) -> int:
        """How much the wall that is open allows. Raises NoRoom."""
        rounds = self._room(code).rounds
        return int(rounds[-1].asked.get("work", 0)) if rounds else 0

    def hang(self, code: str, token: str, number: int, forger: Forger, files: Mapping[str, bytes]) -> None:
        """Hang a network on the wall, with its files by their names.

        Raises what `may_hang` does, Full where a room has very many or the disk has no room, and OSError.
        """
        with self._lock:
            self.may_hang(code, token, number)
            self._check_space(code, sum(map(len, files.values())))
            for name, content in files.items():
                write_bytes(self._walls / code / name, content, durable=False)
            self._book.put_forger(code, number, forger)
            room = self._rooms[code]
            room.rounds[-1].wall[forger.member] = forger
            self._touch(room)

    def _check_space(self, code: str, more: int) -> None:
        opener = self._openers.get(code)
        own = {other for other in self._rooms if other == code or (opener and self._openers.get(other) == opener)}
        kept = {folder.name: _size(folder) for folder in self._walls.glob("*")}
        of_opener = sum(size for other, size in kept.items() if other in own)
        is_full = kept.get(code, 0) + more > MOST_ON_WALL or of_opener + more > MOST_OF_OPENER
        free = shutil.disk_usage(self._path.parent).free
        if is_full or sum(kept.values()) + more > MOST_ON_WALLS or free - more < LEAST_FREE:
            raise Full("room.full_wall")

    def take_down(self, code: str, token: str, number: object, member: object) -> None:
        """Take a member's network off the wall of a round, with its files. The member hangs no other one there.

        Raises NoRoom or Forbidden.
        """
        with self._lock:
            room = self._steered(code, token)
            asked = room.rounds[-1] if room.rounds else None
            if asked is None or number != asked.number or type(member) is not int or member not in asked.wall:
                return
            self._book.take_down(code, asked.number, member)
            taken = asked.wall.pop(member)
            asked.taken.add(member)
            if taken.sheet not in {forger.sheet for each in room.rounds for forger in each.wall.values()}:
                for kind in KINDS:
                    (self._walls / code / f"{taken.sheet}.{kind}").unlink(missing_ok=True)
            self._touch(room)

    def wall(self, code: str) -> list[dict[str, Any]]:
        """What hangs on the wall of the last round, the best first. Raises NoRoom."""
        room = self._room(code)
        names = {member.number: member.name for member in list(room.members.values())}
        hung = sorted(room.rounds[-1].wall.values(), key=lambda forger: forger.frechet) if room.rounds else []
        return [{**forger._asdict(), **names[forger.member]._asdict()} for forger in hung if forger.member in names]

    def file(self, code: str, name: str) -> Path:
        """A file that belongs to a room's wall. Raises NoRoom."""
        room = self._room(code)
        known = {f"{forger.sheet}.{kind}" for asked in room.rounds for forger in asked.wall.values() for kind in KINDS}
        if name not in known:
            raise NoRoom
        return self._walls / code / name

    def reveal(self, code: str, token: str, number: object = None) -> None:
        """Tell all how the round was answered, and what was right: it takes no more answers.

        Nothing happens to another round than that of the `number`, where one is given. Raises NoRoom or Forbidden.
        """
        with self._lock:
            room = self._steered(code, token)
            if room.rounds and room.rounds[-1].runs and number in (None, room.rounds[-1].number):
                room.rounds[-1].revealed = True
                self._book.put_round(code, room.rounds[-1])
                self._touch(room)

    def close_round(self, code: str, token: str, number: object = None) -> None:
        """Put the round away, as `reveal` does: pages show the lesson again. Raises NoRoom or Forbidden."""
        with self._lock:
            room = self._steered(code, token)
            if room.rounds and number in (None, room.rounds[-1].number):
                self._close_round(room)
            self._touch(room)

    def _close_round(self, room: Room) -> None:
        if room.rounds and not room.rounds[-1].closed:
            last = room.rounds[-1]
            last.closed, last.picture = True, b""
            last.given.clear()
            self._book.put_round(room.code, last)

    def results(self, code: str, token: str) -> str:
        """All that was answered in a room, as CSV. Raises NoRoom or Forbidden."""
        with self._lock:
            return as_csv(self._steered(code, token).rounds)

    def picture(self, code: str, name: str) -> bytes:
        """The PNG file that the round shows, by the name that the news has for it. Raises NoRoom."""
        last = self._room(code).rounds[-1:]
        if not last or not last[0].picture or last[0].asked.get("sheet") != name:
            raise NoRoom
        return last[0].picture

    def hand_on(self, code: str, token: str) -> str:
        """A pass with which one more device may steer, once. The newest alone is good. Raises NoRoom or Forbidden."""
        with self._lock:
            room = self._steered(code, token)
            given = secrets.token_hex(16)
            room.passes, room.given = {hash_of(given)}, time.time()
            self._book.put_room(room)
        return given

    def take_over(self, code: str, given: str) -> str:
        """A teacher's token for a pass, which is then used up. Raises NoRoom, Full or Forbidden."""
        with self._lock:
            room = self._room(code)
            if hash_of(given) not in room.passes or time.time() - room.given > PASSES:
                raise Forbidden
            if len(room.teachers) >= MOST_TEACHERS:
                raise Full("room.full_devices")
            token = secrets.token_hex(16)
            room.passes.clear()
            room.teachers.add(hash_of(token))
            self._book.put_room(room)
        return token

    def end(self, code: str, token: str) -> None:
        """End a room: all that is in it is deleted. Raises NoRoom or Forbidden."""
        with self._lock:
            self._drop(self._steered(code, token).code)

    def sweep(self) -> list[str]:
        """Delete the rooms in which nothing has happened for long; returns their codes."""
        with self._lock:
            if not self._path.exists():  # most servers have no rooms
                return []
            old = self._book.before(time.time() - self.longest)
            for code in old:
                self._drop(code)
            for code in [code for code, room in self._rooms.items() if time.time() - room.touched > self.longest]:
                self._forget(code)  # another server has deleted it, or knows better
        return old

    def there(self, code: str) -> bool:
        """Whether there is such a room."""
        return code in self._rooms

    def seats(self, code: str) -> set[int]:
        """The numbers of a room's members."""
        room = self._rooms.get(code)
        return {member.number for member in list(room.members.values())} if room else set()

    def listener(self, code: str, ear: str) -> int | None:
        """The number of the member whose ear it is, 0 for a teacher's; None for nobody's."""
        room = self._rooms.get(code)
        if room is None:
            return None
        keys = {member.key: member.number for member in list(room.members.values())} | dict.fromkeys(room.teachers, 0)
        return next((number for key, number in keys.items() if _ear(key) == ear), None)

    def steers(self, code: str, token: str) -> bool:
        """Whether this is a teacher's token of the room."""
        room = self._rooms.get(code)
        return room is not None and hash_of(token) in room.teachers

    def knows(self, code: str, token: str) -> bool:
        """Whether this is the token of a teacher or a member of the room."""
        room = self._rooms.get(code)
        return room is not None and (hash_of(token) in room.teachers or hash_of(token) in room.members)

    def snapshot(self, code: str, here: Collection[int]) -> dict[str, Any]:
        """What all in a room may know, as JSON can say it; `here` are the numbers of members whose pages are open.

        Raises NoRoom.
        """
        room = self._room(code)  # without the lock: others hold it while they write
        members = list(room.members.values())
        present = [one for one in members if one.number in here]
        counts = {"members": len(members), "here": len(present), "following": sum(one.follows for one in present)}
        news = {"showing": room.showing, "by": room.by, **counts}
        if not room.rounds:
            return news
        last = room.rounds[-1]
        told = {**last.told(), "of": len(last.players | {one.number for one in present})}
        news["round"] = None if last.closed else told
        if (
            last.revealed and not last.closed
        ):  # what nobody looks at before: each vote brings news, and each piece goes to all
            news["past"] = past_of(room.rounds)
        return news

    def close(self) -> None:
        """Let go of the file; what stands in it stays."""
        with self._lock:
            if "_book" in self.__dict__:
                self._book.close()

    def _room(self, code: str) -> Room:
        room = self._rooms.get(code)
        if room is None or time.time() - room.touched > self.longest:
            raise NoRoom
        return room

    def _steered(self, code: str, token: str) -> Room:
        room = self._room(code)
        if hash_of(token) not in room.teachers:
            raise Forbidden
        return room

    def _member(self, room: Room, token: str) -> Member:
        member = room.members.get(hash_of(token))
        if member is None:
            raise Forbidden
        return member

    def _touch(self, room: Room) -> None:
        room.touched = time.time()
        self._book.touch(room.code, room.touched, room.showing)

    def _forget(self, code: str) -> None:
        room = self._rooms.pop(code, None)
        for key in room.members if room else ():
            self._seated.pop(key, None)
        self._openers.pop(code, None)

    def _drop(self, code: str) -> None:
        self._forget(code)
        self._book.drop(code)
        shutil.rmtree(self._walls / code, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*"))


def check_code(code: object) -> None:
    """Raises ConfigError for what is no code."""
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise ConfigError("code", code, "choice", options="KDFG")


def check_below(field: str, value: object, count: int) -> int:
    """A whole number from 0 to below `count`. Raises ConfigError."""
    if type(value) is not int or not 0 <= value < count:
        raise ConfigError(field, value, "whole", low=0, high=count - 1)
    return value


def ear_of(token: str) -> str:
    """What news are asked for with. It stands in addresses, which logs keep: nobody finds the token by it."""
    return _ear(hash_of(token))


def _ear(key: str) -> str:
    return hash_of(f"{key} listens")[:16]


def hash_of(token: object) -> str:
    """What is kept of a token, so that who reads the file has none."""
    return hashlib.sha256(str(token).encode(errors="surrogatepass")).hexdigest()
