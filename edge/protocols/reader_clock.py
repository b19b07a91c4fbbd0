"""A reader's timestamps on our clock, whatever the reader believes the time to be, or counts since its start.

The network and the reader delay a report, never hasten it. So the smallest difference between arrival and timestamp is
the best estimate of how the clocks stand to each other, and what a report has more than that is its age.
"""

from dataclasses import dataclass
from enum import StrEnum

WINDOW_S = 60.0
"""The smallest difference in this window and the one before counts, so that drift is followed: one minute at 100 ppm is
6 ms. A reader whose clock is set forward is followed at once. When it is set back, its reports look old by as much for
two windows, because old reports out of a reader's buffer look just the same."""


OLDEST_S = 86_400.0
"""No reader keeps a report for more than a day: its timestamp, or the one that makes it look so old, is wrong. The
estimate begins anew, so that one wild timestamp does not spoil all that follow."""


class Timescale(StrEnum):
    """What a reader's timestamp counts from."""

    UTC = "utc"
    UPTIME = "uptime"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment by the reader's clock, in microseconds."""

    timescale: Timescale
    microseconds: int


class ReaderClock:
    """The estimate of one reader's clock during one session."""

    def __init__(self) -> None:
        """Know nothing; the first timestamp observed has an age of zero."""
        self._scale: Timescale | None = None
        self._window_end_s = 0.0
        self._smallest = self._smallest_before = float("inf")

    def observe(self, stamp: Timestamp, now_s: float) -> None:
        """Learn from a timestamp that arrived at `now_s` (monotonic)."""
        difference = now_s - stamp.microseconds / 1e6
        if stamp.timescale is not self._scale or difference - self._best > OLDEST_S:
            self._scale = stamp.timescale
            self._smallest = self._smallest_before = float("inf")
            self._window_end_s = now_s + WINDOW_S
        if now_s >= self._window_end_s:
            self._smallest_before, self._smallest = self._smallest, float("inf")
            self._window_end_s = now_s + WINDOW_S
        self._smallest = min(self._smallest, difference)

    @property
    def _best(self) -> float:
        return min(self._smallest, self._smallest_before)

    def age_s(self, stamp: Timestamp, now_s: float) -> float:
        """Return how long before `now_s` the moment was, 0 to `OLDEST_S`. Observe the timestamp, or a later one, first.

        A timestamp of another timescale than the last observed, or of more than a day ago, has no known age: 0.
        """
        age_s = now_s - stamp.microseconds / 1e6 - self._best
        return age_s if stamp.timescale is self._scale and 0.0 <= age_s <= OLDEST_S else 0.0
