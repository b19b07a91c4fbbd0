import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.physics.motion import Track, union
from firmware_sim.physics.radio import (
    Antenna,
    Radio,
    fade_db,
    orientation_db,
    path_db,
    pattern_db,
    power_at_tag_dbm,
    power_for_rssi_dbm,
    rssi_dbm,
    threshold_dbm,
)

RADIO = Radio()
NO_FLOOR = Radio(floor_reflection=0.0)
SIDE = Antenna(x_m=0.0, y_m=1.7)
metres = st.floats(0.3, 20)


@given(near=metres, further=st.floats(0.01, 20))
def test_a_tag_is_weaker_the_further_away_it_is(near, further):
    powers = [
        power_at_tag_dbm(NO_FLOOR, SIDE, 0.0, SIDE.y_m - distance, SIDE.z_m) for distance in (near, near + further)
    ]
    assert powers[1] < powers[0]


def test_one_way_loses_twenty_decibels_a_decade_and_the_reader_sees_forty():
    near, far = (power_at_tag_dbm(NO_FLOOR, SIDE, 0.0, SIDE.y_m - distance, SIDE.z_m) for distance in (1.0, 10.0))
    assert near - far == pytest.approx(20.0)
    assert rssi_dbm(RADIO, near) - rssi_dbm(RADIO, far) == pytest.approx(40.0)


def test_the_budget_at_two_metres_is_that_of_the_books():
    free_space = path_db(NO_FLOOR, 2.0, 2.0)
    assert free_space == pytest.approx(-37.76, abs=0.05)  # 20 log(lambda / 4 pi d) at 922.5 MHz
    assert power_at_tag_dbm(NO_FLOOR, SIDE, 0.0, SIDE.y_m - 2.0, SIDE.z_m) == pytest.approx(
        27 + 6 - 3 + 2 - 37.76, abs=0.05
    )


def test_half_the_power_is_left_at_half_the_beam_and_the_back_lobe_behind():
    assert pattern_db(RADIO, 1.0) == 0.0
    assert pattern_db(RADIO, 0.819152) == pytest.approx(-3.01, abs=0.01)  # 35 degrees
    assert pattern_db(RADIO, -1.0) == pattern_db(RADIO, 0.0) == -RADIO.back_db


@given(angles=st.tuples(st.floats(0.001, 1), st.floats(0.001, 1)))
def test_an_antenna_hears_less_the_further_off_its_axis(angles):
    aside, ahead = sorted(angles)
    assert -RADIO.back_db <= pattern_db(RADIO, aside) <= pattern_db(RADIO, ahead) <= 0


def test_an_antenna_that_looks_outside_hears_the_outside_better():
    outward = Antenna(x_m=-0.8, y_m=1.7, yaw_deg=-30)
    assert power_at_tag_dbm(RADIO, outward, -2.0, 0.0, 1.0) > power_at_tag_dbm(RADIO, outward, 0.4, 0.0, 1.0) + 6


@given(rssi=st.floats(-80, -20))
def test_loudness_and_power_at_the_tag_are_each_others_inverse(rssi):
    assert rssi_dbm(RADIO, power_for_rssi_dbm(RADIO, rssi)) == pytest.approx(rssi)


def test_echoes_leave_the_mean_power_as_it_was_and_a_poor_line_of_sight_fades_more():
    dice = random.Random(1)

    def fades(k_db):
        return [fade_db(Radio(fading_k_db=k_db), dice) for _ in range(5000)]

    assert statistics.fmean(10 ** (fade / 10) for fade in fades(6.0)) == pytest.approx(1.0, abs=0.03)
    assert statistics.stdev(fades(0.0)) > statistics.stdev(fades(12.0))


def test_the_chance_to_be_read_is_a_logistic_of_the_margin():
    dice = random.Random(2)
    needed = [threshold_dbm(RADIO, dice) for _ in range(20_000)]
    for margin_db, chance in ((-3.0, 0.047), (0.0, 0.5), (1.0, 0.731), (3.0, 0.953)):
        share = sum(RADIO.sensitivity_dbm + margin_db > one for one in needed) / len(needed)
        assert share == pytest.approx(chance, abs=0.012)


def test_a_dipole_loses_a_few_decibels_mostly_and_fifteen_at_most():
    dice = random.Random(3)
    losses = [orientation_db(dice) for _ in range(5000)]
    assert min(losses) >= 0
    assert max(losses) <= 15.0
    assert 1.0 < statistics.median(losses) < 2.0


legs = st.lists(st.tuples(st.floats(0.1, 5), st.floats(-5, 5)), min_size=2, max_size=8)


@settings(max_examples=60)
@given(legs=legs, low=st.floats(-4, 3), wide=st.floats(0.1, 3))
def test_a_mover_is_within_two_places_when_the_track_says_so_and_only_then(legs, low, wide):
    moments, places, now_s = [0.0], [0.0], 0.0
    for lasts_s, place in legs:
        now_s += lasts_s
        moments.append(now_s)
        places.append(place)
    track = Track(tuple(moments), tuple(places))
    covered = union(track.within(low, low + wide))
    for step in range(200):
        moment = now_s * step / 200
        place = track.at(moment)
        margin = min(abs(place - low), abs(place - low - wide))
        if margin > 1e-6:
            assert (low < place < low + wide) is any(start <= moment <= end for start, end in covered)


def test_a_track_that_comes_back_has_not_crossed():
    there_and_back = Track((0.0, 4.0, 6.0, 10.0), (-4.0, 0.5, 0.5, -4.0))
    assert there_and_back.crossed_s(0.0) is None
    through = Track((0.0, 4.0, 6.0, 10.0), (-4.0, 0.5, -0.5, 4.0))
    assert through.crossed_s(0.0) == pytest.approx(6.0 + 4.0 / 9.0)


def test_intervals_that_touch_are_one():
    assert union([(3.0, 4.0), (0.0, 1.0), (1.0, 2.0), (3.5, 5.0)]) == [(0.0, 2.0), (3.0, 5.0)]
