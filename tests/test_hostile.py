"""The short forms of `benchmark hostile` and `benchmark soak`: what must hold however busy the machine is.

How long drawings wait, and whether memory rises over an hour, is measured and not tested.
"""

import sys

import pytest
from runs import apart

from playground.benchmark.attacks import NAMES
from playground.benchmark.hostile import attack_class
from playground.benchmark.soak import ACTS, compare, visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="attackers need addresses of their own, and /proc"),
]
TIMED = "99 % of the drawings"  # how the one goal begins that is a time


def test_no_attack_hurts_a_class():
    outcome = apart(attack_class, 25, 0)
    assert [goal for goal in outcome.missed(after=0) if not goal.startswith(TIMED)] == []
    assert outcome.seen.waited["a drawing"] and outcome.seen.waited["a run, in line and trained"]
    assert set(outcome.told) == set(NAMES) and all(outcome.told.values()), "an attack that asks nothing proves nothing"


def test_visits_leave_nothing_open():
    seen, levels = apart(visit, 40)
    assert seen.failed == [] and set(ACTS) <= set(seen.waited)
    assert [what for what in compare(levels) if not what.startswith(("memory", "disk"))] == []
