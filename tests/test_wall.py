"""The wall of forgers, without a browser: networks that come, are judged by the server, and hang in order."""

import io
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext

import httpx
import pytest
import torch
from PIL import Image
from rooms import asked, client_of

from playground.checkpoints import CheckpointError, build, network_bytes
from playground.config import TrainConfig
from playground.limits import Limits
from playground.room import rooms as rooms_module
from playground.room import wall as module
from playground.room.names import LENGTH, LETTERS
from playground.room.rooms import Full, Rooms, Twice
from playground.room.rounds import STEPS, Forger, Round
from playground.room.wall import COMPARED, Judge, work_of
from playground.shipped import CHECKPOINTS, Shipped
from playground.ui import room
from playground.ui.assets import addresses
from playground.ui.room import Desk
from playground.ui.texts import LANGUAGES, say

SMALL = TrainConfig(widths_g=(16,), widths_d=(16,), batch_size=64, loss="least-squares", k=2)


@pytest.fixture(scope="module")
def judge():
    return Judge()


@pytest.fixture
def desk(rooms, judge, monkeypatch):
    monkeypatch.setattr(module, "MEASURED", 64)
    desk = Desk(rooms, Shipped())
    desk._judge = judge
    return desk


@pytest.fixture
def client(desk):
    return client_of(desk)


@pytest.fixture
def teacher(client):
    return asked(client, "open").json()["token"]


@pytest.fixture
def seats(client, teacher):
    seats = [asked(client, "join").json() for _ in range(3)]
    asked(client, "begin", token=teacher, kind="wall", settings={"steps": 100})
    return seats


def small(seed=0, config=SMALL) -> bytes:
    torch.manual_seed(seed)
    return network_bytes(build(config, "generator"), "generator", 0, config)


def shipped(epoch) -> bytes:
    return (CHECKPOINTS / f"epoch-{epoch:03d}" / "generator.safetensors").read_bytes()


def send(client, seat, content, round=1, steps=20, seconds=7, **headers):
    headers = {"x-room-token": seat["token"] if isinstance(seat, dict) else str(seat)} | headers
    address = f"/room/KDFG/wall?round={round}&steps={steps}&seconds={seconds}"
    return client.post(address, content=content, headers=headers)


# ---- what hangs there ----


def test_networks_are_judged_by_the_server_and_hang_in_order(client, teacher, seats):
    own = small()
    for seat, content in zip(seats, (shipped(0), shipped(199), own), strict=True):
        assert send(client, seat, content).json() == {}
    wall = client.get("/room/KDFG/wall").json()
    assert wall == sorted(wall, key=lambda forger: forger["frechet"])
    assert wall[0]["member"] == seats[1]["number"] and wall[0]["recognisable"] > 0.5 > wall[-1]["recognisable"]
    assert (wall[0]["colour"], wall[0]["animal"]) == (seats[1]["colour"], seats[1]["animal"])
    mine = next(forger for forger in wall if forger["member"] == seats[2]["number"])
    assert mine["settings"]["loss"] == "least-squares" and mine["settings"]["widths_g"] == [16]
    assert set(mine["settings"]) == set(COMPARED) and (mine["steps"], mine["seconds"]) == (20, 7)
    sheet = client.get(f"/room/KDFG/walls/{mine['sheet']}.png")
    assert Image.open(io.BytesIO(sheet.content)).size == (4 * 28, 4 * 28)
    assert "immutable" in sheet.headers["cache-control"]
    assert client.get(f"/room/KDFG/walls/{mine['sheet']}.safetensors").content == own
    told = client.get("/room/KDFG").json()["round"]
    assert (told["kind"], told["done"], told["steps"]) == ("wall", 3, 100)
    assert told["work"] == work_of(TrainConfig(), 100)


def test_all_are_judged_on_the_same_noises(judge, tmp_path):
    path = tmp_path / "generator.safetensors"
    path.write_bytes(shipped(199))
    first, second = judge.measure(path), judge.measure(path)
    assert first == second
    path.write_bytes(shipped(0))
    assert judge.measure(path).frechet > first.frechet


def test_work_is_steps_times_weights_times_images():
    lecture = TrainConfig()
    g, d = 128 * 256 + 256 * 512 + 512 * 1024 + 1024 * 784, 784 * 1024 + 1024 * 512 + 512 * 256 + 256
    assert work_of(lecture, 3) == 3 * 512 * (g + d)
    assert work_of(SMALL, 10) == 10 * 64 * (128 * 16 + 16 * 784 + 2 * (784 * 16 + 16))


def test_the_browser_counts_the_same_work(browser, server):
    from visits import exported

    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    address = f"{addresses()['browser']}/engine/config.js"
    for config in (TrainConfig(), SMALL):
        given = json.loads(config.to_json())
        found = page.evaluate("async ([at, config]) => (await import(at)).workOf(config)", [address, given])
        assert found == work_of(config, 1)
    page.close()
    assert tuple(exported(browser, server, "play/choice.js", "STEPS")) == STEPS


# ---- what is refused ----


def test_one_a_member_a_round(client, teacher, seats):
    assert send(client, seats[0], small()).status_code == 200
    refused = send(client, seats[0], small(1))
    assert (refused.status_code, refused.json()["key"]) == (409, "room.twice")
    asked(client, "begin", token=teacher, kind="wall", settings={"steps": 100})
    assert send(client, seats[0], small(), round=1).json()["key"] == "room.over"
    assert send(client, seats[0], small(1), round=2).status_code == 200


@pytest.mark.parametrize("act", ["reveal", "close", "other"])
def test_nothing_is_hung_after_the_end(client, teacher, seats, act):
    other = {"kind": "question"} if act == "other" else {}
    asked(client, "begin" if act == "other" else act, token=teacher, **other)
    assert send(client, seats[0], small()).json()["key"] == "room.over"


def test_nobody_hangs_for_another(client, teacher, seats):
    for forged in ("", teacher, "0" * 32):
        assert send(client, forged, small()).status_code == 403
    assert client.get("/room/KDFG/wall").json() == []


def broken() -> dict[str, bytes]:
    """Files that are no generator of the page's noises."""
    discriminator = network_bytes(build(SMALL, "discriminator"), "discriminator", 0, SMALL)
    forger = build(SMALL, "generator")
    for parameter in forger.parameters():
        parameter.data.fill_(float("nan"))
    other = small(config=TrainConfig(latent_dim=16, widths_g=(16,)))
    return {
        **{"empty": b"", "junk": b"x" * 100, "cut": small()[:-1], "longer": small() + b"x"},
        **{"discriminator": discriminator, "noises": other, "nan": network_bytes(forger, "generator", 0, SMALL)},
    }


@pytest.mark.parametrize("kind", broken())
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_network_is_refused_with_its_reason(client, teacher, seats, kind, language):
    refused = send(client, seats[0], broken()[kind], **{"accept-language": language})
    assert refused.status_code == 400 and len(refused.json()["detail"]) > 10
    assert client.get("/room/KDFG/wall").json() == []
    assert send(client, seats[0], small()).status_code == 200, "who is refused may try again"


def test_more_work_than_was_set_is_refused(client, teacher, seats):
    most = work_of(TrainConfig(), 100) // work_of(SMALL, 1)
    refused = send(client, seats[0], small(), steps=most + 1)
    assert refused.status_code == 400 and refused.json()["key"] == "error.whole"
    assert str(most) in refused.json()["detail"]
    assert send(client, seats[0], small(), steps=most).status_code == 200


def test_a_file_that_is_too_large_is_refused_on_the_way(client, desk, teacher, seats):
    refused = send(client, seats[0], b"x" * (Limits().upload_mb * 2**20 + 1))
    assert (refused.status_code, refused.json()["key"]) == (413, "guard.file_large")
    desk.limits = Limits(uploads=False)
    assert send(client, seats[0], small()).json()["key"] == "guard.no_uploads"


def test_no_wall_opens_where_no_files_are_taken(client, desk, teacher):
    desk.limits = Limits(uploads=False)
    refused = asked(client, "begin", token=teacher, kind="wall", settings={"steps": 100})
    assert (refused.status_code, refused.json()["key"]) == (403, "guard.no_uploads")
    assert "round" not in client.get("/room/KDFG").json()


@pytest.mark.browser
@pytest.mark.parametrize("uploads", [True, False])
def test_a_teacher_is_offered_a_wall_only_where_files_are_taken(js, uploads):
    names = js(
        """async (uploads) => {
      const { buildChoice } = await import(at("browser", "play/choice.js"));
      const said = [...buildChoice({ props: { uploads }, say: String }).element.querySelectorAll("[data-say], button")];
      return said.map((each) => each.id || each.dataset.say);
    }""",
        uploads,
    )
    assert ("wall-start" in names) == uploads == ("wall_closed" not in names)


def test_an_address_sends_so_much_a_minute(client, desk, teacher, seats):
    desk._arriving.often = 0
    assert send(client, seats[0], small()).json()["key"] == "guard.many_bytes"


def test_an_address_has_so_many_networks_judged_a_minute(client, teacher, seats, monkeypatch):
    """Small ones cost few bytes: a flood of them would keep the judge from everybody else's."""
    monkeypatch.setattr(room, "JUDGED", 2)
    assert [send(client, seat, small()).status_code for seat in seats] == [200, 200, 429]


def test_a_member_sends_one_file_at_a_time(client, desk, teacher, seats):
    with desk._arriving.place(room.hash_of(seats[0]["token"])):
        assert send(client, seats[0], small()).status_code == 429
        assert send(client, seats[1], small()).status_code == 200
    assert send(client, seats[0], small()).status_code == 200


@pytest.mark.parametrize("most", ["MOST_ON_WALL", "MOST_OF_OPENER", "MOST_ON_WALLS"])
def test_a_room_keeps_so_many_networks(client, teacher, seats, monkeypatch, most):
    monkeypatch.setattr(rooms_module, most, len(small()) + 20_000)
    assert send(client, seats[0], small()).status_code == 200
    refused = send(client, seats[1], small(1))
    assert (refused.status_code, refused.json()["key"]) == (503, "room.full_wall")
    monkeypatch.undo()
    monkeypatch.setattr(rooms_module, "LEAST_FREE", 2**62)
    assert send(client, seats[1], small(1)).status_code == 503
    assert len(client.get("/room/KDFG/wall").json()) == 1


def test_who_opens_many_rooms_fills_not_everybodys_walls(client, rooms, teacher, seats, monkeypatch):
    monkeypatch.setattr(rooms_module, "MOST_OF_OPENER", len(small()) + 20_000)
    assert send(client, seats[0], small()).status_code == 200
    found = (0.0, 0.0, 0, 1, 1.0, {}, "a" * 16)
    for code, opener, refused in (("BBBB", rooms._openers["KDFG"], True), ("CCCC", "6.6.6.6", False)):
        token = rooms.open(code, opener)
        rooms.begin(code, token, Round(0, "wall", {"steps": 100, "work": 1}, 0, 0))
        member = rooms.join(code)
        with pytest.raises(Full) if refused else nullcontext():
            rooms.hang(code, member.token, 1, Forger(1, *found), {"a.png": small()})


def test_a_teacher_takes_a_network_down_and_nothing_hangs_there_anew(client, rooms, teacher, seats, tmp_path):
    send(client, seats[0], small())
    send(client, seats[1], small(1))
    (hung,) = [forger for forger in client.get("/room/KDFG/wall").json() if forger["member"] == 1]
    assert asked(client, "unhang", token=seats[0]["token"], round=1, member=1).status_code == 403
    for what in ({"round": 2, "member": 1}, {"round": 1, "member": 9}, {"round": 1, "member": "1"}, {}):
        assert asked(client, "unhang", token=teacher, **what).status_code == 200
    assert len(client.get("/room/KDFG/wall").json()) == 2, "there is no such network"
    assert asked(client, "unhang", token=teacher, round=1, member=1).status_code == 200
    assert [forger["member"] for forger in client.get("/room/KDFG/wall").json()] == [2]
    assert client.get(f"/room/KDFG/walls/{hung['sheet']}.png").status_code == 404
    assert not list(tmp_path.rglob(f"{hung['sheet']}.*"))
    assert send(client, seats[0], small(2)).json()["key"] == "room.twice"
    again = Rooms(tmp_path / "rooms.sqlite")
    assert [forger["member"] for forger in again.wall("KDFG")] == [2]
    with pytest.raises(Twice):
        again.may_hang("KDFG", seats[0]["token"], 1)
    again.close()


@pytest.mark.parametrize("query", ["", "round=1", "round=x&steps=1&seconds=1", "round=1&steps=-1&seconds=1",
                                   "round=1&steps=99999999&seconds=1"])  # fmt: skip
def test_numbers_that_are_none_are_refused(client, teacher, seats, query):
    headers = {"x-room-token": seats[0]["token"]}
    assert client.post(f"/room/KDFG/wall?{query}", content=small(), headers=headers).status_code == 400


@pytest.mark.parametrize("name", ["x.png", "%2e%2e%2frooms.sqlite", "a.safetensors"])
def test_only_what_hangs_there_is_given(client, teacher, seats, name):
    send(client, seats[0], small())
    assert client.get(f"/room/KDFG/walls/{name}").status_code in (404, 405)


def test_a_class_that_hangs_its_networks_keeps_nobody_from_voting(client, desk, teacher, monkeypatch):
    """The judge takes one at a time: who waits for it takes no thread from the others."""
    seats = [asked(client, "join").json() for _ in range(40)]
    asked(client, "begin", token=teacher, kind="wall")
    begun, done = threading.Event(), threading.Event()

    def judge(path):
        begun.set()
        assert done.wait(60)
        raise CheckpointError(path, "cut")

    monkeypatch.setattr(desk._judge, "measure", judge)
    with client, ThreadPoolExecutor(len(seats) + 1) as threads:  # one loop for all, as a server has
        sent = [threads.submit(send, client, seat, small()) for seat in seats]
        assert begun.wait(60)
        try:
            while len(desk._arriving._who) < len(seats):
                time.sleep(0.01)
            asked_meanwhile = threads.submit(asked, client, "follow", token=seats[0]["token"], follows=False)
            assert wait([asked_meanwhile], timeout=20).done
        finally:
            done.set()
        assert {one.result().status_code for one in sent} == {400}


def test_what_is_judged_when_its_room_ends_leaves_no_file(client, desk, rooms, teacher, seats, tmp_path, monkeypatch):
    work = rooms.work

    def ends(code):
        allowed = work(code)
        rooms.end(code, teacher)
        return allowed

    monkeypatch.setattr(rooms, "work", ends)
    assert send(client, seats[0], small()).status_code == 404
    assert not (tmp_path / "rooms.walls").exists() or not list((tmp_path / "rooms.walls").iterdir())


TOO_MUCH = """async ([address, token, size]) => {
  const headers = { "x-room-token": token };
  const answer = await fetch(address, { method: "POST", headers, body: new Uint8Array(size) });
  return [answer.status, (await answer.json()).key];
}"""


def test_who_sends_too_much_reads_why(browser, server):
    """In a real browser, which may hear no answer while it is still sending."""
    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    with httpx.Client(base_url=server, timeout=120, trust_env=False) as line:
        code = "".join(random.choices(LETTERS, k=LENGTH))
        token = line.post(f"/room/{code}/open", json={}).json()["token"]
        seat = line.post(f"/room/{code}/join", json={}).json()
        line.post(f"/room/{code}/begin", json={"token": token, "kind": "wall"}).raise_for_status()
        address = f"/room/{code}/wall?round=1&steps=1&seconds=1"
        for times in (1.1, 2.2):
            size = int(times * Limits().upload_mb * 2**20)
            assert page.evaluate(TOO_MUCH, [address, seat["token"], size]) == [413, "guard.file_large"]
        line.post(f"/room/{code}/end", json={"token": token}).raise_for_status()
    page.close()


# ---- what is kept ----


def test_a_wall_outlives_the_program_and_ends_with_the_room(client, rooms, teacher, seats, tmp_path):
    send(client, seats[0], small())
    before = json.dumps(rooms.wall("KDFG"))
    rooms.close()
    (tmp_path / "rooms.walls" / "XXXX").mkdir()  # of a room that ended while no program ran
    again = Rooms(tmp_path / "rooms.sqlite")
    assert json.dumps(again.wall("KDFG")) == before
    assert [path.name for path in (tmp_path / "rooms.walls").iterdir()] == ["KDFG"]
    assert again.file("KDFG", f"{again.wall('KDFG')[0]['sheet']}.png").exists()
    again.end("KDFG", teacher)
    assert list((tmp_path / "rooms.walls").iterdir()) == []
    again.close()


def test_the_wall_is_part_of_the_results(client, teacher, seats):
    send(client, seats[0], small())
    lines = asked(client, "results", token=teacher).json()["csv"].splitlines()
    assert lines[-1].startswith("1,wall,") and "least-squares" in lines[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_that_is_compared_has_its_name(language):
    assert all(say(language, f"field.{name}") for name in COMPARED)
