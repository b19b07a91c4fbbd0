"""How the stores of control that are no journal keep an SQLite file: durable, and worked on by threads of their own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

from coldport.errors import UnavailableError

Result = TypeVar("Result")


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that threads may hand to each other; transactions are begun by hand."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def open_store(path: Path, schema: str, *pragmas: str) -> sqlite3.Connection:
    """Open the file at `path`, or start one with `schema`, and return the connection that writes.

    It is in WAL mode with `synchronous=FULL`: what is committed outlives a loss of power.

    Raises:
        UnavailableError: It cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(schema)
    except (OSError, sqlite3.Error) as error:
        raise UnavailableError(f"{path}: {error}") from error
    return connection


async def work_in(threads: Executor, path: Path, work: Callable[[], Result]) -> Result:
    """Do work on the file at `path` in one of its threads, and wait for it; raises UnavailableError."""
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, work)
    except sqlite3.Error as error:
        raise UnavailableError(f"{path}: {error}") from error
