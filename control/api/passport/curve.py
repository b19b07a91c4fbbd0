"""The temperatures that a lot went through in this house, as an SVG that needs neither script nor style of its own.

Drawn for a phone: 358 wide, one unit a pixel at 390. Each column has the lowest and the highest value known in it, so
no peak is lost; a column of which nothing is known stays empty on grey. Colours are classes of `passport.css`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from math import ceil, floor
from typing import NamedTuple
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

WIDTH, HEIGHT = 358, 190
LEFT, RIGHT, TOP, BOTTOM = 34, 6, 10, 26
COLUMNS = 108
"""Columns of the whole time: three pixels each."""


class Column(NamedTuple):
    """What was known in a stretch of time, and within which limits it was to be kept; None: nothing known, no limit."""

    start: datetime
    end: datetime
    low: float | None
    high: float | None
    least: float | None
    most: float | None


class Curve(NamedTuple):
    """The columns of a lot, in order and without a hole."""

    columns: Sequence[Column]

    @property
    def lowest(self) -> float | None:
        """The lowest value known."""
        return min((one.low for one in self.columns if one.low is not None), default=None)

    @property
    def highest(self) -> float | None:
        """The highest value known."""
        return max((one.high for one in self.columns if one.high is not None), default=None)

    @property
    def known(self) -> float:
        """The share of the time of which something is known."""
        whole = sum((one.end - one.start).total_seconds() for one in self.columns)
        known = sum((one.end - one.start).total_seconds() for one in self.columns if one.low is not None)
        return known / whole if whole else 0.0

    @property
    def left_limits(self) -> bool:
        """Whether any value known was beyond a limit."""
        return any(
            (one.low is not None and one.least is not None and one.low < one.least)
            or (one.high is not None and one.most is not None and one.high > one.most)
            for one in self.columns
        )


def draw(curve: Curve, zone: ZoneInfo, label: str) -> str:
    """Return the SVG; `label` says in words what it shows."""
    if not curve.columns:
        return ""
    frame = _framed(curve)
    parts = [
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={quoteattr(label)}>',
        *_limits(frame, curve.columns),
        *_gaps(frame, curve.columns),
        *_rows(frame),
        *_times(frame, zone),
        *_lines(frame, curve.columns),
        "</svg>",
    ]
    return "\n".join(parts)


class _Frame(NamedTuple):
    start: datetime
    end: datetime
    low: float
    high: float
    step: float

    def x(self, at: datetime) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((at - self.start) / (self.end - self.start))

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)


def _framed(curve: Curve) -> _Frame:
    """Return a frame of whole steps, at most seven, around values and limits."""
    values = [value for one in curve.columns for value in one[2:] if value is not None]
    low, high = min(values, default=0.0), max(values, default=10.0)
    step = next(step for step in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 1_000.0) if (high - low) / step <= 5)
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    bottom -= step if low - bottom < step / 4 else 0
    top += step if top - high < step / 4 else 0
    return _Frame(curve.columns[0].start, curve.columns[-1].end, bottom, top, step)


def _limits(frame: _Frame, columns: Sequence[Column]) -> Iterator[str]:
    """Draw what was allowed as a band, and its ends as lines."""
    for (least, most), some in groupby(columns, key=lambda one: (one.least, one.most)):
        run = list(some)
        left, right = frame.x(run[0].start), frame.x(run[-1].end)
        top = frame.y(most) if most is not None else TOP
        bottom = frame.y(least) if least is not None else HEIGHT - BOTTOM
        if least is None and most is None:
            continue
        yield _box("allowed", left, right, top, bottom)
        for limit in (least, most):
            if limit is not None:
                y = frame.y(limit)
                yield f'<line class="limit" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _gaps(frame: _Frame, columns: Sequence[Column]) -> Iterator[str]:
    for is_gap, some in groupby(columns, key=lambda one: one.low is None):
        run = list(some)
        if is_gap:
            yield _box("gap", frame.x(run[0].start), frame.x(run[-1].end), TOP, HEIGHT - BOTTOM)


def _rows(frame: _Frame) -> Iterator[str]:
    for index in range(round((frame.high - frame.low) / frame.step) + 1):
        value = frame.low + index * frame.step
        y = frame.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        said = f"{value:g}".replace("-", "\N{MINUS SIGN}")
        yield f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{said}</text>'


def _times(frame: _Frame, zone: ZoneInfo) -> Iterator[str]:
    """Say when it begins, when it ends, and the middle; by the hour when that is all within two days."""
    form = "%m-%d %H:%M" if (frame.end - frame.start).total_seconds() < 2 * 86_400 else "%m-%d"
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = frame.start + (frame.end - frame.start) * share
        x = frame.x(at)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - 7}" text-anchor="{anchor}">{at.astimezone(zone).strftime(form)}</text>'


def _lines(frame: _Frame, columns: Sequence[Column]) -> Iterator[str]:
    """Draw each run of known columns as one outline: along the highest, and back along the lowest."""
    for is_gap, some in groupby(columns, key=lambda one: one.low is None):
        if is_gap:
            continue
        run = list(some)
        there = [(frame.x(x), frame.y(one.high or 0.0)) for one in run for x in (one.start, one.end)]
        back = [(frame.x(x), frame.y(one.low or 0.0)) for one in reversed(run) for x in (one.end, one.start)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*there, *back))
        yield f'<polygon class="value" points="{points}"/>'


def _box(name: str, left: float, right: float, top: float, bottom: float) -> str:
    return f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
