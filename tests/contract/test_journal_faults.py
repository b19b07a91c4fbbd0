"""What the SQLite journal does when the process, the disk or somebody's hand lets it down."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest

from coldport.errors import RefusedError, UnavailableError
from control.entries import Started
from control.journal.format import JournalDamagedError
from control.journal.sqlite import ROWS_LIMIT, SqliteJournal, check_chain

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from control.entries import Observed, Started
from control.journal.sqlite import SqliteJournal
from coldport.messages.observation import Reading
at = datetime(2026, 3, 1, tzinfo=UTC)
with SqliteJournal(Path(sys.argv[1])) as journal:
    seq = journal.highest_seq("g", "0" * 32)
    while True:
        numbers = range(seq + 1, seq + 201)
        readings = tuple(Reading(seq=n, point="p", observed_at=at, spooled_at=at, value=n / 7) for n in numbers)
        entries = journal.append(at, [Observed(gateway="g", boot_id="0" * 32, observations=readings), Started(at=at)])
        seq += 200
        print(entries[-1].number, flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


def test_what_was_confirmed_before_a_kill_is_there_and_the_chain_goes_on(path):
    for kills in range(1, 4):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        confirmed = [int(process.stdout.readline()) for _ in range(15 * kills)][-1]
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
        confirmed = max([confirmed, *map(int, re.findall(rb"(\d+)\n", rest))])
        entries = check_chain(path)
        assert entries >= confirmed
        with SqliteJournal(path) as journal:
            assert journal.last() == entries
            assert entries % 2 == 0  # both entries of a commit or none
            assert journal.highest_seq("g", "0" * 32) == entries // 2 * 200


def test_a_full_disk_appends_nothing_and_the_journal_goes_on_when_there_is_room(path):
    with SqliteJournal(path) as journal:
        journal.append(START, [Started(at=START)])
        pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
        journal._writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(UnavailableError, match="full"):
            journal.append(START, [Started(at=START)] * 5_000)
        assert (journal.last(), len(journal.read(0, 10_000))) == (1, 1)
        journal._writer.execute("PRAGMA max_page_count = 1000000")
        assert journal.append(START, [Started(at=START)])[0].number == 2
    assert check_chain(path) == 2


def test_an_append_larger_than_one_statement_may_be_is_still_one_transaction(path):
    with SqliteJournal(path) as journal:
        journal.append(START, [Started(at=START)] * (ROWS_LIMIT + 1))
    assert check_chain(path) == ROWS_LIMIT + 1


def test_a_second_writer_is_refused_and_may_come_when_the_first_has_gone(path):
    with SqliteJournal(path), pytest.raises(RefusedError, match="another process"):
        SqliteJournal(path)
    with SqliteJournal(path) as journal:
        assert journal.last() == 0


def test_a_file_cut_short_is_named_and_not_written_to(path):
    with SqliteJournal(path) as journal:
        journal.append(START, [Started(at=START)] * 2_000)
    size = path.stat().st_size
    os.truncate(path, size // 2)
    with pytest.raises(JournalDamagedError, match=r"journal\.sqlite"):
        check_chain(path)
    with pytest.raises(JournalDamagedError, match=r"journal\.sqlite"):
        SqliteJournal(path)
    assert path.stat().st_size == size // 2


def test_a_file_that_is_no_database_is_named(path):
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(JournalDamagedError, match="not a database"):
        SqliteJournal(path)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE entry SET payload = (SELECT payload FROM entry WHERE number = 3) WHERE number = 7", "entry 7 is not"),
        ("UPDATE entry SET hash = zeroblob(32) WHERE number = 7", "entry 7 is not"),
        ("DELETE FROM entry WHERE number = 7", "entry 7 is missing"),
    ],
)
def test_the_chain_names_the_first_entry_that_is_not_as_it_was_written(path, statement, complaint):
    with SqliteJournal(path) as journal:
        for index in range(10):
            journal.append(START.replace(second=index), [Started(at=START)])
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(JournalDamagedError, match=complaint):
        check_chain(path)


def test_a_journal_that_is_not_there_is_unavailable_and_is_not_made(path):
    with pytest.raises(UnavailableError):
        check_chain(path)
    assert not path.exists()


def test_followers_read_on_other_threads_while_the_writer_writes(path):
    with SqliteJournal(path) as journal:
        seen: list[int] = []

        def follow():
            while len(seen) < 100:
                seen.extend(entry.number for entry in journal.read(len(seen), 50))

        thread = threading.Thread(target=follow)
        thread.start()
        for _ in range(100):
            journal.append(START, [Started(at=START)])
        thread.join(timeout=20)
        assert seen == list(range(1, 101))
