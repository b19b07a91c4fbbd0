"""Time beyond a limit, at once and in all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control.alarms.definition import Kind
from control.alarms.measures import cumulative

HOUR, MINUTE = 3_600, 60


def warm(hours: float, **more):
    return {
        "id": "cum",
        "kind": Kind.CUMULATIVE_HI,
        "limit": 30.0,
        "window_s": 240 * HOUR,
        "allowed_s": hours * HOUR,
    } | more


def test_v10_who_type_i_counts_ten_hours_above_30_c_in_all_and_not_at_once(room, point):
    """WHO 10-day device, type I: >= 30 degC cumulative 10 h, >= 45 degC single 1 h (Q-tag document)."""
    place = room(
        [point("p", every_s=MINUTE)],
        warm(10),
        {"id": "single", "kind": Kind.HI, "limit": 30.0, "on_delay_s": 10 * HOUR},
        {"id": "hot", "kind": Kind.HIHI, "limit": 45.0, "on_delay_s": HOUR},
    )
    for minute in range(13 * 60):
        place.read("p", minute * MINUTE, 25.0 if 6 * 60 <= minute < 8 * 60 else 31.0)
    assert place.edges == [("raise", "cum", "p", 12 * HOUR)]


def test_v10_a_single_event_of_45_c_needs_its_hour_unbroken(room, point):
    place = room([point("p", every_s=MINUTE)], {"id": "hot", "kind": Kind.HIHI, "limit": 45.0, "on_delay_s": HOUR})
    for minute in range(200):
        place.read("p", minute * MINUTE, 40.0 if minute in (59, 110) else 46.0)
    assert place.moves("hot") == [("raise", (111 + 60) * MINUTE)]


def test_what_left_the_window_counts_no_more_and_ends_the_alarm(room, point):
    place = room([point("p", every_s=MINUTE)], warm(2 / 60, window_s=10 * MINUTE))
    for minute in range(16):
        place.read("p", minute * MINUTE, 31.0 if minute in (0, 4) else 25.0)
    assert place.edges == [("raise", "cum", "p", 5 * MINUTE), ("clear", "cum", "p", 11 * MINUTE)]


def test_at_the_limit_is_not_beyond_it_and_a_second_less_than_allowed_is_not_enough(room, point):
    place = room([point("p", every_s=MINUTE)], warm(1))
    place.series("p", dict.fromkeys(range(0, 2 * HOUR, MINUTE), 30.0))
    place.series("p", dict.fromkeys(range(2 * HOUR, 3 * HOUR, MINUTE), 31.0))
    place.series("p", {3 * HOUR - 1: 25.0, 3 * HOUR + MINUTE: 25.0})
    assert place.edges == []


def test_a_gap_does_not_count(room, point):
    place = room([point("p", every_s=MINUTE)], warm(0.5))
    place.series("p", dict.fromkeys(range(0, 20 * MINUTE, MINUTE), 31.0))
    place.read("p", 20 * MINUTE, None)
    place.series("p", dict.fromkeys(range(5 * HOUR, 5 * HOUR + 11 * MINUTE, MINUTE), 31.0))
    assert place.edges == [("raise", "cum", "p", 5 * HOUR + 10 * MINUTE)]


def test_the_low_side_is_counted_too_and_a_tick_raises_at_the_moment(room, point):
    place = room([point("p", every_s=MINUTE)], warm(1 / 60, kind=Kind.CUMULATIVE_LO, limit=-0.5, window_s=1 * HOUR))
    place.read("p", 0, -0.6)
    place.tick(30)
    place.restart()
    assert place.edges == []
    place.tick(61)
    assert place.edges == [("raise", "cum", "p", 60)]


spans = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), max_size=8)


@settings(max_examples=200, deadline=None)
@given(spans=spans, window=st.integers(5, 60), allowed=st.integers(1, 60), length=st.integers(0, 80))
def test_the_moment_of_the_sum_is_that_of_a_walk_through_every_second(spans, window, allowed, length):
    allowed = min(allowed, window)
    beyond, rows, now = set(), [], 0
    for pause, hold in spans:
        now += pause
        cumulative.add(rows, now, now + hold)
        beyond |= set(range(now, now + hold))
        now += hold
    found = cumulative.reached(rows, window, allowed, (now, now + length))
    walked = None
    for second in range(now, now + length + 1):
        if sum(one in beyond or now <= one for one in range(second - window, second)) >= allowed:
            walked = second
            break
    assert (found is None) is (walked is None)
    if found is not None:
        assert found == pytest.approx(walked)


def test_of_too_many_times_the_nearest_are_joined_so_that_nothing_is_counted_less():
    rows = []
    for index in range(3 * cumulative.SPAN_LIMIT):
        cumulative.add(rows, index * 10, index * 10 + 5)
    assert len(rows) == cumulative.SPAN_LIMIT
    assert cumulative.total(rows, 0) >= 3 * cumulative.SPAN_LIMIT * 5
    cumulative.forget(rows, 10**9)
    assert rows == []


def test_v12_a_mean_below_its_limit_for_two_minutes_fires_at_the_eighth(room, point):
    """Prometheus unit tests (robustperception): avg(1, bar) < 0.75 for 2 m, true since 6 m: nothing at 7 m, at 8 m."""
    place = room([point("p", every_s=MINUTE)], {"id": "lo", "kind": Kind.LO, "limit": 0.75, "on_delay_s": 2 * MINUTE})
    for minute in range(9):
        place.read("p", minute * MINUTE, (1 + (minute <= 5)) / 2)
        if minute < 8:
            assert place.edges == []
    assert place.edges == [("raise", "lo", "p", 8 * MINUTE)]


def test_times_are_those_of_the_calendar(room, point):
    place = room([point("p", every_s=MINUTE)], warm(1 / 60, window_s=HOUR))
    place.series("p", {0: 31.0, 60: 31.0})
    (alarm,) = place.engine.occurrences.listed()
    assert alarm.occurred_at == datetime(2026, 3, 1, 8, 0, tzinfo=UTC) + timedelta(minutes=1)
