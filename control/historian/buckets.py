"""What a bucket is: how a range is cut, and the fold of a point's samples over it. Pure.

Time is whole milliseconds since 1970 here, because that is what readings carry on the wire and the finest that every
store keeps. A moment between two milliseconds belongs to the earlier one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise
from typing import TypeVar

from coldport.errors import RefusedError
from control.ports import Bucket

BUCKET_LIMIT = 2_000
"""Buckets in one answer: one for each pixel of a full-HD screen; about 300 kB of JSON."""

SAMPLE_LIMIT = 200_000
"""Samples in one answer: two days of one point at 1 Hz, some 30 MB here."""

_Row = TypeVar("_Row")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class RangeError(RefusedError):
    """The range cannot be cut into the buckets asked for."""

    code = "range"


def milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970; `moment` must be aware.

    >>> milliseconds(datetime(1970, 1, 1, 8, 0, 1, 1999, tzinfo=UTC))
    28801001
    """
    return (moment - _EPOCH) // _MILLISECOND


def moment(at_ms: int) -> datetime:
    """Return the moment `at_ms` milliseconds after 1970 began, in UTC."""
    return _EPOCH + timedelta(milliseconds=at_ms)


@dataclass(frozen=True, slots=True)
class Cut:
    """A range cut into `count` buckets that differ by at most one millisecond in length."""

    start_ms: int
    end_ms: int
    count: int

    def edge(self, index: int) -> int:
        """Return where bucket `index` begins, which is where the one before it ends."""
        return self.start_ms + (self.end_ms - self.start_ms) * index // self.count

    def index(self, at_ms: int) -> int:
        """Return the bucket that holds `at_ms`, which must lie inside the range.

        >>> cut = Cut(0, 10, 3)
        >>> [cut.edge(i) for i in range(4)], [cut.index(at_ms) for at_ms in range(10)]
        ([0, 3, 6, 10], [0, 0, 0, 1, 1, 1, 2, 2, 2, 2])
        """
        return ((at_ms - self.start_ms + 1) * self.count - 1) // (self.end_ms - self.start_ms)


def cut(start: datetime, end: datetime, count: int) -> Cut:
    """Cut `start..end` into `count` buckets.

    Raises:
        RangeError: The end is not after the start, the count is out of bounds, or a bucket would be shorter than 1 ms.
    """
    start_ms, end_ms = span(start, end)
    if not 1 <= count <= BUCKET_LIMIT:
        raise RangeError(f"a range is cut into 1 to {BUCKET_LIMIT} buckets, not {count}")
    if end_ms - start_ms < count:
        raise RangeError(f"{end_ms - start_ms} ms cannot be cut into {count} buckets: none may be shorter than 1 ms")
    return Cut(start_ms, end_ms, count)


def span(start: datetime, end: datetime) -> tuple[int, int]:
    """Return both ends of a range in milliseconds; raises RangeError when it is empty."""
    start_ms, end_ms = milliseconds(start), milliseconds(end)
    if end_ms <= start_ms:
        raise RangeError("the range must end after it starts")
    return start_ms, end_ms


def bounded(samples: Iterable[_Row]) -> list[_Row]:
    """Return `samples` as a list; raises RangeError when there are more than `SAMPLE_LIMIT`."""
    found = list(islice(samples, SAMPLE_LIMIT + 1))
    if len(found) > SAMPLE_LIMIT:
        raise RangeError(f"more than {SAMPLE_LIMIT} samples lie in the range: ask for it in parts")
    return found


@dataclass(slots=True)
class _Tally:
    count: int = 0
    bad: int = 0
    covered_ms: int = 0
    values: list[float] = field(default_factory=list)


def fold(cut: Cut, samples: Iterable[tuple[int, float | None]], hold_ms: int) -> list[Bucket]:
    """Return every bucket of `cut`.

    Args:
        cut: The range and its buckets.
        samples: Moments in milliseconds with their values (None for a bad one), oldest first, from `hold_ms` before the
            range to its end. Of several at one moment the last stands.
        hold_ms: How long a value is known when no other sample follows.
    """
    tallies = [_Tally() for _ in range(cut.count)]
    end: tuple[int, float | None] = (cut.end_ms, None)
    for (at_ms, value), (next_ms, _) in pairwise(chain(samples, [end])):
        if next_ms == at_ms:
            continue
        if at_ms >= cut.start_ms:
            tally = tallies[cut.index(at_ms)]
            if value is None:
                tally.bad += 1
            else:
                tally.count += 1
                tally.values.append(value)
        if value is not None:
            for index, known_ms in _known(cut, max(at_ms, cut.start_ms), min(next_ms, at_ms + hold_ms)):
                tallies[index].covered_ms += known_ms
    return [_bucket(cut, index, tally) for index, tally in enumerate(tallies)]


def _known(cut: Cut, from_ms: int, to_ms: int) -> Iterator[tuple[int, int]]:
    """Share the stretch `from_ms..to_ms` out among the buckets it touches."""
    while from_ms < to_ms:
        index = cut.index(from_ms)
        until_ms = min(to_ms, cut.edge(index + 1))
        yield index, until_ms - from_ms
        from_ms = until_ms


def _bucket(cut: Cut, index: int, tally: _Tally) -> Bucket:
    known = tally.count > 0
    return Bucket(
        start=moment(cut.edge(index)),
        end=moment(cut.edge(index + 1)),
        count=tally.count,
        bad=tally.bad,
        covered_s=tally.covered_ms / 1000,
        minimum=min(tally.values) if known else None,
        mean=sum(tally.values) / tally.count if known else None,
        maximum=max(tally.values) if known else None,
    )
