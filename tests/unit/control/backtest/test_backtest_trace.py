"""Traces in both layouts; whatever is wrong with a row is told by line and column."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from control.backtest import trace
from control.backtest.series import moment
from control.backtest.trace import read_trace


def read(text, **options):
    return read_trace("t.csv", text.splitlines(keepends=True), point="p", **options)


def pairs(series):
    return [(moment(int(at)), None if np.isnan(value) else value) for at, value in zip(*series, strict=True)]


def test_a_trace_of_two_columns_belongs_to_one_point():
    series, problems = read("timestamp,value\n2026-07-01 00:00:00,20.5\n2026-07-01 01:00:00,21\n")

    assert problems == []
    assert pairs(series["p"]) == [
        (datetime(2026, 7, 1, 0, tzinfo=UTC), 20.5),
        (datetime(2026, 7, 1, 1, tzinfo=UTC), 21.0),
    ]


def test_a_trace_of_many_points_may_stand_in_any_order_and_have_qualities():
    series, problems = read(
        "t,point,value,quality\n2026-07-01T00:01Z,a,2,good\n2026-07-01T08:00+08:00,a,1,uncertain\n"
        "2026-07-01T00:02Z,a,3,bad\n2026-07-01T00:00Z,b,,bad\n"
    )

    assert problems == []
    assert [value for _, value in pairs(series["a"])] == [1.0, 2.0, None]
    assert [value for _, value in pairs(series["b"])] == [None]


def test_an_empty_value_is_a_bad_reading():
    series, _ = read("t,point,value\n2026-07-01T00:00Z,a,\n")

    assert pairs(series["a"])[0][1] is None


def test_times_without_a_zone_are_in_the_one_given():
    series, _ = read("timestamp,value\n2026-07-01 08:00,1\n", timezone=ZoneInfo("Asia/Shanghai"))

    assert pairs(series["p"])[0][0] == datetime(2026, 7, 1, tzinfo=UTC)


def test_an_equal_repeat_counts_once_and_a_different_one_is_wrong():
    series, problems = read(
        "timestamp,value\n2026-07-01,1\n2026-07-01,1\n2026-07-02,\n2026-07-02,\n2026-07-03,1\n2026-07-03,2\n"
    )

    assert [str(problem) for problem in problems] == ["t.csv:0: value: p has two values at 2026-07-03T00:00:00.000000Z"]
    assert len(series["p"].at) == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-07-01T00:00Z,a", ":2: a row has 4 cells, this has 2"),
        ("yesterday,a,1,good", ":2: t: 'yesterday' is not a time like 2026-07-04T00:00:00Z"),
        ("2026-07-01T00:00Z,,1,good", ":2: point: there is no point"),
        ("2026-07-01T00:00Z,a,1,fine", ":2: quality: 'fine' is not one of good, uncertain, bad"),
        ("2026-07-01T00:00Z,a,warm,good", ":2: value: 'warm' is not a number"),
        ("2026-07-01T00:00Z,a,inf,good", ":2: value: 'inf' is not a number that can be measured"),
    ],
)
def test_a_wrong_row_is_named_by_line_and_column(row, said):
    series, [problem] = read(f"t,point,value,quality\n{row}\n")

    assert series == {}
    assert str(problem) == f"t.csv{said}"


@pytest.mark.parametrize("header", ["", "a,b,c", "t,point,value,extra", "2026-07-01,1"])
def test_a_trace_without_its_header_is_refused(header):
    _, [problem] = read(f"{header}\n2026-07-01,1\n")

    assert "the first line must be the header" in problem.message


def test_a_trace_without_rows_is_refused():
    _, [problem] = read("timestamp,value\n\n")

    assert problem.message == "the trace has no rows"


def test_no_more_than_ten_problems_are_told():
    _, problems = read("timestamp,value\n" + "x,1\n" * 50)

    assert len(problems) == 10


def test_a_trace_has_an_end(monkeypatch):
    monkeypatch.setattr(trace, "ROW_LIMIT", 2)

    _, problems = read("timestamp,value\n2026-07-01,1\n2026-07-02,1\n2026-07-03,1\n2026-07-04,1\n")

    assert [problem.message for problem in problems] == ["the trace has more than 2 rows"]
