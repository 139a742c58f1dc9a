"""Rounds: something that all in a room answer at the same time. Counts answers; knows neither rooms nor files."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from playground.checked import Checked, choice
from playground.shipped import EPOCHS

DRAWN, REAL = 0, 1  # answers to a picture
MIXED = "mixed"  # pictures of all epochs
OPTIONS = 4  # of a question
STEPS = (25, 50, 100, 200, 500)  # of the lecture's pair, whose work a wall may allow
WALL = ("frechet", "recognisable", "digits", "steps", "seconds", "settings")  # columns of the results
MOST_PAST = 20  # rounds that all are told of
# The questions of the lesson's quiz, and which option is right: game/questions.js has the same, which a test holds.
QUESTIONS = {
    **{"game": 1, "forger": 3, "lessons": 2, "tanh": 4, "dying": 2, "black": 1, "balance": 4, "saturating": 3},
    **{"detach": 2, "labels": 1, "clear": 3, "falling": 4, "collapse": 3, "curve": 4, "line": 2, "scan": 1},
}


class Card(NamedTuple):
    """What a picture was. `epoch` is that of the G who drew it, or whose D was shown it; `verdict` is that D's.

    A verdict goes from 0 (fake) to 1 (real), and is right where it lies on the side of what the picture was.
    """

    epoch: int
    real: bool
    verdict: float

    @property
    def convicted(self) -> bool:
        """Whether D is right."""
        return (self.verdict >= 0.5) == self.real


@dataclass(frozen=True)
class DetectiveRound(Checked):
    """Real or drawn? `pictures` of them by one epoch or by all, each to be seen for so many `seconds`."""

    epoch: int | str = choice(MIXED, *EPOCHS, MIXED)
    pictures: int = choice(12, 6, 12, 24)
    seconds: int = choice(5, 3, 5, 10)

    @property
    def epochs(self) -> tuple[int, ...]:
        """Whose pictures come."""
        return EPOCHS if self.epoch == MIXED else (int(self.epoch),)


@dataclass(frozen=True)
class QuestionRound(Checked):
    """A question of the lesson's quiz, by its name."""

    question: str = choice("game", *QUESTIONS)


@dataclass(frozen=True)
class WallRound(Checked):
    """All train from scratch for as much work as so many `steps` of the lecture's pair take."""

    steps: int = choice(100, *STEPS)


class Forger(NamedTuple):
    """What hangs on the wall of a member: what the judge found, what its file and browser tell, its files' name."""

    member: int
    frechet: float
    recognisable: float
    digits: int
    steps: int
    seconds: float
    settings: dict[str, Any]
    sheet: str


@dataclass
class Round:
    """What was asked, and how it was answered.

    `asked` is what all may know at once, `cards` what they know once it is revealed. `counts` has how often each answer
    was given, for each of the things to answer; `given` who has answered what, as long as the round goes on.
    """

    number: int
    kind: str
    asked: dict[str, Any]
    items: int
    answers: int  # that each thing has
    cards: list[Card] = field(default_factory=list)
    picture: bytes = b""
    revealed: bool = False
    closed: bool = False
    counts: list[list[int]] = field(default_factory=list)
    given: set[tuple[int, int]] = field(default_factory=set)  # member and item
    by_member: Counter[int] = field(default_factory=Counter)
    wall: dict[int, Forger] = field(default_factory=dict)  # by member
    taken: set[int] = field(default_factory=set)  # members whose networks the teacher has taken down

    def __post_init__(self) -> None:
        if not self.counts:
            self.counts = [[0] * self.answers for _ in range(self.items)]

    @property
    def runs(self) -> bool:
        """Whether it may be answered."""
        return not (self.revealed or self.closed)

    def take(self, member: int, item: int, answer: int | None) -> None:
        """Count an answer that is new; None for a thing that was seen and not answered."""
        self.given.add((member, item))
        self.by_member[member] += 1
        if answer is not None:
            self.counts[item][answer] += 1

    @property
    def players(self) -> set[int]:
        """The numbers of the members who have answered something, or hang on the wall."""
        return {*self.by_member.copy(), *self.wall.copy()}

    @property
    def had(self) -> set[int]:
        """The numbers of all who have played, also those whose networks were taken down."""
        return self.players | self.taken

    def told(self) -> dict[str, Any]:
        """What all may know of it now, as JSON can say it."""
        if self.kind == "wall":
            about = {"number": self.number, "kind": self.kind, "revealed": self.revealed}
            return {**about, **self.asked, "done": len(self.wall), "down": len(self.taken)}
        done = sum(answered == self.items for answered in list(self.by_member.values()))
        told = {"number": self.number, "kind": self.kind, "revealed": self.revealed, **self.asked, "done": done}
        if self.kind == "question":  # bars grow while a class answers
            return {**told, "counts": self.counts}
        if self.revealed:
            return {**told, "counts": self.counts, "cards": self.cards}
        return {**told, "votes": sum(map(sum, self.counts))}

    @cached_property
    def summary(self) -> dict[str, Any]:
        """How people and D did, by epoch: answers that were right, answers, D's right verdicts, pictures.

        To be asked for once it is revealed: then nothing changes any more.
        """
        epochs: dict[int, list[int]] = {}
        for card, count in zip(self.cards, self.counts, strict=True):
            told = (count[REAL if card.real else DRAWN], sum(count), card.convicted, 1)
            epochs[card.epoch] = [a + b for a, b in zip(epochs.get(card.epoch, [0] * 4), told, strict=True)]
        return {"number": self.number, "epochs": sorted((epoch, *found) for epoch, found in epochs.items())}


def past_of(rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """The summaries of the newest rounds of pictures that were revealed."""
    return [each.summary for each in rounds if each.kind == "detective" and each.revealed][-MOST_PAST:]


def as_csv(rounds: Iterable[Round]) -> str:
    """All that was answered, a line for each answer to each thing, and for each network on a wall.

    Says of nobody what they have answered; a network is somebody's own, and its line has the member's number.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["round", "game", "item", "epoch", "was", "answer", "people", "detective", *WALL])
    for each in rounds:
        for item, counts in enumerate(each.counts):
            lines.writerows(_lines(each, item, counts))
        for forger in sorted(each.wall.values(), key=lambda forger: forger.frechet):
            told = forger._asdict()
            start = [each.number, each.kind, forger.member, "", "", "", "", ""]
            lines.writerow([*start, *(told[name] for name in WALL[:-1]), json.dumps(forger.settings)])
    return text.getvalue()


def _lines(asked: Round, item: int, counts: Sequence[int]) -> list[list[object]]:
    empty = [""] * len(WALL)
    if not asked.cards:
        name = asked.asked["question"]
        start = [asked.number, asked.kind, name, "", QUESTIONS[name]]
        return [[*start, i + 1, count, "", *empty] for i, count in enumerate(counts)]
    card, names = asked.cards[item], ("drawn", "real")
    start = [asked.number, asked.kind, item + 1, card.epoch, names[card.real]]
    return [[*start, names[i], count, card.verdict, *empty] for i, count in enumerate(counts)]
