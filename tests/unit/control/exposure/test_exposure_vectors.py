"""The published and derived figures that exposure must give; each names where it is from."""

import pytest

from control.exposure import budget, kinetic, shelf_life, statistics
from control.exposure.budget import Budget, Counting
from control.exposure.shelf_life import Q10, Exponential, SquareRoot, Step
from control.exposure.timeline import Sampled, hold
from control.exposure.trip import Trip, interpolated_s

MINUTE_MS = 60_000


def kinetic_c(stretches):
    return kinetic.temperature_c(kinetic.measure(stretches), statistics.measure(stretches))


def test_v1_mkt_of_six_equal_weights(history) -> None:
    """Source: tests of ddcmath, dH 83.14472 kJ/mol and R 8.314472 J/(mol K)."""
    stretches = history(*((1, at_c) for at_c in (19.8, 20.2, 20.6, 21, 21.3, 21.5)))

    assert kinetic_c(stretches) == pytest.approx(20.752780387897474, abs=1e-10)
    assert statistics.measure(stretches).mean == pytest.approx(20.7333, abs=1e-4)


def test_v2_mkt_of_seven_equal_weights(history) -> None:
    """Source: README of zelti/mkt."""
    stretches = history(*((1, at_c) for at_c in (2, 2, 5, 8, 8, 8, 8)))

    assert kinetic_c(stretches) == pytest.approx(6.25026, abs=1e-5)
    assert statistics.measure(stretches).mean == pytest.approx(5.857, abs=1e-3)


@pytest.mark.parametrize(
    ("parts", "expected_c"),
    [
        pytest.param(((18, 5.0), (6, 14.0)), 8.285, id="cold chain, a day of 24 h: above 8"),
        pytest.param(((717, 22.0), (3, 29.0)), 22.043, id="room temperature, 30 days: below 25"),
    ],
)
def test_mkt_of_a_window_with_an_excursion(history, parts, expected_c) -> None:
    """Derived from the formula of USP <1079.2>."""
    assert kinetic_c(history(*parts)) == pytest.approx(expected_c, abs=5e-4)


def test_counting_samples_would_fail_goods_that_weighing_time_passes() -> None:
    """GSP records every 30 min, every 2 min while out of range; 46 samples of 5 degC, 31 of 12 degC in 24.03 h."""
    cold = [Sampled(index * 30 * MINUTE_MS, 5.0) for index in range(46)]
    warm = [Sampled((46 * 30 + index * 2) * MINUTE_MS, 12.0) for index in range(31)]
    end_ms = (46 * 30 + 31 * 2) * MINUTE_MS
    by_time = hold([*cold, *warm], 0, end_ms, 90 * MINUTE_MS)
    by_count = [
        stretch._replace(start_ms=i, end_ms=i + n) for i, stretch, n in ((0, by_time[0], 46), (46, by_time[1], 31))
    ]

    assert kinetic_c(by_count) == pytest.approx(8.54, abs=5e-3)
    assert kinetic_c(by_time) == pytest.approx(5.46, abs=5e-3)
    assert statistics.measure(by_count).mean == pytest.approx(7.82, abs=5e-3)
    assert statistics.measure(by_time).mean == pytest.approx(5.30, abs=5e-3)


def test_v3_rate_and_life_by_piecewise_q10() -> None:
    """Source: Saltveit in USDA Handbook 66, relative rate and shelf life by temperature."""
    steps = tuple(Step(up_to_c=top, q10=q10) for top, q10 in ((10, 3.0), (20, 2.5), (30, 2.0), (40, 1.5)))
    law = Q10(reference_c=0, life_d=100, valid_from_c=0, valid_to_c=40, source="USDA Handbook 66", steps=steps)

    rates = [shelf_life.rate(law, at_c) for at_c in (0, 10, 20, 30, 40)]

    assert rates == pytest.approx([1, 3, 7.5, 15, 22.5])
    assert [round(shelf_life.remaining_d(law, 0, at_c)) for at_c in (0, 10, 20, 30, 40)] == [100, 33, 13, 7, 4]


def test_v4_life_by_the_square_root() -> None:
    """Source: SSSP, fresh fish from temperate waters, Tmin -10 degC: 21 days at 5 degC are 47.2 at 0 degC."""
    law = SquareRoot(reference_c=5, life_d=21, valid_from_c=-2, valid_to_c=15, source="SSSP", minimum_c=-10)

    assert shelf_life.remaining_d(law, 0, 0) == pytest.approx(47.25)


@pytest.mark.parametrize(("first_c", "then_c", "total_d"), [(5, 15, 20), (15, 5, 24)])
@pytest.mark.parametrize("life_d", [36.4, 37.0])
def test_v6_cold_smoked_salmon_by_the_exponential_law(history, first_c, then_c, total_d, life_d) -> None:
    """Source: FSSP, ln RRS = 0.089 T, 8.9 days at one temperature, then the other, predicted 20 and 24 days."""
    law = Exponential(reference_c=5, life_d=life_d, valid_from_c=0, valid_to_c=25, source="FSSP", per_k=0.089)
    lost = shelf_life.measure(history((8.9 * 24, first_c)), law).fraction

    assert round(8.9 + shelf_life.remaining_d(law, lost, then_c)) == total_d


WHO_I = {
    "45-single": Budget(id="a", above_c=45, counting=Counting.SINGLE, allowed_s=3_600, source="WHO shipping type I"),
    "30-cumulative": Budget(id="b", above_c=30, counting=Counting.CUMULATIVE, allowed_s=36_000, source="WHO type I"),
}


def test_v10_cumulative_alarm_at_hour_twelve(history) -> None:
    """Source: WHO Q-tag, shipping device type I: above 30 degC for 10 h in all."""
    stretches = history((6, 31.0), (2, 25.0), (4, 31.0))

    assert budget.spent_at(stretches, WHO_I["30-cumulative"]) == 12 * 60 * MINUTE_MS
    assert budget.measure(stretches, WHO_I["30-cumulative"]).share(WHO_I["30-cumulative"]) == 1.0


def test_v10_a_single_event_must_be_unbroken(history) -> None:
    """Source: the same: 45 degC for 1 h at one stretch."""
    broken = history((0.75, 46.0), (0.1, 44.0), (0.75, 46.0))
    unbroken = history((0.5, 44.0), (1, 46.0))

    assert budget.spent_at(broken, WHO_I["45-single"]) is None
    assert budget.spent_at(unbroken, WHO_I["45-single"]) == 90 * MINUTE_MS


def test_v11_trip_length_duration_and_violation() -> None:
    """Source: TempSen glossary: (n - 1) d, n d, points out of range times d."""
    trip = Trip(points=144, interval_s=600)

    assert (trip.length_s, trip.duration_s, trip.violation_s(2)) == (143 * 600, 86_400, 1_200)


def test_v11_sample_and_hold_counts_as_a_logger_does_and_straight_lines_do_not() -> None:
    """Derived: 5, 11, 9, 5 degC at 10, 20, 30, 40 min, limit 8: 20 min, where interpolation would give 17.5."""
    samples = [(10, 5.0), (20, 11.0), (30, 9.0), (40, 5.0)]
    limit = Budget(id="over-8", above_c=8, counting=Counting.CUMULATIVE, allowed_s=3_600, source="site rule")
    held = hold([Sampled(at * MINUTE_MS, c) for at, c in samples], 10 * MINUTE_MS, 50 * MINUTE_MS, 30 * MINUTE_MS)

    assert budget.measure(held, limit).beyond_ms == 20 * MINUTE_MS == Trip(4, 600).violation_s(2) * 1000
    assert interpolated_s([(at * 60, c) for at, c in samples], above=8) == 17.5 * 60


def test_a_trip_of_one_point_or_none_has_no_length() -> None:
    assert Trip(points=1, interval_s=600).length_s == Trip(points=0, interval_s=600).length_s == 0
