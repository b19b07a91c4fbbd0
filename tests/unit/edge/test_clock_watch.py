"""How far the gateway's clock is off control's, by receipts alone."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from edge.health.clock_watch import BUCKET_S, OFF_S, START_S, STEP_S, WINDOW_S, ClockState, ClockWatch

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Bench:
    """A gateway whose clock is ahead of control's by `ahead_s`; control's shows noon at monotonic 0."""

    def __init__(self, ahead_s: float = 0.0) -> None:
        self.ahead_s = ahead_s
        self.now_s = 0.0
        self.watch = ClockWatch(self.wall(), 0.0)

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.now_s + self.ahead_s)

    def round_trip(self, there_s: float, back_s: float) -> None:
        sent_s = self.now_s
        recorded_at = NOON + timedelta(seconds=sent_s + there_s)
        self.now_s += there_s + back_s
        self.watch.heard(sent_s, recorded_at, self.wall(), self.now_s)

    def state(self) -> ClockState:
        self.watch.look(self.wall(), self.now_s)
        return self.watch.state(self.now_s)


@pytest.mark.parametrize("ahead_s", [0.0, 1.5, -1.5, 3.0, -10_800.0])
def test_an_even_round_trip_gives_the_offset_itself(ahead_s: float) -> None:
    bench = Bench(ahead_s)
    bench.round_trip(0.05, 0.05)
    assert bench.watch.offset_s == pytest.approx(ahead_s, abs=1e-6)


def test_the_shortest_round_trip_of_the_window_counts() -> None:
    bench, dice = Bench(0.7), Random(3)
    for _ in range(300):
        bench.round_trip(dice.uniform(0.0, 1.5), 0.02)
    assert bench.watch.offset_s == pytest.approx(0.7, abs=0.05)
    assert len(bench.watch._samples) <= WINDOW_S / BUCKET_S + 1


def test_a_receipt_that_waited_somewhere_measures_nothing() -> None:
    bench = Bench(3.0)
    bench.round_trip(60.0, 0.1)
    assert bench.watch.offset_s is None


@pytest.mark.parametrize(
    ("ahead_s", "state"),
    [
        (OFF_S - 0.01, ClockState.TRUSTED),
        (OFF_S + 0.01, ClockState.OFFSET),
        (-OFF_S - 0.01, ClockState.OFFSET),
        (0.01 - OFF_S, ClockState.TRUSTED),
    ],
)
def test_a_clock_is_trusted_when_it_is_less_than_two_seconds_off(ahead_s: float, state: ClockState) -> None:
    bench = Bench(ahead_s)
    bench.round_trip(0.01, 0.01)
    assert bench.state() is state


def test_a_clock_never_measured_is_unknown_after_half_a_minute_and_no_news_before() -> None:
    bench = Bench()
    bench.now_s = START_S - 0.1
    assert bench.state() is ClockState.STARTING
    bench.now_s = START_S
    assert bench.state() is ClockState.UNKNOWN


def test_a_measurement_stands_for_ten_minutes() -> None:
    bench = Bench()
    bench.round_trip(0.01, 0.01)
    bench.now_s += WINDOW_S
    assert bench.state() is ClockState.TRUSTED
    bench.now_s += 0.1
    assert bench.state() is ClockState.UNKNOWN


def test_a_clock_that_is_set_is_stepped_until_it_is_measured_again() -> None:
    bench = Bench(120.0)
    bench.round_trip(0.01, 0.01)
    assert bench.state() is ClockState.OFFSET
    bench.now_s += 1.0
    bench.ahead_s = 0.0
    assert bench.state() is ClockState.STEPPED
    bench.round_trip(0.01, 0.01)
    assert bench.state() is ClockState.TRUSTED


def test_a_clock_that_is_slewed_is_not_stepped() -> None:
    bench = Bench(1.0)
    bench.round_trip(0.01, 0.01)
    for _ in range(1_000):
        bench.now_s += 0.5
        bench.ahead_s -= STEP_S / 500
        assert bench.state() is ClockState.TRUSTED
