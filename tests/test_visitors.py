"""Who a visitor is: a key that is given once, and an address."""

from types import SimpleNamespace

import pytest
from runs import KEY

from playground.live.shelf import KEY as FORM
from playground.ui import visitors
from playground.ui.visitors import GRACE, Caller, Keys, Page, owner_at

HERE, THERE = Page("192.0.2.1", "here"), Page("192.0.2.1", "there")


@pytest.fixture
def clock(monkeypatch):
    """What time it is, for a test to set."""
    now = [1000.0]
    monkeypatch.setattr(visitors.time, "monotonic", lambda: now[0])
    return now


def request_of(page: Page) -> SimpleNamespace:
    return SimpleNamespace(session_hash=page.session, client=SimpleNamespace(host=page.address))


def test_a_caller_has_the_key_of_its_browser_or_one_of_its_page():
    here, there = request_of(HERE), request_of(THERE)
    assert Caller.of(here, "en", KEY).key == Caller.of(there, "en", KEY).key == KEY
    for unknown in ("", None, "../runs", 7):
        assert Caller.of(here, "en", unknown).key == Caller.of(here, "en", "").key != Caller.of(there, "en", "").key
    assert Caller.of(here, "en", KEY).owner != Caller.of(there, "en", KEY).owner
    assert Caller.of(here, "en", KEY).address == HERE.address


def test_the_key_of_a_page_is_that_of_its_first_events(clock):
    keys = Keys()
    first = keys.lend(HERE)
    assert FORM.fullmatch(first) and keys.lend(HERE) == first != keys.lend(THERE)
    assert keys.give(HERE) == first
    clock[0] += GRACE - 1
    assert keys.lend(HERE) == first  # a click from before the answer came
    clock[0] += 2
    assert keys.lend(HERE) != first


def test_who_knows_the_name_of_a_session_does_not_learn_its_key(clock):
    keys = Keys()
    key = keys.give(HERE)
    assert keys.give(HERE) != key
    elsewhere = Page("192.0.2.99", HERE.session)
    assert key not in (keys.give(elsewhere), keys.lend(elsewhere))


def test_so_many_pages_are_remembered(monkeypatch):
    monkeypatch.setattr(visitors, "MOST_LENT", 3)
    keys, pages = Keys(), [Page("", str(n)) for n in range(5)]
    lent = [keys.lend(page) for page in pages]
    assert len(set(lent)) == 5 and keys.lend(pages[4]) == lent[4] and keys.lend(pages[0]) != lent[0]


def test_an_endpoints_callers_share_a_folder_by_their_address():
    assert owner_at(request_of(HERE)) == owner_at(request_of(THERE))
    assert owner_at(request_of(HERE)) != owner_at(request_of(Page("192.0.2.2", "here")))
