"""What waits for its visitor: on the disk, for an hour, and never too much of it."""

import os
import time

import pytest
from runs import KEY, OTHER

from playground.checkpoints import CheckpointError
from playground.live.store import MOST_POINTS, Gone, Point, Store
from playground.live.record import Record
from playground.training import TrainState


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def keep(store, config, name="A", step=0, key=KEY):
    state = TrainState(config)
    state.step = step
    record = store.shelf(key).records.setdefault(name, Record(name, config))
    return store.keep(key, record, state)


def files(store, key=KEY):
    return sorted(path.name for path in (store.folder / key).glob("*") if not path.name.startswith("."))


def test_what_is_kept_is_found_again_after_a_restart(store, tiny):
    point = keep(store, tiny, step=7)
    assert store.state(KEY, point).step == 7  # from memory, or already from the disk
    store.flush()
    assert files(store) == ["A-7.safetensors", "A.json"]
    again = Store(store.folder)
    assert again.shelf(KEY).points == [point] and again.shelf(KEY).records["A"].config == tiny
    assert again.state(KEY, point).step == 7
    assert again.shelf(OTHER).points == []


def test_a_key_is_no_path(store):
    for key in ("..", "../" * 10, "A" * 32, "", "0" * 31):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            store.shelf(key)


def test_old_shelves_go_also_those_of_an_earlier_start(store, tiny, monkeypatch):
    point = keep(store, tiny)
    store.flush()
    later = time.time() + store.longest + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.shelf(KEY).points == [] and not (store.folder / KEY).exists()
    monkeypatch.undo()
    keep(store, tiny)
    store.flush()
    for path in (store.folder / KEY, *(store.folder / KEY).iterdir()):
        os.utime(path, (0, 0))
    with pytest.raises(Gone):
        Store(store.folder).state(KEY, point)
    assert not (store.folder / KEY).exists()


def test_a_run_under_way_is_not_old(store, tiny, monkeypatch):
    class Running:
        over = False

    point = keep(store, tiny)
    store.shelf(KEY).run = Running()
    later = time.time() + 2 * store.longest
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.shelf(KEY).points == [point]


def test_a_visitor_keeps_so_many_points_and_the_last_of_each_run(store, tiny):
    keep(store, tiny, "A", 1)
    for step in range(1, MOST_POINTS + 3):
        keep(store, tiny, "B", step)
    store.flush()
    points = store.shelf(KEY).points
    assert len(points) == MOST_POINTS and Point("A", 1) in points and Point("B", MOST_POINTS + 2) in points
    assert Point("B", 1) not in points
    assert len(files(store)) == MOST_POINTS + 2  # and two records


def test_the_oldest_states_make_room_for_new_ones(tmp_path, tiny):
    store = Store(tmp_path)
    keep(store, tiny, "A", 1)
    store.flush()
    size = (tmp_path / KEY / "A-1.safetensors").stat().st_size
    store.most_bytes = 2 * size
    for step in (2, 3):
        keep(store, tiny, "A", step, OTHER)
        store.flush()
    assert store.shelf(KEY).points == [] and len(store.shelf(OTHER).points) == 2


def test_what_is_dropped_is_gone(store, tiny):
    keep(store, tiny, "A", 1)
    keep(store, tiny, "B", 1)
    store.flush()
    store.drop(KEY, "A")
    assert files(store) == ["B-1.safetensors", "B.json"] and list(store.shelf(KEY).records) == ["B"]


def test_a_point_may_take_the_place_of_another(store, tiny):
    first = keep(store, tiny, step=1)
    state = TrainState(tiny)
    state.step = 2
    store.keep(KEY, store.shelf(KEY).records["A"], state, replaces=first)
    store.flush()
    assert store.shelf(KEY).points == [Point("A", 2)] and files(store) == ["A-2.safetensors", "A.json"]


def test_damaged_files_are_left_out_or_said(store, tiny):
    keep(store, tiny, "A", 1)
    point = keep(store, tiny, "B", 1)
    store.flush()
    (store.folder / KEY / "A.json").write_text("{}")
    (store.folder / KEY / "B-1.safetensors").write_bytes(b"no tensors")
    again = Store(store.folder)
    assert list(again.shelf(KEY).records) == ["B"]
    with pytest.raises(CheckpointError):
        again.state(KEY, point)


def test_a_full_disk_loses_nothing_while_the_program_runs(store, tiny, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TrainState, "save", full)
    point = keep(store, tiny, step=5)
    store.flush()
    assert store.state(KEY, point).step == 5


def test_names_go_on_after_the_last(store, tiny):
    shelf = store.shelf(KEY)
    assert shelf.free_name() == "A"
    shelf.records = {"A": None, "C": None}
    assert shelf.free_name() == "D"
    shelf.records = {"Z": None, "B": None}
    assert shelf.free_name() == "A"
