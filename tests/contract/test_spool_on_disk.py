"""What only the spool on disk promises: it outlives its process, a full disk and a damaged file."""

import asyncio
import logging
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Observation
from edge.lines.gateway import WhenFull
from edge.observe import reading
from edge.points import Measured
from edge.spool.sqlite import SCHEMA, SpoolUnavailableError, SqliteSpool, open_spool

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def opened(path: Path, limit: int = 10_000) -> AsyncIterator[SqliteSpool]:
    spool = await open_spool(path, limit, WhenFull.DROP_OLDEST, NOON)
    try:
        yield spool
    finally:
        await spool.close()


def set_aside(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("spool.damaged-*")]


def values(*celsius: float) -> list[Observation]:
    return [reading(PointId("c1-1-temperature"), NOON, Measured(value)) for value in celsius]


async def test_a_reopened_spool_keeps_its_boot_id_its_rows_and_its_numbering(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool") as spool:
        boot_id = spool.boot_id
        await spool.append(values(1, 2, 3))
        await spool.forget(3, 3)
    async with opened(tmp_path / "spool") as spool:
        await spool.append(values(4))
        assert spool.boot_id == boot_id
        assert [row.seq for row in await spool.between(1, 9)] == [1, 2, 4]


async def test_numbering_goes_on_after_everything_was_forgotten_and_the_spool_reopened(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool") as spool:
        await spool.append(values(1, 2))
        await spool.forget(1, 2)
    async with opened(tmp_path / "spool") as spool:
        await spool.append(values(3))
        assert [row.seq for row in await spool.between(1, 9)] == [3]


async def test_the_count_of_the_dropped_outlives_the_process(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool", limit=2) as spool:
        await spool.append(values(1, 2, 3))
    async with opened(tmp_path / "spool", limit=2) as spool:
        assert spool.dropped == 1


async def test_a_spool_made_before_raw_tag_reads_were_told_apart_goes_on_with_what_it_holds(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "spool")) as database, database:
        for statement in SCHEMA.split(";"):
            database.execute(statement)
        database.execute("INSERT INTO spool VALUES (?, 7)", ("cd" * 16,))
        body = msgspec.json.encode(msgspec.structs.replace(values(1)[0], seq=1))
        database.execute("INSERT INTO observation VALUES (1, ?)", (body,))
    for _ in range(2):
        async with opened(tmp_path / "spool") as spool:
            assert (spool.boot_id, spool.dropped, spool.dropped_reads) == ("cd" * 16, 7, 0)
            assert [row.seq for row in await spool.between(1, 9)] == [1]


async def test_two_agents_cannot_have_one_spool(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool"):
        with pytest.raises(SpoolUnavailableError, match="locked"):
            await open_spool(tmp_path / "spool", 10, WhenFull.DROP_OLDEST, NOON)


@pytest.mark.parametrize("damage", [b"this is no database" * 300, b""], ids=["overwritten", "no schema"])
async def test_a_file_that_is_no_spool_is_set_aside_or_filled_and_work_goes_on(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "spool").write_bytes(damage)
    async with opened(tmp_path / "spool") as spool:
        await spool.append(values(1))
        assert [row.seq for row in await spool.between(1, 9)] == [1]
    assert set_aside(tmp_path) == ([damage] if damage else [])


async def test_a_damaged_page_makes_a_new_spool_with_a_new_boot_id_and_a_log_line(tmp_path: Path, caplog) -> None:
    path = tmp_path / "spool"
    async with opened(path) as spool:
        boot_id = spool.boot_id
        await spool.append(values(*range(2_000)))
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 6 * 4096] = b"\xff" * (3 * 4096)
    path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        async with opened(path) as spool:
            assert spool.boot_id != boot_id
            assert await spool.between(1, 9_999) == []
    assert "set aside as spool.damaged-20260701T120000" in caplog.text


async def test_a_full_disk_refuses_the_whole_group_and_loses_nothing_that_was_taken(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool", limit=1_000_000) as spool:
        await spool._run(lambda: spool._db.execute("PRAGMA max_page_count = 40"))
        taken = 0
        with pytest.raises(UnavailableError, match="full"):  # noqa: PT012 - the disk is full at an unknown turn
            for _ in range(1_000):
                await spool.append(values(*range(100)))
                taken += 100
        assert taken > 0
        assert len(await spool.between(1, 1_000_000)) == taken
        await spool._run(lambda: spool._db.execute("PRAGMA max_page_count = 4000"))
        await spool.append(values(7))
        assert [row.seq for row in await spool.after(taken, 9)] == [taken + 1]


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from edge.lines.gateway import WhenFull
from edge.observe import reading
from edge.points import Measured
from edge.spool.sqlite import open_spool

async def main():
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    spool = await open_spool(Path(sys.argv[1]), 1_000_000, WhenFull.DROP_OLDEST, now)
    for turn in range(1_000_000):
        await spool.append([reading("p", now, Measured(float(turn)))] * 7)
        print(turn, flush=True)
        if turn % 3 == 2:
            await spool.forget(7 * turn - 20, 7 * turn - 14)

asyncio.run(main())
"""


async def test_a_kill_while_writing_loses_nothing_that_was_taken_and_repeats_no_number(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    highest = 0
    for turns in (3, 11, 40):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(path), stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(turns):
            last_turn = int(await process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = await process.stdout.read()
        await process.wait()
        last_turn = int(rest.split()[-1]) if rest.split() else last_turn
        with sqlite3.connect(path) as database:
            (numbered,) = database.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
            (lowest_new,) = database.execute("SELECT min(seq) FROM observation WHERE seq > ?", (highest,)).fetchone()
        database.close()
        assert numbered >= highest + 7 * (last_turn + 1)
        assert (numbered - highest) % 7 == 0
        assert lowest_new > highest
        highest = numbered
    async with opened(path) as spool:
        await spool.append(values(1))
        assert [row.seq for row in await spool.after(highest, 9)] == [highest + 1]
