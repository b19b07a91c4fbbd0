"""Reads a trace: CSV text to the readings of its points. Pure: lines in, readings and problems out.

Two layouts, told apart by the header: `t,point,value[,quality]`, and `timestamp,value` for one point.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from math import isfinite, nan

import numpy as np
from msgspec import Struct, field

from coldport.messages.observation import Quality
from coldport.settings import Problem
from control.backtest.series import Series, microseconds

ROW_LIMIT = 20_000_000
"""Rows of one trace: twice the largest back-test measured. They are held in memory, 16 bytes each once read."""

PROBLEM_LIMIT = 10
"""Problems told of one file; the eleventh would tell nothing new."""

QUALITIES = tuple(quality.value for quality in Quality)
LAYOUTS = "t,point,value or t,point,value,quality or timestamp,value"


class Rows(Struct):
    """The readings of one point as they are read: microseconds, values (NaN for a bad one)."""

    at: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


class Layout(Struct, frozen=True):
    """Which column holds what; None: there is none."""

    t: int
    value: int
    width: int
    point: int | None = None
    quality: int | None = None


class _RowError(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_trace(
    name: str, lines: Iterable[str], *, point: str, timezone: tzinfo = UTC
) -> tuple[dict[str, Series], list[Problem]]:
    """Read a trace; rows may stand in any order.

    Args:
        name: How a problem names the file.
        lines: The text; the first line is the header.
        point: Whose readings they are when the trace has no column for it.
        timezone: Of times without one.

    Returns:
        The readings by point, and what is wrong, with line and column; a row that is wrong is left out. A row that
        stands twice counts once; two different ones of a point at one moment are wrong.
    """
    problems: list[Problem] = []
    rows: dict[str, Rows] = {}
    reader = csv.reader(lines)
    layout = _layout(next(reader, []))
    if layout is None:
        return {}, [Problem(name, 1, "", f"the first line must be the header {LAYOUTS}")]
    for count, cells in enumerate(reader, start=1):
        if not cells:
            continue
        try:
            whose, at, value = _row(cells, layout, point, timezone)
            one = rows.setdefault(whose, Rows())
            one.at.append(microseconds(at))
            one.values.append(value)
        except _RowError as error:
            problems.append(Problem(name, reader.line_num, error.column, str(error)))
        if count > ROW_LIMIT:
            problems.append(Problem(name, reader.line_num, "", f"the trace has more than {ROW_LIMIT} rows"))
        if len(problems) >= PROBLEM_LIMIT or count > ROW_LIMIT:
            break
    if not rows and not problems:
        problems.append(Problem(name, 0, "", "the trace has no rows"))
    series = {}
    for whose, one in rows.items():
        series[whose], twice = _sorted(one)
        problems += [Problem(name, 0, "value", f"{whose} has two values at {at}") for at in twice]
    return series, problems[:PROBLEM_LIMIT]


def _layout(header: list[str]) -> Layout | None:
    names = [cell.strip().lower() for cell in header]
    if names == ["timestamp", "value"]:
        return Layout(t=0, value=1, width=2)
    if names[:3] == ["t", "point", "value"] and names[3:] in ([], ["quality"]):
        return Layout(t=0, point=1, value=2, width=len(names), quality=3 if len(names) == 4 else None)
    return None


def _row(cells: list[str], layout: Layout, point: str, timezone: tzinfo) -> tuple[str, datetime, float]:
    if len(cells) != layout.width:
        raise _RowError("", f"a row has {layout.width} cells, this has {len(cells)}")
    said = cells[layout.t].strip()
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise _RowError("t", f"{said!r} is not a time like 2026-07-04T00:00:00Z") from error
    whose = point if layout.point is None else cells[layout.point].strip()
    if not whose:
        raise _RowError("point", "there is no point")
    quality = Quality.GOOD.value if layout.quality is None else cells[layout.quality].strip()
    if quality not in QUALITIES:
        raise _RowError("quality", f"{quality!r} is not one of {', '.join(QUALITIES)}")
    return whose, at if at.tzinfo else at.replace(tzinfo=timezone), _value(cells[layout.value].strip(), quality)


def _value(said: str, quality: str) -> float:
    """Return the value, NaN when there is none: a reading that failed."""
    if quality == Quality.BAD or not said:
        return nan
    try:
        value = float(said)
    except ValueError as error:
        raise _RowError("value", f"{said!r} is not a number") from error
    if not isfinite(value):
        raise _RowError("value", f"{said!r} is not a number that can be measured")
    return value


def _sorted(rows: Rows) -> tuple[Series, list[str]]:
    """Return the rows in order, each moment once, and the moments that have different values."""
    at, values = np.array(rows.at, dtype=np.int64), np.array(rows.values, dtype=np.float64)
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    again = np.flatnonzero(np.diff(at) == 0)
    differs = ~((values[again] == values[again + 1]) | (np.isnan(values[again]) & np.isnan(values[again + 1])))
    twice = [str(np.datetime64(int(one), "us")) + "Z" for one in at[again[differs]]]
    kept = np.ones(len(at), dtype=bool)
    kept[again] = False
    return Series(at[kept], values[kept]), twice
