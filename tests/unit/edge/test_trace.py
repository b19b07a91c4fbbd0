"""A recorded trace as CSV: what is read, and how each thing that is wrong in it is named."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.replay import trace
from edge.replay.trace import Row, Unit, gaps, read_trace

HEADER = "timestamp,value"


def problems(*lines: str) -> list[str]:
    return [str(problem) for problem in read_trace("t.csv", [HEADER, *lines], Unit.DEG_C)[1]]


def test_a_time_without_a_zone_is_utc_and_fahrenheit_becomes_celsius() -> None:
    rows, found = read_trace("t.csv", [HEADER, "2013-07-04 00:00:00,212"], Unit.DEG_F)
    assert rows == [Row(datetime(2013, 7, 4, tzinfo=UTC), 100.0)]
    assert found == []


def test_a_time_without_a_zone_is_of_the_zone_that_is_given() -> None:
    rows, _ = read_trace("t.csv", [HEADER, "2013-07-04 08:00,4.5"], Unit.DEG_C, ZoneInfo("Asia/Shanghai"))
    assert rows[0].at == datetime(2013, 7, 4, tzinfo=UTC)


def test_a_time_with_a_zone_keeps_it() -> None:
    rows, _ = read_trace("t.csv", [HEADER, "2013-07-04T08:00:00+08:00,4.5"], Unit.DEG_C, ZoneInfo("Europe/Paris"))
    assert rows[0].at == datetime(2013, 7, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("yesterday,4.5", "t.csv:3: timestamp: 'yesterday' is not a time like 2013-07-04 00:00:00"),
        ("2013-07-04 01:00,cold", "t.csv:3: value: 'cold' is not a number"),
        ("2013-07-04 01:00,nan", "t.csv:3: value: 'nan' is not a number"),
        ("2013-07-04 01:00,", "t.csv:3: value: '' is not a number"),
        ("2013-07-04 01:00", "t.csv:3: a row has two cells, this has 1"),
        ("2013-07-04 01:00,4,5", "t.csv:3: a row has two cells, this has 3"),
        ("2013-07-04 00:00,4.5", "t.csv:3: timestamp: 2013-07-04 00:00 is not later than the row before it"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_line_and_column(line: str, problem: str) -> None:
    assert problems("2013-07-04 00:00,4.0", line, "2013-07-04 02:00,4.0") == [problem]


def test_at_most_ten_problems_are_named() -> None:
    assert len(problems(*["x,y"] * 11)) == 10


def test_a_file_without_a_header_is_refused() -> None:
    _, found = read_trace("t.csv", ["2013-07-04 00:00:00,69.8", "2013-07-04 01:00:00,71.2"], Unit.DEG_F)
    assert str(found[0]) == "t.csv:1: the first line must be a header of two columns: timestamp,value"


def test_a_file_without_rows_is_refused() -> None:
    assert problems() == ["t.csv:0: the trace has no rows"]


def test_a_trace_at_the_limit_is_read_and_one_past_it_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(trace, "ROW_LIMIT", 2)
    lines = [f"2013-07-04 0{hour}:00,4.5" for hour in range(3)]
    assert problems(*lines[:2]) == []
    assert problems(*lines) == ["t.csv:4: the trace has more than 2 rows"]


def test_a_gap_is_a_step_of_more_than_one_and_a_half_times_the_usual_one() -> None:
    start = datetime(2013, 7, 4, tzinfo=UTC)
    rows = [Row(start + timedelta(hours=hour), 4.0) for hour in (0, 1, 2, 3.5, 4.5, 178.5, 179.5)]
    assert [(gap.after, gap.length) for gap in gaps(rows)] == [
        (start + timedelta(hours=4.5), timedelta(hours=174)),
    ]


def test_a_single_row_has_no_gap() -> None:
    assert gaps([Row(datetime(2013, 7, 4, tzinfo=UTC), 4.0)]) == []
