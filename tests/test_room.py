"""A class together, without a browser: who may do what in a room, what is kept, and what is refused."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
from rooms import asked, client_of
from runs import PATIENCE, play
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.checked import ConfigError
from playground.data import PROJECT
from playground.room import rooms as module
from playground.room.names import CODE, LETTERS, NAMES
from playground.room.rooms import MOST_MEMBERS, MOST_OF_ONE, MOST_SHOWN, Forbidden, Full, NoRoom, Rooms, Taken
from playground.room.rounds import Round
from playground.room.stream import Channel
from playground.shipped import Shipped
from playground.ui import crowd, room
from playground.ui.crowd import FREE_TRIES, LONGEST_WAIT
from playground.ui.page import launch_options
from playground.ui.room import Desk
from playground.ui.texts import LANGUAGES, say, texts


@pytest.fixture
def anyone(rooms):
    """A function that gives a client at an address, through the guard's door."""
    desk = Desk(rooms, Shipped())
    return lambda address="10.0.0.1": client_of(desk, address)


@pytest.fixture
def clock(monkeypatch):
    """The seconds by which waits are told, which stand still: on a busy machine a wait ends before the next line."""
    seconds = [1000.0]
    monkeypatch.setattr(crowd, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    return seconds


# ---- who may do what ----


def test_a_room_has_a_teacher_and_members_without_names(anyone):
    teacher, student = anyone(), anyone("10.0.0.2")
    token = asked(teacher, "open").json()["token"]
    seats = [asked(student, "join").json() for _ in range(40)]
    assert len({(seat["colour"], seat["animal"]) for seat in seats}) == 40
    assert [seat["number"] for seat in seats] == list(range(1, 41))
    again = asked(student, "join", token=seats[7]["token"]).json()
    assert again == seats[7], "who comes back is who was there"
    assert asked(teacher, "show", token=token, showing="tab=epochs&moment=41").status_code == 200
    news = student.get(f"/room/KDFG?ear={seats[7]['ear']}").json()
    assert news == {"showing": "tab=epochs&moment=41", "by": "", "members": 40, "here": 1, "following": 1}
    assert asked(student, "follow", token=seats[7]["token"], follows=False).status_code == 200
    assert student.get(f"/room/KDFG?ear={seats[7]['ear']}").json()["following"] == 0
    assert asked(teacher, "end", token=token).status_code == 200
    assert student.get("/room/KDFG").status_code == 404


@pytest.mark.parametrize("act", ["show", "pass", "end"])
def test_only_the_teacher_steers(anyone, act):
    token = asked(anyone(), "open").json()["token"]
    seat = asked(anyone(), "join").json()
    other = asked(anyone(), "open", "BCDF").json()["token"]
    for forged in ("", seat["token"], other, "0" * 32, 7, None, ["x"], {"a": 1}):
        refused = asked(anyone(), act, token=forged, showing="tab=learn")
        assert (refused.status_code, refused.json()["key"]) == (403, "room.forbidden")
    assert asked(anyone(), act, token=token, showing="tab=learn").status_code == 200


def test_a_member_cannot_follow_for_another(anyone):
    asked(anyone(), "open")
    asked(anyone(), "join")
    assert asked(anyone(), "follow", token="0" * 32, follows=False).status_code == 403


def test_a_pass_is_good_for_a_while(rooms, monkeypatch):
    given = rooms.hand_on("KDFG", rooms.open("KDFG"))
    later = time.time() + module.PASSES + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    with pytest.raises(Forbidden):
        rooms.take_over("KDFG", given)


def test_who_opens_room_after_room_learns_no_codes(anyone, clock):
    asked(anyone(), "open")
    answers = [asked(anyone("6.6.6.6"), "open").status_code for _ in range(FREE_TRIES + 5)]
    assert answers[0] == 409 and answers[-1] == 429


def test_presence_is_of_members_and_streams_are_few(rooms, monkeypatch):
    desk = Desk(rooms, Shipped())
    client = TestClient(Starlette(routes=desk.routes()), client=("10.0.0.1", 1))
    asked(client, "open")
    seat = asked(client, "join").json()
    number, ear = seat["number"], seat["ear"]
    for other in (seat["token"], str(number), "0", *range(2, 60)):  # nobody says for another one who is here
        assert client.get(f"/room/KDFG?ear={other}").json()["here"] == 0
        assert client.get(f"/room/KDFG/news?ear={other}").status_code == 403
    assert client.get(f"/room/KDFG?ear={ear}").json()["here"] == 1 and len(desk._presence._asked["KDFG"]) == 1
    for _ in range(room.MOST_STREAMS):
        desk._presence.enter("KDFG", number)
    assert client.get(f"/room/KDFG/news?ear={ear}").status_code == 429


@pytest.mark.parametrize("token", ["\ud800", "가", "x" * 2000])
def test_a_token_of_any_letters_is_refused_and_nothing_breaks(anyone, token):
    asked(anyone(), "open")
    body = json.dumps({"token": token, "pass": token, "showing": token})
    for act in ("show", "pass", "take", "end", "follow"):
        assert anyone().post(f"/room/KDFG/{act}", content=body).status_code in (400, 403)


def test_a_pass_makes_one_more_device_a_teachers_once(anyone):
    token = asked(anyone(), "open").json()["token"]
    old, new = (asked(anyone(), "pass", token=token).json()["pass"] for _ in range(2))
    assert asked(anyone(), "take", **{"pass": old}).status_code == 403, "the newest alone is good"
    phone = asked(anyone("10.0.0.9"), "take", **{"pass": new}).json()["token"]
    assert asked(anyone(), "take", **{"pass": new}).status_code == 403
    assert asked(anyone("10.0.0.9"), "show", token=phone, showing="tab=learn").status_code == 200
    assert asked(anyone(), "show", token=token, showing="").status_code == 200


@pytest.mark.parametrize("code", ["KDF", "KDFGH", "kdfg", "KDFA", "KD1G", "KDFI"])
def test_a_code_that_is_none_is_refused(anyone, code):
    refused = asked(anyone(), "open", code)
    assert (refused.status_code, refused.json()["key"]) == (400, "error.choice")
    assert asked(anyone(), "join", code).status_code == 404


def test_a_room_that_is_there_is_not_opened_again(anyone):
    asked(anyone(), "open")
    refused = asked(anyone("10.0.0.2"), "open")
    assert (refused.status_code, refused.json()["key"]) == (409, "room.taken")


@pytest.mark.parametrize("showing", ["x" * (MOST_SHOWN + 1), 7, None, ["tab"], {"tab": "learn"}])
def test_what_a_page_shows_is_an_address_of_bounded_length(anyone, showing):
    token = asked(anyone(), "open").json()["token"]
    assert asked(anyone(), "show", token=token, showing=showing).status_code == 400
    assert anyone().get("/room/KDFG").json()["showing"] == ""


def test_codes_and_names_are_easily_told_apart():
    assert not set(LETTERS) & set("AEIOUYQLSV") and CODE.fullmatch("KDFG")
    assert len(set(NAMES)) == len(NAMES) >= MOST_MEMBERS


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_said_in_the_pages_language(anyone, language):
    refused = anyone().get("/room/KDFG", headers={"accept-language": language})
    assert refused.json() == {"detail": say(language, "room.none"), "key": "room.none"}
    assert all(f"room.{name}" in texts()[language] for name in ("taken", "full", "forbidden", "tries", "often"))


# ---- what one hostile visitor costs ----


def test_codes_are_not_found_by_trying(anyone, clock):
    asked(anyone(), "open", "XXXX")
    stranger = anyone("6.6.6.6")
    answers = [asked(stranger, "join", "BBBB").status_code for _ in range(FREE_TRIES + 30)]
    assert answers[:FREE_TRIES] == [404] * FREE_TRIES and answers.count(404) < FREE_TRIES + 5
    refused = asked(stranger, "join", "XXXX")
    assert (refused.status_code, refused.json()["key"]) == (429, "room.tries"), "the right one is not seen either"
    assert stranger.get("/room/XXXX").status_code == stranger.get("/room/XXXX/news").status_code == 429
    assert asked(anyone("6.6.6.7"), "join", "XXXX").status_code == 200, "others do not wait"
    clock[0] += LONGEST_WAIT
    assert asked(stranger, "join", "XXXX").status_code == 200, "the wait has an end"


def test_who_tries_codes_keeps_no_classmate_out_of_the_room_they_are_in(anyone, clock):
    asked(anyone("10.0.0.1"), "open")
    asked(anyone("6.6.6.6"), "join")
    for _ in range(FREE_TRIES + 10):
        asked(anyone("6.6.6.6"), "join", "BBBB")
    assert asked(anyone("6.6.6.6"), "join").status_code == 200


def test_tried_codes_take_no_memory(anyone, rooms):
    desk = Desk(rooms, Shipped())
    client = TestClient(Starlette(routes=desk.routes()), client=("6.6.6.6", 1))
    for letter in LETTERS:
        client.get(f"/room/BBB{letter}")
    assert not desk._known and not desk._channels and not desk._presence._asked and not desk._presence._listening


def test_one_address_cannot_keep_others_from_opening(rooms, monkeypatch):
    codes = [f"BB{a}{b}" for a in LETTERS for b in LETTERS]
    for code in codes[:MOST_OF_ONE]:
        rooms.open(code, "6.6.6.6")
    with pytest.raises(Full):
        rooms.open(codes[-1], "6.6.6.6")
    rooms.open("KDFG", "10.0.0.1")
    later = time.time() + module.YOUNG + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    rooms.open(codes[-1], "6.6.6.6", live=codes[:3])
    assert [code for code in codes[:MOST_OF_ONE] if not rooms.there(code)] == [codes[3]], (
        "the oldest that all have left"
    )


def test_a_room_gives_way_when_nobody_listens_any_more(rooms, monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_ONE", 1)
    monkeypatch.setattr(module, "YOUNG", -1)
    desk = Desk(rooms, Shipped())
    client = TestClient(Starlette(routes=desk.routes()), client=("10.0.0.1", 1))
    asked(client, "open", "BBBB")
    desk._channels["BBBB"] = Channel()
    desk._presence.enter("BBBB", 0)  # the teacher's page
    assert asked(client, "open", "CCCC").json()["key"] == "room.full"
    desk._presence.leave("BBBB", 0)
    assert asked(client, "open", "CCCC").status_code == 200 and not rooms.there("BBBB")


def test_what_has_ended_is_deleted_though_nobody_asks_for_it(rooms, monkeypatch):
    monkeypatch.setattr(room, "SWEPT", 0.01)
    desk = Desk(rooms, Shipped())
    rooms.open("KDFG")
    rooms.longest = -1.0

    async def wait():
        sweeping = asyncio.create_task(desk.keep_swept())
        while rooms.there("KDFG"):
            await asyncio.sleep(0.01)
        sweeping.cancel()

    play(asyncio.wait_for(wait(), PATIENCE))
    assert rooms._book.load() == {}


def test_a_look_that_fails_is_not_the_last_one(rooms, monkeypatch, capsys):
    monkeypatch.setattr(room, "SWEPT", 0.01)
    looks = []

    def sweep():
        looks.append(1)
        raise KeyError("a row that another server has deleted")

    monkeypatch.setattr(rooms, "sweep", sweep)

    async def wait():
        sweeping = asyncio.create_task(Desk(rooms, Shipped()).keep_swept())
        while len(looks) < 3:
            await asyncio.sleep(0.01)
        sweeping.cancel()

    play(asyncio.wait_for(wait(), PATIENCE))
    assert "another server" in capsys.readouterr().err


def test_a_number_is_nobodys_again(rooms, tmp_path):
    token = rooms.open("KDFG")
    rooms.begin("KDFG", token, Round(0, "question", {"question": "game"}, 1, 4))
    seats = [rooms.join("KDFG") for _ in range(2)]
    rooms.answer("KDFG", seats[1].token, 1, 0, 2)
    rooms._book.drop_member("KDFG", 2)
    again = Rooms(tmp_path / "rooms.sqlite")
    assert again.join("KDFG").number == 3, "the second one has answered"
    again.close()


def test_a_room_that_another_server_has_deleted_is_gone_here_too(rooms, tmp_path, monkeypatch):
    rooms.open("KDFG")
    other = Rooms(tmp_path / "rooms.sqlite")
    later = time.time() + rooms.longest + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    assert other.sweep() == ["KDFG"] and rooms.sweep() == [] and not rooms.there("KDFG")
    other.close()


def test_the_server_keeps_rooms_swept_as_long_as_it_runs(rooms, monkeypatch):
    swept = threading.Event()
    monkeypatch.setattr(rooms, "sweep", swept.set)
    options = launch_options(rooms=rooms)["app_kwargs"]
    with TestClient(Starlette(lifespan=options["lifespan"])):
        assert swept.wait(PATIENCE)


async def judged(desk, students=40, pictures=12):
    """How many pieces of news a class hears that judges pictures as fast as it can, the longest, and in how long."""
    transport = httpx.ASGITransport(Starlette(routes=desk.routes()), client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

        async def act(name, **what):
            return (await client.post(f"/room/KDFG/{name}", json=what)).raise_for_status().json()

        teacher = (await act("open"))["token"]
        seats = [(await act("join"))["token"] for _ in range(students)]
        settings = {"epoch": "mixed", "pictures": pictures, "seconds": 5}
        await act("begin", token=teacher, kind="detective", settings=settings)
        channel = desk._channels["KDFG"] = Channel()
        told, begun = [], time.monotonic()
        channel.publish = told.append
        for item in range(pictures):
            for seat in seats:
                await act("vote", token=seat, round=1, item=item, answer=1)
        waits = desk._due["KDFG"].when()
        await act("show", token=teacher, showing="tab=learn")
        sooner = "KDFG" not in desk._due or desk._due["KDFG"].when() < waits
        return len(told), max(map(len, told)), time.monotonic() - begun, sooner


def test_what_forty_answer_is_told_once_a_second_and_costs_a_phone_little(rooms, monkeypatch):
    monkeypatch.setattr(room, "OFTEN", 10_000)
    apart = room.COUNTED
    monkeypatch.setattr(room, "COUNTED", 600.0)  # so that the last vote waits, however slow the machine
    count, longest, seconds, sooner = play(judged(Desk(rooms, Shipped())))
    assert count <= seconds / 600.0 + 4
    assert sooner, "what the teacher shows does not wait with the counts"
    assert 12 * 10 / apart * longest < 100_000, "a round of twelve pictures, ten seconds each"


def test_a_room_that_has_given_way_lets_its_listeners_go(rooms, monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_ONE", 1)
    monkeypatch.setattr(module, "YOUNG", -1)
    desk = Desk(rooms, Shipped())
    client = TestClient(Starlette(routes=desk.routes()), client=("10.0.0.1", 1))
    asked(client, "open", "BBBB")
    assert asked(client, "open", "BBBC").status_code == 200 and not rooms.there("BBBB")
    assert set(desk._known) == {"BBBC"}


def test_a_room_that_is_full_says_so(rooms, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 3)
    rooms.open("KDFG")
    seats = [rooms.join("KDFG") for _ in range(3)]
    with pytest.raises(Full):
        rooms.join("KDFG", here={1, 2, 3})
    assert rooms.join("KDFG", seats[0].token) == seats[0], "who has a seat comes back"
    assert rooms.join("KDFG", here={1, 3}).number == 4 and rooms.seats("KDFG") == {1, 3, 4}, "who is away gives way"


def test_one_address_that_takes_all_seats_keeps_nobody_else_out(rooms, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 6)
    monkeypatch.setattr(module, "MODEST", 2)
    rooms.open("KDFG")
    for address in ("10.0.0.1", "10.0.0.2", *["6.6.6.6"] * 4):
        rooms.join("KDFG", address=address)
    everybody = range(1, 99)  # whoever comes stays
    for number, address in enumerate(("10.0.0.3", "10.0.0.4"), 7):
        assert rooms.join("KDFG", here=everybody, address=address).number == number, "which nobody has had"
    assert sorted(rooms._seated.values()) == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "6.6.6.6", "6.6.6.6"]
    with pytest.raises(Full):
        rooms.join("KDFG", here=everybody, address="6.6.6.6")
    with pytest.raises(Full):  # two seats of an address may be a class behind it
        rooms.join("KDFG", here=everybody, address="10.0.0.5")


def test_who_asks_too_often_is_refused_alone(anyone, monkeypatch):
    monkeypatch.setattr(room, "OFTEN", 20)  # of a member
    monkeypatch.setattr(room, "STRANGERS", 50)
    asked(anyone(), "open")
    seats = [asked(anyone("10.0.0.2"), "join").json() for _ in range(2)]
    flood = [asked(anyone("10.0.0.2"), "follow", token=seats[0]["token"]).status_code for _ in range(30)]
    assert flood.count(200) == 20 and flood[-1] == 429
    assert asked(anyone("10.0.0.2"), "follow", token=seats[1]["token"]).status_code == 200
    strangers = [asked(anyone("6.6.6.6"), "end", token=str(n)).status_code for n in range(60)]
    assert strangers[-1] == 429 and asked(anyone("10.0.0.2"), "join").status_code == 200


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"a":' + b"[" * 99, b"\xff", b'{"showing": "%b"}' % (b"x" * 9_000)])
def test_a_body_that_is_none_is_refused(anyone, body):
    asked(anyone(), "open")
    assert anyone().post("/room/KDFG/show", content=body).status_code in (400, 413)
    assert anyone().post("/room/KDFG/fly", json={}).status_code == 404
    assert anyone().put("/room/KDFG/show", json={}).status_code in (404, 405)
    assert anyone().post("/room/KDFG/show", json={}, headers={"origin": "http://evil.example"}).status_code == 403


# ---- what the teacher's page shares ----


def shared(client, part, content, token):
    return client.post(f"/room/KDFG/share/{part}", content=content, headers={"x-room-token": token})


def test_the_newest_of_a_run_is_given_by_its_number(anyone):
    teacher, student = anyone(), anyone("10.0.0.2")
    token = asked(teacher, "open").json()["token"]
    asked(student, "join")
    numbers = []
    for step in range(3):
        assert shared(teacher, "run", b'{"step": %d}' % step, token).status_code == 200
        numbers.append(student.get("/room/KDFG").json()["shared"]["run"])
    assert len(set(numbers)) == 3 and numbers == sorted(numbers)
    newest = student.get(f"/room/KDFG/shared/run_{numbers[-1]}")
    assert newest.json() == {"step": 2} and "immutable" in newest.headers["cache-control"]
    assert student.get(f"/room/KDFG/shared/run_{numbers[0]}").status_code == 204, "who is slow asks for the newest"
    asked(teacher, "end", token=token)
    assert student.get(f"/room/KDFG/shared/run_{numbers[-1]}").status_code == 404


def test_only_the_teacher_shares_and_not_too_much(anyone):
    token = asked(anyone(), "open").json()["token"]
    seat = asked(anyone(), "join").json()
    for forged in ("", seat["token"], "0" * 32):
        assert shared(anyone(), "run", b"{}", forged).status_code == 403
    assert shared(anyone(), "film", b"{}", token).status_code == 403
    assert shared(anyone(), "run", b'{"a": "%b"}' % (b"x" * 2**17), token).status_code == 413
    assert shared(anyone(), "run", b"no json", token).status_code == 400
    for name in ("run", "run_0", "run_x", "film_1"):
        assert anyone().get(f"/room/KDFG/shared/{name}").status_code == 404
    assert "shared" not in anyone().get("/room/KDFG").json()


# ---- what is kept ----


def test_a_program_that_starts_anew_finds_all_rooms(rooms, tmp_path):
    token = rooms.open("KDFG", "10.0.0.1")
    seats = [rooms.join("KDFG") for _ in range(3)]
    rooms.follow("KDFG", seats[1].token, False)
    rooms.show("KDFG", token, "tab=learn&lesson=3")
    before = rooms.snapshot("KDFG", {1, 2, 3})
    rooms.close()
    again = Rooms(tmp_path / "rooms.sqlite")
    assert again.snapshot("KDFG", {1, 2, 3}) == before
    assert again.join("KDFG", seats[1].token) == seats[1]._replace(follows=False)
    again.show("KDFG", token, "")
    again.close()


def test_no_token_stands_in_the_file(rooms, tmp_path):
    token = rooms.open("KDFG")
    tokens = [token, rooms.join("KDFG").token, rooms.hand_on("KDFG", token)]
    rooms.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [one for one in tokens if one.encode() in written]


KILLED = """
import os, signal, sys
from pathlib import Path
from playground.room.rooms import Rooms
rooms = Rooms(Path(sys.argv[1]))
token = rooms.open("KDFG")
print(token, *(rooms.join("KDFG").token for _ in range(5)), flush=True)
for n in range(1_000_000):
    rooms.show("KDFG", token, f"tab=epochs&moment={n}")
    print(n, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path):
    path = tmp_path / "rooms.sqlite"
    program = subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    tokens = program.stdout.readline().split()
    said = [int(program.stdout.readline()) for _ in range(50)][-1]
    program.send_signal(signal.SIGKILL)
    said = max([said, *(int(line) for line in program.stdout.read().split())])
    program.wait()
    rooms = Rooms(path)
    shown = int(rooms.snapshot("KDFG", ())["showing"].rpartition("=")[2])
    assert shown in (said, said + 1), "the last one that was acknowledged, or the next"
    assert [rooms.join("KDFG", token).number for token in tokens[1:]] == [1, 2, 3, 4, 5]
    rooms.close()


def test_a_damaged_file_is_begun_anew(tmp_path):
    path = tmp_path / "rooms.sqlite"
    path.write_bytes(b"no database" * 1000)
    rooms = Rooms(path)
    rooms.open("KDFG")
    assert rooms.there("KDFG")
    rooms.close()


def test_a_room_ends_when_nothing_happens_for_long(rooms, monkeypatch):
    token = rooms.open("KDFG")
    later = time.time() + rooms.longest - 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    rooms.show("KDFG", token, "tab=learn")  # an event
    monkeypatch.setattr(module.time, "time", lambda: later + rooms.longest - 1)
    assert rooms.sweep() == [] and rooms.snapshot("KDFG", ())
    monkeypatch.setattr(module.time, "time", lambda: later + rooms.longest + 1)
    with pytest.raises(NoRoom):
        rooms.join("KDFG")
    assert rooms.sweep() == ["KDFG"] and not rooms.there("KDFG")
    rooms.open("KDFG")


def test_servers_that_share_the_file_leave_each_others_rooms(rooms, tmp_path, monkeypatch):
    token = rooms.open("KDFG")
    other = Rooms(tmp_path / "rooms.sqlite")
    assert other.there("KDFG")
    later = time.time() + rooms.longest + 1
    monkeypatch.setattr(module.time, "time", lambda: later - 2)
    rooms.show("KDFG", token, "tab=learn")
    monkeypatch.setattr(module.time, "time", lambda: later)
    assert other.sweep() == rooms.sweep() == [] and rooms.snapshot("KDFG", ())["showing"] == "tab=learn"
    other.close()


def test_the_engine_says_what_it_refuses(rooms):
    token = rooms.open("KDFG")
    with pytest.raises(Taken):
        rooms.open("KDFG")
    with pytest.raises(NoRoom):
        rooms.show("BBBB", token, "")
    with pytest.raises(Forbidden):
        rooms.end("KDFG", "")
    with pytest.raises(ConfigError):
        rooms.open("AAAA")


# ---- the stream ----


def test_who_is_slow_hears_the_newest_only():
    async def act():
        channel = Channel()
        channel.publish(b"1")
        heard = channel.listen()
        assert await anext(heard) == b"1", "who comes late hears how it stands"
        for n in range(2, 100):
            channel.publish(str(n).encode())
        assert await anext(heard) == b"99"
        waiting = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0)
        channel.publish(b"100")
        assert await waiting == b"100"
        channel.end()
        assert [one async for one in heard] == [] and channel.listeners == 0

    play(act())


def test_a_quiet_stream_says_that_it_is_there(monkeypatch):
    monkeypatch.setattr("playground.room.stream.PULSE", 0.01)

    async def act():
        channel = Channel()
        channel.publish(b"1")
        heard = channel.listen()
        return [await anext(heard) for _ in range(3)]

    assert play(act()) == [b"1", b"", b""]


def test_the_stream_tells_each_change_and_ends_with_the_room(rooms):
    """The routes themselves, without a server: what the stream's generator gives."""

    async def act():
        desk = Desk(rooms, Shipped())
        token = rooms.open("KDFG")
        seat = rooms.join("KDFG")
        stream = desk._stream("KDFG", seat.number)
        first = json.loads((await anext(stream)).removeprefix(b"data: "))
        assert first["following"] == 1 and first["here"] == 1
        rooms.show("KDFG", token, "tab=learn")
        desk._tell("KDFG")
        second = json.loads((await anext(stream)).removeprefix(b"data: "))
        assert second["showing"] == "tab=learn"
        rooms.end("KDFG", token)
        desk._tell("KDFG")
        assert [one async for one in stream] == [b"data: null\n\n"]

    play(act())
