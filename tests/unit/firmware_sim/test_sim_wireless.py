import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.devices.truck import Truck
from firmware_sim.devices.wireless import HISTORY_AT_ONCE, HISTORY_LIMIT, Habits, Wireless
from firmware_sim.floor import build
from firmware_sim.physics.route import Leg, Route

AT_HOME = {"air_c": 4.0, "humidity_percent": 80.0, "contact": 0.0, "near": 1.0, "jammed": 0.0, "dead": 0.0}
LEGS = (
    Leg(to_km=30, speed_km_per_h=60, stand_s=600, open_s=240, warmer_k=3),
    Leg(to_km=0, speed_km_per_h=45, stand_s=1800),
)


def live(device, start_s, end_s, **changes):
    """Let a device be woken when it wants to be; return what it has sent."""
    inputs, reports, now_s = AT_HOME | changes, [], start_s
    while now_s < end_s:
        update = device.update(now_s, inputs)
        reports += update.outputs["reports"]
        assert update.call_at_s > now_s
        now_s = update.call_at_s
    return reports


def steps(moments):
    return {round(later_s - earlier_s, 6) for earlier_s, later_s in pairwise(moments)}


@pytest.fixture
def device(dice):
    return Wireless(Habits(every_s=600, keeps_history=True), dice)


def test_a_device_reports_at_its_interval_and_counts_up(device):
    reports = live(device, 0, 6000)
    assert [report.number for report in reports] == list(range(10))
    assert steps(report.at_s for report in reports) == {600}
    assert all(report.sample.temperature_c == pytest.approx(4.0, abs=0.3) for report in reports)


def test_a_door_that_moves_is_told_at_once(device):
    live(device, 0, 1000)
    device.update(1000.0, AT_HOME)
    (report,) = device.update(1001.0, AT_HOME | {"contact": 1.0}).outputs["reports"]
    assert report.sample.is_open
    assert device.update(1002.0, AT_HOME | {"contact": 1.0}).outputs["reports"] == ()


@pytest.mark.parametrize("away", [{"near": 0.0}, {"jammed": 1.0}])
def test_what_nobody_heard_comes_as_history_with_its_own_time_when_the_device_is_heard_again(device, away):
    before = live(device, 0, 1200)
    assert live(device, 1200, 20_000, **away) == []
    after = live(device, 20_000, 22_000)
    history = [sample.at_s for report in after for sample in report.history]
    regular = [report.at_s for report in (*before, *after) if report.sample is not None]
    assert max(len(report.history) for report in after) == HISTORY_AT_ONCE
    assert steps(sorted(history + regular)) == {600}
    assert after[0].number == before[-1].number + 1 + len(history)


def test_a_device_without_a_memory_leaves_a_gap(dice):
    device = Wireless(Habits(every_s=600), dice)
    live(device, 0, 1200)
    live(device, 1200, 6000, near=0.0)
    assert all(report.history == () for report in live(device, 6000, 8000))


def test_a_memory_holds_three_thousand_samples_and_no_more(dice):
    device = Wireless(Habits(every_s=60, keeps_history=True), dice)
    back_s = 60.0 * (HISTORY_LIMIT + 50)
    live(device, 0, back_s, near=0.0)
    history = [sample.at_s for report in live(device, back_s, back_s + 4000) for sample in report.history]
    assert len(history) == HISTORY_LIMIT
    assert 50 * 60 <= history[0] < 51 * 60


def test_a_dead_device_sends_nothing_and_measures_nothing(device):
    assert live(device, 0, 6000, dead=1.0) == []
    assert all(report.history == () for report in live(device, 6000, 9000))


@given(cuts=st.lists(st.floats(1, 400), max_size=40))
def test_extra_looks_at_a_device_change_neither_when_it_reports_nor_how_often(cuts):
    def times(extra):
        device, reports = Wireless(Habits(every_s=600, keeps_history=True), random.Random(3)), []
        wakes, call_s = sorted(extra), 0.0
        while call_s < 5000:
            now_s = call_s
            if wakes and wakes[0] <= call_s:
                now_s = wakes.pop(0)
            update = device.update(now_s, AT_HOME)
            reports += [(report.at_s, report.number) for report in update.outputs["reports"]]
            call_s = update.call_at_s
        return reports

    moments = [sum(cuts[: n + 1]) for n in range(len(cuts))]
    assert times(moments) == times([])


def test_a_truck_drives_its_legs_opens_its_door_at_the_stop_and_comes_back():
    route = Route(LEGS, starts_s=100)
    assert route.where(50).distance_km == 0
    assert route.where(100 + 900).distance_km == pytest.approx(15)
    assert route.where(100 + 900).speed_km_per_h == pytest.approx(60)
    stop = route.where(100 + 1800 + 100)
    assert (stop.distance_km, stop.speed_km_per_h, stop.is_open, stop.warmer_k) == (30, 0, True, 3)
    assert not route.where(100 + 1800 + 300).is_open
    home = route.where(100 + 1800 + 600 + 2400 + 10)
    assert (home.distance_km, home.warmer_k) == (0, 0)
    assert route.where(100 + 6600 + 900).distance_km == pytest.approx(15)


def test_a_route_must_come_back():
    with pytest.raises(ValueError, match="ends where it began"):
        Route(LEGS[:1], starts_s=0)


@given(now_s=st.floats(0, 1e6), step_s=st.floats(0.01, 50))
def test_a_truck_never_jumps(now_s, step_s):
    route = Route(LEGS, starts_s=100)
    assert abs(route.where(now_s + step_s).distance_km - route.where(now_s).distance_km) <= 60 * step_s / 3600 + 1e-6


def test_a_truck_is_near_at_the_yard_only_and_somebody_can_open_its_door_besides():
    truck = Truck(Route(LEGS, starts_s=100), reach_km=1.5)
    assert truck.update(0.0, {"hand": 0.0}).outputs["near"] == 1.0
    assert truck.update(130.0, {"hand": 0.0}).outputs["near"] == 1.0
    assert truck.update(250.0, {"hand": 0.0}).outputs["near"] == 0.0
    assert truck.update(260.0, {"hand": 1.0}).outputs["wanted"] == 1.0
    assert truck.update(2000.0, {"hand": 0.0}).outputs["wanted"] == 1.0


def test_the_box_of_a_truck_warms_at_the_open_door_of_a_stop_and_its_device_tells_so_when_it_is_back(on_the_road):
    floor = build(on_the_road, 5)
    seen, reports = [], []
    floor.world.watch("truck-1-a.reports", lambda _, value: reports.extend(value))
    for now_s in range(0, 7200, 20):
        floor.run_until(float(now_s))
        seen.append((now_s, floor.world.number("truck-1.air_c")))
    stop = [air_c for now_s, air_c in seen if 1900 <= now_s <= 2400]
    assert max(stop) > 8.0
    assert seen[-1][1] < 7.0
    history = [sample for report in reports for sample in report.history]
    assert max(sample.temperature_c for sample in history) > 7.0
    assert all(150 < sample.at_s < 4900 for sample in history)
    assert len(reports) > len(history) / HISTORY_AT_ONCE
