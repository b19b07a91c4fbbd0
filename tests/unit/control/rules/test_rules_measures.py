"""Slopes, forecasts, shares, counts: each on its boundary."""

import math
import random

import pytest

from coldport.site import Quantity
from control.alarms.definition import Kind
from control.alarms.detector import Detector, DetectorState
from control.alarms.measures import count, slope
from control.alarms.measures.count import COUNT_LIMIT, is_spike
from control.alarms.measures.memory import Memory
from control.alarms.measures.slope import KEPT, seconds_to
from control.alarms.measures.window import SLOTS

MINUTE, HOUR = 60, 3_600


def climb(per_minute: float, seconds: int = 10 * MINUTE, step_s: int = 5):
    return {second: 4.0 + per_minute * second / MINUTE for second in range(0, seconds, step_s)}


def rise(kind=Kind.RISE, **more):
    return {"id": "rise", "kind": kind, "limit": 0.5, "unit": "°C/min", "window_s": 5 * MINUTE} | more


def test_a_slope_at_the_limit_does_not_raise_and_a_steeper_one_does_within_its_window(room, point):
    place = room([point("p", every_s=5)], rise())
    place.series("p", climb(0.5))
    assert place.edges == []
    place = room([point("p", every_s=5)], rise())
    place.series("p", climb(0.52))
    assert place.edges == [("raise", "rise", "p", 240)]


def test_a_fall_is_a_slope_the_other_way(room, point):
    place = room([point("p", every_s=5)], rise(), rise(Kind.FALL, id="fall"))
    place.series("p", climb(-0.6))
    assert place.edges == [("raise", "fall", "p", 240)]


def test_a_few_wild_values_do_not_make_a_slope(room, point):
    place = room([point("p", every_s=5)], rise())
    place.series("p", climb(0.0) | {295: 40.0, 310: 60.0, 400: 60.0})
    assert place.edges == []


def test_a_window_begins_anew_after_a_gap(room, point):
    place = room([point("p", every_s=5)], rise())
    place.series("p", climb(0.0))
    place.series("p", {3_600 + second: 20.0 for second in range(0, 600, 5)})
    assert place.edges == []


def test_a_window_keeps_no_more_than_its_values_however_often_a_point_is_read():
    memory, take = Memory(), slope.slope(300, 1.0)
    for tenth in range(10_000):
        take(memory, 4.0, tenth / 10, 0.1)
    assert len(memory.rows) <= KEPT + 1


def newton(minute: float, balance=12.0, start=2.0, tau=30.0):
    return balance - (balance - start) * math.exp(-minute / tau)


def test_a_forecast_finds_when_newtons_law_passes_the_limit():
    samples = [(minute * MINUTE, newton(minute)) for minute in range(15)]
    passes = -30.0 * math.log((12.0 - 8.0) / 10.0)  # minute 27.5
    assert seconds_to(8.0, samples) / MINUTE == pytest.approx(passes - 14, abs=0.5)


def test_a_forecast_says_never_where_the_balance_is_below_the_limit_or_nothing_moves():
    assert seconds_to(12.5, [(minute * MINUTE, newton(minute)) for minute in range(60)]) == math.inf
    assert seconds_to(8.0, [(minute * MINUTE, 4.0) for minute in range(15)]) == math.inf
    assert seconds_to(8.0, [(minute * MINUTE, 7.0 - minute / 10) for minute in range(15)]) == math.inf


def test_a_straight_line_is_followed_as_one_and_what_is_beyond_is_beyond():
    line = [(minute * MINUTE, 2.0 + minute / 10) for minute in range(15)]
    assert seconds_to(8.0, line) / MINUTE == pytest.approx(46, abs=1)
    assert seconds_to(2.5, line) == 0.0


def test_a_predicted_breach_is_told_before_the_limit_is_passed(room, point):
    forecast = {"kind": Kind.PREDICTED_HI, "limit": 8.0, "window_s": 10 * MINUTE, "within_s": 30 * MINUTE}
    forecast |= {"off_delay_s": 5 * MINUTE}
    place = room([point("p", every_s=30)], {"id": "soon"} | forecast, {"id": "hi"})
    dice = random.Random(4)
    place.series("p", {s: newton(s / MINUTE) + dice.gauss(0, 0.02) for s in range(0, 40 * MINUTE, 30)})
    assert [name for edge, name, _, _ in place.edges if edge == "raise"] == ["soon", "hi"]
    soon, hi = place.moves("soon")[0][1], place.moves("hi")[0][1]
    assert hi - soon >= 15 * MINUTE


def test_a_predicted_breach_of_a_low_limit_is_the_same_upside_down(room, point):
    forecast = {"kind": Kind.PREDICTED_LO, "limit": 2.0, "window_s": 10 * MINUTE, "within_s": 30 * MINUTE}
    place = room([point("p", every_s=30)], {"id": "soon"} | forecast)
    place.series("p", {second: 8.0 - second / MINUTE / 5 for second in range(0, 20 * MINUTE, 30)})
    assert place.edges[0][:3] == ("raise", "soon", "p")
    assert 0 < place.edges[0][3] <= 10 * MINUTE


def test_a_forecast_is_made_anew_only_when_a_value_is_kept():
    memory, take = Memory(), slope.forecast(10 * MINUTE, 8.0, high=True)
    for second in range(0, 11 * MINUTE, 30):
        told = take(memory, 2.0 + second / 1_000, float(second), 30.0)
    assert told == pytest.approx((8.0 - 2.63) * 1_000, abs=5)
    assert take(memory, 99.0, 10 * MINUTE + 40.0, 10.0) is None
    assert memory.rows[-1][1] == 2.63


def mkt(**more):
    return {"id": "mkt", "kind": Kind.MKT, "limit": 8.0, "window_s": 24 * HOUR} | more


def test_mkt_derived_18_h_at_5_c_and_6_h_at_14_c_is_above_8_c(room, point):
    """Reference 8.2, derived: CCT window 5 degC 18 h + 14 degC 6 h = 8.285 degC (fail)."""
    place = room([point("p", every_s=5 * MINUTE)], mkt(), mkt(id="higher", limit=8.3))
    place.series("p", {s: 5.0 if s < 18 * HOUR else 14.0 for s in range(0, 24 * HOUR + 1, 5 * MINUTE)})
    assert [name for _, name, _, _ in place.edges] == ["mkt"]
    assert place.engine.state.watches["p"].memories["mkt"].rows
    assert len(place.engine.state.watches["p"].memories["mkt"].rows) <= SLOTS


def test_mkt_of_a_constant_at_the_limit_does_not_raise_and_says_nothing_of_a_window_half_known(room, point):
    place = room([point("p", every_s=5 * MINUTE)], mkt(limit=8.000001), mkt(id="gap"))
    place.series("p", dict.fromkeys(range(0, 30 * HOUR, 5 * MINUTE), 8.0))
    assert place.edges == []
    place = room([point("p", every_s=5 * MINUTE)], mkt())
    place.series("p", dict.fromkeys(range(0, 20 * HOUR, 5 * MINUTE), 20.0))
    assert place.edges == []


def test_a_seventh_opening_within_ten_minutes_raises_and_a_sixth_does_not(room, point):
    opened = {"id": "often", "kind": Kind.STARTS, "quantity": Quantity.DOOR, "limit": 6.0, "unit": ""}
    place = room([point("d", Quantity.DOOR)], opened | {"points": ("d",), "window_s": 10 * MINUTE})
    for n in range(7):
        assert place.edges == []
        place.series("d", {60 * n: 0.0, 60 * n + 30: 1.0})
    assert place.edges == [("raise", "often", "d", 390)]
    place.series("d", {60 * n: 0.0 for n in range(7, 12)})
    assert place.edges[1:] == [("clear", "often", "d", 660)]


def test_no_more_starts_are_kept_than_any_limit_counts():
    memory, take = Memory(), count.starts(10_000.0)
    for second in range(3 * COUNT_LIMIT):
        take(memory, float(second % 2), float(second), 1.0)
        memory.at_s, memory.value = float(second), float(second % 2)
    assert len(memory.rows) == COUNT_LIMIT


def test_a_compressor_on_for_more_than_95_percent_of_six_hours_raises(room, point):
    share = {"id": "busy", "kind": Kind.RUN_SHARE, "quantity": Quantity.RUNNING, "limit": 95.0, "unit": "%"}
    share |= {"points": ("c",), "window_s": 6 * HOUR}
    for off_minutes, raises in ((18, False), (17, True)):
        place = room([point("c", Quantity.RUNNING, MINUTE)], share)
        place.series("c", {m * MINUTE: float(m >= off_minutes) for m in range(6 * 60 + 1)})
        assert bool(place.edges) is raises


@pytest.mark.parametrize(("kind", "value"), [(Kind.ON, 1.0), (Kind.OFF, 0.0)])
def test_a_defrost_that_overruns_or_does_not_come_raises_after_its_time(room, point, kind, value):
    rule = {
        "id": "d",
        "kind": kind,
        "quantity": Quantity.DEFROST,
        "limit": None,
        "unit": "s",
        "on_delay_s": 45 * MINUTE,
    }
    place = room([point("d", Quantity.DEFROST, MINUTE)], rule | {"points": ("d",)})
    place.series("d", {m * MINUTE: value for m in range(45)})
    assert place.edges == []
    place.read("d", 45 * MINUTE, 1.0 - value)
    assert place.edges == [("raise", "d", "d", 45 * MINUTE), ("clear", "d", "d", 45 * MINUTE)]


def test_one_wild_value_is_a_spike_and_two_in_a_row_are_real():
    assert is_spike([4.0, 4.1, 4.0, 9.0, 4.1, 4.0, 4.0])
    assert not is_spike([4.0, 4.1, 4.0, 9.0, 9.1, 4.0, 4.0])
    assert not is_spike([4.0, 4.1, 4.0, 7.0, 4.1, 4.0, 4.0])  # 3 K: not beyond
    assert not is_spike([4.0, 9.0])
    assert not is_spike([2.0, 4.0, 6.0, 12.0, 2.0, 4.0, 6.0])  # 6 MADs of what is noisy anyhow


def test_more_spikes_than_the_limit_within_the_window_raise(room, point):
    spikes = {"id": "spikes", "kind": Kind.SPIKE, "limit": 1.0, "unit": "", "window_s": HOUR}
    place = room([point("p")], spikes)
    values = dict.fromkeys(range(200), 4.0)
    place.series("p", values | {50: 20.0})
    assert place.edges == []
    place.series("p", {200 + second: one for second, one in (values | {60: -9.0}).items()})
    assert place.edges == [("raise", "spikes", "p", 263)]
    place.restart()
    place.series("p", {400 + 2 * second: 4.0 for second in range(1_800)})
    assert place.edges[-1] == ("clear", "spikes", "p", 3_654)


def test_a_point_read_too_seldom_for_its_window_is_never_forecast(room, point):
    forecast = {"kind": Kind.PREDICTED_HI, "limit": 8.0, "window_s": 10 * MINUTE, "within_s": 30 * MINUTE}
    place = room([point("p", every_s=150)], {"id": "soon"} | forecast)
    place.series("p", {second: 4.0 + second / 1_000 for second in range(0, 3_000, 150)})
    assert place.edges == []


def test_a_kind_that_no_value_decides_has_no_detector(definition):
    with pytest.raises(ValueError, match="has no limit"):
        Detector(definition(kind=Kind.TAMPERED, limit=None), DetectorState())
