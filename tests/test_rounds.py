"""Rounds of a class, without a browser: pictures to judge, questions, who may answer what, and what is told when."""

import csv
import io
import json
import signal
import subprocess
import sys

import pytest
import torch
from PIL import Image
from rooms import asked, client_of

from playground.data import PROJECT, load_mnist
from playground.images import png
from playground.room import rooms as module
from playground.room.detective import deal
from playground.room.rooms import Full, Over, Rooms
from playground.room.rounds import OPTIONS, QUESTIONS, Card, DetectiveRound, Round
from playground.shipped import EPOCHS, Shipped
from playground.ui import room
from playground.ui.room import Desk
from playground.ui.texts import LANGUAGES, texts

CARDS = [Card(0, True, 0.9), Card(0, False, 0.8), Card(199, True, 0.4), Card(199, False, 0.1)]


@pytest.fixture(scope="module")
def shipped():
    return Shipped()


@pytest.fixture
def client(rooms, shipped):
    return client_of(Desk(rooms, shipped))


@pytest.fixture
def teacher(client):
    return asked(client, "open").json()["token"]


@pytest.fixture
def seats(client, teacher):
    return [asked(client, "join").json() for _ in range(3)]


def begun(client, teacher, kind="detective", **settings):
    return asked(client, "begin", token=teacher, kind=kind, settings=settings)


def vote(client, seat, item, answer, round=1):
    return asked(client, "vote", token=seat["token"], round=round, item=item, answer=answer)


def news(client):
    return client.get("/room/KDFG").json()


def four() -> Round:
    return Round(0, "detective", {"epoch": "mixed", "sheet": "s"}, 4, 2, list(CARDS), b"picture")


# ---- the pictures ----


@pytest.mark.parametrize(("epochs", "count"), [((0,), 6), ((199,), 24), (EPOCHS, 12)])
def test_half_of_the_pictures_are_real_and_d_judges_what_is_shown(shipped, epochs, count):
    dealt = deal(shipped, epochs, count, seed=3)
    for epoch in epochs:
        of_it = [card for card in dealt.cards if card.epoch == epoch]
        assert len(of_it) == count // len(epochs) and sum(card.real for card in of_it) == len(of_it) // 2
    pixels = torch.tensor(list(Image.open(io.BytesIO(dealt.sheet)).getdata()), dtype=torch.uint8)
    pixels = pixels.view(-1, 28, 6, 28).transpose(1, 2).reshape(-1, 28, 28)
    tests = {image.numpy().tobytes() for image in load_mnist(train=False)[0]}
    for card, image in zip(dealt.cards, pixels, strict=True):
        assert (image.numpy().tobytes() in tests) == card.real
        with torch.inference_mode():
            said = shipped.network(card.epoch, "discriminator")(image[None, None] / 127.5 - 1).item()
        assert card.verdict == pytest.approx(said, abs=1e-3)


def test_a_seed_deals_the_same_again_and_another_one_others(shipped):
    assert deal(shipped, EPOCHS, 12, 5) == deal(shipped, EPOCHS, 12, 5)
    first, second = deal(shipped, EPOCHS, 12, 5), deal(shipped, EPOCHS, 12, 6)
    assert first.sheet != second.sheet and first.cards != second.cards


# ---- a round ----


def test_a_class_judges_pictures_and_learns_what_they_were(client, teacher, seats):
    assert begun(client, teacher, epoch=199, pictures=6, seconds=3).json() == {"number": 1}
    told = news(client)["round"]
    sheet = told.pop("sheet")
    known = {"epoch": 199, "pictures": 6, "seconds": 3, "kind": "detective"}
    assert told == {**known, "number": 1, "revealed": False, "done": 0, "of": 0, "votes": 0}, (
        "nothing of what they were"
    )
    picture = client.get(f"/room/KDFG/sheets/{sheet}")
    assert picture.headers["content-type"] == "image/png" and "immutable" in picture.headers["cache-control"]
    assert Image.open(io.BytesIO(picture.content)).size == (6 * 28, 28)
    for item in range(6):
        for seat in seats[:2]:
            assert vote(client, seat, item, item % 2).status_code == 200
    told = news(client)["round"]
    assert (told["votes"], told["done"]) == (12, 2) and "counts" not in told and "cards" not in told
    assert asked(client, "reveal", token=teacher).status_code == 200
    told = news(client)
    assert told["round"]["counts"] == [[2, 0], [0, 2]] * 3
    cards = [Card(*card) for card in told["round"]["cards"]]
    assert sum(card.real for card in cards) == 3
    right = sum(2 for i, card in enumerate(cards) if card.real == bool(i % 2))
    convicted = sum(card.convicted for card in cards)
    assert told["past"] == [{"number": 1, "epochs": [[199, right, 12, convicted, 6]]}]
    assert asked(client, "close", token=teacher).status_code == 200
    told = news(client)
    assert told["round"] is None and "past" not in told
    assert client.get(f"/room/KDFG/sheets/{sheet}").status_code == 404


def test_a_class_is_asked_a_question_and_bars_grow(client, teacher, seats):
    begun(client, teacher, "question", question="collapse")
    vote(client, seats[0], 0, 2)
    vote(client, seats[1], 0, 3)
    told = news(client)["round"]
    assert told["counts"] == [[0, 0, 1, 1]] and told["question"] == "collapse" and told["done"] == 2
    asked(client, "reveal", token=teacher)
    assert news(client)["round"]["revealed"] and news(client)["past"] == []


def test_the_first_answer_stays_however_often_it_comes(client, teacher, seats):
    begun(client, teacher, pictures=6)
    for answer in (1, 1, 0, 0):
        assert vote(client, seats[0], 2, answer).status_code == 200
    asked(client, "reveal", token=teacher)
    assert news(client)["round"]["counts"] == [[0, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_a_new_round_ends_the_one_before(client, teacher, seats):
    begun(client, teacher, pictures=6)
    begun(client, teacher, "question")
    assert vote(client, seats[0], 0, 1).json()["key"] == "room.over"
    assert vote(client, seats[0], 0, 1, round=2).status_code == 200
    assert "past" not in news(client), "what was not revealed is not told"


@pytest.mark.parametrize("act", ["reveal", "close"])
def test_nobody_answers_after_the_end(client, teacher, seats, act):
    assert vote(client, seats[0], 0, 1).json()["key"] == "room.over", "nor before the beginning"
    begun(client, teacher, pictures=6)
    asked(client, act, token=teacher)
    refused = vote(client, seats[0], 0, 1)
    assert (refused.status_code, refused.json()["key"]) == (409, "room.over")


@pytest.mark.parametrize("act", ["begin", "reveal", "close", "results"])
def test_only_the_teacher_leads_a_round(client, teacher, seats, act):
    begun(client, teacher, pictures=6)
    for forged in ("", seats[0]["token"], "0" * 32, None):
        assert asked(client, act, token=forged, kind="question").status_code == 403
    assert news(client)["round"]["revealed"] is False


def test_nobody_votes_for_another_nor_what_cannot_be(client, teacher, seats):
    begun(client, teacher, pictures=6)
    for forged in ("", teacher, "0" * 32, None, 1):
        assert asked(client, "vote", token=forged, round=1, item=0, answer=1).status_code == 403
    for item, answer in (
        (6, 1),
        (-1, 1),
        (0, 2),
        (0, -1),
        (None, 0),
        (0, True),
        (0, 1.0),
        ("0", 0),
        ([], {}),
    ):
        refused = vote(client, seats[0], item, answer)
        assert (refused.status_code, refused.json()["key"]) == (400, "error.whole")
    for number in (0, 2, None, "1", 1.0, True):
        assert vote(client, seats[0], 0, 1, round=number).status_code == 409
    assert news(client)["round"]["votes"] == 0


def test_a_picture_that_was_not_answered_in_time_is_done_with(client, teacher, seats):
    begun(client, teacher, pictures=6)
    for item in range(6):
        assert vote(client, seats[0], item, None).status_code == 200
    told = news(client)["round"]
    assert (told["votes"], told["done"], told["of"]) == (0, 1, 1)
    vote(client, seats[0], 0, 1)
    assert news(client)["round"]["votes"] == 0, "it stays without one"


def test_who_leads_from_a_second_device_means_the_round_that_it_shows(client, teacher, seats):
    begun(client, teacher, pictures=6)
    begun(client, teacher, "question")
    for act in ("reveal", "close"):
        asked(client, act, token=teacher, round=1)
        assert news(client)["round"]["revealed"] is False
    asked(client, "reveal", token=teacher, round=2)
    assert news(client)["round"]["revealed"] is True


def test_seats_that_are_given_on_and_on_fill_no_round(rooms, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 3)
    token = rooms.open("KDFG")
    rooms.begin("KDFG", token, four())
    for _ in range(3):
        rooms.answer("KDFG", rooms.join("KDFG").token, 1, 0, 1)
    late = rooms.join("KDFG").token
    with pytest.raises(Full):
        rooms.answer("KDFG", late, 1, 0, 1)


@pytest.mark.parametrize("what", [
    {"kind": "poker"}, {"kind": None}, {"kind": ["question"]}, {"kind": "question", "settings": {"question": "why"}},
    {"kind": "question", "settings": []}, {"kind": "detective", "settings": {"pictures": 10_000}},
    {"kind": "detective", "settings": {"epoch": 7}}, {"kind": "detective", "settings": {"seconds": 0}},
    {"kind": "detective", "settings": {"cards": []}},
])  # fmt: skip
def test_a_round_that_is_none_is_refused_with_the_reason(client, teacher, what):
    refused = asked(client, "begin", token=teacher, **what)
    assert refused.status_code == 400 and refused.json()["detail"] and "round" not in news(client)


def test_rounds_are_bounded(rooms, client, teacher, monkeypatch):
    monkeypatch.setattr(room, "DEALT", 3)
    for _ in range(9):  # of somebody else, which costs the teacher nothing
        asked(client, "begin", token="0" * 32, kind="detective")
    codes = [begun(client, teacher, pictures=6).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429], "of an address in a minute"
    monkeypatch.setattr(module, "MOST_ROUNDS", 4)
    rooms.begin("KDFG", teacher, four())
    with pytest.raises(Full):
        rooms.begin("KDFG", teacher, four())


def test_the_teacher_takes_the_results_along(rooms, client, teacher, seats):
    rooms.begin("KDFG", teacher, four())
    for seat, answers in zip(seats, ([1, 0, 1, 0], [1, 1, 1, 0], [0, 0, 1, 0]), strict=True):
        for item, answer in enumerate(answers):
            vote(client, seat, item, answer)
    begun(client, teacher, "question", question="tanh")
    vote(client, seats[0], 0, 3, round=2)
    lines = list(csv.DictReader(io.StringIO(asked(client, "results", token=teacher).json()["csv"])))
    assert len(lines) == 4 * 2 + OPTIONS
    first = {"round": "1", "game": "detective", "item": "1", "epoch": "0", "was": "real"}
    assert lines[0].items() >= {**first, "answer": "drawn", "people": "1", "detective": "0.9"}.items()
    assert lines[1].items() >= {**first, "answer": "real", "people": "2", "detective": "0.9"}.items()
    assert lines[-1]["item"] == "tanh" and lines[-1]["was"] == "4" and lines[-1]["people"] == "1"


def test_people_and_d_are_counted_by_epoch():
    asked = four()
    asked.number = 1
    for member, answers in enumerate(([1, 0, 1, 0], [1, 1, 0, 0])):
        for item, answer in enumerate(answers):
            asked.take(member, item, answer)
    assert asked.summary == {"number": 1, "epochs": [(0, 3, 4, 1, 2), (199, 3, 4, 1, 2)]}


# ---- what is kept ----


def test_a_program_that_starts_anew_goes_on_with_the_round(rooms, tmp_path):
    token = rooms.open("KDFG")
    seats = [rooms.join("KDFG") for _ in range(2)]
    rooms.begin("KDFG", token, four())
    rooms.answer("KDFG", seats[0].token, 1, 0, 1)
    rooms.reveal("KDFG", token)
    rooms.begin("KDFG", token, four())
    rooms.answer("KDFG", seats[0].token, 2, 3, 0)
    before = json.dumps(rooms.snapshot("KDFG", ()))
    rooms.close()
    again = Rooms(tmp_path / "rooms.sqlite")
    assert json.dumps(again.snapshot("KDFG", ())) == before and again.picture("KDFG", "s") == b"picture"
    again.answer("KDFG", seats[0].token, 2, 3, 1)
    assert again.snapshot("KDFG", ())["round"]["votes"] == 1, "the first answer stays"
    again.answer("KDFG", seats[1].token, 2, 3, 1)
    again.reveal("KDFG", token)
    assert again.snapshot("KDFG", ())["round"]["counts"][3] == [1, 1]
    with pytest.raises(Over):
        again.answer("KDFG", seats[1].token, 2, 0, 1)
    again.close()


def test_nothing_of_a_round_stays_when_the_room_ends(rooms):
    token = rooms.open("KDFG")
    seat = rooms.join("KDFG")
    rooms.begin("KDFG", token, four())
    rooms.answer("KDFG", seat.token, 1, 0, 1)
    rooms.end("KDFG", token)
    for table in ("rooms", "keys", "members", "rounds", "votes"):
        assert rooms._book._rows.execute(f"select count(*) from {table}").fetchone() == (0,)


VOTING = """
import sys
from pathlib import Path
from playground.room.rooms import Rooms
from playground.room.rounds import Round
path, begun, *tokens = sys.argv[1:]
rooms = Rooms(Path(path))
if not tokens:
    token = rooms.open("KDFG")
    tokens = [rooms.join("KDFG").token for _ in range(100)]
    rooms.begin("KDFG", token, Round(0, "detective", {}, 50_000, 2))
    print(*tokens, flush=True)
print("ready", flush=True)
for n in range(500_000):
    member, item = n % 100, int(begun) + n // 100
    rooms.answer("KDFG", tokens[member], 1, item, 1)
    print(member, item, flush=True)
"""


@pytest.mark.slow
def test_ten_kills_in_the_middle_of_a_round_lose_no_vote(tmp_path):
    path, tokens, acknowledged = tmp_path / "rooms.sqlite", [], set()
    for turn in range(10):
        command = [sys.executable, "-c", VOTING, path, str(turn * 5000), *tokens]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        tokens = tokens or program.stdout.readline().split()
        assert program.stdout.readline() == "ready\n"
        heard = [program.stdout.readline() for _ in range(40 + 7 * turn)]
        program.send_signal(signal.SIGKILL)
        heard += program.stdout.read().splitlines(keepends=True)
        program.wait()
        acknowledged |= {tuple(map(int, line.split())) for line in heard if line.endswith("\n") and " " in line}
    rooms = Rooms(path)
    there = {(member - 1, item) for member, item in rooms._rooms["KDFG"].rounds[0].given}
    assert len(acknowledged) >= 10 * 40 and acknowledged <= there
    assert len(there) <= len(acknowledged) + 10, "at most one each time that was written and not told of"
    assert rooms.snapshot("KDFG", ())["round"]["votes"] == len(there)
    rooms.close()


# ---- the same on both sides ----


def test_the_questions_have_all_their_words():
    for language in LANGUAGES:
        for name in QUESTIONS:
            for option in range(1, OPTIONS + 1):
                assert {f"learn.quiz_{name}_{option}", f"learn.quiz_{name}_{option}_why"} <= set(texts()[language])


def test_the_browser_knows_the_same_questions_and_settings(browser, server):
    from visits import exported

    asked = exported(browser, server, "game/questions.js", "QUESTIONS")
    assert {name: entry["right"] for name, entry in asked.items()} == QUESTIONS
    settings = exported(browser, server, "game/setting.js", "CHOICES")
    options = {name: list(DetectiveRound.__dataclass_fields__[name].metadata["options"]) for name in settings}
    assert settings == options and DetectiveRound().pictures == 12


def test_a_real_picture_is_encoded_as_a_drawn_one(shipped):
    """So that no number in the file tells which is which: pixels only."""
    dealt = deal(shipped, (199,), 24, 1)
    picture = Image.open(io.BytesIO(dealt.sheet))
    assert picture.mode == "L" and not picture.info
    assert png(torch.tensor(list(picture.getdata()), dtype=torch.uint8).view(-1, picture.width)) == dealt.sheet
