"""Measures and masks at the edges of what they keep, count and postpone."""

import math

import pytest

from control.alarms.mask import Cause, Mask, MaskRule, MaskState
from control.alarms.measures import count, cumulative, doubt, slope, window
from control.alarms.measures.count import is_spike
from control.alarms.measures.memory import Memory
from control.alarms.measures.slope import seconds_to

MINUTE, HOUR = 60.0, 3_600.0


def heard(memory, take, value, at_s, known_s=1.0):
    """Take a value in as a point would, and return the figure."""
    told = take(memory, value, at_s, known_s)
    memory.at_s, memory.value, memory.unknown_s = at_s, value, 0.0
    return told


class TestStarts:
    def test_the_first_value_is_no_start_and_half_is_off(self):
        memory, take = Memory(), count.starts(100.0)
        assert [heard(memory, take, value, at) for at, value in enumerate((1.0, 0.5, 0.6, 0.4, 1.0, 1.0))] == [
            0.0,
            0.0,
            1.0,
            1.0,
            2.0,
            2.0,
        ]

    def test_a_start_as_old_as_the_window_counts_no_more(self):
        memory, take = Memory(at_s=0.0), count.starts(100.0)
        heard(memory, take, 1.0, 10.0)
        assert heard(memory, take, 0.0, 109.9) == 1.0
        assert heard(memory, take, 0.0, 110.0) == 0.0


class TestSpikes:
    @pytest.mark.parametrize(("beside", "spike"), [(7.0, True), (7.1, False), (1.0, True), (0.9, False)], ids=str)
    @pytest.mark.parametrize("place", [2, 4])
    def test_a_neighbour_just_as_far_as_is_not_wild_leaves_a_spike_single(self, place, beside, spike):
        values = [4.0, 4.0, 4.0, 20.0, 4.0, 4.0, 4.0]
        values[place] = beside
        assert is_spike(values) is spike

    def test_six_values_are_too_few_to_tell(self):
        assert not is_spike([4.0, 4.0, 4.0, 20.0, 4.0, 4.0])

    def test_six_deviations_of_a_noisy_probe_are_not_wild_and_more_are(self):
        noisy = [3.0, 5.0, 3.0, 4.0, 5.0, 3.0, 5.0]  # median 4, deviation 1
        assert not is_spike([*noisy[:3], 10.0, *noisy[4:]])
        assert is_spike([*noisy[:3], 10.1, *noisy[4:]])

    def test_of_values_no_more_are_kept_than_can_be_compared(self):
        memory, take = Memory(), count.spikes(HOUR)
        for second in range(50):
            take(memory, 4.0, float(second), 1.0)
        assert [row[0] for row in memory.rows] == [43.0, 44.0, 45.0, 46.0, 47.0, 48.0, 49.0]


class TestCumulative:
    def test_times_that_touch_are_one(self):
        rows = []
        cumulative.add(rows, 0.0, 10.0)
        cumulative.add(rows, 10.0, 20.0)
        cumulative.add(rows, 20.1, 30.0)
        assert rows == [(0.0, 20.0, 0.0), (20.1, 30.0, 0.0)]

    def test_of_too_many_the_two_nearest_are_joined(self):
        rows = []
        for n in range(cumulative.SPAN_LIMIT):
            cumulative.add(rows, 100.0 * n, 100.0 * n + (50.0 if n != 7 else 90.0))
        cumulative.add(rows, 1e6, 1e6 + 1)
        assert len(rows) == cumulative.SPAN_LIMIT
        assert rows[7] == (700.0, 850.0, 0.0)
        assert rows[6] == (600.0, 650.0, 0.0)
        assert rows[8] == (900.0, 950.0, 0.0)

    def test_a_time_is_forgotten_when_it_was_over(self):
        rows = [(0.0, 10.0, 0.0), (20.0, 30.0, 0.0)]
        cumulative.forget(rows, 9.9)
        assert len(rows) == 2
        cumulative.forget(rows, 10.0)
        assert rows == [(20.0, 30.0, 0.0)]
        assert cumulative.total(rows, 25.0) == 5.0
        assert cumulative.total(rows, 30.0) == 0.0


class TestDoubt:
    def test_a_value_at_the_edge_of_its_width_is_stuck_and_one_beyond_is_not(self):
        memory, take = Memory(), doubt.stuck(0.5)
        assert [take(memory, value, 0.0, 1.0) for value in (4.0, 4.5, 3.5, 4.6, 4.6)] == [0.0, 1.0, 1.0, 0.0, 1.0]

    def test_a_deviation_of_the_limit_for_its_time_is_one_and_no_sum_is_more_than_two(self):
        memory, take = Memory(value=1.0), doubt.drift(1.0, 100.0)
        assert take(memory, 1.0, 0.0, 50.0) == 0.5
        assert take(memory, 1.0, 50.0, 50.0) == 1.0
        assert take(memory, 1.0, 100.0, 500.0) == 2.0
        memory.value = -1.0
        assert take(memory, -1.0, 600.0, 100.0) == 1.0
        assert memory.rows == [(600.0, 0.0, 1.0)]

    def test_half_the_limit_adds_up_to_nothing(self):
        memory, take = Memory(value=0.5), doubt.drift(1.0, 100.0)
        assert take(memory, 0.5, 0.0, 1e6) == 0.0


class TestSlope:
    def test_nothing_is_said_before_four_fifths_of_the_window_are_there(self):
        memory, take = Memory(), slope.slope(100.0, 1.0)
        told = {second: heard(memory, take, second / 60, float(second)) for second in range(0, 101, 5)}
        assert [second for second, one in told.items() if one is None] == list(range(0, 80, 5))
        assert told[80] == pytest.approx(1.0)

    def test_a_window_holds_what_is_as_old_as_it_and_nothing_older(self):
        memory, take = Memory(), slope.slope(100.0, 1.0)
        for second in range(0, 301, 5):
            heard(memory, take, 4.0, float(second))
        assert (memory.rows[0][0], memory.rows[-1][0]) == (200.0, 300.0)

    @pytest.mark.parametrize(("unknown_s", "kept"), [(50.0, 3), (50.1, 1)])
    def test_a_gap_of_more_than_half_the_window_begins_it_anew(self, unknown_s, kept):
        memory, take = Memory(), slope.slope(100.0, 1.0)
        for second in (0.0, 5.0):
            heard(memory, take, 4.0, second)
        memory.unknown_s = unknown_s
        take(memory, 4.0, 60.0, 5.0)
        assert len(memory.rows) == kept

    @pytest.mark.parametrize(("kept", "told"), [(5, False), (6, True)])
    def test_a_forecast_wants_two_values_of_each_third(self, kept, told):
        memory, take = Memory(), slope.forecast(100.0, 8.0, high=True)
        for n in range(kept):
            said = heard(memory, take, 2.0 + n, n * 100.0 / (kept - 1))
        assert (said is not None) is told

    def test_a_forecast_wants_four_fifths_of_its_window(self):
        memory, take = Memory(), slope.forecast(100.0, 8.0, high=True)
        told = [heard(memory, take, 2.0 + second / 100, float(second)) for second in range(0, 81, 5)]
        assert [one is None for one in told] == [True] * 16 + [False]

    def test_what_moves_less_than_noise_is_not_forecast(self):
        def line(per_step):
            return [(60.0 * n, 2.0 + per_step * n) for n in range(6)]

        assert seconds_to(8.0, line(0.049)) == math.inf
        assert seconds_to(8.0, line(0.051)) < math.inf
        slowing = [(60.0 * n, value) for n, value in enumerate((2.0, 2.0, 2.11, 2.11, 2.2, 2.2))]
        assert seconds_to(8.0, slowing) == math.inf  # its last third moved by 0.09

    def test_at_the_limit_is_not_beyond_it(self):
        assert seconds_to(2.5, [(60.0 * n, value) for n, value in enumerate((2.0, 2.0, 2.2, 2.2, 2.5, 2.5))]) == 0.0
        assert seconds_to(2.4, [(60.0 * n, 2.5) for n in range(6)]) == 0.0
        assert seconds_to(2.5, [(60.0 * n, 2.5) for n in range(6)]) == math.inf

    def test_a_line_is_followed_exactly_and_so_is_newtons_law(self):
        line = [(60.0 * n, 2.0 + 0.5 * n) for n in range(6)]
        assert seconds_to(8.0, line) == pytest.approx((8.0 - 4.5) / 0.5 * 60)
        law = [(60.0 * n, 12.0 - 10.0 * math.exp(-n / 10)) for n in range(9)]
        assert seconds_to(8.0, law) == pytest.approx((10 * math.log(10 / 4) - 8) * 60, rel=1e-9)


class TestJump:
    def test_a_change_counts_as_if_it_took_the_window_and_by_its_time_when_it_took_more(self):
        memory, take = Memory(), slope.jump(60.0)
        assert heard(memory, take, 4.0, 0.0) is None
        assert heard(memory, take, 5.0, 1.0) == 1.0
        memory, take = Memory(), slope.jump(60.0)
        heard(memory, take, 4.0, 0.0)
        assert heard(memory, take, 2.0, 120.0) == 1.0

    def test_values_are_kept_a_twentieth_of_the_window_apart_and_as_long_as_it(self):
        memory, take = Memory(), slope.jump(60.0)
        for second in range(200):
            heard(memory, take, 4.0, float(second))
        assert [row[0] for row in memory.rows] == [float(one) for one in range(141, 199, 3)]

    def test_after_any_gap_it_begins_anew(self):
        memory, take = Memory(), slope.jump(60.0)
        heard(memory, take, 4.0, 0.0)
        memory.unknown_s = 0.001
        assert take(memory, 9.0, 5.0, 1.0) is None


class TestShares:
    def test_a_share_is_told_from_four_fifths_of_the_window_on_and_half_is_off(self):
        memory, take = Memory(value=1.0), window.run_share(600.0)
        assert take(memory, 0.5, 479.0, 479.0) is None
        memory.value = 0.5
        assert take(memory, 1.0, 480.0, 1.0) == pytest.approx(100 * 479 / 480)

    def test_a_slot_falls_out_when_it_is_as_old_as_the_window(self):
        memory, take = Memory(value=1.0), window.run_share(60.0)
        for second in range(1, 61):
            take(memory, 1.0, float(second), 1.0)
        assert len(memory.rows) == window.SLOTS
        assert (memory.rows[0][0], memory.rows[-1][0]) == (1, 60)
        take(memory, 1.0, 61.0, 1.0)
        assert (memory.rows[0][0], memory.rows[-1][0]) == (2, 61)
        take(memory, 1.0, 61.5, 0.5)
        take(memory, 1.0, 61.7, 0.2)
        assert memory.rows[-1] == (62, pytest.approx(0.7), pytest.approx(0.7))

    def test_a_kinetic_mean_is_told_from_a_twentieth_unknown_on_and_is_that_of_the_formula(self):
        memory, take = Memory(value=5.0), window.kinetic_mean(600.0)
        assert take(memory, 14.0, 569.0, 569.0) is None
        memory.value = 14.0
        sums = 569 * math.exp(-window.RATIO_K / 278.15) + math.exp(-window.RATIO_K / 287.15)
        assert take(memory, 14.0, 570.0, 1.0) == pytest.approx(
            window.RATIO_K / -math.log(sums / 570) - 273.15, rel=1e-9
        )


@pytest.fixture
def mask(at):
    def make(cause=Cause.DEFROST, **more):
        fields = {"id": "m", "cause": cause, "zones": ("z",), "points": ("d", "e"), "recovery_s": 20.0, "cap_s": 100.0}
        return Mask(MaskRule(**(fields | more)), MaskState())

    return make


class TestMask:
    def test_it_lasts_from_the_first_that_is_on_to_the_recovery_after_the_last(self, mask, at):
        one = mask()
        for point, value, second in (("d", 1.0, 10), ("e", 1.0, 20), ("d", 0.0, 30), ("e", 0.5, 55)):
            one.hear(point, value, at(second))
        assert (one.state.begun, one.state.until) == (at(10), at(75))

    def test_what_is_due_as_it_begins_or_ends_is_due_and_what_is_due_in_it_waits(self, mask, at):
        one = mask()
        one.hear("d", 1.0, at(10))
        one.hear("d", 0.0, at(40))
        due = {second: one.postponed(at(second), at(5)) for second in (10, 10.1, 59.9, 60)}
        assert due == {10: at(10), 10.1: at(60), 59.9: at(60), 60: at(60)}

    def test_what_was_due_before_it_began_is_judged_by_the_mask_before(self, mask, at):
        one = mask()
        for value, second in ((1.0, 10), (0.0, 20), (1.0, 200)):
            one.hear("d", value, at(second))
        assert one.postponed(at(30), at(5)) == at(40)
        assert one.postponed(at(200), at(5)) == at(200)
        assert one.postponed(at(201), at(5)) == at(300)
        assert one.state.before == (at(10), at(40))

    def test_a_cause_that_comes_again_as_the_mask_ends_begins_a_new_one_and_before_goes_on(self, mask, at):
        for second, begun in ((39, 10), (40, 40)):
            one = mask()
            for value, moment in ((1.0, 10), (0.0, 20), (1.0, second)):
                one.hear("d", value, at(moment))
            assert one.state.begun == at(begun)

    def test_a_cause_that_ends_after_the_cap_changes_nothing(self, mask, at):
        one = mask()
        one.hear("d", 1.0, at(10))
        one.hear("d", 0.0, at(110))
        assert one.state.until == at(110)
        other = mask()
        other.hear("d", 1.0, at(10))
        other.hear("d", 0.0, at(105))
        assert other.state.until == at(110)

    def test_only_what_a_point_says_anew_changes_it(self, mask, at):
        one = mask()
        assert one.changes("d", 0.0)
        one.hear("d", 0.0, at(0))
        assert not one.changes("d", 0.5)
        assert one.changes("d", 0.6)

    def test_with_a_delay_of_its_own_an_alarm_waits_for_that_or_for_the_end(self, mask, at):
        one = mask(cause=Cause.DOOR, on_delay_s=30.0)
        one.hear("d", 1.0, at(10))
        assert one.postponed(at(25), at(15)) == at(45)
        assert one.postponed(at(50), at(15)) == at(50)
        assert one.postponed(at(105), at(95)) == at(110)
