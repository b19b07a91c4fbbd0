"""The figures that loggers print, so that a report can be held against one.

Source: TempSen glossary of logger reports: trip length, duration, violation duration.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Trip(NamedTuple):
    """`points` samples that were `interval_s` apart, from the first to the last.

    >>> trip = Trip(points=10, interval_s=600)
    >>> trip.length_s, trip.duration_s, trip.violation_s(3)
    (5400, 6000, 1800)
    """

    points: int
    interval_s: float

    @property
    def length_s(self) -> float:
        """From the first sample to the last."""
        return max(0, self.points - 1) * self.interval_s

    @property
    def duration_s(self) -> float:
        """What the samples stand for: each its interval."""
        return self.points * self.interval_s

    def violation_s(self, points: int) -> float:
        """What `points` samples out of range stand for; sample-and-hold gives the same."""
        return points * self.interval_s


def interpolated_s(samples: Sequence[tuple[float, float]], above: float) -> float:
    """Return for how long straight lines between samples `(second, value)` are above a limit.

    Only to state beside a record how far the method matters; the record holds samples.

    >>> interpolated_s([(600, 5.0), (1200, 11.0), (1800, 9.0), (2400, 5.0)], above=8.0) / 60
    17.5
    """
    total_s = 0.0
    for (from_s, first), (to_s, then) in pairwise(samples):
        high, low = max(first, then), min(first, then)
        if low >= above:
            total_s += to_s - from_s if high > above else 0.0
        elif high > above:
            total_s += (to_s - from_s) * (high - above) / (high - low)
    return total_s
