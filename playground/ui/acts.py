"""What may be asked in a room, by name: each act takes the body of a request, and gives what is answered."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from playground.checked import ConfigError
from playground.config import TrainConfig
from playground.room.detective import deal
from playground.room.rooms import Forbidden, Rooms, ear_of
from playground.room.rounds import OPTIONS, DetectiveRound, Forger, QuestionRound, Round, WallRound
from playground.room.wall import Judge, work_of
from playground.shipped import Shipped

MOST_BY = 16  # letters of what a page calls itself
MOST_SEED = 2**31 - 1000  # seeds of pictures begin below


class Around(NamedTuple):
    """What an act may have to know: the caller's address, the rooms that are listened to, who is here in this one.

    And who draws and judges pictures.
    """

    address: str
    live: set[str]
    here: set[int]
    shipped: Shipped


Act = Callable[[Rooms, str, Mapping[str, Any], Around], Mapping[str, Any]]


def _open(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    return _steering(rooms.open(code, around.address, around.live))


def _join(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    return rooms.join(code, str(asked.get("token", "")), around.here, around.address)._asdict()


def _follow(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.follow(code, str(asked.get("token", "")), asked.get("follows") is not False)
    return {}


def _show(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.show(code, str(asked.get("token", "")), asked.get("showing", ""), str(asked.get("by", ""))[:MOST_BY])
    return {}


def _pass(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    return {"pass": rooms.hand_on(code, str(asked.get("token", "")))}


def _take(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    return _steering(rooms.take_over(code, str(asked.get("pass", ""))))


def _steering(token: str) -> Mapping[str, Any]:
    return {"token": token, "ear": ear_of(token)}


def _begin(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    token = str(asked.get("token", ""))
    if not rooms.steers(code, token):  # before anything is drawn
        raise Forbidden
    kind, settings = asked.get("kind"), asked.get("settings", {})
    if not isinstance(kind, str) or kind not in ROUNDS:
        raise ConfigError("kind", kind, "choice", options=", ".join(ROUNDS))
    return {"number": rooms.begin(code, token, ROUNDS[kind](settings, around.shipped))}


def _detective(settings: Mapping[str, Any], shipped: Shipped) -> Round:
    chosen = DetectiveRound.from_mapping(settings)
    dealt = deal(shipped, chosen.epochs, chosen.pictures, secrets.randbelow(MOST_SEED))
    asked = asdict(chosen) | {"sheet": hashlib.sha256(dealt.sheet).hexdigest()[:16]}
    return Round(0, "detective", asked, chosen.pictures, 2, dealt.cards, dealt.sheet)


def _wall(settings: Mapping[str, Any], shipped: Shipped) -> Round:
    chosen = WallRound.from_mapping(settings)
    work = work_of(TrainConfig(), chosen.steps)
    return Round(0, "wall", asdict(chosen) | {"work": work}, 0, 0)


def hang(rooms: Rooms, judge: Judge, code: str, sent: "Sent") -> None:
    """Judge a network that a member has sent, and hang it on the wall.

    Raises what `Rooms.hang` does, CheckpointError, DataError, or ConfigError for more work than was set.
    """
    member = rooms.may_hang(code, sent.token, sent.number)
    judged = judge.measure(sent.path)
    allowed = rooms.work(code)
    if work_of(judged.config, sent.steps) > allowed:
        raise ConfigError("steps", sent.steps, "whole", low=1, high=allowed // work_of(judged.config, 1))
    content = sent.path.read_bytes()
    name = hashlib.sha256(content).hexdigest()[:16]
    found = (judged.frechet, judged.recognisable, judged.digits)
    forger = Forger(member, *found, sent.steps, sent.seconds, judged.settings, name)
    rooms.hang(code, sent.token, sent.number, forger, {f"{name}.png": judged.sheet, f"{name}.safetensors": content})


class Sent(NamedTuple):
    """A network on its way to the wall: who sends it to which round, after how many steps and seconds, and its file."""

    token: str
    number: int
    steps: int
    seconds: float
    path: Path


def _question(settings: Mapping[str, Any], shipped: Shipped) -> Round:
    return Round(0, "question", asdict(QuestionRound.from_mapping(settings)), 1, OPTIONS)


def _vote(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.answer(code, str(asked.get("token", "")), *(asked.get(name) for name in ("round", "item", "answer")))
    return {}


def _reveal(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.reveal(code, str(asked.get("token", "")), asked.get("round"))
    return {}


def _close(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.close_round(code, str(asked.get("token", "")), asked.get("round"))
    return {}


def _unhang(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.take_down(code, str(asked.get("token", "")), asked.get("round"), asked.get("member"))
    return {}


def _results(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    return {"csv": rooms.results(code, str(asked.get("token", "")))}


def _end(rooms: Rooms, code: str, asked: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    rooms.end(code, str(asked.get("token", "")))
    return {}


ROUNDS = {"detective": _detective, "question": _question, "wall": _wall}
ACTS: dict[str, Act] = {
    **{"open": _open, "join": _join, "follow": _follow, "show": _show, "pass": _pass, "take": _take, "end": _end},
    **{"begin": _begin, "vote": _vote, "reveal": _reveal, "close": _close, "results": _results, "unhang": _unhang},
}
