"""Duty by the calendar of the site."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.notify.rota import is_quiet, on_duty
from control.notify.settings import Holiday, Quiet, Role, Rota

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_AND_NIGHT = Role(
    id="duty",
    rota=Rota(since=date(2026, 3, 2), hand_overs=(time(8), time(20)), order=(("wang",), ("li",), ("zhao",))),
    holidays=(Holiday(on=date(2026, 3, 5), recipients=("boss",)),),
)


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI).astimezone(UTC)


class TestRota:
    @pytest.mark.parametrize(
        ("at", "who"),
        [
            (local(2, 8), "wang"),
            (local(2, 19, 59, 59), "wang"),
            (local(2, 20), "li"),
            (local(3, 0), "li"),
            (local(3, 7, 59, 59), "li"),
            (local(3, 8), "zhao"),
            (local(3, 20), "wang"),
        ],
    )
    def test_at_eight_in_shanghai_the_next_one_has_duty(self, at, who):
        assert on_duty(DAY_AND_NIGHT, at, SHANGHAI) == (who,)

    def test_a_holiday_begins_and_ends_with_the_shifts_of_its_day(self):
        told = [
            on_duty(DAY_AND_NIGHT, at, SHANGHAI)[0] for at in (local(5, 7, 59), local(5, 8), local(6, 7), local(6, 8))
        ]

        assert told == ["zhao", "boss", "boss", "zhao"]

    def test_before_its_first_day_the_rota_counts_backwards(self):
        assert on_duty(DAY_AND_NIGHT, local(2, 7, 59), SHANGHAI) == ("zhao",)

    def test_a_weekly_rota_hands_over_once_in_seven_days(self):
        role = Role(
            id="duty",
            rota=Rota(since=date(2026, 3, 2), hand_overs=(time(8),), order=(("wang",), ("li",)), shifts_each=7),
        )

        assert [on_duty(role, local(d, 9), SHANGHAI)[0] for d in (2, 8, 9, 15, 16)] == [
            "wang",
            "wang",
            "li",
            "li",
            "wang",
        ]

    @given(st.integers(0, 400 * 24 * 3600))
    def test_somebody_has_duty_at_every_moment(self, after_s):
        at = datetime.fromtimestamp(1_750_000_000 + after_s, UTC)

        assert len(on_duty(DAY_AND_NIGHT, at, SHANGHAI)) == 1


class TestQuietHours:
    @pytest.mark.parametrize(
        ("at", "quiet"),
        [(local(2, 21, 59), False), (local(2, 22), True), (local(3, 5, 59), True), (local(3, 6), False)],
    )
    def test_over_midnight(self, at, quiet):
        assert is_quiet(Quiet(start=time(22), end=time(6)), at, SHANGHAI) is quiet

    @pytest.mark.parametrize(("at", "quiet"), [(local(2, 11, 59), False), (local(2, 12), True), (local(2, 13), False)])
    def test_within_a_day(self, at, quiet):
        assert is_quiet(Quiet(start=time(12), end=time(13)), at, SHANGHAI) is quiet

    def test_of_somebody_who_has_none(self):
        assert not is_quiet(None, local(2, 3), SHANGHAI)
