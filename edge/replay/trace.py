"""Reads a recorded trace: a CSV file of `timestamp,value`. Pure: text in, rows and problems out."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from math import isfinite

from coldport.settings import Problem
from coldport.units import Celsius, celsius_from_fahrenheit

ROW_LIMIT = 1_000_000
"""Rows of one trace: a value a minute for two years. They are held in memory, about 200 MB."""

PROBLEM_LIMIT = 10
"""Problems reported of one file; the eleventh would tell nothing new."""


class Unit(StrEnum):
    """What a trace's values are in."""

    DEG_F = "degF"
    DEG_C = "degC"

    def celsius(self, value: float) -> Celsius:
        """Return a value of this unit in degrees Celsius."""
        return celsius_from_fahrenheit(value) if self is Unit.DEG_F else Celsius(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a trace."""

    at: datetime
    celsius: Celsius


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which values are missing: longer than one and a half times the usual step."""

    after: datetime
    length: timedelta


def read_trace(name: str, lines: Iterable[str], unit: Unit, timezone: tzinfo = UTC) -> tuple[list[Row], list[Problem]]:
    """Read a trace: a header line, then a time (ISO 8601; `timezone` where it has none) and a number on each.

    Times must rise from row to row. A problem names `name`, the line and the column; rows that have one are left out.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    reader = csv.reader(lines)
    for cells in reader:
        if reader.line_num == 1:
            if len(cells) != 2 or _is_number(cells[1]):
                problems.append(Problem(name, 1, "", "the first line must be a header of two columns: timestamp,value"))
            continue
        try:
            rows.append(_row(cells, unit, timezone, after=rows[-1].at if rows else None))
        except _CellError as error:
            problems.append(Problem(name, reader.line_num, error.column, str(error)))
        if len(rows) > ROW_LIMIT:
            problems.append(Problem(name, reader.line_num, "", f"the trace has more than {ROW_LIMIT} rows"))
        if len(problems) >= PROBLEM_LIMIT or len(rows) > ROW_LIMIT:
            break
    if not rows and not problems:
        problems.append(Problem(name, 0, "", "the trace has no rows"))
    return rows, problems


def gaps(rows: list[Row]) -> list[Gap]:
    """Return the gaps of a trace, in order; the usual step is the median one."""
    steps = [(row.at, later.at - row.at) for row, later in pairwise(rows)]
    if not steps:
        return []
    usual = sorted(length for _, length in steps)[len(steps) // 2]
    return [Gap(after, length) for after, length in steps if length > 1.5 * usual]


class _CellError(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _row(cells: list[str], unit: Unit, timezone: tzinfo, after: datetime | None) -> Row:
    if len(cells) != 2:
        raise _CellError("", f"a row has two cells, this has {len(cells)}")
    try:
        at = datetime.fromisoformat(cells[0].strip())
    except ValueError as error:
        raise _CellError("timestamp", f"{cells[0]!r} is not a time like 2013-07-04 00:00:00") from error
    if not _is_number(cells[1]):
        raise _CellError("value", f"{cells[1]!r} is not a number")
    at = (at if at.tzinfo else at.replace(tzinfo=timezone)).astimezone(UTC)
    if after is not None and at <= after:
        raise _CellError("timestamp", f"{cells[0]} is not later than the row before it")
    return Row(at, unit.celsius(float(cells[1])))


def _is_number(cell: str) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False
