"""Which occurrences of alarms there were in a span, out of the journal's events."""

from collections.abc import Iterable
from datetime import datetime

from coldport.messages.alarm import Alarm
from control.entries import Entry, Transitioned
from control.ports import Journal

READ_LIMIT = 500
"""Events read at once: a few hundred kilobytes."""


def occurrences_since(journal: Journal, start: datetime, standing: Iterable[Alarm]) -> list[Alarm]:
    """Return the newest state of every occurrence that stood at `start` or came later. It blocks.

    `standing` are those that stand now: what occurred before `start` and has not moved since is not read of.
    """
    found = {alarm.id: alarm for alarm in standing}
    number = first_from(journal, start) - 1
    while events := journal.events(number, READ_LIMIT):
        found |= newest_states(events)
        number = events[-1].number
    return list(found.values())


def newest_states(events: Iterable[Entry]) -> dict[str, Alarm]:
    """Return how each occurrence that moved in `events` stood after them."""
    return {event.content.alarm.id: event.content.alarm for event in events if isinstance(event.content, Transitioned)}


def first_from(journal: Journal, at: datetime) -> int:
    """Return the number of the first entry recorded at `at` or later; one past the last when there is none.

    A clock that was set back makes the times of entries fall; then it is one of the places where `at` is passed.
    """
    low, high = 1, journal.last() + 1
    while low < high:
        middle = (low + high) // 2
        entries = journal.read(middle - 1, 1)
        if entries and entries[0].recorded_at < at:
            low = middle + 1
        else:
            high = middle
    return low
