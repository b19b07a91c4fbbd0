"""A journal is read beside its writer, as it stood at one moment, and only what is asked for."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from coldport.errors import NotFoundError, UnavailableError
from coldport.messages.observation import Reading
from control.entries import Observed, Started
from control.journal.format import JournalDamagedError
from control.journal.reader import JournalReader
from control.journal.sqlite import SqliteJournal

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = START + timedelta(days=1)


def observed(seq: int, point: str) -> Observed:
    at = START + timedelta(seconds=seq)
    reading = Reading(seq=seq, point=point, observed_at=at, spooled_at=at, value=1.0)
    return Observed(gateway="g", boot_id="0" * 32, observations=(reading,))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "journal.sqlite"
    with SqliteJournal(path) as journal:
        journal.append(START, [Started(at=START)])
        for seq in range(1, 10):
            journal.append(START + timedelta(seconds=seq), [observed(seq, "p" if seq % 2 else "p-2")])
    return path


def test_it_shows_the_journal_as_it_was_when_it_was_opened(path):
    with SqliteJournal(path) as journal, JournalReader(path) as reader:
        journal.append(LATER, [Started(at=LATER)])

        assert reader.last == 10
        assert [entry.number for entry in reader.entries(0, LATER + timedelta(days=1))] == list(range(1, 11))
        assert reader.chain == journal.hashes(9, 1)[0]


@pytest.mark.parametrize(("seconds", "number"), [(-1, 0), (0, 0), (0.5, 1), (1, 1), (9, 9), (9.1, 10), (99, 10)])
def test_a_moment_is_found_by_when_entries_were_recorded(path, seconds, number):
    with JournalReader(path) as reader:
        assert reader.before(START + timedelta(seconds=seconds)) == number


def test_entries_stop_before_a_moment_and_skip_other_points(path):
    with JournalReader(path) as reader:
        numbers = [entry.number for entry in reader.entries(0, START + timedelta(seconds=7), ["p-2"])]

    assert numbers == [1, 3, 5, 7]  # what is no observation is never skipped


def test_events_are_what_is_neither_observed_nor_ticked(path):
    with JournalReader(path) as reader:
        assert [entry.content for entry in reader.events()] == [Started(at=START)]


def test_an_empty_journal_has_nothing(tmp_path):
    with SqliteJournal(tmp_path / "j"), JournalReader(tmp_path / "j") as reader:
        assert (reader.last, reader.chain, reader.before(START), list(reader.entries(0, LATER))) == (
            0,
            bytes(32),
            0,
            [],
        )


def test_a_journal_that_is_not_there_damaged_or_no_journal_is_said(path, tmp_path):
    with pytest.raises(NotFoundError):
        JournalReader(tmp_path / "none")
    (tmp_path / "text").write_text("not a database, though long enough to be looked at " * 40)
    with pytest.raises(JournalDamagedError):
        JournalReader(tmp_path / "text")
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(UnavailableError):
        JournalReader(tmp_path / "other")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entry SET payload = x'00' WHERE number = 6")
    connection.close()
    with JournalReader(path) as reader:
        with pytest.raises(JournalDamagedError):
            list(reader.entries(0, LATER, ["p"]))
        with pytest.raises(JournalDamagedError):
            reader.before(START + timedelta(seconds=5))
