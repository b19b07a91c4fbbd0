"""What the record of a point is made of: excursions, and gaps in which nothing is known."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct


class Ending(StrEnum):
    """Why an excursion is over, or that it is not."""

    RETURNED = "returned"
    """The value came back and stayed for the off-delay."""
    OPEN = "open"
    """The last that is known is that the condition holds, or that the off-delay is still running."""


class Gap(Struct, frozen=True):
    """Nothing is known from `start` to `end`: no reading came in time, or the last one was bad."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


class Excursion(Struct, frozen=True, kw_only=True):
    """A condition that held for its on-delay.

    `onset` is the first reading beyond the limit and `returned_at` the first that was back, by the deadband, and
    stayed; `raised_at` and `cleared_at` are when the delays were over, in known time. `known_s` is how long the
    condition is known to have held, `unknown_s` how much of the time between is in `gaps` gaps. `worst` is the value
    farthest beyond the limit, `worst_at` when it was first read.
    """

    definition: str
    version: int
    point: str
    onset: datetime
    raised_at: datetime
    worst: float
    worst_at: datetime
    known_s: float
    unknown_s: float
    gaps: int
    returned_at: datetime | None = None
    cleared_at: datetime | None = None
    ending: Ending = Ending.OPEN


class PointRecord(Struct, frozen=True, kw_only=True):
    """The record of one point from its first reading to its last.

    `covered_s` is for how long of that the value was known. Excursions are in the order they ended, open ones last;
    of those and of gaps the newest are kept (`book.SPAN_LIMIT`), the numbers in front say how many there were.
    """

    point: str
    first: datetime | None = None
    last: datetime | None = None
    covered_s: float = 0.0
    gap_count: int = 0
    excursion_count: int = 0
    gaps: tuple[Gap, ...] = ()
    excursions: tuple[Excursion, ...] = ()

    @property
    def coverage(self) -> float | None:
        """The share of the time between first and last reading in which the value was known; None of one reading."""
        if self.first is None or self.last is None or self.last == self.first:
            return None
        return self.covered_s / (self.last - self.first).total_seconds()
