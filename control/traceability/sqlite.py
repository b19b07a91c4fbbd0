"""Traces on disk: one SQLite file in WAL mode. One thread writes, two read; the event loop waits for none of them.

Every word an event is found by is written once (`name`) and stands in the index (`term`) as a number, in the order of
event times: a search for a word reads its page and no more. A question is driven by its rarest word; the others are
looked up event by event.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from control.sqlite_store import Result, connect, open_store, work_in
from control.traceability.event import Event, Found
from control.traceability.ports import Captured, EventTakenError, Mark, Page
from control.traceability.query import Query
from control.traceability.sqlite_search import COLUMNS, found, last_record, search, values_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS context (id INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS event (
  record INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL, at INTEGER NOT NULL, event_id TEXT NOT NULL,
  declaration INTEGER NOT NULL, fingerprint TEXT NOT NULL, context INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS event_known ON event (event_id, declaration, fingerprint);
CREATE INDEX IF NOT EXISTS event_time ON event (at, record);
CREATE INDEX IF NOT EXISTS event_recorded ON event (recorded_at);
CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS term (
  kind INTEGER, name INTEGER, at INTEGER, record INTEGER, PRIMARY KEY (kind, name, at, record)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS measured (record INTEGER, field TEXT, uom TEXT, number REAL);
CREATE INDEX IF NOT EXISTS measured_of ON measured (record, uom, field, number);
CREATE TABLE IF NOT EXISTS shelf (
  place INTEGER PRIMARY KEY AUTOINCREMENT, shelf TEXT, key TEXT, body BLOB NOT NULL, UNIQUE (shelf, key)
);
"""

_EVENTS = f"SELECT {COLUMNS} FROM event e JOIN context c ON c.id = e.context"  # noqa: S608 - the columns are ours

_NAMES_CACHED = 50_000
"""Names whose numbers are remembered while writing; a site's words and places are some hundreds, the rest are
serials."""


class SqliteTraces:
    """A `Traces` in a file; see `control.traceability.ports.Traces` for what it promises."""

    def __init__(self, path: Path) -> None:
        """Open the file, or start one.

        Raises:
            UnavailableError: It cannot be opened.
        """
        self._path = path
        self._db = open_store(path, _SCHEMA, "cache_size=-65536")
        self._names: dict[str, int] = {}
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="traces-write")
        self._reading = ThreadPoolExecutor(2, thread_name_prefix="traces-read")

    async def capture(self, events: Sequence[Event], at: int, *, whole: bool) -> Captured:
        """Keep events in one transaction."""
        return await self._write(lambda: self._capture(events, at, whole=whole))

    async def page(self, query: Query, after: Mark | None, limit: int) -> Page:
        """Return what matches."""
        return await self._read(lambda db: search(db, query, after, limit))

    async def event(self, event_id: str) -> Found | None:
        """Return the newest record of an id."""
        asked = f"{_EVENTS} WHERE e.event_id = ? ORDER BY e.record DESC LIMIT 1"
        rows = await self._read(lambda db: db.execute(asked, (event_id,)).fetchall())
        return found(rows[0]) if rows else None

    async def since(self, record: int, limit: int) -> Sequence[Found]:
        """Return newer records."""
        asked = f"{_EVENTS} WHERE e.record > ? ORDER BY e.record LIMIT ?"
        return [found(row) for row in await self._read(lambda db: db.execute(asked, (record, limit)).fetchall())]

    async def last(self) -> int:
        """Return the newest number."""
        return await self._read(last_record)

    async def values(self, kinds: Sequence[str], after: str, limit: int) -> Sequence[str]:
        """Return values of kinds."""
        return await self._read(lambda db: values_of(db, kinds, after, limit))

    async def keep(self, shelf: str, key: str, body: bytes, limit: int) -> None:
        """Keep something."""
        await self._write(lambda: self._keep(shelf, key, body, limit))

    async def kept(self, shelf: str) -> Mapping[str, bytes]:
        """Return a shelf."""
        asked = "SELECT key, body FROM shelf WHERE shelf = ? ORDER BY place"
        return dict(await self._read(lambda db: db.execute(asked, (shelf,)).fetchall()))

    async def drop(self, shelf: str, key: str) -> bool:
        """Take something away."""
        gone = "DELETE FROM shelf WHERE shelf = ? AND key = ?"
        return await self._write(lambda: self._db.execute(gone, (shelf, key)).rowcount > 0)

    def close(self) -> None:
        """Let what is being done end, and release the file."""
        self._writing.shutdown()
        self._reading.shutdown()
        for connection in (*self._readers, self._db):
            connection.close()

    def _reader(self) -> sqlite3.Connection:
        if not hasattr(self._local, "db"):
            self._local.db = connect(self._path)
            self._local.db.execute("PRAGMA query_only=ON")
            self._readers.append(self._local.db)
        reader: sqlite3.Connection = self._local.db
        return reader

    async def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        return await work_in(self._reading, self._path, lambda: work(self._reader()))

    async def _write(self, work: Callable[[], Result]) -> Result:
        return await work_in(self._writing, self._path, work)

    def _capture(self, events: Sequence[Event], at: int, *, whole: bool) -> Captured:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = self._insert(events, at, whole=whole)
            self._db.execute("COMMIT")
        except BaseException:
            self._names.clear()  # it may hold numbers that were never committed
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return result

    def _insert(self, events: Sequence[Event], at: int, *, whole: bool) -> Captured:
        record = last_record(self._db)
        at = max(at, self._newest())
        rows: list[tuple[object, ...]] = []
        terms: list[tuple[int, int, int, int]] = []
        measured: list[tuple[int, str, str, float]] = []
        new: dict[tuple[str, bool], str] = {}
        taken: list[str] = []
        contexts: dict[bytes, int] = {}
        for event in events:
            key = (event.event_id, event.is_declaration)
            known = new.get(key) or self._known(event)
            if known is not None:
                if known != event.fingerprint:
                    taken.append(event.event_id)
                continue
            new[key] = event.fingerprint
            record += 1
            context = contexts.get(event.context)
            if context is None:
                context = contexts[event.context] = self._context(event.context)
            rows.append(
                (record, at, event.at, event.event_id, event.is_declaration, event.fingerprint, context, event.body)
            )
            terms += [(self._name(term.kind), self._name(term.value), event.at, record) for term in event.terms]
            measured += [(record, one.field, one.uom, one.number) for one in event.measured]
        if taken and whole:
            raise EventTakenError(f"{taken[0]} is the id of another event")
        self._db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany("INSERT INTO term VALUES (?, ?, ?, ?)", sorted(terms))
        self._db.executemany("INSERT INTO measured VALUES (?, ?, ?, ?)", measured)
        return Captured(len(new), tuple(taken))

    def _newest(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(recorded_at), 0) FROM event").fetchone()[0])

    def _known(self, event: Event) -> str | None:
        asked = "SELECT fingerprint FROM event WHERE event_id = ? AND declaration = ?"
        row = self._db.execute(asked, (event.event_id, event.is_declaration)).fetchone()
        return str(row[0]) if row else None

    def _context(self, body: bytes) -> int:
        self._db.execute("INSERT OR IGNORE INTO context (body) VALUES (?)", (body,))
        return int(self._db.execute("SELECT id FROM context WHERE body = ?", (body,)).fetchone()[0])

    def _name(self, text: str) -> int:
        number = self._names.get(text)
        if number is None:
            row = self._db.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
            if row is None:
                number = self._db.execute("INSERT INTO name (text) VALUES (?)", (text,)).lastrowid or 0
            else:
                number = int(row[0])
            if len(self._names) >= _NAMES_CACHED:
                self._names.clear()
            self._names[text] = number
        return number

    def _keep(self, shelf: str, key: str, body: bytes, limit: int) -> None:
        put = (
            "INSERT INTO shelf (shelf, key, body) VALUES (?, ?, ?) "
            "ON CONFLICT (shelf, key) DO UPDATE SET body = excluded.body"
        )
        forget = (
            "DELETE FROM shelf WHERE shelf = ? AND place <= "
            "(SELECT place FROM shelf WHERE shelf = ? ORDER BY place DESC LIMIT 1 OFFSET ?)"
        )
        self._db.execute(put, (shelf, key, body))
        self._db.execute(forget, (shelf, shelf, limit))
