"""The chart of a report: values against time with limits, gaps and marks, as SVG text.

Nothing is averaged: each of 720 columns shows the lowest and the highest value known in it, so no peak is lost, and a
column of which nothing is known stays empty, behind grey.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from control.historian.buckets import milliseconds
from control.reports.figures import held
from control.reports.series import Series

WIDTH, HEIGHT = 1000, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 46
COLUMNS = 720
INKS = ("#0b5cad", "#b4570a", "#2b7a3d", "#7a3fa0", "#a3123a", "#4a5a68", "#00808a", "#7d6a00")
"""Apart for eyes that see few colours, in this order; the legend names them too."""

STEPS_S = (60, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 2592000)


class Column(NamedTuple):
    """What was known in one column, or None twice."""

    low: float | None
    high: float | None


class Line(NamedTuple):
    """One point's name and columns."""

    name: str
    columns: Sequence[Column]


class Limit(NamedTuple):
    """A limit across the chart."""

    value: float
    name: str


class Band(NamedTuple):
    """From when to when something was so, drawn below the curves; `kind` door, defrost or start."""

    kind: str
    start: datetime
    end: datetime


def columns_of(series: Series, start_ms: int, end_ms: int) -> list[Column]:
    """Return the lowest and highest value known in each column of a span."""
    lows: list[float | None] = [None] * COLUMNS
    highs: list[float | None] = [None] * COLUMNS
    for hour in held(series, start_ms, end_ms):
        for stretch in hour:
            if stretch.grade is None:
                continue
            first = (stretch.start_ms - start_ms) * COLUMNS // (end_ms - start_ms)
            last = (stretch.end_ms - 1 - start_ms) * COLUMNS // (end_ms - start_ms)
            for column in range(first, last + 1):
                low, high = lows[column], highs[column]
                lows[column] = stretch.warm if low is None else min(low, stretch.warm)
                highs[column] = stretch.warm if high is None else max(high, stretch.warm)
    return [Column(low, high) for low, high in zip(lows, highs, strict=True)]


def draw(
    lines: Sequence[Line],
    limits: Sequence[Limit],
    bands: Iterable[Band],
    *,
    span: tuple[datetime, datetime],
    unit: str,
    zone: ZoneInfo,
) -> str:
    """Return the chart as SVG, 1,000 wide."""
    low, high, step = _scale(lines, limits)
    frame = _Frame(milliseconds(span[0]), milliseconds(span[1]), low, high)
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    inside = f'x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {size}>',
        '<g font-family="Noto Sans SC" font-size="11">',
        f'<rect {size} fill="#ffffff"/>',
        *_gaps(frame, lines),
        *_bands(frame, bands),
        *_rows(frame, low, high, step, unit),
        *_times(frame, span, zone),
        *(part for index, line in enumerate(lines) for part in _curve(frame, line, INKS[index % len(INKS)])),
        *_limits(frame, limits),
        *_legend(lines),
        f'<rect {inside} fill="none" stroke="#444444" stroke-width="0.8"/>',
        "</g></svg>",
    ]
    return "\n".join(parts)


class _Frame(NamedTuple):
    start_ms: int
    end_ms: int
    low: float
    high: float

    def x(self, at_ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at_ms - self.start_ms) / (self.end_ms - self.start_ms)

    def column(self, index: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * index / COLUMNS

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)


def _scale(lines: Sequence[Line], limits: Sequence[Limit]) -> tuple[float, float, float]:
    """Return bottom, top and step of the axis: whole steps of 1, 2 or 5, about six of them."""
    values = [value for line in lines for column in line.columns for value in column if value is not None]
    values += [limit.value for limit in limits]
    low, high = min(values, default=0.0), max(values, default=1.0)
    raw = max((high - low) / 6, 0.1)
    power = 10 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return floor(low / step - 0.2) * step, ceil(high / step + 0.2) * step, step


def _rows(frame: _Frame, low: float, high: float, step: float, unit: str) -> Iterator[str]:
    for index in range(round((high - low) / step) + 1):
        value = low + index * step
        y = frame.y(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd" stroke-width="0.6"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#333333">{value:g}</text>'
    yield f'<text x="4" y="{TOP + 10}" fill="#333333">{escape(unit)}</text>'


def _times(frame: _Frame, span: tuple[datetime, datetime], zone: ZoneInfo) -> Iterator[str]:
    length_s = (span[1] - span[0]).total_seconds()
    step_s = next((step for step in STEPS_S if length_s / step <= 9), STEPS_S[-1])
    local = span[0].astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = ceil((local - midnight).total_seconds() / step_s)
    for index in range(first, first + ceil(length_s / step_s) + 1):
        at = midnight + timedelta(seconds=index * step_s)
        x = frame.x(milliseconds(at))
        if not LEFT <= x <= WIDTH - RIGHT:
            continue
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eeeeee" stroke-width="0.6"/>'
        said = f"{at:%m-%d}" if at.hour == at.minute == 0 else f"{at:%H:%M}"
        anchor = "start" if x < LEFT + 20 else "end" if x > WIDTH - RIGHT - 30 else "middle"
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="{anchor}" fill="#333333">{said}</text>'


def _curve(frame: _Frame, line: Line, ink: str) -> Iterator[str]:
    """Draw what was known: in each column down and up, from one column to the next level."""
    steps: list[str] = []
    for index, column in enumerate(line.columns):
        if column.low is None or column.high is None:
            if steps:
                yield _path(steps, ink)
            steps = []
            continue
        left, right = frame.column(index), frame.column(index + 1)
        top, bottom = frame.y(column.high), frame.y(column.low)
        steps.append(f"{'L' if steps else 'M'}{left:.1f} {top:.1f} L{left:.1f} {bottom:.1f} L{right:.1f} {bottom:.1f}")
    if steps:
        yield _path(steps, ink)


def _path(steps: Sequence[str], ink: str) -> str:
    return f'<path d="{" ".join(steps)}" fill="none" stroke="{ink}" stroke-width="1.1" stroke-linejoin="round"/>'


def _gaps(frame: _Frame, lines: Sequence[Line]) -> Iterator[str]:
    """Draw grey where of no point anything was known."""
    known = [any(line.columns[index].low is not None for line in lines) for index in range(COLUMNS)]
    start = None
    for index, is_known in enumerate([*known, True]):
        if not is_known and start is None:
            start = index
        elif is_known and start is not None:
            yield _block(frame.column(start), frame.column(index), "#d9d9d9", TOP, HEIGHT - BOTTOM)
            start = None


def _bands(frame: _Frame, bands: Iterable[Band]) -> Iterator[str]:
    inks = {"door": "#e0a100", "defrost": "#3fa7d6", "start": "#c0392b"}
    for band in bands:
        left, right = frame.x(milliseconds(band.start)), frame.x(milliseconds(band.end))
        ink = inks.get(band.kind, "#888888")
        yield _block(left, max(right, left + 1.2), ink, HEIGHT - BOTTOM - 6, HEIGHT - BOTTOM)


def _block(left: float, right: float, ink: str, top: float, bottom: float) -> str:
    return f'<rect x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{bottom - top}" fill="{ink}"/>'


def _limits(frame: _Frame, limits: Sequence[Limit]) -> Iterator[str]:
    for limit in limits:
        y = frame.y(limit.value)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#c0392b" stroke-width="1" '
            'stroke-dasharray="6 4"/>'
        )
        said = escape(f"{limit.name} {limit.value:g}")
        yield f'<text x="{WIDTH - RIGHT - 4}" y="{y - 4:.1f}" text-anchor="end" fill="#c0392b">{said}</text>'


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    x = float(LEFT)
    for index, line in enumerate(lines):
        ink = INKS[index % len(INKS)]
        yield _block(x, x + 18, ink, HEIGHT - 15, HEIGHT - 13)
        yield f'<text x="{x + 23:.0f}" y="{HEIGHT - 10}" fill="#333333">{escape(line.name)}</text>'
        x += 40 + 7 * len(line.name)
