"""Something that moves on a line: where it is, when it passes a place, and how long it covers a light barrier."""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Interval = tuple[float, float]
"""From, to; seconds."""


@dataclass(frozen=True, slots=True)
class Track:
    """Places in metres at moments in seconds, in order of time; straight in between, at rest before and after."""

    moments: tuple[float, ...]
    places: tuple[float, ...]

    def at(self, now_s: float) -> float:
        """Return where it is."""
        index = bisect_right(self.moments, now_s)
        if index == 0:
            return self.places[0]
        if index == len(self.moments):
            return self.places[-1]
        from_s, to_s = self.moments[index - 1], self.moments[index]
        share = (now_s - from_s) / (to_s - from_s)
        return self.places[index - 1] + share * (self.places[index] - self.places[index - 1])

    def crossed_s(self, place: float) -> float | None:
        """Return when it went past `place` for the last time, to stay beyond; None when it ends where it began."""
        if (self.places[0] - place) * (self.places[-1] - place) >= 0:
            return None
        for (from_s, from_m), (to_s, to_m) in reversed(list(self._legs())):
            if (from_m - place) * (to_m - place) <= 0 and from_m != to_m:
                return from_s + (place - from_m) / (to_m - from_m) * (to_s - from_s)
        return None

    def within(self, low_m: float, high_m: float) -> Iterator[Interval]:
        """Yield when it is between two places, in order of time. Intervals of neighbouring legs touch."""
        for (from_s, from_m), (to_s, to_m) in self._legs():
            if from_m == to_m:
                if low_m <= from_m <= high_m:
                    yield from_s, to_s
                continue
            ends = sorted((place - from_m) / (to_m - from_m) for place in (low_m, high_m))
            start, end = max(0.0, ends[0]), min(1.0, ends[1])
            if start < end:
                yield from_s + start * (to_s - from_s), from_s + end * (to_s - from_s)

    def later(self, by_s: float) -> "Track":
        """Return the same movement, later."""
        return Track(tuple(moment + by_s for moment in self.moments), self.places)

    def _legs(self) -> Iterator[tuple[Interval, Interval]]:
        stations = list(zip(self.moments, self.places, strict=True))
        return itertools.pairwise(stations)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the moments that lie in any of the intervals, as intervals that do not touch, in order."""
    joined: list[Interval] = []
    for from_s, to_s in sorted(intervals):
        if joined and from_s <= joined[-1][1] + 1e-9:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_s))
        else:
            joined.append((from_s, to_s))
    return joined
