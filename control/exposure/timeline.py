"""From samples to what was known when: stretches of time, each with the temperature that stands for it.

A sample is held until the next one, at most for `hold_ms` (three of its point's intervals); a bad sample ends knowledge
at once. That is sample-and-hold, the way loggers count and alarms judge; nothing is interpolated. Time is whole
milliseconds since 1970, so that cutting a span and joining it again gives exactly the same figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Annotated, NamedTuple

from msgspec import Meta

from coldport.messages.observation import Quality

ZERO_K_IN_C = -273.15
"""At and below it a value is no temperature, and counts as a bad one."""


Milliseconds = Annotated[int, Meta(ge=0)]
"""A length of time."""


class Grade(StrEnum):
    """How a temperature is known. Time without a grade is unknown."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    SUBSTITUTED = "substituted"
    """Another point stands in for one that says nothing."""


class Sampled(NamedTuple):
    """One value of one point; a bad one has no value."""

    at_ms: int
    value: float | None
    quality: Quality = Quality.GOOD


class Stretch(NamedTuple):
    """Time from `start_ms` up to `end_ms`, in which the same is known; `grade` None: nothing is.

    `warm` and `cold` are the highest and lowest temperature of the points that stand for the place; of one point they
    are the same. Damage by warmth is judged by the one, damage by cold by the other.
    """

    start_ms: int
    end_ms: int
    warm: float
    cold: float
    grade: Grade | None

    @property
    def length_ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


def unknown(start_ms: int, end_ms: int) -> Stretch:
    """Return a stretch of which nothing is known."""
    return Stretch(start_ms, end_ms, 0.0, 0.0, None)


def hold(samples: Iterable[Sampled], start_ms: int, end_ms: int, hold_ms: int) -> list[Stretch]:
    """Return what one point says of `start_ms` to `end_ms`, whole and without a hole; equal neighbours are one.

    Args:
        samples: In the order of their moments; of several at one moment the last stands. Those up to `hold_ms`
            before the start count, because they are held into it.
        start_ms: Where the first stretch begins.
        end_ms: Where the last one ends.
        hold_ms: How long a sample stands for the value when no other follows.
    """
    found: list[Stretch] = []
    known_to = start_ms
    for sample, next_ms in _with_next(samples, end_ms):
        if sample.value is None or sample.value <= ZERO_K_IN_C:
            continue
        begin = max(sample.at_ms, start_ms)
        end = min(next_ms, sample.at_ms + hold_ms, end_ms)
        if begin >= end:
            continue
        if begin > known_to:
            found.append(unknown(known_to, begin))
        grade = Grade.GOOD if sample.quality is Quality.GOOD else Grade.UNCERTAIN
        found.append(Stretch(begin, end, sample.value, sample.value, grade))
        known_to = end
    if known_to < end_ms:
        found.append(unknown(known_to, end_ms))
    return list(compact(found))


def compact(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbours that say the same; figures do not change by it, work does."""
    for said, group in groupby(stretches, key=lambda stretch: stretch[2:]):
        first, *rest = group
        yield Stretch(first.start_ms, rest[-1].end_ms if rest else first.end_ms, *said)


def worst(preferred: Sequence[Sequence[Stretch]], stand_ins: Sequence[Sequence[Stretch]] = ()) -> list[Stretch]:
    """Return what several points say of one place: the warmest and the coldest that is known at each moment.

    While no preferred point (a product probe) is known, the others (air) stand in, and while one of several preferred
    is silent the rest stand in for it; both are graded as substituted.

    Args:
        preferred: Of each point the stretches of one and the same span, as `hold` returns them.
        stand_ins: The same for the points of second choice.
    """
    series = [*preferred, *stand_ins]
    edges = sorted({edge for one in series for stretch in one for edge in (stretch.start_ms, stretch.end_ms)})
    places = [0] * len(series)
    found: list[Stretch] = []
    for start_ms, end_ms in pairwise(edges):
        for index, one in enumerate(series):
            if one[places[index]].end_ms <= start_ms:
                places[index] += 1
        now = [one[place] for one, place in zip(series, places, strict=True)]
        found.append(_standing(now[: len(preferred)], now[len(preferred) :], start_ms, end_ms))
    return list(compact(found))


def _standing(preferred: Sequence[Stretch], stand_ins: Sequence[Stretch], start_ms: int, end_ms: int) -> Stretch:
    known = [stretch for stretch in preferred if stretch.grade]
    whole = len(known) == len(preferred)
    if not known:
        known = [stretch for stretch in stand_ins if stretch.grade]
    if not known:
        return unknown(start_ms, end_ms)
    grade = Grade.GOOD if all(stretch.grade is Grade.GOOD for stretch in known) else Grade.UNCERTAIN
    return Stretch(
        start_ms,
        end_ms,
        max(stretch.warm for stretch in known),
        min(stretch.cold for stretch in known),
        grade if whole else Grade.SUBSTITUTED,
    )


def _with_next(samples: Iterable[Sampled], end_ms: int) -> Iterator[tuple[Sampled, int]]:
    before: Sampled | None = None
    for sample in samples:
        if before is not None:
            yield before, sample.at_ms
        before = sample
    if before is not None:
        yield before, end_ms
