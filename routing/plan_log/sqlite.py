"""The plan log in one SQLite file: WAL, `synchronous=FULL`, one transaction for what belongs together.

One connection behind a lock, for the event loop that writes and the threads that read. A lock file keeps a second
service out.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from coldport.errors import MalformedError, NotFoundError, UnavailableError
from coldport.one_writer import one_writer
from routing.plan_log.acts import Act, Checkpoint, Ended, Entry
from routing.plan_log.documents import Document

BUSY_S = 1.0
"""How long somebody's hand in the file is waited for; requests wait for it."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, at TEXT NOT NULL, act BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS document (digest TEXT PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint (job TEXT PRIMARY KEY, body BLOB NOT NULL);
"""

_encode = msgspec.json.Encoder().encode
_act = msgspec.json.Decoder(Act).decode
_checkpoint = msgspec.json.Decoder(Checkpoint).decode


class PlanLogDamagedError(MalformedError):
    """The file is no plan log, or not what was written."""

    code = "plan-log-damaged"


class SqlitePlanLog:
    """A `PlanLog` in a file; see `routing.plan_log.ports.PlanLog` for what it promises."""

    def __init__(self, path: Path) -> None:
        """Open the log at `path`, or start one.

        Raises:
            RefusedError: Another process writes it.
            PlanLogDamagedError: The file is no plan log.
            UnavailableError: The disk cannot be written.
        """
        self._path = path
        self._turn = threading.Lock()
        with contextlib.ExitStack() as opened:
            opened.enter_context(one_writer(path))
            with self._translated():
                connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
                self._db = opened.enter_context(contextlib.closing(connection))
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._db.executescript(_SCHEMA)
                (self._last,) = self._db.execute("SELECT coalesce(max(number), 0) FROM entry").fetchone()
            self._opened = opened.pop_all()

    def append(self, at: datetime, acts: Sequence[Act], documents: Sequence[Document] = ()) -> Sequence[Entry]:
        """Keep acts and documents in one transaction."""
        added = [Entry(self._last + number, at, act) for number, act in enumerate(acts, start=1)]
        rows = [(entry.number, entry.at.isoformat(), _encode(entry.act)) for entry in added]
        with self._transaction():
            self._db.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)
            self._put(documents)
            over = [(act.job,) for act in acts if isinstance(act, Ended)]
            self._db.executemany("DELETE FROM checkpoint WHERE job = ?", over)
        self._last += len(added)
        return added

    def read(self, after: int, limit: int) -> Sequence[Entry]:
        """Return entries above `after`."""
        question = "SELECT number, at, act FROM entry WHERE number > ? ORDER BY number LIMIT ?"
        with self._turn, self._translated():
            rows = self._db.execute(question, (after, limit)).fetchall()
            return [Entry(number, datetime.fromisoformat(at).astimezone(UTC), _act(act)) for number, at, act in rows]

    def document(self, digest: str) -> bytes:
        """Return a packed document; raises NotFoundError."""
        with self._turn, self._translated():
            row = self._db.execute("SELECT packed FROM document WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            raise NotFoundError(f"no document {digest} is kept")
        return bytes(row[0])

    def keep(self, checkpoint: Checkpoint, document: Document | None = None) -> None:
        """Keep how far a job is."""
        with self._transaction():
            self._put([] if document is None else [document])
            row = (checkpoint.job, _encode(checkpoint))
            self._db.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", row)

    def checkpoints(self) -> Mapping[str, Checkpoint]:
        """Return how far each job is."""
        with self._turn, self._translated():
            return {job: _checkpoint(body) for job, body in self._db.execute("SELECT job, body FROM checkpoint")}

    def forget_but(self, digests: Collection[str]) -> None:
        """Forget every document that is not among these."""
        with self._transaction():
            kept = [digest for (digest,) in self._db.execute("SELECT digest FROM document")]
            gone = [(digest,) for digest in kept if digest not in digests]
            self._db.executemany("DELETE FROM document WHERE digest = ?", gone)

    def close(self) -> None:
        """Release the file and let another service in."""
        with self._turn:
            self._opened.close()

    def _put(self, documents: Sequence[Document]) -> None:
        rows = [(one.digest, one.packed) for one in documents]
        self._db.executemany("INSERT OR IGNORE INTO document VALUES (?, ?)", rows)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise UnavailableError(f"{self._path}: {error}") from error
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            raise PlanLogDamagedError(f"{self._path}: {error}") from error
