import gc
import os
import sys
import threading
import weakref
from dataclasses import replace

import pytest
import torch
from runs import KEY, PATIENCE, break_losses, finish, until, weights

from playground.checkpoints import CheckpointError
from playground.devices import NICENESS
from playground.limits import Limits
from playground.live import run as runs
from playground.live import watch
from playground.live.line import Line, LineFull, NoTraining, TooMany, take_turns
from playground.live.record import Record
from playground.live.run import SINGLE_STEP, Order, Owner, check_work
from playground.live.shelf import Gone, Point
from playground.live.store import MOST_POINTS, MOST_RUNS, Store
from playground.live.workshop import Busy, Workshop
from playground.presets import PRESETS
from playground.training import ConfigError, TrainConfig, TrainState, train
from playground.ui.texts import LANGUAGES, explain, say


@pytest.fixture(autouse=True)
def little_data(monkeypatch, images):
    for module in (runs, watch):
        monkeypatch.setattr(module, "load_mnist", lambda train=True: (images, torch.arange(len(images)) % 10))
    monkeypatch.setattr("playground.training.REPORT_EVERY", 0.0)


@pytest.fixture
def endless(tiny):
    return replace(tiny, epochs=100_000)


@pytest.fixture
def workshop(tmp_path):
    return Workshop(Line(), Store(tmp_path))


class Gate:
    """Makes a run's first state when it is opened, and tells when the run has come that far."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, config):
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        return TrainState(config)


def order(config, first_state=TrainState, **more):
    """To train from the first step on, as /train does."""
    return Order(Record("A", config), first_state=first_state, **more)


def stop_after(run, step, ending="paused"):
    """Wait until the run has come to that step, then halt it."""
    until(run, lambda: run.record.step >= step)
    run.halt(ending)
    return finish(run)


def same(a, b) -> bool:
    return torch.equal(weights(a), weights(b))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere priorities belong to processes")
def test_a_run_gives_way_and_nobody_else_does(tiny):
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    seen, before = [], niceness()

    def begin(config):
        seen.append(niceness())
        return TrainState(config)

    finish(Line().join(order(tiny, begin)))
    assert seen == [max(NICENESS, before)] and niceness() == before


def test_a_run_trains_to_its_end_and_shows_itself(tiny):
    run = finish(Line().join(order(tiny, watched=True)))
    record = run.record
    assert (run.phase, record.step, record.epoch, run.fraction) == ("finished", 21, 2, 1.0)
    assert run.error is None and run.state.step == 21
    assert [reading.step for reading in record.curve.points] == list(range(1, 22))
    assert record.look.step == 21 and len(record.look.verdicts) == 64 and run.images_per_second > 0
    assert sum(record.measures[-1].counts) <= watch.CENSUS_OF and record.measures[-1].step == 21


def test_a_halted_run_keeps_what_it_learnt(endless):
    run = stop_after(Line().join(order(endless)), 5, "stopped")
    assert run.phase == "stopped" and run.state.step == run.record.step >= 5


def test_runs_take_turns_in_the_order_they_came(tiny):
    line, gate = Line(), Gate()
    assert line.free
    first = line.join(order(tiny, gate))
    assert gate.reached.wait(PATIENCE)
    second, third = line.join(order(tiny)), line.join(order(tiny))
    assert [run.place for run in (first, second, third)] == [0, 1, 2] and not line.free
    assert (second.phase, second.record.step) == ("waiting", 0)
    gate.opened.set()
    for run in (first, second, third):
        assert finish(run).phase == "finished"


def test_addresses_take_turns_and_at_an_address_its_visitors():
    """Owners as address and key, in the order in which they came, and the order of their turns."""
    school = [f"s{n}" for n in range(4)]
    for came, turns in (
        (["a1", "a2", "a3", "b1"], ["a1", "b1", "a2", "a3"]),
        (["a1", "a1", "a1", "a2", "b1", "b1"], ["a1", "b1", "a2", "b1", "a1", "a1"]),
        (school, school),
        ([], []),
    ):
        owners = [Owner(*name) for name in came]
        assert ["".join(owners[number]) for number in take_turns(owners)] == turns


def test_nobody_fills_the_line_alone(tiny):
    """The address with the most runs gives way to a newcomer; who has as many as another does not."""
    line, gate = Line(Limits(line=4)), Gate()
    first = line.join(order(tiny, gate, owner=Owner("a", "0")))
    assert gate.reached.wait(PATIENCE)
    crowd = [line.join(order(tiny, owner=Owner("a", str(n)))) for n in (1, 2, 3)]
    with pytest.raises(LineFull):
        line.join(order(tiny, owner=Owner("a", "4")))
    newcomer = line.join(order(tiny, owner=Owner("b", "5")))
    assert finish(crowd[2]).phase == "failed" and isinstance(crowd[2].error, LineFull)
    assert [run.place for run in (first, newcomer, *crowd[:2])] == [0, 1, 2, 3]
    second = line.join(order(tiny, owner=Owner("b", "6")))  # two and two
    with pytest.raises(LineFull):
        line.join(order(tiny, owner=Owner("b", "7")))
    assert isinstance(finish(crowd[1]).error, LineFull)
    gate.opened.set()
    assert {finish(run).phase for run in (first, newcomer, crowd[0], second)} == {"finished"}


def test_an_address_has_so_many_runs_without_a_key(tiny):
    line, gate = Line(), Gate()
    queued = [line.join(order(tiny, gate, owner=Owner("a"))) for _ in range(3)]
    with pytest.raises(TooMany):
        line.join(order(tiny, owner=Owner("a")))
    queued += [line.join(order(tiny, owner=owner)) for owner in (Owner("b"), Owner("a", KEY))]
    gate.opened.set()
    assert {finish(run).phase for run in queued} == {"finished"}


def test_a_run_that_nobody_looks_at_leaves_the_line(tiny, monkeypatch):
    line, gate = Line(), Gate()
    first = line.join(order(tiny, gate))
    assert gate.reached.wait(PATIENCE)
    monkeypatch.setattr(runs, "LONELY", 0.0)
    second = line.join(order(tiny))
    second.join(PATIENCE)
    assert (second.phase, second.state) == ("left", None)
    gate.opened.set()
    first.join(PATIENCE)
    assert first.phase == "paused"  # nor did anybody look at that one


def test_who_waits_knows_for_how_long_at_most(tiny):
    """What is left of those that train, and the budgets of those before it, over the runs that train at a time."""
    limits, gates = Limits(run_seconds=100), [Gate(), Gate()]
    for machines in (1, 2):
        line = Line(replace(limits, runs=machines))
        queued = [line.join(order(replace(tiny, seconds=40), gate)) for gate in gates[:machines]]
        for gate in gates[:machines]:
            assert gate.reached.wait(PATIENCE)
        queued += [
            line.join(order(replace(tiny, seconds=8))),
            line.join(order(tiny, players=("generator",))),
            line.join(order(tiny)),  # epochs: as long as the limits allow
            line.join(order(tiny)),
        ]
        sums = [0.0] * machines + [40.0 * machines + waits for waits in (0, 8, 8 + SINGLE_STEP, 108 + SINGLE_STEP)]
        assert [run.wait for run in queued] == [seconds / machines for seconds in sums]
        queued[0].fraction, queued[0].record.spent = 0.25, 4.0  # it has told how fast it is
        assert queued[machines].wait == (12 + 40 * (machines - 1)) / machines
        for run in queued:
            run.halt()
        for gate in gates[:machines]:
            gate.opened.set()
        assert [finish(run).wait for run in queued] == [0.0] * len(queued)
        gates = [Gate(), Gate()]


def test_who_leaves_the_line_lets_the_others_move_up(tiny):
    line, gate = Line(), Gate()
    line.join(order(tiny, gate))
    assert gate.reached.wait(PATIENCE)
    second, third = line.join(order(tiny)), line.join(order(tiny))
    second.halt()
    finish(second)
    assert (second.phase, second.state, third.place) == ("left", None, 1)
    gate.opened.set()
    assert finish(third).phase == "finished"


def test_a_run_that_fails_says_why_and_frees_the_machine(tiny):
    def fails(config):
        raise RuntimeError("CUDA out of memory")

    line = Line()
    bad = finish(line.join(order(tiny, fails)))
    assert bad.phase == "failed" and "out of memory" in str(bad.error)
    assert finish(line.join(order(tiny))).phase == "finished"


def test_the_line_moves_on_when_nothing_can_be_saved(tiny):
    def refuse(record, state):
        raise PermissionError(13, "Permission denied")

    line = Line()
    bad = finish(line.join(order(tiny, save=refuse)))
    assert bad.phase == "failed" and bad.error.errno == 13 and bad.state.step == 21
    assert finish(line.join(order(tiny))).phase == "finished"


def test_a_run_is_kept_in_memory_where_the_disk_takes_nothing(tiny, workshop, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    for name in ("unlink", "mkdir"):
        monkeypatch.setattr(f"pathlib.Path.{name}", refuse)
    for steps in (2, 4, 6):
        run = finish(workshop.start(KEY, replace(tiny, steps=steps)))
        assert run.phase == "finished" and run.error is None
    run = finish(workshop.go_on(KEY, Point("C", 6), replace(tiny, steps=6), players=("generator",)))
    workshop.store.flush()
    assert workshop.store.state(KEY, Point("C", 7)).step == 7 and not list(workshop.store.folder.iterdir())
    monkeypatch.undo()
    workshop.store.flush()
    assert Store(workshop.store.folder).shelf(KEY).points[-1] == Point("C", 7)


@pytest.fixture
def diverging(monkeypatch):
    """Losses of G that are no numbers in step 4 while its rate is high."""
    break_losses(monkeypatch, step=4, above=1e-4)


def test_a_run_that_diverges_keeps_its_last_good_networks_and_can_go_on(tiny, workshop, diverging):
    run = finish(workshop.start(KEY, tiny))
    assert (run.phase, run.record.step) == ("failed", 4)
    assert run.error.__traceback__ is None  # its frames would keep the run's memory
    state = workshop.store.state(KEY, Point("A", 4))
    assert state.step == 4 and weights(state).isfinite().all()
    again = finish(workshop.go_on(KEY, Point("A", 4), replace(tiny, lr_g=1e-4)))
    assert (again.phase, again.record.step) == ("finished", 21)
    assert [(mark.step, mark.name, mark.new) for mark in again.record.marks] == [(4, "lr_g", 1e-4)]


def test_a_full_line_and_too_long_a_step_are_refused(tiny):
    line, gate = Line(Limits(line=2)), Gate()
    queued = [line.join(order(tiny, gate)), line.join(order(tiny))]
    with pytest.raises(LineFull):
        line.join(order(tiny))
    with pytest.raises(ConfigError, match="batch_size: got 2048, allowed is a whole number from 1 to") as caught:
        line.join(order(TrainConfig(batch_size=2048, k=10)))
    largest = int(caught.value.limits["high"])
    check_work(TrainConfig(batch_size=largest, k=10))
    gate.opened.set()
    for run in queued:
        finish(run)


def test_a_network_is_only_so_large_however_small_the_batch(tiny):
    wide = {"widths_g": (4096,) * 8, "widths_d": (4096,) * 8, "batch_size": 1}
    for field, other in (("widths_g", "widths_d"), ("widths_d", "widths_g")):
        config = TrainConfig.from_mapping({**wide, other: (8,)})
        with pytest.raises(ConfigError, match=rf"^{field}: got \(4096, .* at most 5,000,000 weights") as caught:
            Line().join(order(config))
        for language in LANGUAGES:
            words = explain(language, caught.value)
            assert say(language, f"field.{field}") in words and "5,000,000" in words and "4096" in words
    for config in (*PRESETS.values(), replace(tiny, widths_g=(2048, 1024, 512), widths_d=(1024,) * 5)):
        check_work(config)


def test_no_run_is_longer_than_the_longest(tiny):
    with pytest.raises(ConfigError, match="seconds: got"):
        Line().join(order(replace(tiny, seconds=Limits().run_seconds + 1)))
    with pytest.raises(ConfigError, match="from 1 to 120"):
        Line(Limits(run_seconds=120)).join(order(replace(tiny, seconds=121)))
    run = finish(Line(Limits(run_seconds=1)).join(order(replace(tiny, epochs=100_000))))
    assert run.phase == "finished" and run.record.epoch < 100_000
    with pytest.raises(ConfigError, match="steps: got 11, allowed is a whole number from 1 to 10"):
        Line(Limits(run_steps=10)).join(order(replace(tiny, steps=11)))
    run = finish(Line(Limits(run_steps=10)).join(order(replace(tiny, epochs=100))))
    assert (run.phase, run.record.step) == ("finished", 10)


def test_as_many_runs_train_at_a_time_as_the_limits_say(tiny):
    line, gates = Line(Limits(runs=2)), [Gate(), Gate()]
    queued = [line.join(order(tiny, gate)) for gate in gates] + [line.join(order(tiny)), line.join(order(tiny))]
    assert [run.place for run in queued] == [0, 0, 1, 2]
    for gate in gates:
        assert gate.reached.wait(PATIENCE)  # both are past the line
    assert queued[2].phase == "waiting"
    gates[0].opened.set()
    finish(queued[0])
    finish(queued[2])
    finish(queued[3])
    assert queued[1].phase == "running"
    gates[1].opened.set()
    finish(queued[1])


def test_pause_and_go_on_is_the_uninterrupted_run_bit_for_bit(endless, tmp_path, workshop, images):
    config = replace(endless, steps=40)
    run = stop_after(workshop.start(KEY, config), 5)
    point = Point("A", run.record.step)
    assert run.phase == "paused" and point.step < 40 and run.state is None
    workshop.store.flush()
    again = Workshop(Line(), Store(tmp_path))  # the program was started anew
    assert again.store.shelf(KEY).records["A"].curve == run.record.curve
    rest = finish(again.go_on(KEY, point, config))
    assert rest.phase == "finished"
    whole = TrainState(config)
    steps = [p.step for p in train(config, images, whole)]
    assert same(again.store.state(KEY, Point("A", 40)), whole)
    assert [reading.step for reading in rest.record.curve.all_points] == steps


def test_a_long_run_leaves_points_on_its_way(endless, workshop, monkeypatch):
    monkeypatch.setattr(runs, "SAVE_EVERY", 0.0)
    run = stop_after(workshop.start(KEY, endless), 12)
    points = workshop.store.shelf(KEY).points
    assert points[-1] == Point("A", run.record.step) and 3 < len(points) <= MOST_POINTS
    assert workshop.store.state(KEY, points[0]).step == points[0].step


def test_a_watched_run_that_nobody_looks_at_pauses_by_itself(endless, workshop, monkeypatch):
    monkeypatch.setattr(runs, "LONELY", 0.05)
    run = workshop.start(KEY, endless)
    run.join(PATIENCE)
    assert run.phase == "paused" and workshop.store.shelf(KEY).points == [Point("A", run.record.step)]


def test_same_seed_and_settings_same_curves(tiny, workshop):
    first, second = (finish(workshop.start(KEY, tiny)).record for _ in range(2))
    assert (first.name, second.name) == ("A", "B")
    assert first.curve.all_points == second.curve.all_points


def test_a_run_whose_time_was_too_short_gets_other_seconds_whole(tiny, workshop):
    short = replace(tiny, seconds=1, epochs=100_000)
    record = finish(workshop.start(KEY, short)).record
    spent = record.spent
    assert record.unread and spent >= 1 and record.fraction(7) == 1
    run = finish(workshop.go_on(KEY, Point("A", record.step), short, seconds=2))
    assert (run.record.config.seconds, run.record.grants, run.record.paid) == (2, 1, spent)
    assert run.record.spent - spent >= 2
    again = finish(workshop.go_on(KEY, Point("A", run.record.step), short))  # Continue grants the same once more
    assert (again.record.config.seconds, again.record.grants) == (2, 2)


def test_a_finished_run_that_goes_on_gets_its_budget_again(tiny, workshop):
    finish(workshop.start(KEY, replace(tiny, steps=10)))
    run = finish(workshop.go_on(KEY, Point("A", 10), tiny))
    assert (run.record.step, run.record.grants) == (20, 2)
    epochs = finish(workshop.start(KEY, tiny)).record
    assert (epochs.step, epochs.epoch) == (21, 2)
    assert finish(workshop.go_on(KEY, Point("B", 21), tiny)).record.step == 42


@pytest.mark.parametrize("players", [("discriminator",), ("generator",), ("discriminator", "generator")])
def test_one_step_moves_only_its_players_and_says_what_it_changed(tiny, workshop, players):
    begun = finish(workshop.start(KEY, replace(tiny, lr_g=0.01, lr_d=0.01, dropout=0, steps=3)))
    before = workshop.store.state(KEY, Point("A", 3))
    run = finish(workshop.go_on(KEY, Point("A", 3), begun.record.config, players))
    assert (run.phase, run.record.step) == ("paused", 4)
    after = workshop.store.state(KEY, Point("A", 4))
    for role in ("generator", "discriminator"):
        pairs = zip(getattr(before, role).parameters(), getattr(after, role).parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs) == (role not in players)
    was, now = run.move["before"], run.move["after"]
    if players == ("discriminator",):
        assert now["loss_d"] < was["loss_d"]
    if players == ("generator",):
        assert now["loss_g"] < was["loss_g"]
    assert workshop.store.shelf(KEY).points == [Point("A", 4)]  # a step takes the place of where it began


def test_a_step_of_both_is_the_step_that_a_run_would_make(tiny, workshop, images):
    config = replace(tiny, steps=3)
    finish(workshop.start(KEY, config))
    finish(workshop.go_on(KEY, Point("A", 3), config, ("discriminator", "generator")))
    whole = TrainState(config)
    list(train(replace(config, steps=4), images, whole))
    assert same(workshop.store.state(KEY, Point("A", 4)), whole)


def test_steps_may_begin_a_run(tiny, workshop):
    run = finish(workshop.start(KEY, tiny, players=("discriminator", "generator")))
    assert (run.phase, run.record.step) == ("paused", 1) and set(run.move) == {"players", "before", "after"}


def test_what_changes_during_a_run_holds_from_the_next_step_and_is_marked(endless, workshop):
    run = workshop.start(KEY, endless)
    until(run, lambda: run.record.step >= 3)
    run.change(lr_g=0.5, k=2)
    until(run, lambda: run.record.marks)
    with pytest.raises(ConfigError, match="lr_d: got 7"):
        run.change(lr_d=7)
    marked = run.record.marks[0].step
    stop_after(run, marked + 2)
    assert [(mark.name, mark.old, mark.new) for mark in run.record.marks] == [("lr_g", 2e-4, 0.5), ("k", 1, 2)]
    state = workshop.store.state(KEY, Point("A", run.record.step))
    assert state.optimizer_g.param_groups[0]["lr"] == 0.5 and state.config.k == 2


def test_a_state_is_read_when_the_turn_comes(tiny, workshop):
    """Twenty in the line hold nothing. What vanished or was damaged meanwhile ends the run, and costs nothing else."""
    finish(workshop.start(KEY, replace(tiny, steps=3)))
    workshop.store.flush()
    gate, point, before = Gate(), Point("A", 3), workshop.store.shelf(KEY).records["A"].copy()
    path = workshop.store.folder / KEY / "A-3.safetensors"
    kept = path.read_bytes()
    for damage, error in ((path.unlink, CheckpointError), (lambda: path.write_bytes(b"no tensors"), CheckpointError)):
        for go in (workshop.go_on, workshop.fork):
            workshop.line.join(order(tiny, gate))
            run = go(KEY, point, replace(tiny, lr_g=0.1))
            damage()
            gate.opened.set()
            assert finish(run).phase == "failed" and isinstance(run.error, error) and run.state is None
            assert run.order.first_state is TrainState
            assert workshop.store.shelf(KEY).records == {"A": before} and workshop.store.shelf(KEY).points == [point]
            path.write_bytes(kept)
    assert finish(workshop.go_on(KEY, point, tiny)).record.step == 6


def test_a_fork_leaves_its_parent_alone_and_takes_other_settings(tiny, workshop):
    parent = finish(workshop.start(KEY, replace(tiny, steps=5)))
    fork = finish(workshop.fork(KEY, Point("A", 5), replace(tiny, steps=5, lr_d=1e-3, digits=(1, 2))))
    record = fork.record
    assert (record.name, record.origin, record.begun_step, record.step) == ("B", "A:5", 5, 10)
    assert [mark.name for mark in record.marks] == ["lr_d"] and record.curve.all_points[0][0] == 6
    assert record.departs == {"lr_d": 1e-3, "digits": [1, 2]} and parent.record.departs == {}
    assert parent.record.step == 5 and list(workshop.store.shelf(KEY).points) == [Point("A", 5), Point("B", 10)]
    with pytest.raises(ConfigError, match="widths_g: got"):
        workshop.fork(KEY, Point("A", 5), replace(tiny, widths_g=(8,)))
    assert list(workshop.store.shelf(KEY).records) == ["A", "B"]


def test_going_on_from_an_earlier_point_is_a_fork(tiny, workshop):
    finish(workshop.start(KEY, replace(tiny, steps=4)))
    finish(workshop.go_on(KEY, Point("A", 4), tiny))
    again = finish(workshop.go_on(KEY, Point("A", 4), tiny))
    assert (again.record.name, again.record.origin) == ("B", "A:4")


def test_a_fifth_run_takes_the_place_of_the_oldest_that_is_not_its_parent(tiny, workshop):
    short = replace(tiny, steps=2)
    for _ in range(MOST_RUNS):
        finish(workshop.start(KEY, short))
    finish(workshop.fork(KEY, Point("A", 2), short))
    shelf = workshop.store.shelf(KEY)
    assert list(shelf.records) == ["A", "C", "D", "E"] and Point("B", 2) not in shelf.points


def test_a_visitor_has_one_run_at_a_time_and_what_is_gone_is_gone(endless, workshop):
    run = workshop.start(KEY, endless)
    for act in (lambda: workshop.start(KEY, endless), lambda: workshop.drop(KEY)):
        with pytest.raises(Busy):
            act()
    step = stop_after(run, 2).record.step
    with pytest.raises(Gone):
        workshop.go_on(KEY, Point("A", step + 1), endless)
    workshop.drop(KEY, "A")
    with pytest.raises(Gone):
        workshop.fork(KEY, Point("A", step), endless)
    assert workshop.store.shelf(KEY).records == {}


def test_deleted_runs_come_back_until_the_next_one_begins(tiny, endless, workshop):
    short, shelf = replace(tiny, steps=2), workshop.store.shelf(KEY)
    finish(workshop.start(KEY, short))
    finish(workshop.go_on(KEY, Point("A", 2), short))
    workshop.drop(KEY)
    assert shelf.records == {}
    workshop.take_back(KEY)
    assert shelf.points == [Point("A", 2), Point("A", 4)]
    assert finish(workshop.go_on(KEY, Point("A", 4), short)).record.step == 6
    workshop.drop(KEY)
    with pytest.raises(ConfigError):
        workshop.start(KEY, replace(tiny, seconds=1e6))  # it never begins
    assert shelf.aside
    run = workshop.start(KEY, endless)
    for act in (workshop.drop, workshop.take_back):
        with pytest.raises(Busy):
            act(KEY)
    stop_after(run, 3)
    with pytest.raises(Gone):
        workshop.take_back(KEY)
    assert list(shelf.records) == ["A"] and shelf.records["A"] is run.record and not shelf.aside
    workshop.store.flush()
    [kept] = (workshop.store.folder / KEY).glob("*.safetensors")
    assert kept.name == f"A-{run.record.step}.safetensors"


def test_a_run_that_never_began_leaves_nothing(tiny, workshop):
    def fails(config):
        raise RuntimeError("CUDA out of memory")

    assert finish(workshop.start(KEY, tiny, fails)).phase == "failed"
    assert workshop.store.shelf(KEY).records == {}
    workshop.line.limits = Limits(training=False)
    with pytest.raises(NoTraining):
        workshop.start(KEY, tiny)
    assert workshop.store.shelf(KEY).records == {}


def test_a_run_that_is_deleted_leaves_nothing_in_memory(tiny, workshop):
    """What was seen of it stayed for an hour: a server that trained all the time grew."""
    finish(workshop.start(KEY, tiny))
    first = weakref.ref(finish(workshop.start(KEY, tiny)).record)
    workshop.drop(KEY, "A")
    assert workshop.store.shelf(KEY).run is not None, "the last run is another one"
    workshop.drop(KEY, "B")
    gc.collect()
    assert first() is None and workshop.store.shelf(KEY).is_empty
