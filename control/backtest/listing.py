"""What a back-test prints: every transition, then how much of each point's time was known."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from control.backtest.replay import Event
from control.backtest.series import Coverage


def as_lines(events: Sequence[Event], coverage: Mapping[str, Coverage]) -> Iterator[str]:
    """Give a JSON object for each transition, and one with `event` "coverage" for each point."""
    for event in events:
        yield json.dumps(
            {
                "t": stamp(event.t),
                "alarm": event.alarm,
                "event": event.event,
                "definition": event.definition,
                "point": event.point,
                "value": event.value,
                "reason": event.reason,
            },
            ensure_ascii=False,
        )
    for point, known in coverage.items():
        yield json.dumps(
            {
                "t": stamp(known.last),
                "alarm": None,
                "event": "coverage",
                "point": point,
                "coverage": round(known.share, 6),
                "readings": known.readings,
                "bad": known.bad,
                "gaps": known.gaps,
                "from": stamp(known.first),
            },
            ensure_ascii=False,
        )


def as_table(events: Sequence[Event], coverage: Mapping[str, Coverage]) -> Iterator[str]:
    """Give the same for people."""
    width = max((len(event.alarm) for event in events), default=0)
    for event in events:
        yield f"{stamp(event.t)}  {event.event:6}  {event.alarm:{width}}  {event.reason}"
    occurred = sum(event.event == "occur" for event in events)
    yield f"{occurred} alarm{'' if occurred == 1 else 's'}" if occurred else "no alarm"
    width = max(map(len, coverage), default=0)
    for point, known in coverage.items():
        gaps = f"{known.gaps} gap{'' if known.gaps == 1 else 's'}"
        yield (
            f"{point:{width}}  known {known.share:8.3%} of {stamp(known.first)} to {stamp(known.last)}, "
            f"{known.readings} readings, {known.bad} bad, {gaps}"
        )


def stamp(at: datetime) -> str:
    """Return a moment in UTC as RFC 3339 says it, with a fraction only when it has one.

    >>> stamp(datetime(2026, 7, 1, 8, tzinfo=UTC))
    '2026-07-01T08:00:00Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
