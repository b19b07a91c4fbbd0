"""The ledger of commands on disk, so that a repeat is known and an interrupted command answered after a restart.

It is a file of its own beside the spool's: a spool that is full or damaged must not make a lamp light twice.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from coldport.errors import UnavailableError
from coldport.messages.command import Command, CommandReply
from edge.commands.ledger import ENDS, KEPT, KEPT_H
from edge.ports import Taken

Result = TypeVar("Result")

SCHEMA = """
CREATE TABLE IF NOT EXISTS command (
  id TEXT PRIMARY KEY, at REAL NOT NULL, ended INTEGER NOT NULL, command BLOB NOT NULL, reply BLOB NOT NULL)
"""
"""`at` is the moment of the latest stage, in seconds of the epoch."""

OUTDATED = """
DELETE FROM command WHERE at < ? OR id NOT IN (SELECT id FROM command ORDER BY at DESC LIMIT ?)
"""


log = logging.getLogger("edge.ledger")


class LedgerUnavailableError(UnavailableError):
    """The disk is full or failing."""

    code = "ledger-unavailable"


class SqliteLedger:
    """Commands in a file. Make one with `open_ledger`; see `edge.ports.Ledger` for what it promises."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        """Take over an open file and the thread that talks to it."""
        self._db = connection
        self._thread = thread

    async def find(self, command_id: str) -> Taken | None:
        """Return what is known of a command."""
        found = await self._run(lambda: self._select("WHERE id = ?", command_id))
        return found[0] if found else None

    async def keep(self, taken: Taken) -> None:
        """Commit the stage of a command, and forget what is too old or too much."""
        await self._run(lambda: self._keep(taken))

    async def unfinished(self) -> Sequence[Taken]:
        """Return the commands that have not ended, oldest first."""
        return await self._run(lambda: self._select("WHERE ended = ? ORDER BY at", 0))

    async def close(self) -> None:
        """Close the file and end the thread."""
        await self._run(self._db.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.OperationalError as error:
            raise LedgerUnavailableError(f"the ledger of commands cannot be used: {error}") from error

    # The methods below run in the ledger's thread.

    def _keep(self, taken: Taken) -> None:
        at = taken.reply.at.timestamp()
        ended = taken.reply.stage in ENDS
        row = (taken.command.id, at, ended, msgspec.json.encode(taken.command), msgspec.json.encode(taken.reply))
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO command VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute(OUTDATED, (at - KEPT_H * 3_600, KEPT))

    def _select(self, where: str, value: str | int) -> list[Taken]:
        rows = self._db.execute(f"SELECT command, reply FROM command {where}", (value,))  # noqa: S608 - `where` is ours
        return [
            Taken(msgspec.json.decode(command, type=Command), msgspec.json.decode(reply, type=CommandReply))
            for command, reply in rows
        ]


async def open_ledger(path: Path, now: datetime) -> SqliteLedger:
    """Open a ledger, making it if it is not there.

    One that is damaged is set aside under a name that carries `now`: a command that was on it and comes again would be
    carried out again, and puts its output where it is already.

    Raises:
        LedgerUnavailableError: The disk is full or failing.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
    try:
        connection = await asyncio.get_running_loop().run_in_executor(thread, _connect_or_replace, path, now)
    except sqlite3.OperationalError as error:
        thread.shutdown()
        raise LedgerUnavailableError(f"{path.name}: {error}") from error
    return SqliteLedger(connection, thread)


def _connect_or_replace(path: Path, now: datetime) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        aside = f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}"
        log.error("the ledger of commands is damaged (%s); set aside as %s", error, aside)  # noqa: TRY400 - the trace says no more
        path.rename(path.with_name(aside))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
