"""Batches of one spool are taken in the order of their numbers, whatever the order in which they come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.bus import Received
from coldport.messages.observation import Batch
from control import order as order_module
from control.order import PATIENCE_S, Arrival, Order

BOOT = "0" * 32


@pytest.fixture(scope="module")
def arrival(reading):
    def make(
        first: int, last: int, gateway: str = "g", *, follows: int | None = None, backlog: bool = False
    ) -> Arrival:
        observations = tuple(reading(number, 5.0, seq=number) for number in range(first, last + 1))
        batch = Batch(gateway=gateway, boot_id=BOOT, observations=observations, follows=follows, backlog=backlog)
        return Arrival(Received("t", b"", retained=False, ack=lambda: None), batch)

    return make


@pytest.fixture(scope="module")
def queue():
    return Queue


class Queue:
    """An order, and a journal that has all it passed on."""

    def __init__(self) -> None:
        self.order = Order()
        self.highest: dict[tuple[str, str], int] = {}
        self.passed: list[tuple[int, int]] = []

    def take(self, *arrived: Arrival, at_s: float = 0.0) -> list[tuple[int, int]]:
        passed = self.order.pass_on(arrived, lambda spool: self.highest.get(spool, 0), at_s)
        for one in passed:
            spool = (one.batch.gateway, one.batch.boot_id)
            self.highest[spool] = max(self.highest.get(spool, 0), one.last)
        self.passed += [(one.first, one.last) for one in passed]
        return [(one.first, one.last) for one in passed]


def test_batches_that_came_since_wait_for_those_the_broker_brings_again(queue, arrival):
    queue = queue()
    assert queue.take(arrival(1, 10)) == [(1, 10)]
    assert queue.take(arrival(31, 40), arrival(41, 50)) == []
    assert queue.take(arrival(11, 20), at_s=5) == [(11, 20)]
    assert queue.take(arrival(21, 30), at_s=5) == [(21, 30), (31, 40), (41, 50)]


def test_a_repeat_passes_at_once(queue, arrival):
    queue = queue()
    queue.take(arrival(1, 10))
    assert queue.take(arrival(1, 10), arrival(5, 12)) == [(1, 10), (5, 12)]


def test_what_is_new_waits_for_what_it_follows_and_not_for_the_backlog(queue, arrival):
    queue = queue()
    queue.take(arrival(1, 10))
    assert queue.take(arrival(111, 120)) == []
    assert queue.take(arrival(101, 110, follows=0)) == [(101, 110), (111, 120)]
    assert queue.take(arrival(126, 130, follows=120)) == [(126, 130)]


def test_the_backlog_passes_at_once_after_what_is_new(queue, arrival):
    queue = queue()
    queue.take(arrival(1, 10))
    assert queue.take(arrival(51, 60, backlog=True), arrival(31, 40, backlog=True), arrival(101, 110, follows=0)) == [
        (101, 110),
        (51, 60),
        (31, 40),
    ]


def test_what_is_missing_for_good_is_waited_for_once(queue, arrival):
    queue = queue()
    assert queue.take(arrival(101, 110)) == []
    assert queue.take(arrival(111, 120), at_s=PATIENCE_S - 0.1) == []
    assert queue.take(at_s=PATIENCE_S) == [(101, 110), (111, 120)]
    assert queue.take(arrival(121, 130), at_s=PATIENCE_S) == [(121, 130)]


def test_each_gap_gets_the_whole_patience(queue, arrival):
    queue = queue()
    assert queue.take(arrival(11, 20), arrival(31, 40)) == []
    assert queue.take(arrival(1, 10), at_s=9) == [(1, 10), (11, 20)]
    assert queue.take(at_s=PATIENCE_S) == []
    assert queue.take(at_s=9 + PATIENCE_S) == [(31, 40)]


def test_one_spool_does_not_wait_for_another(queue, arrival):
    queue = queue()
    assert queue.take(arrival(11, 20, "a"), arrival(1, 10, "b")) == [(1, 10)]


def test_more_waiting_batches_than_the_limit_are_all_taken(queue, arrival, monkeypatch):
    monkeypatch.setattr(order_module, "HELD_LIMIT", 2)
    queue = queue()
    assert queue.take(arrival(11, 20), arrival(21, 30)) == []
    assert queue.take(arrival(41, 50)) == [(11, 20), (21, 30), (41, 50)]


def test_a_journal_that_cannot_be_asked_changes_nothing(queue, arrival):
    def away(_spool):
        raise OSError

    queue = queue()
    queue.take(arrival(11, 20))
    with pytest.raises(OSError):  # noqa: PT011 - any error does
        queue.order.pass_on([arrival(1, 10)], away, 0.0)
    assert queue.take(arrival(1, 10)) == [(1, 10), (11, 20)]


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(1, 13)), repeats=st.lists(st.integers(1, 12), max_size=6))
def test_in_whatever_order_they_come_they_are_taken_in_theirs(queue, arrival, order, repeats):
    queue = queue()
    for number in [*order, *repeats]:
        queue.take(arrival(number, number))
    firsts = list(dict.fromkeys(first for first, _ in queue.passed))
    assert firsts == list(range(1, 13))
