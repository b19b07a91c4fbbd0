"""Occurrences of a span, out of the journal."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.messages.alarm import Alarm, AlarmState, Priority
from control.alarm_history import first_from, occurrences_since
from control.entries import Started, Transitioned
from control.journal.memory import MemoryJournal

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(after_s: float) -> datetime:
    return START + timedelta(seconds=after_s)


def alarm(number: int, state=AlarmState.UNACKNOWLEDGED) -> Alarm:
    return Alarm(
        id=f"hi.p.{number}",
        definition="hi",
        point="p",
        occurrence=number,
        state=state,
        priority=Priority.HIGH,
        occurred_at=at(number),
        transition=number,
    )


@pytest.fixture
def journal():
    """Entries of the seconds 0, 10, 20 and so on, with an occurrence in each but the first."""
    journal = MemoryJournal()
    journal.append(at(0), [Started(at=at(0))])
    for number in range(1, 10):
        journal.append(at(number * 10), [Transitioned(alarm=alarm(number))])
    return journal


@pytest.mark.parametrize(("after_s", "number"), [(-1, 1), (0, 1), (1, 2), (10, 2), (90, 10), (91, 11)])
def test_the_first_entry_from_a_moment_on_is_found(journal, after_s, number):
    assert first_from(journal, at(after_s)) == number


def test_an_empty_journal_has_none():
    assert first_from(MemoryJournal(), START) == 1


def test_only_what_moved_from_the_start_on_is_read_and_what_stands_is_known(journal):
    standing = [alarm(2), alarm(9)]
    journal.append(at(100), [Transitioned(alarm=alarm(9, AlarmState.ACKNOWLEDGED))])
    found = {one.id: one.state for one in occurrences_since(journal, at(80), standing)}

    assert found == {
        "hi.p.2": AlarmState.UNACKNOWLEDGED,
        "hi.p.8": AlarmState.UNACKNOWLEDGED,
        "hi.p.9": AlarmState.ACKNOWLEDGED,
    }
