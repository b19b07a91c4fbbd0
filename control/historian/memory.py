"""The historian in memory: the slow and obvious reference that every other one is held against."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from coldport.ids import PointId
from control.historian.buckets import Cut, bounded, cut, milliseconds, moment, span
from control.ports import Bucket, Sample


class MemoryHistorian:
    """A `Historian` that is gone with its process. Each question looks at every sample once for each bucket."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._applied = 0
        self._series: dict[PointId, dict[int, Sample]] = {}

    def applied(self) -> int:
        """Return the journal number up to which every sample is in."""
        return self._applied

    def write(self, through: int, samples: Sequence[Sample]) -> None:
        """Take `samples` in, unless `through` says that they are in already."""
        with self._lock:
            if through <= self._applied:
                return
            for sample in samples:
                self._series.setdefault(sample.point, {})[milliseconds(sample.observed_at)] = sample
            self._applied = through

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        """Cut `start..end` into `count` buckets; raises RangeError when it cannot be cut so."""
        cuts = cut(start, end, count)
        with self._lock:
            series = [(at_ms, sample.value) for at_ms, sample in sorted(self._series.get(point, {}).items())]
        return [_bucket(cuts, index, series, round(hold_s * 1000)) for index in range(count)]

    def samples(self, point: PointId, start: datetime, end: datetime) -> Sequence[Sample]:
        """Return a point's samples, oldest first; raises RangeError when there are none to ask for, or too many."""
        start_ms, end_ms = span(start, end)
        with self._lock:
            series = sorted(self._series.get(point, {}).items())
        return bounded(
            replace(sample, observed_at=moment(at_ms)) for at_ms, sample in series if start_ms <= at_ms < end_ms
        )

    def count_before(self, before: datetime) -> int:
        """Return how many samples were observed before a moment."""
        with self._lock:
            return sum(at_ms < milliseconds(before) for series in self._series.values() for at_ms in series)

    def forget_before(self, before: datetime) -> None:
        """Delete them."""
        with self._lock:
            for point, series in self._series.items():
                kept = {at_ms: sample for at_ms, sample in series.items() if at_ms >= milliseconds(before)}
                self._series[point] = kept

    def close(self) -> None:
        """Do nothing."""


def _bucket(cuts: Cut, index: int, series: list[tuple[int, float | None]], hold_ms: int) -> Bucket:
    start_ms, end_ms = cuts.edge(index), cuts.edge(index + 1)
    here = [value for at_ms, value in series if start_ms <= at_ms < end_ms]
    good = [value for value in here if value is not None]
    covered_ms = 0
    for position, (at_ms, value) in enumerate(series):
        next_ms = series[position + 1][0] if position + 1 < len(series) else end_ms
        if value is not None:
            covered_ms += max(0, min(at_ms + hold_ms, next_ms, end_ms) - max(at_ms, start_ms))
    return Bucket(
        start=moment(start_ms),
        end=moment(end_ms),
        count=len(good),
        bad=len(here) - len(good),
        covered_s=covered_ms / 1000,
        minimum=min(good, default=None),
        mean=sum(good) / len(good) if good else None,
        maximum=max(good, default=None),
    )
