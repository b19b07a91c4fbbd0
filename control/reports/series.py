"""The readings of one point of a report, and what follows from them: figures, gaps, what was beyond a limit.

Readings may be added in any order and as often as they come. A long span is measured an hour at a time and joined, so
memory holds the readings (17 bytes each) and one hour of stretches.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from coldport.messages.observation import Quality
from coldport.site import Point
from control.alarms.calibration import doubted
from control.alarms.watch import HOLD_INTERVALS
from control.exposure.timeline import Sampled, Stretch, hold
from control.historian.buckets import moment

HOUR_MS = 3_600_000


class BadReading(NamedTuple):
    """A reading without a value, and why it has none."""

    at_ms: int
    reason: str


class Series:
    """The readings of `point`."""

    def __init__(self, point: Point, expires: datetime | None = None) -> None:
        """Start without one; what is read from `expires` on, the end of the sensor's certificate, is uncertain."""
        self.point = point
        self.expires = expires
        self.hold_ms = round(HOLD_INTERVALS * point.every_s * 1000)
        self._reasons: dict[int, str] = {}
        self._at = array("q")
        self._value = array("d")
        self._good = array("b")
        self._sorted = True

    def __len__(self) -> int:
        """Return how many readings there are, once sorted one for each moment."""
        return len(self._at)

    def add(self, at_ms: int, value: float | None, quality: Quality, reason: str | None) -> None:
        """Take a reading in; without a value it is bad, whatever its quality."""
        self._sorted = self._sorted and (not self._at or at_ms > self._at[-1])
        bad = value is None or quality is Quality.BAD
        if bad:
            self._reasons[at_ms] = reason or "no-value"
        self._at.append(at_ms)
        self._value.append(0.0 if value is None else value)
        graded = doubted(quality, moment(at_ms), self.expires)
        self._good.append(-1 if bad else graded is Quality.GOOD)

    def sort(self) -> None:
        """Bring the readings in the order of time; of several at one moment the last added stands."""
        if self._sorted:
            return
        place = {at_ms: index for index, at_ms in enumerate(self._at)}
        order = [place[at_ms] for at_ms in sorted(place)]
        self._at = array("q", [self._at[index] for index in order])
        self._value = array("d", [self._value[index] for index in order])
        self._good = array("b", [self._good[index] for index in order])
        self._sorted = True

    def between(self, start_ms: int, end_ms: int) -> Iterator[Sampled]:
        """Yield the readings from `start_ms` up to `end_ms`, sorted."""
        for index in range(bisect_left(self._at, start_ms), bisect_left(self._at, end_ms)):
            good = self._good[index]
            if good < 0:
                yield Sampled(self._at[index], None, Quality.BAD)
            else:
                yield Sampled(self._at[index], self._value[index], Quality.GOOD if good else Quality.UNCERTAIN)

    def bad(self, start_ms: int, end_ms: int) -> list[BadReading]:
        """Return the readings of a span that have no value, sorted."""
        places = range(bisect_left(self._at, start_ms), bisect_left(self._at, end_ms))
        return [BadReading(self._at[i], self._reasons[self._at[i]]) for i in places if self._good[i] < 0]

    def edges(self, start_ms: int, end_ms: int) -> tuple[int, int, int] | None:
        """Return the first and the last moment in a span, and how many readings; None when there are none."""
        low, high = bisect_left(self._at, start_ms), bisect_left(self._at, end_ms)
        return (self._at[low], self._at[high - 1], high - low) if low < high else None

    def held(self, start_ms: int, end_ms: int) -> list[Stretch]:
        """Return what is known of a span, without a hole."""
        first = bisect_right(self._at, start_ms - self.hold_ms)
        before_ms = self._at[first] if first < len(self._at) else start_ms
        return hold(self.between(min(before_ms, start_ms), end_ms), start_ms, end_ms, self.hold_ms)


def hours(start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """Cut a span at the full hours."""
    while start_ms < end_ms:
        until_ms = min(end_ms, (start_ms // HOUR_MS + 1) * HOUR_MS)
        yield start_ms, until_ms
        start_ms = until_ms
