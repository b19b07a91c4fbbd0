"""Traces in memory, for tests: every query is answered by asking each event."""

from collections.abc import Mapping, Sequence

from coldport.errors import RefusedError
from control.traceability.event import Event, Found
from control.traceability.ports import NAMES_LIMIT, Captured, EventTakenError, Mark, Page
from control.traceability.query import Order, Query, matches


class MemoryTraces:
    """A `Traces` that forgets; see `control.traceability.ports.Traces` for what it promises."""

    def __init__(self) -> None:
        """Begin empty."""
        self._events: list[tuple[Event, Found]] = []
        self._known: dict[tuple[str, bool], str] = {}
        self._shelves: dict[str, dict[str, bytes]] = {}

    async def capture(self, events: Sequence[Event], at: int, *, whole: bool) -> Captured:
        """Keep events."""
        new: dict[tuple[str, bool], Event] = {}
        taken: list[str] = []
        for event in events:
            key = (event.event_id, event.is_declaration)
            known = self._known.get(key) or (new[key].fingerprint if key in new else None)
            if known is None:
                new[key] = event
            elif known != event.fingerprint:
                taken.append(event.event_id)
        if taken and whole:
            raise EventTakenError(f"{taken[0]} is the id of another event")
        at = max(at, self._events[-1][1].recorded_at if self._events else 0)
        for key, event in new.items():
            self._known[key] = event.fingerprint
            found = Found(
                record=len(self._events) + 1,
                recorded_at=at,
                event_id=event.event_id,
                at=event.at,
                context=event.context,
                body=event.body,
            )
            self._events.append((event, found))
        return Captured(len(new), tuple(taken))

    async def page(self, query: Query, after: Mark | None, limit: int) -> Page:
        """Return what matches."""
        self._check_beginnings(query)
        ceiling = after.ceiling if after else len(self._events)
        by_record = query.order is Order.RECORD_TIME
        found = [one for event, one in self._events if one.record <= ceiling and matches(query, event, one.recorded_at)]

        def place(at: int, record: int) -> tuple[int, int]:
            return (0 if by_record else at, record)

        found.sort(key=lambda one: place(one.at, one.record), reverse=query.descending)
        if after:
            end = place(after.at, after.record)
            found = [
                one
                for one in found
                if (place(one.at, one.record) < end if query.descending else place(one.at, one.record) > end)
            ]
        return Page(tuple(found[:limit]), ceiling, len(found) > limit)

    async def event(self, event_id: str) -> Found | None:
        """Return the newest record of an id."""
        return next((found for event, found in reversed(self._events) if event.event_id == event_id), None)

    async def since(self, record: int, limit: int) -> Sequence[Found]:
        """Return newer records."""
        return [found for _, found in self._events[record : record + limit]]

    async def last(self) -> int:
        """Return the newest number."""
        return len(self._events)

    async def values(self, kinds: Sequence[str], after: str, limit: int) -> Sequence[str]:
        """Return values of kinds."""
        values = {term.value for event, _ in self._events for term in event.terms if term.kind in kinds}
        return sorted(value for value in values if value > after)[:limit]

    async def keep(self, shelf: str, key: str, body: bytes, limit: int) -> None:
        """Keep something."""
        kept = self._shelves.setdefault(shelf, {})
        kept[key] = body
        while len(kept) > limit:
            del kept[next(iter(kept))]

    async def kept(self, shelf: str) -> Mapping[str, bytes]:
        """Return a shelf."""
        return dict(self._shelves.get(shelf, {}))

    async def drop(self, shelf: str, key: str) -> bool:
        """Take something away."""
        return self._shelves.get(shelf, {}).pop(key, None) is not None

    def _check_beginnings(self, query: Query) -> None:
        names = {term.value for event, _ in self._events for term in event.terms}
        for wanted in query.wanted:
            for value in wanted.values:
                if value.endswith("*") and sum(name.startswith(value[:-1]) for name in names) > NAMES_LIMIT:
                    raise RefusedError(f"{value} stands for more than {NAMES_LIMIT} identifiers")
