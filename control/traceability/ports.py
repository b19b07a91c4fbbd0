"""What keeps events: the port, and what its callers hand over and get back."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from coldport.errors import RefusedError
from control.traceability.event import Event, Found
from control.traceability.query import Query

NAMES_LIMIT = 1_000
"""Identifiers that one beginning (`…*`) may stand for."""


class EventTakenError(RefusedError):
    """The id belongs to an event of another content, and events are not edited."""

    code = "event-id-taken"


class Captured(msgspec.Struct, frozen=True):
    """What became of events: how many were new, and the ids that belong to other events, which were left out."""

    new: int
    taken: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """Where a page ended: the last event's place in the order; and the newest record when the first page was read.

    What is recorded later is on no page of this reading, so pages neither repeat nor skip.
    """

    at: int
    record: int
    ceiling: int


class Page(msgspec.Struct, frozen=True):
    """Some events in the order asked for; `ceiling` as in `Mark`; `more`: another page follows."""

    found: tuple[Found, ...]
    ceiling: int
    more: bool


class Traces(Protocol):
    """The store of events. Nothing in it is changed or deleted.

    An event is known by its id and whether it is a declaration of error. Equal content under a known id changes
    nothing. Every method raises `UnavailableError` when the disk is full or failing.
    """

    async def capture(self, events: Sequence[Event], at: int, *, whole: bool) -> Captured:
        """Keep events in one transaction, recorded at `at` (microseconds) or when the newest was, in their order.

        Raises:
            EventTakenError: `whole` is asked and an id belongs to another event: nothing was kept.
        """
        ...

    async def page(self, query: Query, after: Mark | None, limit: int) -> Page:
        """Return at most `limit` events that match, after a mark, in the query's order and then that of records.

        Raises:
            RefusedError: A beginning stands for more than `NAMES_LIMIT` identifiers.
        """
        ...

    async def event(self, event_id: str) -> Found | None:
        """Return the newest record of an id: if the event was declared an error, the declaration."""
        ...

    async def since(self, record: int, limit: int) -> Sequence[Found]:
        """Return records above a number, in order."""
        ...

    async def last(self) -> int:
        """Return the number of the newest record; 0 when there is none."""
        ...

    async def values(self, kinds: Sequence[str], after: str, limit: int) -> Sequence[str]:
        """Return values that events have of some kinds, in order, above `after`."""
        ...

    async def keep(self, shelf: str, key: str, body: bytes, limit: int) -> None:
        """Keep something small (a job, a query, a subscription); above `limit` on a shelf the oldest goes."""
        ...

    async def kept(self, shelf: str) -> Mapping[str, bytes]:
        """Return all of a shelf, oldest first."""
        ...

    async def drop(self, shelf: str, key: str) -> bool:
        """Take something from its shelf; False when it is not there."""
        ...
