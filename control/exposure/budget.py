"""Time out of range: how much of it a product may have, at one stretch or in all, and how much of that is used.

Only known time counts, as for alarms: a gap neither adds to an event nor ends it. A value exactly at the limit is not
beyond it; a time exactly as long as what is allowed uses the whole budget.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from math import ceil
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from control.exposure.timeline import Milliseconds, Stretch


class Counting(StrEnum):
    """Which time is held against what is allowed. Loggers show the two as separate alarms."""

    SINGLE = "single"
    """The longest event."""
    CUMULATIVE = "cumulative"
    """All events together."""


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long a product may be above, or below, a temperature. `source` says who says so."""

    id: Id
    above_c: float | None = None
    below_c: float | None = None
    counting: Counting
    allowed_s: Annotated[float, Meta(gt=0, le=366 * 86_400)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]

    def beyond(self, stretch: Stretch) -> bool:
        """Whether a known stretch is out of range: strictly."""
        if self.above_c is not None:
            return stretch.warm > self.above_c
        return self.below_c is not None and stretch.cold < self.below_c


class Use(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a span was out of range.

    `head_ms` and `tail_ms` are the known time beyond at its beginning and its end, where an event may go on in the span
    before or after; `unbroken` says that no known time of it was within range.
    """

    beyond_ms: Milliseconds = 0
    longest_ms: Milliseconds = 0
    events: Annotated[int, Meta(ge=0)] = 0
    first_ms: int | None = None
    head_ms: Milliseconds = 0
    tail_ms: Milliseconds = 0
    unbroken: bool = True

    def counted_ms(self, counting: Counting) -> int:
        """Return the time that is held against what is allowed."""
        return self.longest_ms if counting is Counting.SINGLE else self.beyond_ms

    def share(self, budget: Budget) -> float:
        """Return how much of the budget is used: 1 is all of it."""
        return self.counted_ms(budget.counting) / (budget.allowed_s * 1000)


def measure(stretches: Iterable[Stretch], budget: Budget) -> Use:
    """Return what of the stretches, in the order of time, was out of range."""
    use = Use()
    for part in _parts(stretches, budget):
        use = join(use, part)
    return use


def join(first: Use, then: Use) -> Use:
    """Return the use over two spans of which `then` follows `first`; an event across the seam is one event."""
    across_ms = first.tail_ms + then.head_ms
    return Use(
        beyond_ms=first.beyond_ms + then.beyond_ms,
        longest_ms=max(first.longest_ms, then.longest_ms, across_ms),
        events=first.events + then.events - (1 if first.tail_ms and then.head_ms else 0),
        first_ms=then.first_ms if first.first_ms is None else first.first_ms,
        head_ms=across_ms if first.unbroken else first.head_ms,
        tail_ms=across_ms if then.unbroken else then.tail_ms,
        unbroken=first.unbroken and then.unbroken,
    )


def spent_at(stretches: Iterable[Stretch], budget: Budget, share: float = 1.0, before: Use | None = None) -> int | None:
    """Return the millisecond at which `share` of the budget became used up in these stretches, None if it did not.

    `before` is the use up to their beginning; what it had used up already is not found again.
    """
    single = budget.counting is Counting.SINGLE
    wanted_ms = ceil(share * budget.allowed_s * 1000)
    running_ms = 0 if before is None else before.tail_ms if single else before.beyond_ms
    if before is not None and before.counted_ms(budget.counting) >= wanted_ms:
        return None
    for stretch in stretches:
        if stretch.grade is None:
            continue
        if not budget.beyond(stretch):
            running_ms = 0 if single else running_ms
        elif running_ms + stretch.length_ms >= wanted_ms:
            return stretch.start_ms + wanted_ms - running_ms
        else:
            running_ms += stretch.length_ms
    return None


def _parts(stretches: Iterable[Stretch], budget: Budget) -> Iterator[Use]:
    for stretch in stretches:
        if stretch.grade is None:
            continue
        if not budget.beyond(stretch):
            yield _WITHIN
            continue
        length_ms = stretch.length_ms
        yield Use(
            beyond_ms=length_ms,
            longest_ms=length_ms,
            events=1,
            first_ms=stretch.start_ms,
            head_ms=length_ms,
            tail_ms=length_ms,
        )


_WITHIN = Use(unbroken=False)
