"""The spool on disk: SQLite in WAL mode with `synchronous=FULL`, so what `append` returned survives a power cut.

One thread talks to the file; the event loop never waits for the disk. The file is locked for as long as it is open:
two agents cannot number into one spool.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from coldport.errors import UnavailableError
from coldport.messages.observation import Observation, TagRead
from edge.lines.gateway import WhenFull
from edge.ports import SpoolFullError

Result = TypeVar("Result")

SCHEMA = """
CREATE TABLE spool (boot_id TEXT NOT NULL, dropped INTEGER NOT NULL);
CREATE TABLE observation (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""
"""AUTOINCREMENT, because a plain rowid would be given again once the highest row had been forgotten."""

RAW_READS = """
ALTER TABLE spool ADD COLUMN dropped_reads INTEGER NOT NULL DEFAULT 0;
ALTER TABLE observation ADD COLUMN raw INTEGER;
CREATE INDEX raw_reads ON observation (seq) WHERE raw = 1
"""
"""What a spool of before raw tag reads were the first to go lacks. The index holds them alone: others cost nothing."""

DROP_READS = "DELETE FROM observation WHERE seq IN (SELECT seq FROM observation WHERE raw = 1 ORDER BY seq LIMIT ?)"
DROP_OLDEST = "DELETE FROM observation WHERE seq IN (SELECT seq FROM observation ORDER BY seq LIMIT ?)"

LOCK_TIMEOUT_S = 2.0
"""How long opening waits for an agent that is just ending."""

log = logging.getLogger("edge.spool")
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Observation)


class SpoolUnavailableError(UnavailableError):
    """The disk is full or failing, or another agent has the file."""

    code = "spool-unavailable"


class SqliteSpool:
    """Observations in a file. Make one with `open_spool`; see `edge.ports.Spool` for what it promises."""

    def __init__(
        self, connection: sqlite3.Connection, thread: ThreadPoolExecutor, limit: int, policy: WhenFull
    ) -> None:
        """Take over an open file and the thread that talks to it; `limit` is the number of observations held."""
        self._db = connection
        self._thread = thread
        self.limit = limit
        self._when_full = policy
        self._grown = asyncio.Event()
        self.boot_id, self.dropped, self.dropped_reads = connection.execute(
            "SELECT boot_id, dropped, dropped_reads FROM spool"
        ).fetchone()
        (self.held,) = connection.execute("SELECT count(*) FROM observation").fetchone()
        (self.last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence").fetchone()

    async def append(self, observations: Sequence[Observation]) -> None:
        """Number the observations and commit them in one transaction."""
        await self._run(lambda: self._append(observations))
        self._grown.set()

    async def after(self, seq: int, limit: int) -> Sequence[Observation]:
        """Wait for observations above `seq`."""
        while True:
            self._grown.clear()
            found = await self._run(
                lambda: self._select("WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit),
            )
            if found:
                return found
            await self._grown.wait()

    async def between(self, first: int, last: int) -> Sequence[Observation]:
        """Return what is held of `first..last`."""
        return await self._run(lambda: self._select("WHERE seq BETWEEN ? AND ? ORDER BY seq", first, last))

    async def forget(self, first: int, last: int) -> None:
        """Delete `first..last`."""
        await self._run(lambda: self._forget(first, last))

    async def close(self) -> None:
        """Close the file and end the thread."""
        await self._run(self._db.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.OperationalError as error:
            raise SpoolUnavailableError(f"the spool cannot be used: {error}") from error

    # The methods below run in the spool's thread.

    def _append(self, observations: Sequence[Observation]) -> None:
        excess = self.held + len(observations) - self.limit
        if excess > 0 and self._when_full is WhenFull.STOP_READING:
            raise SpoolFullError(f"the spool holds its {self.limit} observations")
        rows = [
            (
                seq,
                _encode(msgspec.structs.replace(observation, seq=seq)),
                1 if isinstance(observation, TagRead) else None,
            )
            for seq, observation in enumerate(observations, start=self.last + 1)
        ]
        dropped = reads = 0
        with self._db:
            self._db.executemany("INSERT INTO observation VALUES (?, ?, ?)", rows)
            if excess > 0:
                reads = self._db.execute(DROP_READS, (excess,)).rowcount
                dropped = reads + self._db.execute(DROP_OLDEST, (excess - reads,)).rowcount
                self._db.execute(
                    "UPDATE spool SET dropped = dropped + ?, dropped_reads = dropped_reads + ?", (dropped, reads)
                )
        # Only after the commit: a failed one has given no number and dropped nothing.
        self.last += len(rows)
        self.held += len(rows) - dropped
        self.dropped += dropped
        self.dropped_reads += reads

    def _select(self, where: str, *values: int) -> list[Observation]:
        rows = self._db.execute(f"SELECT body FROM observation {where}", values)  # noqa: S608 - `where` is ours
        return [_decoder.decode(body) for (body,) in rows]

    def _forget(self, first: int, last: int) -> None:
        with self._db:
            gone = self._db.execute("DELETE FROM observation WHERE seq BETWEEN ? AND ?", (first, last)).rowcount
        self.held -= gone


async def open_spool(path: Path, limit: int, when_full: WhenFull, now: datetime) -> SqliteSpool:
    """Open a spool, making it if it is not there.

    A file that is damaged is set aside under a name that carries `now`, and a new spool with a new `boot_id` begins:
    numbers of the old one are then never given again for other observations.

    Raises:
        SpoolUnavailableError: Another agent has it, or the disk is full or failing.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
    try:
        connection = await asyncio.get_running_loop().run_in_executor(thread, _connect_or_replace, path, now)
    except sqlite3.OperationalError as error:
        thread.shutdown()
        raise SpoolUnavailableError(f"{path.name}: {error}") from error
    return SqliteSpool(connection, thread, limit, when_full)


def _connect_or_replace(path: Path, now: datetime) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        aside = f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}"
        log.error("the spool is damaged (%s); set aside as %s, a new one begins", error, aside)  # noqa: TRY400 - the trace says no more
        for suffix in ("", "-wal", "-shm"):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.rename(path.with_name(aside + suffix))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        _prove_whole(connection)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'observation'").fetchone():
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO spool VALUES (?, 0)", (secrets.token_hex(16),))
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'raw_reads'").fetchone():
                for statement in RAW_READS.split(";"):
                    connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _prove_whole(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
