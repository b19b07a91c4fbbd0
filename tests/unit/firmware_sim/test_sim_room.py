from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.devices.diverter import Diverter
from firmware_sim.devices.door import Door
from firmware_sim.devices.meter import Meter
from firmware_sim.devices.probe import Probe, ProbeKind
from firmware_sim.devices.room import STEP_S, Room
from firmware_sim.physics.moisture import frost_point_hpa, humidity_percent, saturation_hpa
from firmware_sim.physics.weather import Weather, outside_c

DOCK = Weather(mean_c=26, swing_c=4, humidity_percent=70)


def live(room, start_s, end_s, door=0.0, setpoint_c=5.0, tripped=0.0):
    """Return every step's outputs from one moment to another, with their times."""
    inputs = {"door": door, "setpoint_c": setpoint_c, "tripped": tripped}
    steps = []
    now_s = start_s
    while now_s < end_s:
        now_s += STEP_S
        steps.append((now_s, room.update(now_s, inputs).outputs))
    return steps


@pytest.fixture
def room(chilled):
    return Room(chilled, DOCK, first_defrost_s=1e9, start_k=0.0)


def test_a_closed_room_stays_inside_its_deadband_and_its_compressor_keeps_to_its_times(room):
    steps = live(room, 0, 6 * 3600)
    assert all(3.8 <= outputs["air_c"] <= 6.2 for _, outputs in steps)
    switches = [
        (now_s, outputs["compressor"])
        for (_, before), (now_s, outputs) in pairwise(steps)
        if before["compressor"] != outputs["compressor"]
    ]
    assert len(switches) >= 6
    for (earlier_s, to), (later_s, _) in pairwise(switches):
        assert later_s - earlier_s >= (120 if to else 180)


def test_a_door_left_open_for_four_minutes_passes_eight_degrees_and_the_room_recovers(room):
    live(room, 0, 600)
    opened = live(room, 600, 840, door=1.0)
    first_above_s = next(now_s for now_s, outputs in opened if outputs["air_c"] > 8.0)
    assert 60 <= first_above_s - 600 <= 180
    closed = live(room, 840, 840 + 1800)
    back_s = next(now_s for now_s, outputs in closed if outputs["air_c"] < 8.0)
    assert back_s - 840 < 600
    assert max(outputs["product_c"] for _, outputs in opened + closed) < 5.6


def test_a_defrost_is_a_hump_that_ends_by_temperature_and_is_followed_by_cooling(chilled):
    room = Room(chilled, DOCK, first_defrost_s=3600, start_k=0.0)
    steps = live(room, 0, 3 * 3600)
    during = [(now_s, outputs) for now_s, outputs in steps if outputs["defrost"]]
    assert during[0][0] == 3600
    lasted_s = during[-1][0] - during[0][0]
    assert 60 < lasted_s < 1200
    assert not any(outputs["compressor"] for _, outputs in during)
    resumed_s = next(now_s for now_s, outputs in steps if now_s > during[-1][0] and outputs["compressor"])
    assert resumed_s - during[-1][0] == pytest.approx(120, abs=2 * STEP_S)
    hump = max(outputs["air_c"] for now_s, outputs in steps if 3600 <= now_s <= resumed_s)
    assert hump > during[0][1]["air_c"] + 0.3


def test_a_defrost_waits_until_the_door_is_closed(chilled):
    room = Room(chilled, DOCK, first_defrost_s=100, start_k=0.0)
    assert not any(outputs["defrost"] for _, outputs in live(room, 0, 200, door=1.0))
    assert any(outputs["defrost"] for _, outputs in live(room, 200, 220))


def test_a_room_goes_to_a_new_set_point_and_stays_around_it(room):
    live(room, 0, 3600)
    live(room, 3600, 4 * 3600, setpoint_c=3.0)
    settled = live(room, 4 * 3600, 6 * 3600, setpoint_c=3.0)
    assert all(1.8 <= outputs["air_c"] <= 4.2 for _, outputs in settled)


def test_a_compressor_that_has_tripped_lets_the_room_warm_up_and_runs_again_when_it_is_mended(room):
    live(room, 0, 3600)
    broken = live(room, 3600, 4 * 3600, tripped=1.0)
    assert not any(outputs["compressor"] for _, outputs in broken)
    assert broken[-1][1]["air_c"] > 8.0
    assert any(outputs["compressor"] for _, outputs in live(room, 4 * 3600, 4 * 3600 + 200))


def test_a_plant_draws_its_compressor_or_its_heater_or_nothing(chilled):
    room = Room(chilled, DOCK, first_defrost_s=3600, start_k=0.0)
    drawn = {(outputs["compressor"], outputs["defrost"], outputs["power_kw"]) for _, outputs in live(room, 0, 3 * 3600)}
    assert drawn == {(1.0, 0.0, 4.0), (0.0, 1.0, 4.0), (0.0, 0.0, 0.0)}


@given(cuts=st.lists(st.floats(0.1, 900), min_size=1, max_size=30))
def test_the_energy_of_a_meter_is_the_same_however_its_time_is_cut(cuts):
    meter = Meter(base_kw=1.5)
    meter.update(0.0, {"load-1": 4.0, "load-2": 0.0})
    now_s = 0.0
    for cut in cuts:
        now_s += cut
        shown = meter.update(now_s, {"load-1": 4.0, "load-2": 0.0}).outputs
    assert shown["power_kw"] == 5.5
    assert shown["energy_kwh"] == pytest.approx(5.5 * now_s / 3600)


def test_a_meter_counts_a_load_until_the_moment_it_is_switched_off():
    meter = Meter(base_kw=0.0)
    meter.update(0.0, {"load-1": 3.6})
    meter.update(10.0, {"load-1": 0.0})
    assert meter.update(1000.0, {"load-1": 0.0}).outputs["energy_kwh"] == pytest.approx(0.01)


def test_a_diverter_arrives_after_its_travel_and_a_new_wish_on_the_way_starts_the_travel_again():
    diverter = Diverter(travel_s=1.2)
    assert diverter.update(0.0, {"wanted": 0.0}).outputs == {"way": 0.0}
    begun = diverter.update(10.0, {"wanted": 2.0})
    assert (begun.outputs["way"], begun.call_at_s) == (0.0, 11.2)
    turned = diverter.update(11.0, {"wanted": 1.0})
    assert (turned.outputs["way"], turned.call_at_s) == (0.0, 12.2)
    assert diverter.update(12.2, {"wanted": 1.0}).outputs == {"way": 1.0}


def test_an_open_door_brings_moisture_and_the_coil_takes_it_out_again(room):
    shut = live(room, 0, 1200)[-1][1]["humidity_percent"]
    opened = live(room, 1200, 1320, door=1.0)[-1][1]["humidity_percent"]
    later = live(room, 1320, 1320 + 3600)[-1][1]["humidity_percent"]
    assert opened > shut + 3
    assert later < opened


def test_air_below_zero_holds_no_more_than_ice_allows():
    assert humidity_percent(frost_point_hpa(-18.0), -18.0) == pytest.approx(84, abs=1)
    assert humidity_percent(2 * saturation_hpa(10.0), 10.0) == 100.0


def test_the_weather_is_warmest_at_its_hour_and_coldest_twelve_hours_later():
    assert outside_c(DOCK, 5 * 3600) == pytest.approx(30.0)
    assert outside_c(DOCK, 17 * 3600) == pytest.approx(22.0)
    assert outside_c(DOCK, 29 * 3600) == pytest.approx(30.0)


def test_a_door_takes_four_seconds_and_its_contact_opens_at_once():
    door = Door()
    door.update(0.0, {"wanted": 0.0})
    begun = door.update(10.0, {"wanted": 1.0})
    assert begun.outputs["contact"] == 1.0
    assert begun.outputs["opening"] == 0.0
    assert door.update(12.0, {"wanted": 1.0}).outputs["opening"] == pytest.approx(0.5)
    opened = door.update(14.0, {"wanted": 1.0})
    assert (opened.outputs["opening"], opened.call_at_s) == (1.0, None)
    door.update(20.0, {"wanted": 0.0})
    assert door.update(22.0, {"wanted": 0.0}).outputs == {"opening": 0.5, "contact": 1.0}
    assert door.update(24.0, {"wanted": 0.0}).outputs == {"opening": 0.0, "contact": 0.0}


def test_a_probe_lags_behind_the_air_and_shows_tenths(dice):
    probe = Probe(ProbeKind(lag_s=25, noise_c=0, noise_percent=0), 0.5, dice)
    assert probe.update(0.0, {"air_c": 5.0, "humidity_percent": 80.0}).outputs["temperature_c"] == 5.5
    probe.update(100.0, {"air_c": 5.0, "humidity_percent": 80.0})
    lagging = probe.update(125.0, {"air_c": 15.0, "humidity_percent": 80.0}).outputs["temperature_c"]
    assert lagging == pytest.approx(5.5 + 10 * 0.632, abs=0.05)
    assert probe.update(1000.0, {"air_c": 15.04, "humidity_percent": 80.0}).outputs["temperature_c"] == 15.5


def test_a_probe_never_shows_more_than_a_hundred_percent(dice):
    probe = Probe(ProbeKind(noise_percent=5), 0.0, dice)
    shown = [
        probe.update(float(s), {"air_c": 1.0, "humidity_percent": 100.0}).outputs["humidity_percent"] for s in range(50)
    ]
    assert max(shown) == 100.0
    assert min(shown) < 100.0
