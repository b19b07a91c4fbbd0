import pytest

from firmware_sim.devices.scale import Platform, Scale


@pytest.mark.parametrize(
    ("division_kg", "decimals", "digit"),
    [(1.0, 0, 1), (0.5, 1, 5), (0.2, 1, 2), (0.02, 2, 2), (0.01, 2, 1), (0.005, 3, 5), (0.001, 3, 1), (0.00001, 5, 1)],
)
def test_the_division_decides_the_decimals_and_its_digit(division_kg, decimals, digit):
    platform = Platform(capacity_kg=60, division_kg=division_kg)
    assert (platform.decimals, platform.division_digit) == (decimals, digit)


def test_a_parcel_swings_and_settles_within_two_seconds(still_scale, put):
    first = put(still_scale, 10.0, 12.345)
    assert not still_scale.weighing().stable
    shown = []
    now_s = first.call_at_s
    while not still_scale.weighing().stable:
        now_s = put(still_scale, now_s, 12.345).call_at_s
        shown.append(still_scale.weighing().gross_kg)
    assert 0.5 < now_s - 10.0 < 3.0
    assert max(shown) > 12.345  # it overshoots
    assert still_scale.weighing().gross_kg == 12.345


def test_a_shaken_scale_never_stands_still(dice, put):
    scale = Scale(Platform(capacity_kg=60, division_kg=0.01), dice)
    states = []
    for second in range(20):
        put(scale, float(second), 5.0, disturbance=1.0)
        states.append(scale.weighing().stable)
    assert not any(states)


@pytest.mark.parametrize(
    ("load_kg", "overload", "underload"),
    [(60.045, False, False), (60.05, True, False), (-0.1, False, False), (-0.105, False, True)],
)
def test_the_display_goes_blank_nine_divisions_above_the_maximum_and_twenty_below_zero(
    still_scale, put, load_kg, overload, underload
):
    put(still_scale, 1.0, load_kg)
    put(still_scale, 60.0, load_kg)
    assert (still_scale.weighing().overload, still_scale.weighing().underload) == (overload, underload)


def test_an_overload_fault_blanks_the_display_whatever_stands_on_it(still_scale, put):
    put(still_scale, 1.0, 0.0, overload=1.0)
    put(still_scale, 10.0, 0.0, overload=1.0)
    assert still_scale.weighing().overload


def test_zero_is_set_within_two_percent_and_no_further(still_scale, put):
    put(still_scale, 1.0, 1.2)
    put(still_scale, 10.0, 1.2)
    assert still_scale.set_zero()
    assert still_scale.weighing().gross_kg == 0.0
    put(still_scale, 20.0, 1.3)
    put(still_scale, 30.0, 1.3)
    assert not still_scale.set_zero()


def test_tare_is_the_load_or_a_known_value_and_never_negative(still_scale, put):
    put(still_scale, 1.0, 2.0)
    put(still_scale, 10.0, 2.0)
    assert still_scale.set_tare()
    assert (still_scale.weighing().net_kg, still_scale.weighing().tare_kg) == (0.0, 2.0)
    assert still_scale.set_tare(0.251)
    assert still_scale.weighing().tare_kg == 0.25
    assert not still_scale.set_tare(-1.0)
    assert not still_scale.set_tare(60.1)
    assert still_scale.set_tare(0.0)
    assert still_scale.weighing().net_kg == 2.0
