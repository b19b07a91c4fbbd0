import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.physics.thermal import Flow, Masses, Shell, after

DOCK_C = 27.0


def run(masses, shell, flows, seconds, step_s):
    for _ in range(round(seconds / step_s)):
        masses = after(masses, shell, flows, step_s)
    return masses


def test_an_open_door_warms_the_air_past_eight_degrees_within_three_minutes_and_the_goods_hardly(shell):
    cooling = Flow(1500, -5.0)
    wide_open = Flow(shell.wall_w_per_k + shell.door_w_per_k, DOCK_C)
    after_a_minute = after(Masses(5.0, 5.0), shell, [wide_open, cooling], 60)
    after_three = after(Masses(5.0, 5.0), shell, [wide_open, cooling], 180)
    assert 6.0 < after_a_minute.air_c < 8.0
    assert after_three.air_c > 8.0
    assert after_three.product_c < 5.1


def test_a_closed_door_lets_the_air_come_back_within_half_an_hour(shell):
    warm = Masses(11.0, 5.2)
    cooled = after(warm, shell, [Flow(shell.wall_w_per_k, DOCK_C), Flow(1500, -5.0)], 1800)
    assert cooled.air_c < 5.0


@settings(max_examples=60)
@given(
    air=st.floats(-30, 30),
    product=st.floats(-30, 30),
    step_s=st.sampled_from([0.1, 1.0, 7.0, 60.0, 600.0]),
)
def test_the_length_of_the_step_cannot_be_seen(air, product, step_s):
    shell = Shell(air_kj_per_k=1500, product_kj_per_k=27_000, wall_w_per_k=150, door_w_per_k=0, product_w_per_k=1500)
    flows = [Flow(150, DOCK_C), Flow(1500, -5.0)]
    seconds = 4200 if step_s >= 1 else 60
    stepped = run(Masses(air, product), shell, flows, seconds, step_s)
    at_once = after(Masses(air, product), shell, flows, seconds)
    assert stepped.air_c == pytest.approx(at_once.air_c, abs=1e-8)
    assert stepped.product_c == pytest.approx(at_once.product_c, abs=1e-8)


@settings(max_examples=60)
@given(air=st.floats(-30, 30), product=st.floats(-30, 30), seconds=st.floats(1, 1e7))
def test_no_temperature_ever_leaves_the_range_of_what_the_room_touches(air, product, seconds):
    shell = Shell(air_kj_per_k=900, product_kj_per_k=9000, wall_w_per_k=100, door_w_per_k=0, product_w_per_k=700)
    later = after(Masses(air, product), shell, [Flow(100, 20.0)], seconds)
    low, high = min(air, product, 20.0) - 1e-9, max(air, product, 20.0) + 1e-9
    assert low <= later.air_c <= high
    assert low <= later.product_c <= high


def test_an_almost_sealed_room_keeps_its_energy_while_air_and_goods_even_out(shell):
    before = Masses(15.0, 2.0)
    later = after(before, shell, [Flow(1e-9, 20.0)], 4 * 3600)

    def energy_kj(masses):
        return shell.air_kj_per_k * masses.air_c + shell.product_kj_per_k * masses.product_c

    assert energy_kj(later) == pytest.approx(energy_kj(before), rel=1e-6)
    assert later.air_c == pytest.approx(later.product_c, abs=1e-3)


def test_the_heat_that_came_through_the_wall_is_the_heat_the_masses_gained(shell):
    masses, step_s, wall = Masses(5.0, 5.0), 1.0, Flow(150, DOCK_C)
    gained_j = 0.0
    for _ in range(3600):
        later = after(masses, shell, [wall], step_s)
        gained_j += 150 * (DOCK_C - (masses.air_c + later.air_c) / 2) * step_s
        masses = later
    stored_j = 1e3 * (1500 * (masses.air_c - 5.0) + 27_000 * (masses.product_c - 5.0))
    assert stored_j == pytest.approx(gained_j, rel=1e-5)


def test_everything_comes_to_rest_at_the_outside_temperature(shell):
    at_rest = after(Masses(-20.0, -20.0), shell, [Flow(150, 20.0)], 1e9)
    assert (at_rest.air_c, at_rest.product_c) == (pytest.approx(20.0), pytest.approx(20.0))
