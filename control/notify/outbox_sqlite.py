"""The outbox on disk: SQLite in WAL mode with `synchronous=FULL`. What is committed is sent, whatever falls over.

One thread talks to the file; the event loop never waits for the disk.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from control.notify.notice import Notice
from control.notify.ports import SETTLED_LIMIT, WAITING_LIMIT, Record, Waiting
from control.sqlite_store import Result, open_store, work_in

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
  one INTEGER PRIMARY KEY CHECK (one = 1), applied INTEGER NOT NULL, state BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS notice (
  key TEXT PRIMARY KEY, channel TEXT NOT NULL, recipient TEXT NOT NULL, critical INTEGER NOT NULL, made REAL NOT NULL,
  state TEXT NOT NULL, at REAL NOT NULL, due REAL NOT NULL, tried INTEGER NOT NULL, reason TEXT, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting ON notice (channel, critical DESC, made) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS settled ON notice (at) WHERE state != 'waiting';
"""

_GIVE_UP = """
UPDATE notice SET state = 'given-up', reason = 'the outbox was full' WHERE key IN (
  SELECT key FROM notice WHERE state = 'waiting' ORDER BY critical, made LIMIT
  max(0, (SELECT count(*) FROM notice WHERE state = 'waiting') - ?))
"""
_FORGET = """
DELETE FROM notice WHERE key IN (
  SELECT key FROM notice WHERE state != 'waiting' ORDER BY at LIMIT
  max(0, (SELECT count(*) FROM notice WHERE state != 'waiting') - ?))
"""
_DUE = """
SELECT body, tried FROM notice WHERE state = 'waiting' AND channel = ? AND due <= ? AND critical >= ?
ORDER BY critical DESC, made LIMIT 1
"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notice).decode


class SqliteOutbox:
    """An `Outbox` in a file; see `control.notify.ports.Outbox` for what it promises."""

    def __init__(self, path: Path, waiting_limit: int = WAITING_LIMIT, settled_limit: int = SETTLED_LIMIT) -> None:
        """Open the outbox at `path`, or start one.

        Raises:
            UnavailableError: The file cannot be opened.
        """
        self._path = path
        self._limits = (waiting_limit, settled_limit)
        self._db = open_store(path, _SCHEMA)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")

    async def load(self) -> tuple[int, bytes] | None:
        """Return what was committed last."""
        return await self._run(lambda: self._db.execute("SELECT applied, state FROM kept").fetchone())

    async def commit(self, applied: int, state: bytes, notices: Sequence[Notice]) -> int:
        """Keep number, state and new notices in one transaction."""
        return await self._run(lambda: self._commit(applied, state, notices))

    async def due(self, channel: str, now: datetime, *, critical_only: bool = False) -> Waiting | None:
        """Return what a channel should send next."""
        asked = (channel, now.timestamp(), int(critical_only))
        row = await self._run(lambda: self._db.execute(_DUE, asked).fetchone())
        return Waiting(_decode(row[0]), row[1]) if row else None

    async def sent(self, key: str, at: datetime) -> None:
        """Mark one as sent."""
        await self._settle(key, "sent", at, at, None)

    async def refused(self, key: str, at: datetime, reason: str) -> None:
        """Mark one as refused."""
        await self._settle(key, "refused", at, at, reason)

    async def again(self, key: str, at: datetime, due: datetime, reason: str) -> None:
        """Count a failed try."""
        await self._settle(key, "waiting", at, due, reason)

    async def reroute(self, channel: str, to: str, addresses: dict[str, str]) -> int:
        """Move what waits to another channel."""
        return await self._run(lambda: self._reroute(channel, to, addresses))

    async def sent_since(self, channel: str, at: datetime) -> Sequence[datetime]:
        """Return when the channel sent something."""
        asked = "SELECT at FROM notice WHERE state = 'sent' AND channel = ? AND at >= ? ORDER BY at"
        rows = await self._run(lambda: self._db.execute(asked, (channel, at.timestamp())).fetchall())
        return [_moment(row[0]) for row in rows]

    async def records(self, limit: int) -> Sequence[Record]:
        """Return the newest records."""
        asked = "SELECT key, channel, recipient, state, at, tried, reason FROM notice ORDER BY at DESC LIMIT ?"
        rows = await self._run(lambda: self._db.execute(asked, (limit,)).fetchall())
        return [
            Record(k, channel, who, state, _moment(at), tried, why) for k, channel, who, state, at, tried, why in rows
        ]

    async def close(self) -> None:
        """Release the file."""
        await self._run(self._db.close)
        self._thread.shutdown()

    def _commit(self, applied: int, state: bytes, notices: Sequence[Notice]) -> int:
        rows = [
            (
                n.key,
                n.channel,
                n.recipient,
                n.critical,
                n.at.timestamp(),
                n.at.timestamp(),
                n.at.timestamp(),
                _encode(n),
            )
            for n in notices
        ]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT OR REPLACE INTO kept VALUES (1, ?, ?)", (applied, state))
            self._db.executemany(
                "INSERT OR IGNORE INTO notice VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, 0, NULL, ?)", rows
            )
            if not rows:
                return 0
            given_up = self._db.execute(_GIVE_UP, self._limits[:1]).rowcount
            self._db.execute(_FORGET, self._limits[1:])
            return given_up

    def _reroute(self, channel: str, to: str, addresses: dict[str, str]) -> int:
        moved = 0
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            asked = "SELECT body FROM notice WHERE state = 'waiting' AND channel = ?"
            for (body,) in self._db.execute(asked, (channel,)).fetchall():
                notice = _decode(body)
                if notice.recipient not in addresses:
                    continue
                notice = msgspec.structs.replace(notice, channel=to, address=addresses[notice.recipient])
                self._db.execute(
                    "UPDATE notice SET channel = ?, due = made, tried = 0, body = ? WHERE key = ?",
                    (to, _encode(notice), notice.key),
                )
                moved += 1
        return moved

    async def _settle(self, key: str, state: str, at: datetime, due: datetime, reason: str | None) -> None:
        change = "UPDATE notice SET state = ?, at = ?, due = ?, reason = ?, tried = tried + 1 WHERE key = ?"
        values = (state, at.timestamp(), due.timestamp(), reason, key)
        await self._run(lambda: self._db.execute(change, values))

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await work_in(self._thread, self._path, work)


def _moment(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
