"""Time-weighted statistics of a span, with what share of it was known and how well.

Counting samples would be wrong: loggers sample faster while something is out of range, so warm samples would weigh more
than the time they stand for. Spans that follow each other are joined without going back to the samples.
"""

from collections.abc import Callable, Iterable
from operator import gt, lt

from msgspec import Struct

from control.exposure.timeline import Grade, Milliseconds, Stretch


class Statistics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sums over a span. `integral` is the warm side in degrees times milliseconds; moments are the first ones."""

    good_ms: Milliseconds = 0
    uncertain_ms: Milliseconds = 0
    substituted_ms: Milliseconds = 0
    unknown_ms: Milliseconds = 0
    integral: float = 0.0
    minimum: float | None = None
    minimum_at_ms: int | None = None
    maximum: float | None = None
    maximum_at_ms: int | None = None

    @property
    def known_ms(self) -> int:
        """For how long a temperature was known."""
        return self.good_ms + self.uncertain_ms + self.substituted_ms

    @property
    def total_ms(self) -> int:
        """How long the span is."""
        return self.known_ms + self.unknown_ms

    @property
    def coverage(self) -> float:
        """The share of the span that was known, 0 to 1; of no time it is 0."""
        return self.known_ms / self.total_ms if self.total_ms else 0.0

    @property
    def mean(self) -> float | None:
        """The time-weighted mean of the known time, of the warm side; None when nothing was known."""
        if self.minimum is None or self.maximum is None:
            return None
        return min(max(self.integral / self.known_ms, self.minimum), self.maximum)


def measure(stretches: Iterable[Stretch]) -> Statistics:
    """Return the statistics of stretches in the order of time."""
    shares: dict[Grade | None, int] = dict.fromkeys((*Grade, None), 0)
    integral = 0.0
    coldest: Stretch | None = None
    warmest: Stretch | None = None
    for stretch in stretches:
        shares[stretch.grade] += stretch.length_ms
        if stretch.grade is None:
            continue
        integral += stretch.warm * stretch.length_ms
        coldest = stretch if coldest is None or stretch.cold < coldest.cold else coldest
        warmest = stretch if warmest is None or stretch.warm > warmest.warm else warmest
    return Statistics(
        good_ms=shares[Grade.GOOD],
        uncertain_ms=shares[Grade.UNCERTAIN],
        substituted_ms=shares[Grade.SUBSTITUTED],
        unknown_ms=shares[None],
        integral=integral,
        minimum=coldest.cold if coldest else None,
        minimum_at_ms=coldest.start_ms if coldest else None,
        maximum=warmest.warm if warmest else None,
        maximum_at_ms=warmest.start_ms if warmest else None,
    )


def join(first: Statistics, then: Statistics) -> Statistics:
    """Return the statistics of two spans of which `then` follows `first`. It does not matter what is joined first."""
    lowest = _stands(then.minimum, first.minimum, lt)
    highest = _stands(then.maximum, first.maximum, gt)
    return Statistics(
        good_ms=first.good_ms + then.good_ms,
        uncertain_ms=first.uncertain_ms + then.uncertain_ms,
        substituted_ms=first.substituted_ms + then.substituted_ms,
        unknown_ms=first.unknown_ms + then.unknown_ms,
        integral=first.integral + then.integral,
        minimum=then.minimum if lowest else first.minimum,
        minimum_at_ms=then.minimum_at_ms if lowest else first.minimum_at_ms,
        maximum=then.maximum if highest else first.maximum,
        maximum_at_ms=then.maximum_at_ms if highest else first.maximum_at_ms,
    )


def _stands(then: float | None, first: float | None, beyond: Callable[[float, float], bool]) -> bool:
    """Whether the later extreme stands: it is beyond the earlier one, or there is no earlier one."""
    return then is not None and (first is None or beyond(then, first))
