import pytest

from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.physics.platform import Vibration, creep, shaken_divisions, swing, swing_bound, wander_divisions


def test_a_swing_stays_within_its_bound_and_dies():
    assert swing(0.0) == 1.0
    assert all(abs(swing(tenth / 10)) <= swing_bound(tenth / 10) for tenth in range(50))
    assert swing_bound(2.0) < 1e-4


def test_vibration_moves_the_display_by_no_more_than_its_amplitudes():
    vibration = Vibration(belt_divisions=0.4, belt_hz=17.0, floor_divisions=0.3, floor_hz=2.3)
    shown = [shaken_divisions(vibration, millisecond / 1000) for millisecond in range(5000)]
    assert max(shown) == pytest.approx(0.7, abs=0.02)
    assert min(shown) == pytest.approx(-0.7, abs=0.02)


def test_a_cell_creeps_towards_its_share_and_a_zero_comes_back_within_the_hour():
    assert creep(0.0002, 0.0) == 0.0
    assert creep(0.0002, 1800.0) == pytest.approx(0.00019, abs=1e-5)
    assert wander_divisions(3.0, 900.0) == pytest.approx(3.0)
    assert wander_divisions(3.0, 3600.0) == pytest.approx(0.0, abs=1e-9)


def test_a_scale_on_a_shaking_floor_never_says_stable_and_one_that_shakes_little_does(dice, put):
    def said(amplitude):
        vibration = Vibration(floor_divisions=amplitude, floor_hz=2.1)
        scale = Scale(Platform(capacity_kg=60, division_kg=0.01, noise_divisions=0.02, vibration=vibration), dice)
        states, now_s = [], 0.0
        while now_s < 20.0:
            now_s = put(scale, now_s, 5.0).call_at_s
            states.append(scale.weighing().stable)
        return states[30:]

    assert not any(said(1.5))
    assert all(said(0.2))


def test_a_zero_that_wanders_is_followed_while_the_platform_is_empty_and_only_then(dice, put):
    def shown(*, track_zero):
        platform = Platform(
            capacity_kg=60, division_kg=0.01, noise_divisions=0, wander_divisions=5.0, track_zero=track_zero
        )
        scale = Scale(platform, dice)
        for second in range(900):
            put(scale, float(second), 0.0)
        return scale.weighing().gross_kg

    assert shown(track_zero=False) == pytest.approx(0.05)
    assert shown(track_zero=True) == 0.0
