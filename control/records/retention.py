"""What may be deleted when: samples of the historian after the time the site says; entries of the journal never.

The journal keeps every reading, chained and sealed; the historian is its copy for charts and can be filled again from
it. So a deletion breaks no proof, and it is itself an entry of the journal, written before anything goes.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from coldport.clock import Clock
from control.entries import Pruned

LOOK_EVERY_S = 86_400.0
"""Once a day, and at every start."""

SYSTEM = "system"
"""Who deletes when nobody does it by hand."""


@runtime_checkable
class Series(Protocol):
    """A historian whose samples can be deleted by age; a server deletes by its own rule instead."""

    def count_before(self, before: datetime) -> int:
        """Return how many samples were observed before a moment; raises UnavailableError."""
        ...

    def forget_before(self, before: datetime) -> None:
        """Delete them; raises UnavailableError."""
        ...


class Book(Protocol):
    """Who writes the journal."""

    def note(self, content: Pruned) -> None:
        """Put a deletion on record; raises UnavailableError."""
        ...


def due_before(now: datetime, keep_days: int) -> datetime:
    """Return before which moment samples may go: whole days of UTC, so that a day goes at once or not yet.

    >>> due_before(datetime.fromisoformat("2031-07-05T13:00:00+00:00"), 1826).isoformat()
    '2026-07-05T00:00:00+00:00'
    """
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=keep_days)


def prune(series: Series, book: Book, before: datetime, *, now: datetime, by: str) -> int:
    """Delete samples observed before a moment, put it on record first, and return how many; of none there is no record.

    Raises:
        UnavailableError: The journal or the historian refuses. What is on record and not deleted goes the next time.
    """
    count = series.count_before(before)
    if count:
        book.note(Pruned(at=now, by=by, before=before, samples=count))
        series.forget_before(before)
    return count


async def step(series: Series, book: Book, keep_days: int, clock: Clock) -> None:
    """Delete what is due, then wait for a day: the loop body for `coldport.supervise.for_ever`."""
    now = clock.now()
    before = due_before(now, keep_days)
    count = await asyncio.to_thread(series.count_before, before)
    if count:
        book.note(Pruned(at=now, by=SYSTEM, before=before, samples=count))
        await asyncio.to_thread(series.forget_before, before)
    await clock.sleep(LOOK_EVERY_S)
