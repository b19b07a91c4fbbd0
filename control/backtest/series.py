"""The readings of one point as two arrays: fit for ten million of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Times = NDArray[np.int64]
Values = NDArray[np.float64]


class Series(NamedTuple):
    """Readings sorted by time, one for each moment: microseconds since 1970 UTC, and the value, NaN for a bad one."""

    at: Times
    values: Values


class Coverage(NamedTuple):
    """How much of a series was known. `share` is of the time from first to last reading; of one reading it is 1."""

    readings: int
    bad: int
    first: datetime
    last: datetime
    covered_s: float
    gaps: int

    @property
    def share(self) -> float:
        """Return the share of the time in which the value was known."""
        span_s = (self.last - self.first).total_seconds()
        return self.covered_s / span_s if span_s else 1.0


def series_of(readings: Iterable[tuple[datetime, float | None]]) -> Series:
    """Return sorted readings as a series; of several at one moment the last given stands."""
    by_time = {microseconds(at): float("nan") if value is None else value for at, value in readings}
    at = np.array(sorted(by_time), dtype=np.int64)
    return Series(at, np.array([by_time[int(one)] for one in at], dtype=np.float64))


def microseconds(at: datetime) -> int:
    """Return a moment as microseconds since 1970.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (at - EPOCH) // MICROSECOND


def moment(at_us: int) -> datetime:
    """Return microseconds since 1970 as a moment in UTC.

    >>> moment(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return EPOCH + timedelta(microseconds=at_us)


def coverage(series: Series, hold_s: float) -> Coverage:
    """Return how much of a series of at least one reading was known, each value held until the next, at most `hold_s`.

    A gap is from where knowledge ended to the next usable reading, or to the last reading.
    """
    hold_us = round(hold_s * 1e6)
    usable = ~np.isnan(series.values)
    steps = np.diff(series.at)
    known = np.where(usable[:-1], np.minimum(steps, hold_us), 0)
    # A gap begins where a usable reading is followed too late, or by bad ones; or with bad ones at the very start.
    silent = usable[:-1] & (steps > hold_us)
    into_bad = usable[:-1] & ~usable[1:] & ~silent
    into_bad[-1:] &= False  # the last reading ends knowledge and the series at one moment
    leading = len(series.at) > 1 and not usable[0]
    return Coverage(
        readings=len(series.at),
        bad=int(np.count_nonzero(~usable)),
        first=moment(int(series.at[0])),
        last=moment(int(series.at[-1])),
        covered_s=float(known.sum()) / 1e6,
        gaps=int(np.count_nonzero(silent) + np.count_nonzero(into_bad)) + leading,
    )


def cut(series: Mapping[str, Series], start: datetime, end: datetime) -> dict[str, Series]:
    """Return the readings with `start <= t < end`; points that have none are left out."""
    found = {}
    for point, one in series.items():
        first, last = np.searchsorted(one.at, [microseconds(start), microseconds(end)])
        if last > first:
            found[point] = Series(one.at[first:last], one.values[first:last])
    return found


def usual_step_s(series: Series) -> float:
    """Return the median step between readings, in seconds; 60 for a single reading."""
    return float(np.median(np.diff(series.at))) / 1e6 if len(series.at) > 1 else 60.0
