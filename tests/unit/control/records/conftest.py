"""A journal on disk, sealed twice, and ways to spoil it."""

import asyncio
import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coldport.clock import ManualClock
from control.entries import Started
from control.journal.sqlite import SqliteJournal
from control.records.key import site_key
from control.records.roots import Roots
from control.records.sealer import Sealer

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Sealed:
    """`journal` holds entries 1 to 20 and two seals, the first of 1 to 10."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal.sqlite"
        self.roots = folder / "roots.jsonl"
        self.key = folder / "records.key"

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.journal) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def flip(self, number: int) -> None:
        """Change one bit of an entry's payload."""
        with sqlite3.connect(self.journal) as connection:
            (payload,) = connection.execute("SELECT payload FROM entry WHERE number = ?", (number,)).fetchone()
            spoilt = payload[:5] + bytes([payload[5] ^ 1]) + payload[6:]
            connection.execute("UPDATE entry SET payload = ? WHERE number = ?", (spoilt, number))
        connection.close()

    def chain_anew(self, first: int) -> None:
        """Do what an administrator would: make every hash from `first` on fit again."""
        with sqlite3.connect(self.journal) as connection:
            row = connection.execute("SELECT hash FROM entry WHERE number = ?", (first - 1,)).fetchone()
            before = row[0] if row else bytes(32)
            rows = connection.execute("SELECT number, payload FROM entry WHERE number >= ? ORDER BY number", (first,))
            for number, payload in rows.fetchall():
                before = hashlib.sha256(before + payload).digest()
                connection.execute("UPDATE entry SET hash = ? WHERE number = ?", (before, number))
        connection.close()


class JournalBook:
    def __init__(self, journal: SqliteJournal, clock: ManualClock) -> None:
        self._journal, self._clock = journal, clock

    def note(self, content) -> None:
        self._journal.append(self._clock.now(), [content])


async def write_sealed(folder: Path) -> Sealed:
    clock = ManualClock(START)
    paths = Sealed(folder)
    with SqliteJournal(paths.journal) as journal:
        roots, key = Roots(paths.roots), site_key(paths.key)
        sealer = Sealer(journal, roots, key, JournalBook(journal, clock), ZoneInfo("Asia/Shanghai"), clock)
        for count in (10, 8):
            journal.append(clock.now(), [Started(at=START + timedelta(seconds=number)) for number in range(count)])
            await clock.advance(86_400)
            await step_once(sealer, clock)
    return paths


async def step_once(sealer: Sealer, clock: ManualClock) -> None:
    """Let the sealer do one step and end its wait."""
    step = asyncio.ensure_future(sealer.step())
    while not step.done():
        await asyncio.wait([step], timeout=0.001)
        await clock.advance(60)
    await step


@pytest.fixture
def run_once():
    return step_once


@pytest.fixture
def book_of():
    return JournalBook


@pytest.fixture
async def sealed(tmp_path):
    return await write_sealed(tmp_path)
