"""The access log in SQLite."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec

from control.access_log.ports import READ_LIMIT, VISIT_LIMIT, Logged, Visit
from control.sqlite_store import Result, open_store, work_in

_SCHEMA = """
CREATE TABLE IF NOT EXISTS visit (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS owned (
  owner TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (owner, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS owned_number ON owned (number);
"""

_ALL = "SELECT number, body FROM visit WHERE number < ? ORDER BY number DESC LIMIT ?"
_OF = """
SELECT visit.number, body FROM owned JOIN visit USING (number)
WHERE owner = ? AND owned.number < ? ORDER BY owned.number DESC LIMIT ?
"""

BEYOND = 2**63 - 1
"""Above every number."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Visit).decode


class SqliteAccessLog:
    """An `AccessLog` in a file; see `control.access_log.ports.AccessLog` for what it promises."""

    def __init__(self, path: Path, days: int = 400, limit: int = VISIT_LIMIT) -> None:
        """Open the log at `path`, or start one.

        Raises:
            UnavailableError: The file cannot be opened.
        """
        self._path = path
        self._days = timedelta(days=days)
        self._limit = limit
        self._db = open_store(path, _SCHEMA)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="access-log")

    async def write(self, visits: Sequence[Visit]) -> None:
        """Keep visits in one transaction with what is forgotten for them."""
        await self._run(lambda: self._write(visits))

    async def read(self, owner: str | None, before: int | None, limit: int) -> Sequence[Logged]:
        """Return the newest visits first."""
        below, most = BEYOND if before is None else before, min(limit, READ_LIMIT)
        asked = (_ALL, (below, most)) if owner is None else (_OF, (owner, below, most))
        rows = await self._run(lambda: self._db.execute(*asked).fetchall())
        return [Logged(number, _decode(body)) for number, body in rows]

    def close(self) -> None:
        """Let what is being written be written, and release the file."""
        self._thread.shutdown()
        self._db.close()

    def _write(self, visits: Sequence[Visit]) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for visit in visits:
                row = (visit.at.timestamp(), _encode(visit))
                number = self._db.execute("INSERT INTO visit (at, body) VALUES (?, ?)", row).lastrowid or 0
                owned = [(owner, number) for owner in set(visit.owners)]
                self._db.executemany("INSERT INTO owned VALUES (?, ?)", owned)
                self._forget((visit.at - self._days).timestamp(), number - self._limit)

    def _forget(self, before: float, through: int) -> None:
        """Delete the oldest: those observed `before`, up to the first that was not, and numbers up to `through`."""
        while oldest := self._db.execute("SELECT number, at FROM visit ORDER BY number LIMIT 1").fetchone():
            number, at = oldest
            if at >= before and number > through:
                return
            self._db.execute("DELETE FROM owned WHERE number = ?", (number,))
            self._db.execute("DELETE FROM visit WHERE number = ?", (number,))

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await work_in(self._thread, self._path, work)
