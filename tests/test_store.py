"""What waits for its visitor: on the disk, for an hour, and never too much of it."""

import os
import threading
import time
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from runs import KEY, OTHER, PATIENCE

from playground.checkpoints import CheckpointError
from playground.config import TrainConfig
from playground.files import write_bytes
from playground.live import store as stores
from playground.live.record import Record
from playground.live.shelf import Gone, NoRoom, Point
from playground.live.store import MOST_POINTS, Store
from playground.state import file_size
from playground.training import TrainState, train

LECTURE = 36_000_000  # bytes of a state of the lecture's networks, rounded up
MAPS = Path("/proc/self/maps")  # the files that are mapped into this process, on Linux


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def keep(store, config, name="A", step=0, key=KEY):
    state = TrainState(config)
    state.step = step
    record = store.shelf(key).records.setdefault(name, Record(name, config))
    return store.keep(key, record, state)


def step_on(store, config, step, first=1):
    """Keep run A after one more single step, as a click does."""
    replaces = Point("A", step - 1) if step > first else None
    state = TrainState(config)
    state.step = step
    record = store.shelf(KEY).records.setdefault("A", Record("A", config))
    return store.keep(KEY, record, state, replaces, single_step=True)


class Running:
    """A run under way."""

    over = False

    def __init__(self, config):
        self.record = Record("A", config)


@pytest.fixture
def patient(monkeypatch):
    """The store waits for a flush, however slow the machine is."""
    monkeypatch.setattr(stores, "QUIET", 1000.0)
    monkeypatch.setattr(stores, "LONGEST_WAIT", 1000.0)


@pytest.fixture
def written(store, monkeypatch):
    """The names of all states that this store has written, in order; the page's server may write its own meanwhile."""
    names, save = [], TrainState.save

    def listen(self, path):
        save(self, path)
        if store.folder in path.parents:
            names.append(path.name)

    monkeypatch.setattr(TrainState, "save", listen)
    return names


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


def test_a_second_server_with_the_same_folder_finds_what_the_first_has_kept(store, tiny, tmp_path):
    """A visitor who was moved to another server, moved back, and moved once more."""
    other = Store(tmp_path)
    assert not other.shelf(KEY).points
    keep(store, tiny, "A", 1)
    store.flush()
    assert list(other.shelf(KEY).records) == ["A"] and other.state(KEY, Point("A", 1)).step == 1
    keep(other, tiny, "B", 2)
    other.flush()
    assert store.shelf(KEY).points == [Point("A", 1), Point("B", 2)] and store.shelf(KEY).free_name() == "C"
    other.drop(KEY, "A")
    assert other.shelf(KEY).points == [Point("B", 2)]


def test_a_run_that_is_deleted_while_it_is_written_does_not_come_back(store, tiny, monkeypatch):
    """What was just written looked like the run of another server on the same folder."""
    moments = ["begun", "deleted", "on the disk", "looked"]
    reached = {moment: threading.Event() for moment in moments}

    def save_late(state, path, save=TrainState.save):
        reached["begun"].set()
        assert reached["deleted"].wait(PATIENCE)
        save(state, path)

    def write_late(path, data):
        write_bytes(path, data)
        reached["on the disk"].set()
        assert reached["looked"].wait(PATIENCE)

    monkeypatch.setattr(TrainState, "save", save_late)
    monkeypatch.setattr(stores, "write_bytes", write_late)
    keep(store, tiny, "B", step=21)
    assert reached["begun"].wait(PATIENCE)
    store.drop(KEY, "B")
    reached["deleted"].set()
    assert reached["on the disk"].wait(PATIENCE)
    assert store.shelf(KEY).is_empty
    reached["looked"].set()
    store.flush(PATIENCE)
    assert store.shelf(KEY).is_empty and not (store.folder / KEY).exists()


def test_a_server_that_was_left_deletes_nothing_of_the_others(store, tiny, tmp_path):
    other = Store(tmp_path)
    keep(other, tiny, "A", 1)
    other.flush()
    other.shelf(KEY).touched -= 2 * other.longest  # as if the visitor had left long ago
    keep(store, tiny, "B", 2)
    store.flush()
    other.shelf(OTHER)  # what is old goes at every call
    assert "B-2.safetensors" in files(store) and store.state(KEY, Point("B", 2)).step == 2


def test_what_a_script_leaves_goes_after_minutes_and_no_visitor_need_come(store, tiny, monkeypatch):
    monkeypatch.setattr(stores, "SWEEP_EVERY", 0.01)
    monkeypatch.setattr(stores, "UNCLAIMED", 0.1)
    store.claim(KEY)
    keep(store, tiny)
    keep(store, tiny, key=OTHER)
    store.flush()
    while (store.folder / OTHER).exists():  # its page has asked for nothing
        time.sleep(0.01)
    assert [folder.name for folder in store.folder.iterdir()] == [KEY] and store.shelf(KEY).points


def test_what_scripts_leave_is_bounded_and_claimed_runs_stay(store, tiny, monkeypatch):
    monkeypatch.setattr(stores, "MOST_UNCLAIMED", 2)
    monkeypatch.setattr(store, "_sizes", lambda: Counter(dict.fromkeys(store._shelves, 1)))
    now = count(time.time()).__next__
    monkeypatch.setattr(time, "time", now)
    store.claim(KEY)
    keep(store, tiny)
    scripts = [f"{number:032x}" for number in range(5)]
    for script in scripts:
        keep(store, tiny, key=script)
    store.flush()
    assert {folder.name for folder in store.folder.iterdir()} == {KEY, *scripts[-2:]}
    assert store.shelf(KEY).points


def test_a_program_that_has_just_begun_deletes_what_is_old_though_nobody_comes(store, tiny, monkeypatch):
    """Old shelves and empty folders of an earlier start; not those of another server in the same folder."""
    monkeypatch.setattr(stores, "SWEEP_EVERY", 0.01)
    elsewhere, old, empty = (store.folder / name for name in (KEY, OTHER, "0" * 32))
    keep(Store(store.folder), tiny, key=OTHER)
    other = Store(store.folder)
    other.claim(KEY)
    point = keep(other, tiny)
    other.flush()
    assert until(lambda: (old / "A.json").exists())
    empty.mkdir()
    for folder in (old, empty):
        os.utime(folder, (0, 0))
    store.start()
    assert until(lambda: list(store.folder.iterdir()) == [elsewhere]) and other.state(KEY, point).step == 0


def test_a_folder_that_cannot_be_read_stops_neither_visitors_nor_the_writer(store, tiny, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(stores, "SWEEP_EVERY", -1.0)  # at every call
    monkeypatch.setattr(Path, "iterdir", refuse)
    keep(store, tiny)
    store.flush()
    assert files(store) == ["A-0.safetensors", "A.json"]


def test_a_page_that_stays_open_past_the_time_is_still_known(store, tiny, monkeypatch):
    """Its visitor trains again, and closes it in the middle: the new run is kept for the whole time."""
    store.claim(KEY)
    keep(store, tiny)
    store.flush()
    later = time.time() + store.longest + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.shelf(KEY).points == [] and store.shelf(KEY).claimed
    assert not store.shelf(OTHER).claimed


def test_what_is_found_after_a_restart_is_kept_for_the_whole_time(store, tiny):
    point = keep(store, tiny)
    store.flush()
    again = Store(store.folder)
    assert again.shelf(KEY).claimed and again.shelf(KEY).points == [point]


def test_very_many_visitors_who_train_nothing_are_forgotten(store, tiny, monkeypatch):
    monkeypatch.setattr(stores, "MOST_EMPTY", 3)
    monkeypatch.setattr(stores, "SWEEP_EVERY", -1.0)  # at every call
    keep(store, tiny)
    for number in range(10):
        store.claim(f"{number:032x}")
    assert len(store._shelves) == 1 + 3 + 1 and store.shelf(KEY).points


def test_a_run_under_way_is_not_old(store, tiny, monkeypatch):
    point = keep(store, tiny)
    store.shelf(KEY).run = Running(tiny)
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


def test_nobodys_runs_go_for_another_visitors(store, tiny):
    """Where room is short a visitor's own oldest go, then a newcomer is refused; those who have runs keep them."""
    keep(store, tiny, "A", 1)
    keep(store, tiny, "B", 1)
    store.flush()
    wide = replace(tiny, widths_g=(200,), widths_d=(300,))
    store.most_bytes = 2 * file_size(tiny) + file_size(wide)
    with pytest.raises(NoRoom):
        store.admit(OTHER, "", replace(tiny, widths_g=(2000,), widths_d=(2000,)))
    store.admit(OTHER, "", wide)
    for step in range(1, 5):
        keep(store, wide, "A", step, OTHER)
        store.flush()
    assert store.shelf(KEY).points == [Point("A", 1), Point("B", 1)] and store.state(KEY, Point("A", 1)).step == 1
    assert store.shelf(OTHER).points[-1] == Point("A", 4) and Point("A", 1) not in store.shelf(OTHER).points
    assert sum(path.stat().st_size for path in store.folder.rglob("*.safetensors")) <= store.most_bytes


def test_one_address_takes_half_of_the_room(store, tiny):
    store.most_bytes = 4 * file_size(tiny) + 100
    for number in (1, 2):
        key = f"{number:032x}"
        store.admit(key, "a", tiny)
        store.shelf(key).run = Running(tiny)  # counts before it has kept anything
    with pytest.raises(NoRoom):
        store.admit(KEY, "a", tiny)
    store.admit(KEY, "b", tiny)
    store.admit(f"{1:032x}", "a", tiny)  # their own would go for it


def keep_whole(store, config, key, name, size, address, step=1):
    """Keep a run whose file is `size` bytes long, as an admitted visitor does; returns its point."""
    store.admit(key, address, config)
    point = keep(store, config, name, step, key)
    store.flush()
    os.truncate(store._path(key, point), size)
    return point


def test_a_school_at_one_address_keeps_two_runs_each(store, tiny, monkeypatch):
    """Forty pupils, the lecture's networks, and there is room for who comes later: here, and elsewhere."""
    most = file_size(TrainConfig())
    monkeypatch.setattr(stores, "file_size", lambda config: most)  # of a run under way, or not written yet
    pupils = [f"{number:032x}" for number in range(60)]
    for pupil in (*pupils[:40], *pupils):
        name = store.claim(pupil).free_name()
        keep_whole(store, tiny, pupil, name, LECTURE, "school")
    assert all(store.shelf(pupil).points == [Point("A", 1), Point("B", 1)] for pupil in pupils[:40])
    assert all(store.shelf(pupil).points for pupil in pupils)
    store.admit(OTHER, "home", tiny)


def test_who_has_much_leaves_room_for_who_has_nothing_yet(store, tiny):
    """At one address too: a quarter of its room is for newcomers, until that is full as well."""
    size, half = file_size(tiny), 16
    store.most_bytes = 2 * half * size
    greedy = [f"{number:032x}" for number in range(3)]
    for step in range(1, 7):
        for key in greedy:
            keep_whole(store, tiny, key, "A", size, "school", step)
    assert sum(len(store.shelf(key).points) for key in greedy) <= 0.75 * half
    assert all(store.shelf(key).points[-1] == Point("A", 6) for key in greedy)
    newcomers = [f"{number:032x}" for number in range(10, 30)]
    admitted = []
    with pytest.raises(NoRoom):
        for key in newcomers:
            keep_whole(store, tiny, key, "A", size, "school")
            admitted.append(key)
    assert len(admitted) >= 0.25 * half and all(store.shelf(key).points for key in admitted)
    keep_whole(store, tiny, OTHER, "A", size, "home")


def test_a_visitors_states_take_so_much(store, tiny, monkeypatch):
    """Past it the oldest go, and with its last point a run, but never the newest."""
    keep(store, tiny, "A", 1)
    store.flush()
    size = (store.folder / KEY / "A-1.safetensors").stat().st_size
    monkeypatch.setattr(stores, "MOST_OWN", 2 * size + file_size(tiny))  # what is not written yet counts as estimated
    for name, step in (("A", 2), ("B", 1), ("C", 1)):
        keep(store, tiny, name, step)
        store.flush()
    assert store.shelf(KEY).points == [Point("A", 2), Point("B", 1), Point("C", 1)]
    keep(store, tiny, "D", 1)
    store.flush()
    assert store.shelf(KEY).points == [Point("B", 1), Point("C", 1), Point("D", 1)]
    assert list(store.shelf(KEY).records) == ["B", "C", "D"]
    monkeypatch.setattr(stores, "MOST_OWN", 0)
    keep(store, tiny, "D", 4)
    store.flush()
    assert store.shelf(KEY).points == [Point("D", 4)] and list(store.shelf(KEY).records) == ["D"]
    assert files(store) == ["D-4.safetensors", "D.json"]


@pytest.mark.parametrize("norm", ["none", "batch"])
@pytest.mark.parametrize("average", [0, 0.9])
def test_a_states_size_is_known_before(tiny, tmp_path, images, norm, average):
    config = replace(tiny, norm=norm, average=average, widths_g=(500,), steps=1)
    next(train(config, images)).state.save(tmp_path / "state")
    size = (tmp_path / "state").stat().st_size
    assert size <= file_size(config) <= size + 2**20 + 4 * 800 * 500  # a moving average more


def test_what_is_dropped_is_gone(store, tiny):
    keep(store, tiny, "A", 1)
    keep(store, tiny, "B", 1)
    store.flush()
    store.drop(KEY, "A")
    assert files(store) == ["B-1.safetensors", "B.json"] and list(store.shelf(KEY).records) == ["B"]


def test_all_runs_may_be_deleted_and_brought_back(store, tiny):
    points = [keep(store, tiny, "A", 1), keep(store, tiny, "A", 2), keep(store, tiny, "B", 1)]
    store.flush()
    record, kept = store.shelf(KEY).records["A"], files(store)
    store.set_aside(KEY)
    store.set_aside(KEY)  # a second click
    shelf = store.shelf(KEY)
    assert (shelf.records, shelf.points, shelf.run, shelf.is_empty) == ({}, [], None, False)
    with pytest.raises(Gone):
        store.state(KEY, points[0])
    assert not Store(store.folder).shelf(KEY).records, "a program that starts anew must not find them"
    store.take_back(KEY)
    store.take_back(KEY)
    assert shelf.points == points and shelf.records["A"] is record and files(store) == kept
    again = Store(store.folder).shelf(KEY)
    assert set(again.points) == set(points) and list(again.records) == ["A", "B"]
    assert store.state(KEY, points[1]).step == 2


def test_what_was_set_aside_goes_for_good(store, tiny):
    keep(store, tiny, "A", 1)
    keep(store, tiny, "B", 1)
    store.flush()
    store.set_aside(KEY)
    keep(store, tiny, "A", 1)  # a new run of that name, as many steps on
    store.discard(KEY)
    store.take_back(KEY)
    store.flush()
    assert files(store) == ["A-1.safetensors", "A.json"] and list(store.shelf(KEY).records) == ["A"]
    store.set_aside(KEY)
    again = Store(store.folder)  # the program was ended meanwhile
    again.claim(KEY)
    again.discard(KEY)
    assert files(store) == []


def test_a_state_that_was_set_aside_before_it_was_written_comes_back(store, tiny, patient):
    keep(store, tiny, step=5)
    store.flush()
    step_on(store, tiny, 6)
    store.set_aside(KEY)
    store.flush()
    assert "A.json" not in files(store), "it could be found"
    store.take_back(KEY)
    assert store.state(KEY, Point("A", 6)).step == 6
    found = Store(store.folder).shelf(KEY)
    assert Point("A", 6) in found.points and found.records["A"].config == tiny
    step_on(store, tiny, 7)
    store.set_aside(KEY)
    store.take_back(KEY)
    store.flush()
    assert Point("A", 7) in Store(store.folder).shelf(KEY).points


def test_what_was_set_aside_before_it_was_written_and_is_discarded_leaves_nothing(store, tiny, patient):
    step_on(store, tiny, 1)
    store.set_aside(KEY)
    store.discard(KEY)
    store.flush()
    assert files(store) == [] and store.shelf(KEY).is_empty


def test_a_hundred_deletions_leave_one_runs_files(store, tiny):
    for step in range(100):
        keep(store, tiny, step=step)
        store.set_aside(KEY)
        if step % 2:
            store.take_back(KEY)
            store.set_aside(KEY)
        store.discard(KEY)
    keep(store, tiny, step=100)
    store.flush()
    assert files(store) == ["A-100.safetensors", "A.json"] and not store._unwritten


def test_of_what_was_set_aside_only_what_is_there_comes_back(store, tiny):
    for name, step in (("A", 1), ("A", 2), ("B", 1)):
        keep(store, tiny, name, step)
    store.flush()
    store.set_aside(KEY)
    for name in ("A-1", "B-1"):
        (store.folder / KEY / f"{name}.safetensors").unlink()
    store.take_back(KEY)
    assert store.shelf(KEY).points == [Point("A", 2)] and list(store.shelf(KEY).records) == ["A"]
    assert files(store) == ["A-2.safetensors", "A.json"]


def test_what_was_set_aside_goes_with_its_age_and_counts_until_then(store, tiny, monkeypatch):
    keep(store, tiny)
    store.flush()
    before = store._sizes()[KEY]
    store.set_aside(KEY)
    assert store._sizes()[KEY] == before > 0
    later = time.time() + store.longest + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.shelf(KEY).aside is None and not (store.folder / KEY).exists()


def test_what_others_have_deleted_goes_where_room_is_short_before_anybodys_runs(store, tiny):
    keep(store, tiny, key=OTHER)
    keep(store, tiny, step=1)
    store.flush()
    store.most_bytes = store._sizes().total() + file_size(tiny) - 1  # one byte short of a third run
    third = "a" * 32
    with pytest.raises(NoRoom):
        store.admit(third, "", tiny)
    store.set_aside(OTHER)
    store.admit(KEY, "", tiny)
    assert store.shelf(OTHER).aside, "there was room enough"
    store.admit(third, "", tiny)
    assert store.shelf(OTHER).aside is None and files(store, OTHER) == []
    assert store.shelf(KEY).points == [Point("A", 1)]


def test_another_servers_run_ends_what_could_be_undone(store, tiny, tmp_path):
    keep(store, tiny, "A", 1)
    keep(store, tiny, "B", 1)
    store.flush()
    store.set_aside(KEY)
    other = Store(tmp_path)
    keep(other, tiny, "A", 3)
    other.flush()
    store.take_back(KEY)
    assert store.shelf(KEY).points == [Point("A", 3)]
    assert files(store) == ["A-3.safetensors", "A.json"]


def test_a_point_may_take_the_place_of_another(store, tiny):
    first = keep(store, tiny, step=1)
    state = TrainState(tiny)
    state.step = 2
    store.keep(KEY, store.shelf(KEY).records["A"], state, replaces=first)
    store.flush()
    assert store.shelf(KEY).points == [Point("A", 2)] and files(store) == ["A-2.safetensors", "A.json"]


def test_twenty_single_steps_are_one_file(store, tiny, written, patient):
    for step in range(1, 21):
        point = step_on(store, tiny, step)
    assert store.state(KEY, point).step == 20 and files(store) == []
    store.flush()
    assert written == ["A-20.safetensors"] and files(store) == ["A-20.safetensors", "A.json"]
    assert Store(store.folder).shelf(KEY).points == [Point("A", 20)]


def test_a_single_step_is_written_when_no_other_has_come_for_a_while(store, tiny, written, monkeypatch):
    monkeypatch.setattr(stores, "QUIET", 0.05)
    step_on(store, tiny, 1)
    assert until(lambda: files(store) == ["A-1.safetensors", "A.json"])


def test_steps_without_a_rest_are_written_now_and_then(store, tiny, written, monkeypatch):
    monkeypatch.setattr(stores, "QUIET", 1000.0)
    monkeypatch.setattr(stores, "LONGEST_WAIT", 0.1)
    steps = count(1)
    assert until(lambda: step_on(store, tiny, next(steps)) and written)


def test_a_kill_between_two_steps_costs_the_last_ones_only(store, tiny, patient):
    keep(store, tiny, step=5)
    store.flush()
    for step in (6, 7):
        step_on(store, tiny, step)
    found = Store(store.folder)  # what a program finds that starts anew now
    assert found.shelf(KEY).points == [Point("A", 5)] and found.state(KEY, Point("A", 5)).step == 5
    store.flush()
    assert files(store) == ["A-7.safetensors", "A.json"]


def test_many_visitors_states_do_not_fill_the_memory(store, tiny, written, patient, monkeypatch):
    monkeypatch.setattr(stores, "MOST_WAITING", 3)
    for number in range(8):
        state, key = TrainState(tiny), f"{number:032x}"
        store.keep(key, Record("A", tiny), state, single_step=True)
    assert until(lambda: len(written) == 5)


def test_what_a_record_says_is_of_the_moment_it_was_kept(store, tiny):
    step_on(store, tiny, 1)
    store.shelf(KEY).records["A"].marks.append(None)
    store.flush()
    assert Store(store.folder).shelf(KEY).records["A"].marks == []


def test_a_run_dropped_before_it_was_written_leaves_nothing(store, tiny):
    keep(store, tiny, step=5)
    store.flush()
    step_on(store, tiny, 6)
    store.drop(KEY, "A")
    store.flush()
    assert files(store) == [] and store.shelf(KEY).points == []


def until(holds):
    """Wait a while for something to hold; returns whether it does."""
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize("damage", ["{}", "", "[" * 50_000, '{"config": {"steps": 1e400}}', "9" * 5000])
def test_damaged_files_are_left_out_or_said(store, tiny, damage):
    keep(store, tiny, "A", 1)
    point = keep(store, tiny, "B", 1)
    store.flush()
    (store.folder / KEY / "A.json").write_text(damage)
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


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError(), RuntimeError("torch's own")])
def test_the_writer_survives_what_it_cannot_write_and_tries_again(store, tiny, monkeypatch, error):
    save = TrainState.save

    def refuse(self, path):
        if self.step < 3:
            raise error
        save(self, path)

    monkeypatch.setattr(TrainState, "save", refuse)
    for step in (1, 2, 3):
        keep(store, tiny, name="ABC"[step - 1], step=step)
    store.flush()
    assert files(store) == ["C-3.safetensors", "C.json"] and store.state(KEY, Point("A", 1)).step == 1
    monkeypatch.setattr(stores, "RETRY", 0.0)
    keep(store, tiny, name="D", step=2)
    monkeypatch.setattr(TrainState, "save", save)
    store.flush()
    assert len(Store(store.folder).shelf(KEY).points) == 4


def test_what_was_refused_is_written_later_by_itself(store, tiny, monkeypatch):
    save, tried = TrainState.save, []

    def refuse_once(self, path):
        tried.append(path)
        if len(tried) == 1:
            raise OSError(28, "No space left on device")
        save(self, path)

    monkeypatch.setattr(stores, "RETRY", 0.05)
    monkeypatch.setattr(TrainState, "save", refuse_once)
    keep(store, tiny, step=1)
    assert until(lambda: files(store) == ["A-1.safetensors", "A.json"])


def test_a_loaded_state_holds_no_file(store, tiny):
    """Windows deletes no file that is mapped into memory: a state is read as a copy."""
    point = keep(store, tiny, step=1)
    store.flush()
    state = store.state(KEY, point)
    path = store.folder / KEY / "A-1.safetensors"
    with open(path, "r+b") as file:  # the same file, not a new one under its name
        file.write(bytes(path.stat().st_size))
    assert all(tensor.isfinite().all() for tensor in state._tensors().values())
    if MAPS.exists():
        assert path.name not in MAPS.read_text()


def test_names_go_on_after_the_last(store, tiny):
    shelf = store.shelf(KEY)
    assert shelf.free_name() == "A"
    shelf.records = {"A": None, "C": None}
    assert shelf.free_name() == "D"
    shelf.records = {"Z": None, "B": None}
    assert shelf.free_name() == "A"


def test_a_full_address_takes_nobody_elsewhere_what_may_still_come_back(store, tiny):
    """Nor more than it needs of those who are near."""
    size, near = file_size(tiny), [f"{number:032x}" for number in (1, 2, 3)]
    store.most_bytes = 6 * size + 100  # half of it for each address
    for key, address in ((KEY, "elsewhere"), *((key, "near") for key in near)):
        keep_whole(store, tiny, key, "A", size, address)
    for key in (KEY, *near[:2]):
        store.set_aside(key)
    store.admit(OTHER, "near", tiny)
    assert store.shelf(KEY).aside and store.shelf(near[1]).aside and not store.shelf(near[0]).aside
    store.shelf(OTHER).run = Running(tiny)
    store.discard(near[1])
    keep_whole(store, tiny, near[1], "A", size, "near")
    with pytest.raises(NoRoom):
        store.admit(f"{9:032x}", "near", tiny)
    assert store.shelf(KEY).aside, "it would have freed nothing there"
