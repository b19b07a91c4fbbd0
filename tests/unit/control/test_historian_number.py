import json
from datetime import UTC, datetime

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from control.historian.number import AppliedNumber

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "applied.json"


def test_the_file_trails_by_ten_seconds(path, clock):
    number = AppliedNumber(path, "here", clock)
    number.advance(1)
    assert (number.number, AppliedNumber(path, "here", clock).number) == (1, 0)


async def test_after_ten_seconds_the_number_is_kept(path, clock):
    number = AppliedNumber(path, "here", clock)
    for each in range(1, 31):
        number.advance(each)
        await clock.advance(1)
    assert (number.number, AppliedNumber(path, "here", clock).number) == (30, 20)


async def test_falling_back_returns_to_what_was_confirmed_ten_seconds_ago(path, clock):
    number = AppliedNumber(path, "here", clock)
    for each in range(1, 31):
        number.advance(each)
        await clock.advance(1)
    number.fall_back()
    assert number.number == 20
    number.advance(21)
    assert AppliedNumber(path, "here", clock).number == 20


async def test_a_thousand_writes_a_second_leave_eleven_numbers_waiting(path, clock):
    number = AppliedNumber(path, "here", clock)
    for each in range(1, 20_001):
        number.advance(each)
        if each % 1000 == 0:
            await clock.advance(1)
    assert len(number._waiting) <= 11
    assert 9_000 <= AppliedNumber(path, "here", clock).number <= 10_000


async def test_another_target_starts_from_nothing(path, clock):
    number = AppliedNumber(path, "here", clock)
    number.advance(5)
    await clock.advance(10)
    number.advance(6)
    assert AppliedNumber(path, "here", clock).number == 5
    assert AppliedNumber(path, "there", clock).number == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"target": "here", "applied": "x"}', "\x00\x00"])
def test_a_broken_file_costs_time_and_not_data(path, clock, text, caplog):
    path.write_text(text)
    assert AppliedNumber(path, "here", clock).number == 0
    assert "everything is sent again" in caplog.text


async def test_a_file_that_cannot_be_written_makes_it_unavailable(path, clock):
    path.mkdir()
    number = AppliedNumber(path, "here", clock)
    number.advance(1)
    await clock.advance(10)
    with pytest.raises(UnavailableError):
        number.advance(2)


async def test_what_is_kept_is_readable_json(path, clock):
    number = AppliedNumber(path, "here", clock)
    number.advance(1)
    await clock.advance(10)
    number.advance(2)
    assert json.loads(path.read_text()) == {"target": "here", "applied": 1}
