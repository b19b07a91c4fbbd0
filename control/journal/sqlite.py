"""The journal in one SQLite file: WAL, `synchronous=FULL`, one transaction for what belongs together.

One connection writes, on the thread that made the journal; a second one, behind a lock, reads for followers on any
thread. A lock file keeps a second writer out.
"""

import contextlib
import itertools
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from coldport.errors import UnavailableError
from coldport.ids import GatewayId
from coldport.one_writer import one_writer
from control.entries import Content, Entry, Mark, Observed, is_event
from control.journal.format import GENESIS, JournalDamagedError, link, pack, unpack
from control.subjects import subjects

ROWS_LIMIT = 6_000
"""Rows of one INSERT: five parameters each, and SQLite binds at most 32,766."""

FOLD_LIMIT = 500
"""Entries read at once when a whole journal is read: at most 250,000 observations in memory."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, payload BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mark (
  gateway TEXT NOT NULL, boot_id TEXT NOT NULL, last_seq INTEGER NOT NULL, first_seq INTEGER NOT NULL,
  entry INTEGER NOT NULL, PRIMARY KEY (gateway, boot_id, last_seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS subject (
  name TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (name, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshot (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, state BLOB NOT NULL
);
"""


def journal_path(data: Path) -> Path:
    """Return where the journal lies in a data folder."""
    return data / "control" / "journal.sqlite"


class SqliteJournal:
    """A `Journal` in a file. Use it as a context manager, or call `close`."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`, or start one.

        Raises:
            RefusedError: Another process writes it.
            JournalDamagedError: The file is not a whole journal.
            UnavailableError: The disk cannot be written.
        """
        self._path = path
        self._reading = threading.Lock()
        with contextlib.ExitStack() as opened:
            opened.enter_context(one_writer(path))
            with self._translated():
                self._writer = opened.enter_context(contextlib.closing(sqlite3.connect(path, isolation_level=None)))
                self._reader = opened.enter_context(
                    contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
                )
                self._writer.execute("PRAGMA journal_mode=WAL")
                self._writer.execute("PRAGMA synchronous=FULL")
                self._writer.executescript(_SCHEMA)
                newest = self._writer.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1").fetchone()
            self._last: int
            self._hash: bytes
            self._last, self._hash = newest or (0, GENESIS)
            self._find_events()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Release the file and let another writer in."""
        with self._reading:
            self._opened.close()

    def append(self, recorded_at: datetime, contents: Sequence[Content]) -> Sequence[Entry]:
        """Append in one transaction; see `Journal.append`."""
        if not contents:
            return []
        numbers = range(self._last + 1, self._last + 1 + len(contents))
        events = [(number,) for number, content in zip(numbers, contents, strict=True) if is_event(content)]
        rows: list[tuple[int, bytes, bytes]] = []
        marks: list[tuple[str, str, int, int, int]] = []
        about: list[tuple[str, int]] = []
        chained = self._hash
        for number, content in zip(numbers, contents, strict=True):
            payload = pack(recorded_at, content)
            chained = link(chained, payload)
            rows.append((number, payload, chained))
            if isinstance(content, Observed):
                observed = content.observations
                marks.append((content.gateway, content.boot_id, observed[-1].seq, observed[0].seq, number))
            about += [(name, number) for name in dict.fromkeys(subjects(content))]
        with self._transaction():
            self._insert("entry", rows)
            self._insert("mark", marks)
            self._insert("event", events)
            self._insert("subject", about)
        self._last, self._hash = numbers[-1], chained
        return [Entry(number, recorded_at, content) for number, content in zip(numbers, contents, strict=True)]

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after`, at most `limit`; from any thread."""
        with self._reading, self._translated():
            rows = self._reader.execute(
                "SELECT number, payload FROM entry WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
            ).fetchall()
        return [unpack(number, payload) for number, payload in rows]

    def hashes(self, after: int, limit: int) -> Sequence[bytes]:
        """Return the chain hashes of entries above `after`, at most `limit`; from any thread."""
        with self._reading, self._translated():
            rows = self._reader.execute(
                "SELECT hash FROM entry WHERE number > ? ORDER BY number LIMIT ?", (after, limit)
            ).fetchall()
        return [chained for (chained,) in rows]

    def events(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after` that are neither observations nor ticks; from any thread."""
        with self._reading, self._translated():
            rows = self._reader.execute(
                "SELECT number, payload FROM event JOIN entry USING (number) WHERE number > ? ORDER BY number LIMIT ?",
                (after, limit),
            ).fetchall()
        return [unpack(number, payload) for number, payload in rows]

    def about(self, subject: str, limit: int) -> Sequence[Entry]:
        """Return the last entries that are about a subject, the newest first; from any thread."""
        with self._reading, self._translated():
            rows = self._reader.execute(
                "SELECT number, payload FROM subject JOIN entry ON number = entry"
                " WHERE name = ? ORDER BY entry DESC LIMIT ?",
                (subject, limit),
            ).fetchall()
        return [unpack(number, payload) for number, payload in rows]

    def last(self) -> int:
        """Return the number of the newest entry, or 0."""
        return self._last

    def marks(self, gateway: GatewayId, boot_id: str, first_seq: int, last_seq: int) -> Sequence[Mark]:
        """Return the marks that overlap a range, in order."""
        with self._translated():
            # Marks never overlap each other, so their order by last number is their order by first number too.
            rows = self._writer.execute(
                "SELECT first_seq, last_seq, entry FROM mark WHERE gateway = ? AND boot_id = ? AND last_seq >= ?"
                " ORDER BY last_seq",
                (gateway, boot_id, first_seq),
            )
            inside = itertools.takewhile(lambda row: row[0] <= last_seq, rows)
            return [Mark(gateway, boot_id, *row) for row in inside]

    def highest_seq(self, gateway: GatewayId, boot_id: str) -> int:
        """Return the highest number on record of a gateway's spool, or 0."""
        with self._translated():
            row = self._writer.execute(
                "SELECT max(last_seq) FROM mark WHERE gateway = ? AND boot_id = ?", (gateway, boot_id)
            ).fetchone()
        highest: int | None = row[0]
        return highest or 0

    def save_snapshot(self, number: int, state: bytes) -> None:
        """Keep a snapshot, replacing the older one."""
        with self._transaction():
            self._writer.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)", (number, state))

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot, or None."""
        with self._translated():
            row = self._writer.execute("SELECT number, state FROM snapshot").fetchone()
        return (row[0], row[1]) if row else None

    def _find_events(self) -> None:
        """Find the events of a journal that was begun before they were listed; of any other this reads nothing."""
        with self._translated():
            (listed,) = self._writer.execute("SELECT coalesce(max(number), 0) FROM event").fetchone()
        if self._last == 0 or listed > 0:  # every journal begins with `Started`, so one that is listed has some
            return
        number, events = 0, []
        while entries := self.read(number, FOLD_LIMIT):
            events += [(entry.number,) for entry in entries if is_event(entry.content)]
            number = entries[-1].number
        with self._transaction():
            self._insert("event", events)

    def _insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        # One statement for all rows: each statement gives the interpreter's lock away once, and a busy follower thread
        # would make an executemany wait for it row by row.
        for start in range(0, len(rows), ROWS_LIMIT):
            some = rows[start : start + ROWS_LIMIT]
            places = ", ".join([f"({', '.join('?' * len(some[0]))})"] * len(some))
            values = list(itertools.chain.from_iterable(some))
            self._writer.execute(f"INSERT INTO {table} VALUES {places}", values)  # noqa: S608 both are ours

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise UnavailableError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise JournalDamagedError(f"{self._path}: {error}") from error


def check_chain(path: Path) -> int:
    """Recompute the hash chain of a journal file, which may be in use, and return how many entries it holds.

    What a chain cannot show is that entries were cut off its end: compare the number with one noted elsewhere.

    Raises:
        JournalDamagedError: An entry is missing, cannot be read or is not what was written; the first one is named.
        UnavailableError: The file cannot be read.
    """
    try:
        with _readonly(path) as connection:
            before, expected = GENESIS, 0
            for number, payload, kept in connection.execute("SELECT number, payload, hash FROM entry ORDER BY number"):
                expected += 1
                if number != expected:
                    raise JournalDamagedError(f"{path}: entry {expected} is missing")
                before = link(before, payload)
                if before != kept:
                    raise JournalDamagedError(f"{path}: entry {number} is not what was written")
                unpack(number, payload)
            return expected
    except sqlite3.OperationalError as error:
        raise UnavailableError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise JournalDamagedError(f"{path}: {error}") from error


@contextmanager
def _readonly(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()
