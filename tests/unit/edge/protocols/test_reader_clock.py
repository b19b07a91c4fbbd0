import pytest

from edge.protocols.reader_clock import OLDEST_S, WINDOW_S, ReaderClock, Timescale, Timestamp


def utc(seconds: float) -> Timestamp:
    return Timestamp(Timescale.UTC, round(seconds * 1e6))


def test_the_quickest_report_sets_the_clock_and_later_ones_are_as_old_as_they_were_slow():
    clock = ReaderClock()
    clock.observe(utc(1000.0), 5.2)
    clock.observe(utc(1001.0), 6.0)

    assert clock.age_s(utc(1001.0), 6.0) == 0.0
    clock.observe(utc(1002.0), 7.5)
    assert clock.age_s(utc(1002.0), 7.5) == pytest.approx(0.5)


def test_an_old_report_out_of_the_readers_buffer_keeps_its_age():
    clock = ReaderClock()
    clock.observe(utc(10_000.0), 1.0)
    clock.observe(utc(6_400.0), 1.1)

    assert clock.age_s(utc(6_400.0), 1.1) == pytest.approx(3600.1)


def test_a_slow_report_is_not_taken_for_a_quick_one_because_a_window_has_just_begun():
    clock = ReaderClock()
    clock.observe(utc(1000.0), 0.0)
    clock.observe(utc(1000.0 + WINDOW_S), WINDOW_S + 2.0)

    assert clock.age_s(utc(1000.0 + WINDOW_S), WINDOW_S + 2.0) == pytest.approx(2.0)


def test_a_clock_set_forward_is_followed_at_once():
    clock = ReaderClock()
    clock.observe(utc(1000.0), 1.0)
    clock.observe(utc(9000.0), 2.0)

    assert clock.age_s(utc(9000.0), 2.0) == 0.0


def test_a_clock_set_back_is_followed_within_two_windows():
    clock = ReaderClock()
    clock.observe(utc(9000.0), 0.0)
    now_s = 0.0
    while now_s < 2 * WINDOW_S:
        now_s += 1.0
        clock.observe(utc(1000.0 + now_s), now_s)

    assert clock.age_s(utc(1000.0 + now_s), now_s) == pytest.approx(0.0)


def test_drift_does_not_add_up():
    clock = ReaderClock()
    for second in range(3600):
        clock.observe(utc(second * (1 - 100e-6)), float(second))

    assert clock.age_s(utc(3599 * (1 - 100e-6)), 3599.0) < 0.013


def test_an_uptime_is_not_compared_with_a_utc_time():
    clock = ReaderClock()
    clock.observe(utc(1000.0), 1.0)
    assert clock.age_s(Timestamp(Timescale.UPTIME, 5), 1.0) == 0.0

    clock.observe(Timestamp(Timescale.UPTIME, 5_000_000), 2.0)
    assert clock.age_s(Timestamp(Timescale.UPTIME, 4_000_000), 2.0) == pytest.approx(1.0)


def test_one_wild_timestamp_spoils_nothing_that_follows():
    clock = ReaderClock()
    clock.observe(utc(1_600_000_000.0), 1.0)
    clock.observe(Timestamp(Timescale.UTC, 2**64 - 1), 2.0)
    clock.observe(utc(1_600_000_002.0), 3.0)
    clock.observe(utc(1_600_000_003.0), 4.5)

    assert clock.age_s(utc(1_600_000_003.0), 4.5) == pytest.approx(0.5)


def test_a_moment_of_more_than_a_day_ago_has_no_known_age():
    clock = ReaderClock()
    clock.observe(utc(1_600_000_000.0), 1.0)

    assert clock.age_s(utc(1_600_000_000.0 - OLDEST_S + 1), 1.0) == pytest.approx(OLDEST_S - 1)
    assert clock.age_s(utc(1_600_000_000.0 - OLDEST_S - 1), 1.0) == 0.0
