"""Readings to edges: limit, deadband, delays, gaps, bad and late readings, staleness."""

import pytest

from coldport.site import Quantity
from control.alarms.definition import Kind
from control.entries import Started

MINUTE = 60


@pytest.mark.parametrize(
    ("samples", "until", "edges"),
    [
        ({0: 8.1, 12: 7.8, 15: 7.5}, 20, [("raise", 10), ("clear", 20)]),
        ({0: 8.1, 9: 7.9, 10: 8.1, 30: 7.0}, 35, [("raise", 10), ("clear", 35)]),
        (dict.fromkeys(range(60), 8.0), 60, []),
    ],
    ids=["raise-10-clear-20", "a-dip-into-the-deadband-restarts-nothing", "at-the-limit-is-not-beyond-it"],
)
def test_the_derived_vectors_hold(judged, definition, samples, until, edges):
    judge = judged(definition(deadband=0.5, on_delay_s=600, off_delay_s=300), every_s=10 * MINUTE)
    for minute, value in samples.items():
        judge.observe(minute * MINUTE, value)
    judge.tick(until * MINUTE + 0.5)
    assert judge.edges == [(edge, minute * MINUTE) for edge, minute in edges]


@pytest.mark.parametrize(
    ("kind", "quantity", "limit", "beyond", "within"),
    [
        (Kind.HI, Quantity.TEMPERATURE, 8.0, 8.001, 8.0),
        (Kind.HIHI, Quantity.TEMPERATURE, -12.0, -11.9, -12.0),
        (Kind.LO, Quantity.TEMPERATURE, 2.0, 1.999, 2.0),
        (Kind.LOLO, Quantity.TEMPERATURE, -0.5, -0.6, -0.5),
        (Kind.OPEN, Quantity.DOOR, None, 1.0, 0.0),
    ],
)
def test_each_kind_is_true_beyond_its_limit_and_not_at_it(judged, definition, kind, quantity, limit, beyond, within):
    judge = judged(definition(kind=kind, quantity=quantity, limit=limit), quantity=quantity)
    judge.observe(0, within)
    assert judge.edges == []
    judge.observe(1, beyond)
    assert judge.edges == [("raise", 1)]
    judge.observe(2, within)
    assert judge.edges == [("raise", 1), ("clear", 2)]


def test_an_alarm_clears_at_limit_minus_deadband_and_not_before(judged, definition):
    judge = judged(definition(deadband=0.5))
    for second, value in enumerate([9.0, 8.0, 7.6, 7.501]):
        judge.observe(second, value)
    assert judge.edges == [("raise", 0)]
    judge.observe(4, 7.5)
    assert judge.edges == [("raise", 0), ("clear", 4)]


def test_a_duration_exactly_as_long_as_the_delay_is_enough(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0, 9.0)
    judge.observe(1, 9.0)
    judge.observe(2, 7.0)
    assert judge.edges == [("raise", 2), ("clear", 2)]


def test_a_duration_a_millisecond_short_of_the_delay_is_not(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0.001, 9.0)
    judge.observe(1, 9.0)
    judge.observe(2, 7.0)
    judge.tick(4)
    assert judge.edges == []


def test_a_condition_that_ends_at_half_its_delay_ten_times_never_raises(judged, definition):
    judge = judged(definition(on_delay_s=2))
    for second in range(0, 20, 2):
        judge.observe(second, 9.0)
        judge.observe(second + 1, 7.0)
    assert judge.edges == []


def test_a_tick_raises_within_a_second_of_a_delay_that_ends_between_two_readings(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0, 9.0)
    judge.observe(1.5, 9.0)
    judge.tick(2.25)
    assert judge.edges == []  # a reading made before second 2 may still be on its way
    judge.tick(2.5)
    assert judge.edges == [("raise", 2)]


def test_a_tick_does_not_speak_for_a_reading_that_is_overdue(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0, 9.0)
    judge.tick(10)
    assert judge.edges == []
    judge.observe(1, 7.0, recorded_s=10)  # a broker that was down brings it now
    judge.tick(20)
    assert judge.edges == []


def test_a_delay_that_ended_before_a_gap_is_told_by_the_first_reading_after_it(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0, 9.0)
    judge.tick(10)
    judge.observe(20, 7.0)
    assert judge.edges == [("raise", 2), ("clear", 20)]


def test_bad_readings_neither_raise_nor_clear(judged, definition):
    judge = judged(definition(), definition(id="lo", kind=Kind.LO, limit=2.0))
    judge.observe(0, None)
    judge.observe(1, 9.0)
    for second in range(2, 50):
        judge.observe(second, None)
    assert judge.edges == [("raise", 1)]


def test_a_delay_stands_still_while_readings_are_bad(judged, definition):
    judge = judged(definition(on_delay_s=3))
    judge.observe(0, 9.0)
    judge.observe(1, None)
    judge.observe(10, 9.0)
    judge.observe(11, 9.0)
    assert judge.edges == []
    judge.observe(12, 9.0)
    assert judge.edges == [("raise", 12)]  # seconds 0 to 1 and 10 to 12 were known


def test_a_delay_stands_still_past_three_intervals_of_silence(judged, definition):
    judge = judged(definition(on_delay_s=4))
    judge.observe(0, 9.0)
    judge.tick(60)
    judge.observe(100, 9.0)
    assert judge.edges == []
    judge.observe(101, 9.0)
    assert judge.edges == [("raise", 101)]  # seconds 0 to 3 and 100 to 101 were known


def test_a_gap_does_not_clear_an_alarm(judged, definition):
    judge = judged(definition(off_delay_s=5))
    judge.observe(0, 9.0)
    judge.observe(1, 7.0)
    judge.tick(500)
    judge.observe(501, 9.0)
    assert judge.edges == [("raise", 0)]


def test_time_alone_moves_nothing_in_a_replayed_past(judged, definition):
    judge = judged(definition(on_delay_s=2))
    judge.observe(0, 9.0, recorded_s=1_000_000)
    judge.tick(1_000_000)
    assert judge.edges == []
    judge.observe(1, 7.0, recorded_s=1_000_000)
    judge.observe(5, 7.0, recorded_s=1_000_000)
    assert judge.edges == []


def test_a_backlog_gives_the_alarms_that_were_missed_at_their_own_times(judged, definition):
    judge = judged(definition(on_delay_s=5))
    for second in range(20):
        judge.observe(second, 9.0 if 3 <= second < 12 else 7.0, recorded_s=240)
    assert judge.edges == [("raise", 8), ("clear", 12)]


def test_a_reading_of_a_moment_that_was_read_or_lies_beyond_the_watermark_is_not_judged(judged, definition):
    judge = judged(definition())
    judge.observe(5, 7.0)
    judge.observe(5, 9.0)
    judge.observe(2.9, 9.0)
    assert (judge.edges, judge.engine.late) == ([], 2)


def test_a_reading_from_more_than_a_minute_ahead_is_not_judged_and_blocks_no_later_one(judged, definition):
    judge = judged(definition())
    judge.observe(60, 7.0, recorded_s=0)
    judge.observe(3600, 9.0, recorded_s=3539.9)
    assert (judge.edges, judge.engine.ahead) == ([], 1)
    judge.observe(61, 9.0)
    assert judge.edges == [("raise", 61)]


@pytest.fixture
def silent(judged, definition, at):
    judge = judged(definition(id="stale", kind=Kind.STALE, limit=30.0, unit="s"), settle_s=60)
    judge.take(Started(at=at(0)), 0)
    return judge


def test_a_point_is_stale_when_its_limit_has_passed_without_a_usable_reading(silent):
    silent.observe(100, 5.0)
    silent.tick(129.75)
    assert silent.edges == []
    silent.tick(130)
    assert silent.edges == [("raise", 130)]


def test_a_point_never_heard_of_is_stale_only_after_the_settle_time_and_the_limit(silent):
    silent.tick(89)
    assert silent.edges == []
    silent.tick(90.2)
    assert silent.edges == [("raise", 90)]


def test_a_probe_that_only_fails_goes_stale(silent):
    for second in range(60, 140):
        silent.observe(second, 5.0 if second == 60 else None)
        silent.tick(second)
    assert silent.edges == [("raise", 90)]


def test_a_fresh_reading_ends_staleness_when_it_is_recorded_and_a_backlog_does_not(silent):
    silent.tick(90)
    silent.observe(70, 5.0, recorded_s=200)
    silent.tick(200)
    assert silent.edges == [("raise", 90)]
    silent.observe(199, 5.0, recorded_s=201)
    assert silent.edges == [("raise", 90), ("clear", 201)]


def test_a_clock_ahead_does_not_keep_a_silent_point_fresh(silent):
    silent.observe(150, 5.0, recorded_s=100)
    silent.tick(130)
    assert silent.edges == [("raise", 130)]
