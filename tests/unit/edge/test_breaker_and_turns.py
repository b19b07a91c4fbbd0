"""When a silent unit is asked again, and whose turn it is on a line. Pure rules, by the second."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drivers.modbus.breaker import Breaker
from edge.drivers.modbus.turns import Ask, Report, Turn, Wait, choose

TIMEOUT_S = 0.4


def test_a_unit_that_missed_once_may_be_asked_again_at_once() -> None:
    breaker = Breaker()
    breaker.missed(10.0)
    assert (breaker.is_open, breaker.probe_s) == (False, 10.0)


def test_probes_of_a_dead_unit_come_after_1_2_4_seconds_and_at_last_every_60() -> None:
    breaker = Breaker()
    breaker.missed(0.0)
    waits = []
    for _ in range(9):
        breaker.missed(0.0)
        waits.append(breaker.probe_s)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_one_answer_makes_a_dead_unit_whole_again() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.missed(0.0)
    breaker.answered()
    breaker.missed(100.0)
    breaker.missed(100.0)
    assert breaker.probe_s == 101.0


def test_the_unit_that_has_waited_longest_is_asked_first() -> None:
    turns = [Turn(0, 1.0, due_s=5.0), Turn(1, 1.0, due_s=4.5), Turn(2, 1.0, due_s=4.9)]
    assert choose(turns, 5.0, TIMEOUT_S) == Ask(turns[1])


def test_a_line_with_nothing_due_waits_until_something_is() -> None:
    assert choose([Turn(0, 1.0, due_s=5.0), Turn(1, 1.0, due_s=4.5)], 4.0, TIMEOUT_S) == Wait(0.5)


def test_a_line_also_wakes_for_a_probe() -> None:
    turns = [Turn(0, 10.0, due_s=9.0), Turn(1, 10.0, due_s=9.0, breaker=Breaker(misses=2, wait_s=1, probe_s=6.0))]
    assert choose(turns, 4.0, TIMEOUT_S) == Wait(2.0)


def test_a_dead_unit_that_is_due_is_reported_and_not_asked() -> None:
    turns = [Turn(0, 1.0, due_s=4.0), Turn(1, 1.0, due_s=4.5, breaker=Breaker(misses=2, wait_s=1, probe_s=9.0))]
    assert choose(turns, 5.0, TIMEOUT_S) == Report(turns[1])


@pytest.mark.parametrize(("next_due_s", "room"), [(5.4, True), (5.39, False)])
def test_a_probe_is_made_only_when_its_time_out_fits_before_the_next_regular_read(
    next_due_s: float, room: bool
) -> None:
    dead = Turn(1, 1.0, due_s=6.0, breaker=Breaker(misses=3, wait_s=2, probe_s=4.5))
    turns = [Turn(0, 1.0, due_s=next_due_s), dead]
    assert (choose(turns, 5.0, TIMEOUT_S) == Ask(dead)) is room


def test_on_a_line_without_spare_time_a_probe_goes_first_after_being_put_off_as_long_as_it_waited() -> None:
    dead = Turn(1, 1.0, due_s=9.0, breaker=Breaker(misses=3, wait_s=2, probe_s=4.0))
    turns = [Turn(0, 0.1, due_s=5.0), dead]
    assert choose(turns, 5.9, TIMEOUT_S) == Ask(turns[0])
    assert choose(turns, 6.0, TIMEOUT_S) == Ask(dead)


def test_a_read_that_came_late_leaves_out_what_was_missed_and_keeps_the_step() -> None:
    turn = Turn(0, 1.0, due_s=5.0)
    turn.taken(7.3)
    assert turn.due_s == 8.0


def test_a_read_that_came_in_time_is_due_one_period_later() -> None:
    turn = Turn(0, 1.0, due_s=5.0)
    turn.taken(5.0)
    assert turn.due_s == 6.0


def asked_on_a_line(turns: list[Turn], dead: set[int], exchange_s: float, duration_s: float) -> dict[int, int]:
    """Play a line by the rules; return how often each unit was asked."""
    now_s, asked = 0.0, dict.fromkeys(range(len(turns)), 0)
    while now_s < duration_s:
        choice = choose(turns, now_s, TIMEOUT_S)
        if isinstance(choice, Wait):
            assert choice.duration_s > 0
            now_s += choice.duration_s
            continue
        turn = choice.turn
        if turn.due_s <= now_s:
            turn.taken(now_s)
        if isinstance(choice, Report):
            continue
        asked[turn.index] += 1
        if turn.index in dead:
            now_s += TIMEOUT_S
            turn.breaker.missed(now_s)
        else:
            now_s += exchange_s
            turn.breaker.answered()
    return asked


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 20), st.floats(0.06, 0.2), st.integers(0, 3))
def test_on_an_overloaded_line_every_living_unit_gets_the_same_share(
    count: int, exchange_s: float, dead_count: int
) -> None:
    dead = set(range(min(dead_count, count - 1)))
    turns = [Turn(index, 0.05, due_s=0.0) for index in range(count)]
    asked = asked_on_a_line(turns, dead, exchange_s, duration_s=120.0)
    shares = [times for index, times in asked.items() if index not in dead]
    assert max(shares) - min(shares) <= 1
    spent_in_vain_s = TIMEOUT_S * sum(asked[index] for index in dead)
    assert sum(shares) * exchange_s >= 120.0 - spent_in_vain_s - exchange_s
    assert all(2 <= asked[index] <= 10 for index in dead)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.5, 5.0), min_size=1, max_size=12), st.sets(st.integers(0, 11), max_size=3))
def test_on_a_line_with_time_to_spare_every_living_unit_is_asked_at_its_own_period(
    periods_s: list[float], dead: set[int]
) -> None:
    turns = [Turn(index, every_s, due_s=0.0) for index, every_s in enumerate(periods_s)]
    asked = asked_on_a_line(turns, dead, exchange_s=0.01, duration_s=100.0)
    for index, every_s in enumerate(periods_s):
        if index not in dead:
            assert asked[index] >= (100.0 / every_s) * 0.95 - 3
