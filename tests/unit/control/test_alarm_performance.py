"""The health of an alarm system, from occurrences alone."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldport.messages.alarm import Alarm, AlarmState, Priority, Suppressed, Suppression
from control.alarms.performance import SYSTEM, alarm_health, flood_spans, percentile

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)


def at(after_s: float) -> datetime:
    return START + timedelta(seconds=after_s)


def occurrence(number, raised_s, returned_s=None, answered_s=None, *, name="hi.p", priority=Priority.HIGH, by="li"):
    definition, point = name.split(".")
    return Alarm(
        id=f"{name}.{number}",
        definition=definition,
        point=point,
        occurrence=number,
        state=AlarmState.UNACKNOWLEDGED,
        priority=priority,
        occurred_at=at(raised_s),
        returned_at=None if returned_s is None else at(returned_s),
        acknowledged_at=None if answered_s is None else at(answered_s),
        acknowledged_by=None if answered_s is None else by,
        transition=number,
    )


def kpi(health, name):
    return next(one for one in health.kpis if one.name == name)


class TestRates:
    def test_a_quiet_day_is_good_in_everything(self):
        health = alarm_health([], START, END)

        assert {one.verdict for one in health.kpis} == {"good"}
        assert (health.raised, health.top, health.floods) == (0, (), ())

    @pytest.mark.parametrize(("count", "verdict"), [(144, "good"), (145, "bearable"), (288, "bearable"), (289, "bad")])
    def test_one_alarm_in_ten_minutes_is_good_and_two_can_be_borne(self, count, verdict):
        """Source: EEMUA 191: 144 a day are very likely acceptable, 288 the most that can be managed."""
        alarms = [occurrence(n, n * 86_400 / count, name=f"hi.p{n}") for n in range(1, count)]
        health = alarm_health([occurrence(count, 0, name="hi.q"), *alarms], START, END)

        assert health.raised == count
        assert kpi(health, "per-ten-minutes").verdict == verdict

    def test_the_end_is_excluded_and_what_came_before_the_start_is_not_counted(self):
        health = alarm_health([occurrence(1, -1), occurrence(2, 0), occurrence(3, 86_400)], START, END)

        assert health.raised == 1

    def test_hours_of_more_than_thirty_are_counted(self):
        alarms = [occurrence(n, n * 100, name=f"hi.p{n}") for n in range(1, 32)]

        assert kpi(alarm_health(alarms, START, END), "hours-over-thirty").value == pytest.approx(100 / 24)


class TestFloods:
    def test_ten_in_ten_minutes_are_a_flood_and_nine_are_none(self):
        assert flood_spans([at(n * 60) for n in range(9)], END) == ()
        (flood,) = flood_spans([at(n * 60) for n in range(10)], END)
        assert (flood.start, flood.alarms) == (at(0), 10)

    def test_ten_in_just_ten_minutes_and_a_second_are_none(self):
        assert flood_spans([at(n * 600 / 9) for n in range(10)], END) == ()

    def test_it_ends_when_the_last_ten_minutes_hold_fewer_than_five(self):
        (flood,) = flood_spans([at(n) for n in range(10)], END)

        assert flood.end == at(5 + 600)

    def test_it_goes_on_while_five_come_in_ten_minutes(self):
        times = [at(n) for n in range(10)] + [at(10 + n * 119) for n in range(1, 20)]
        (flood,) = flood_spans(times, END)

        assert flood.alarms == 29
        assert flood.end == at(10 + 15 * 119 + 600)

    def test_two_floods_share_no_alarm(self):
        times = [at(n) for n in range(10)] + [at(606 + n) for n in range(10)]
        first, second = flood_spans(times, END)

        assert (first.alarms, second.alarms) == (10, 10)
        assert first.end < second.start

    def test_one_that_goes_on_at_the_end_of_the_span_ends_there(self):
        (flood,) = flood_spans([at(n) for n in range(10)], at(60))

        assert flood.end == at(60)

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.integers(0, 2_400), max_size=30))
    def test_a_slow_look_at_every_second_finds_the_same_seconds(self, seconds):
        times = sorted(at(second) for second in seconds)
        on, flooded = False, set()
        for second in range(3_700):
            recent = sum(at(second - 600) < t <= at(second) for t in times) if times else 0
            on = recent >= 5 if on else recent >= 10
            if on:
                flooded.add(second)
        spans = flood_spans(times, END)

        # A flood is dated from its first alarm, so it covers what the slow look finds and begins earlier.
        found = {s for f in spans for s in range(*(int((m - START).total_seconds()) for m in (f.start, f.end)))}
        assert flooded <= found
        assert len(spans) == sum(second - 1 not in flooded for second in flooded)


class TestNuisances:
    def test_three_moves_within_a_minute_are_chatter(self):
        """Source: ISA-18.2 as its users quote it: three transitions within a minute from one source."""
        alarms = [occurrence(1, 0, 30), occurrence(2, 60)]

        assert alarm_health(alarms, START, END).chattering == ("hi.p",)

    def test_three_moves_in_more_than_a_minute_are_none(self):
        assert alarm_health([occurrence(1, 0, 30), occurrence(2, 61)], START, END).chattering == ()

    def test_moves_of_different_alarms_are_no_chatter(self):
        alarms = [occurrence(1, 0, 30), occurrence(1, 10, name="hi.q")]

        assert alarm_health(alarms, START, END).chattering == ()

    def test_what_is_over_in_seconds_without_an_answer_is_fleeting(self):
        alarms = [
            occurrence(1, 0, 10, name="hi.a"),
            occurrence(1, 0, 10.1, name="hi.b"),
            occurrence(1, 0, 10, 5, name="hi.c"),
            occurrence(1, 0, 10, 10, name="hi.d"),
            occurrence(1, 0, name="hi.e"),
        ]

        assert alarm_health(alarms, START, END).fleeting == 2

    def test_what_chatters_is_not_fleeting_too(self):
        health = alarm_health([occurrence(1, 0, 5), occurrence(2, 6, 9)], START, END)

        assert (health.chattering, health.fleeting) == (("hi.p",), 0)

    def test_what_stands_for_a_day_is_stale_even_if_it_came_before_the_span(self):
        alarms = [
            occurrence(1, -10, name="hi.a"),
            occurrence(1, 0, name="hi.b"),
            occurrence(1, 1, name="hi.c"),
            occurrence(1, -90_000, -1, name="hi.d"),
            occurrence(1, -90_000, 1, name="hi.e"),
        ]

        assert alarm_health(alarms, START, END).stale == ("hi.e.1", "hi.a.1", "hi.b.1")


class TestLoad:
    def test_the_ten_with_the_most_occurrences_come_first(self):
        alarms = [occurrence(n, n * 700, name=f"hi.p{p:02}") for p in range(12) for n in range(1, p + 2)]
        top = alarm_health(alarms, START, END).top

        assert [one.alarm for one in top] == [f"hi.p{p:02}" for p in range(11, 1, -1)]
        assert top[0].count == 12
        assert top[0].share == pytest.approx(12 / 78)

    def test_priorities_are_counted(self):
        alarms = [occurrence(1, 0), occurrence(2, 700, priority=Priority.LOW)]

        assert alarm_health(alarms, START, END).by_priority == {
            Priority.CRITICAL: 0,
            Priority.HIGH: 1,
            Priority.LOW: 1,
        }

    def test_what_late_readings_showed_is_no_call(self):
        late = msgspec.structs.replace(occurrence(1, 0), historical=True)

        assert alarm_health([late], START, END).raised == 0


class TestSuppression:
    def test_what_is_kept_from_operators_is_counted_by_kind(self):
        shelved = Suppressed(kind=Suppression.SHELVED, since=at(0), by="li", reason="defrost")
        alarms = [msgspec.structs.replace(occurrence(1, 0), suppressed=shelved), occurrence(2, 700)]
        counts = alarm_health(alarms, START, END).suppressed

        assert counts[Suppression.SHELVED] == 1
        assert Suppression.NONE not in counts


class TestAnswers:
    def test_the_time_to_an_answer_counts_persons_only(self):
        alarms = [occurrence(n, n * 1000, None, n * 1000 + 10 * n) for n in range(1, 11)]
        alarms += [occurrence(11, 11_000), occurrence(12, 12_000, None, 12_001, by=SYSTEM)]
        high = next(one for one in alarm_health(alarms, START, END).answers if one.priority is Priority.HIGH)

        assert (high.raised, high.acknowledged) == (12, 10)
        assert (high.median_s, high.p90_s, high.longest_s) == (50, 90, 100)

    def test_without_answers_there_is_no_time(self):
        low = next(one for one in alarm_health([], START, END).answers if one.priority is Priority.LOW)

        assert (low.median_s, low.longest_s) == (None, None)

    @pytest.mark.parametrize(("percent", "value"), [(0, 1), (1, 1), (50, 2), (51, 3), (100, 4)])
    def test_percentiles_are_values_that_were_there(self, percent, value):
        assert percentile([1, 2, 3, 4], percent) == value


class TestEdges:
    def test_an_alarm_belongs_to_the_hour_it_came_in(self):
        many = [occurrence(n, 3_600 + n, name=f"hi.p{n}") for n in range(31)]
        assert kpi(alarm_health(many, START, END), "hours-over-thirty").value == pytest.approx(100 / 24)
        split = [occurrence(n, 3_585 + n, name=f"hi.p{n}") for n in range(31)]  # 15 before the hour, 16 after it
        assert kpi(alarm_health(split, START, END), "hours-over-thirty").value == 0
        early = [occurrence(n, 3_600 * 23 + n, name=f"hi.p{n}") for n in range(30)]
        assert kpi(alarm_health(early, START, END), "hours-over-thirty").value == 0

    def test_less_than_an_hour_counts_as_one(self):
        many = [occurrence(n, n, name=f"hi.p{n}") for n in range(31)]
        assert kpi(alarm_health(many, START, START + timedelta(minutes=30)), "hours-over-thirty").value == 100

    @pytest.mark.parametrize(("count", "verdict"), [(9, "good"), (10, "bad")])
    def test_the_busiest_ten_minutes_hold_nine_alarms_at_most(self, count, verdict):
        health = alarm_health([occurrence(n, n * 60, name=f"hi.p{n}") for n in range(count)], START, END)
        busiest = kpi(health, "busiest-ten-minutes")
        assert (busiest.value, busiest.verdict, busiest.aim, busiest.most) == (count, verdict, 9, 9)

    def test_the_eleventh_minute_is_not_of_the_busiest_ten(self):
        health = alarm_health([occurrence(n, n * 300, name=f"hi.p{n}") for n in range(3)], START, END)
        assert kpi(health, "busiest-ten-minutes").value == 2

    def test_a_day_is_judged_by_these_figures(self):
        kpis = {one.name: (one.unit, one.aim, one.most, one.source) for one in alarm_health([], START, END).kpis}
        assert kpis == {
            "per-ten-minutes": ("alarms", 1, 2, "EEMUA 191 / ISA-18.2"),
            "busiest-ten-minutes": ("alarms", 9, 9, "EEMUA 191 / ISA-18.2"),
            "time-in-flood": ("%", 1, 1, "EEMUA 191 / ISA-18.2"),
            "hours-over-thirty": ("%", 1, 1, "site"),
            "chattering-and-fleeting": ("alarms", 0, 0, "site"),
            "stale": ("alarms", 4, 4, "site"),
        }

    def test_the_share_of_time_in_floods_is_said(self):
        health = alarm_health([occurrence(n, n, name=f"hi.p{n}") for n in range(10)], START, END)
        (flood,) = health.floods
        assert (flood.start, flood.end) == (at(0), at(605))
        assert kpi(health, "time-in-flood").value == pytest.approx(100 * 605 / 86_400)

    def test_a_flood_goes_on_at_the_very_moment_it_would_be_over(self):
        """Ten at once; the fifth last leaves the ten minutes at second 600, when another comes."""
        (flood,) = flood_spans([*(at(0) for _ in range(10)), at(600)], END)
        assert (flood.alarms, flood.end) == (11, at(600))
        (flood,) = flood_spans([*(at(0) for _ in range(10)), at(600.001)], END)
        assert (flood.alarms, flood.end) == (10, at(600))

    @pytest.mark.parametrize(
        ("lasts", "answered", "is_fleeting"), [(10, None, 1), (10.1, None, 0), (5, 5, 1), (5, 4.9, 0)]
    )
    def test_ten_seconds_are_fleeting_and_an_answer_before_the_end_is_one(self, lasts, answered, is_fleeting):
        alarm = occurrence(1, 100, 100 + lasts, None if answered is None else 100 + answered)
        assert alarm_health([alarm], START, END).fleeting == is_fleeting

    def test_an_answer_before_the_alarm_takes_no_time_and_percentiles_are_of_a_hundred(self):
        health = alarm_health([occurrence(1, 100, None, 90)], START, END)
        (answers,) = [one for one in health.answers if one.priority is Priority.HIGH]
        assert (answers.median_s, answers.p90_s, answers.longest_s) == (0.0, 0.0, 0.0)
        hundred = [float(n) for n in range(1, 101)]
        assert [percentile(hundred, percent) for percent in (0, 1, 50, 90, 100)] == [1.0, 1.0, 50.0, 90.0, 100.0]
        assert percentile([float(n) for n in range(1, 1_002)], 50) == 501.0

    def test_a_flood_begins_with_its_first_alarm_however_long_it_lasts(self):
        (flood,) = flood_spans([at(n * 50) for n in range(40)], END)
        assert (flood.start, flood.alarms) == (at(0), 40)
