import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drivers.scales.stability import StabilityRule, StabilityWatch, StableBy

PARCEL = StabilityRule(division_kg=0.005, hold_s=0.5, rate_hz=10.0)


def judge_all(
    watch: StabilityWatch, masses: list[float | None], flag: bool | None = None, start_s: float = 0.0
) -> list:
    return [watch.judge(start_s + index * 0.1, mass, device_stable=flag).stable for index, mass in enumerate(masses)]


def test_a_devices_flag_counts_from_its_second_frame_on():
    watch = StabilityWatch(PARCEL)

    verdicts = [
        watch.judge(at / 10, 1.0, device_stable=flag) for at, flag in enumerate([True, True, False, True, True])
    ]

    assert [verdict.stable for verdict in verdicts] == [False, True, False, False, True]
    assert {verdict.by for verdict in verdicts} == {StableBy.DEVICE}


def test_without_a_flag_a_weight_is_stable_after_half_a_second_within_one_division_and_it_says_derived():
    watch = StabilityWatch(PARCEL)

    assert judge_all(watch, [10.0, 12.340, 12.345, 12.340, 12.345, 12.340, 12.345]) == [False] * 6 + [True]
    assert watch.judge(0.7, 12.345, device_stable=None).by is StableBy.DERIVED


def test_a_drift_over_more_than_one_division_is_not_stable_though_each_step_is_small():
    watch = StabilityWatch(PARCEL)

    assert not any(judge_all(watch, [10.0 + 0.002 * index for index in range(50)]))


def test_frames_that_were_lost_are_not_rest():
    watch = StabilityWatch(StabilityRule(division_kg=0.005, hold_s=0.5, rate_hz=20.0))

    assert not watch.judge(0.0, 1.0, device_stable=None).stable
    assert not watch.judge(0.3, 1.0, device_stable=None).stable
    assert not watch.judge(0.6, 1.0, device_stable=None).stable


def test_a_scale_that_is_asked_needs_three_answers():
    watch = StabilityWatch(StabilityRule(division_kg=0.005, hold_s=0.5))

    assert [watch.judge(at, 1.0, device_stable=None).stable for at in (0.0, 0.3, 0.6)] == [False, False, True]


@pytest.mark.parametrize("flag", [True, None], ids=["device", "derived"])
def test_an_overload_or_a_second_of_silence_begins_anew(flag):
    watch = StabilityWatch(PARCEL)
    judge_all(watch, [1.0] * 20, flag)

    assert not watch.judge(2.0, None, device_stable=flag).stable
    assert not watch.judge(2.1, 1.0, device_stable=flag).stable
    judge_all(watch, [1.0] * 20, flag, start_s=2.2)
    assert not watch.judge(6.0, 1.0, device_stable=flag).stable


@settings(max_examples=50)
@given(masses=st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_a_derived_stable_weight_always_has_half_a_second_within_one_division_behind_it(masses):
    watch = StabilityWatch(PARCEL)
    for index, stable in enumerate(judge_all(watch, [0.005 * mass for mass in masses])):
        window = masses[max(0, index - 5) : index + 1]
        assert stable == (len(window) == 6 and max(window) - min(window) <= 1)
