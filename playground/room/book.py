"""What is kept of all rooms, in SQLite: a program that starts anew finds them as they were, even after a kill."""

import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playground.room.names import Name
from playground.room.rounds import Card, Forger, Round

WAIT = 1.0  # seconds for another server that writes into the same file
SCHEMA = 3  # of the tables below; a file of another one is begun anew: rooms live for hours
TABLES = """
create table rooms (code text primary key, opened real, touched real, showing text);
create table keys (room text, key text, role text, primary key (room, key));
create table members (room text, number integer, key text, colour text, animal text, follows integer,
  primary key (room, number));
create table rounds (room text, number integer, kind text, asked text, items integer, answers integer, cards text,
  picture blob, revealed integer, closed integer, primary key (room, number));
create table votes (room text, round integer, item integer, member integer, answer integer,
  primary key (room, round, item, member)) without rowid;
create table forgers (room text, round integer, member integer, told text, primary key (room, round, member));
"""
BELONGING = ("keys", "members", "rounds", "votes", "forgers")  # to a room


@dataclass
class Member:
    """Somebody in a room. `key` is the hash of a token that only the own browser has."""

    number: int
    key: str
    name: Name
    follows: bool = True


@dataclass
class Room:
    """A room and its members, by their keys. `opened` and `touched`, its last event, are seconds since 1970.

    `teachers` are the hashes of the tokens that may steer it, `passes` of those that may once become one. `showing` is
    the query of the teacher's page, and `by` which of several it is, as it calls itself; that is not kept.
    """

    code: str
    opened: float
    touched: float
    showing: str = ""
    by: str = ""
    teachers: set[str] = field(default_factory=set)
    passes: set[str] = field(default_factory=set)
    members: dict[str, Member] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    given: float = 0.0  # when the newest pass was, which is not kept either
    highest: int = 0  # number that a member has had, of those since the program began

    def next_number(self) -> int:
        """A number for a new member, which nobody has had: what was answered stays the one's who has answered it."""
        had = {member.number for member in self.members.values()}.union(*(asked.had for asked in self.rounds))
        self.highest = 1 + max(self.highest, *had, 0)
        return self.highest


class Book:
    """The file. What a method has written outlives the program, if perhaps not a power cut. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._rows = _open(path)
        except sqlite3.DatabaseError as error:  # damaged: what stood there is lost, and no reason not to serve
            if isinstance(error, sqlite3.OperationalError):  # locked, or the disk is full: that may pass
                raise
            for part in ("", "-wal", "-shm"):
                Path(f"{path}{part}").unlink(missing_ok=True)
            self._rows = _open(path)

    def load(self) -> dict[str, Room]:
        """All rooms by their codes."""
        rooms = {row[0]: Room(*row) for row in self._rows.execute("select code, opened, touched, showing from rooms")}
        for code, key, role in self._rows.execute("select room, key, role from keys"):
            (rooms[code].teachers if role == "teacher" else rooms[code].passes).add(key)
        for code, number, key, colour, animal, follows in self._rows.execute("select * from members"):
            rooms[code].members[key] = Member(number, key, Name(colour, animal), bool(follows))
        self._load_rounds(rooms)
        return rooms

    def _load_rounds(self, rooms: dict[str, Room]) -> None:
        for code, number, kind, asked, items, answers, cards, picture, *stage in self._rows.execute(
            "select * from rounds order by number"
        ):
            revealed, closed = map(bool, stage)
            told = [Card(*card) for card in json.loads(cards)]
            found = Round(number, kind, json.loads(asked), items, answers, told, picture, revealed, closed)
            rooms[code].rounds.append(found)
        for code, number, item, member, answer in self._rows.execute("select * from votes"):
            rooms[code].rounds[number - 1].take(member, item, answer)
        for asked in [asked for room in rooms.values() for asked in room.rounds if asked.closed]:
            asked.given.clear()
        for code, number, member, told in self._rows.execute("select * from forgers order by rowid"):
            if told:
                rooms[code].rounds[number - 1].wall[member] = Forger(*json.loads(told))
            else:
                rooms[code].rounds[number - 1].taken.add(member)

    def before(self, touched: float) -> list[str]:
        """The codes of rooms whose last event was before this time, whoever wrote it: servers may share the file."""
        return [code for (code,) in self._rows.execute("select code from rooms where touched < ?", (touched,))]

    def put_room(self, room: Room) -> None:
        """Write a room as it stands, but for its members."""
        roles = [(room.code, key, "teacher") for key in room.teachers] + [
            (room.code, key, "pass") for key in room.passes
        ]
        with self._rows:
            line = (room.code, room.opened, room.touched, room.showing)
            self._rows.execute("insert or replace into rooms values (?, ?, ?, ?)", line)
            self._rows.execute("delete from keys where room = ?", (room.code,))
            self._rows.executemany("insert into keys values (?, ?, ?)", roles)

    def put_member(self, code: str, member: Member) -> None:
        """Write a member as it stands."""
        line = (code, member.number, member.key, *member.name, member.follows)
        with self._rows:
            self._rows.execute("insert or replace into members values (?, ?, ?, ?, ?, ?)", line)

    def drop_member(self, code: str, number: int) -> None:
        """Take a seat away."""
        with self._rows:
            self._rows.execute("delete from members where room = ? and number = ?", (code, number))

    def put_round(self, code: str, asked: Round) -> None:
        """Write a round as it stands, but for its answers."""
        told = (json.dumps(asked.asked), asked.items, asked.answers, json.dumps(asked.cards), asked.picture)
        line = (code, asked.number, asked.kind, *told, asked.revealed, asked.closed)
        with self._rows:
            self._rows.execute(f"insert or replace into rounds values ({', '.join('?' * len(line))})", line)

    def put_vote(self, code: str, number: int, item: int, member: int, answer: int | None) -> None:
        """Write what a member has answered to one thing of a round."""
        line = (code, number, item, member, answer)
        with self._rows:
            self._rows.execute("insert or ignore into votes values (?, ?, ?, ?, ?)", line)

    def put_forger(self, code: str, number: int, forger: Forger) -> None:
        """Write what hangs on a wall; its files lie elsewhere."""
        line = (code, number, forger.member, json.dumps(forger))
        with self._rows:
            self._rows.execute("insert or ignore into forgers values (?, ?, ?, ?)", line)

    def take_down(self, code: str, number: int, member: int) -> None:
        """Forget what a member has hung on a wall. That there was something stays, so that nothing hangs there anew."""
        with self._rows:
            where = "where room = ? and round = ? and member = ?"
            self._rows.execute(f"update forgers set told = '' {where}", (code, number, member))

    def touch(self, code: str, touched: float, showing: str) -> None:
        """Write when the last event of a room was, and what its teacher shows."""
        with self._rows:
            self._rows.execute("update rooms set touched = ?, showing = ? where code = ?", (touched, showing, code))

    def drop(self, code: str) -> None:
        """Delete a room and all that belongs to it."""
        with self._rows:
            self._rows.execute("delete from rooms where code = ?", (code,))
            for table in BELONGING:
                self._rows.execute(f"delete from {table} where room = ?", (code,))

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _open(path: Path) -> sqlite3.Connection:
    """The file, with our tables in it. Its writes are seen by who opens it next, without waiting for the disk."""
    rows = sqlite3.connect(path, timeout=WAIT, check_same_thread=False)
    try:
        rows.execute("pragma journal_mode = wal")
        rows.execute("pragma synchronous = normal")
        version = rows.execute("pragma user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            raise sqlite3.DatabaseError("another schema")
        if version == 0:
            rows.executescript(f"begin; {TABLES} pragma user_version = {SCHEMA}; commit;")
    except BaseException:
        with suppress(sqlite3.Error):
            rows.close()
        raise
    return rows
