"""The table behind docs/adr/0006-historian.md: DuckDB beside SQLite, fed and asked through the historian's port.

    python tests/benchmarks/bench_historian.py --samples 10000000

Each candidate runs in a process of its own, on the same samples in the order in which they would arrive: 200 points,
one sample each 10 s. Every write is durable when it returns. Figures are printed as a table in Markdown.
"""

import argparse
import math
import os
import platform
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb

from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian.buckets import cut, fold, milliseconds
from control.historian.duckdb import DuckDbHistorian
from control.ports import Bucket, Sample

POINTS = 200
EVERY_S = 10
START = datetime(2026, 3, 1, tzinfo=UTC)
HOLD_S = 3.0 * EVERY_S
WRITE_SIZES = (1, 100, 1000, 5000)


class SqliteRows:
    """The candidate without a dependency: plain rows, WAL, `synchronous=FULL`, one transaction a write."""

    def __init__(self, path: Path, schema: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {schema}")
        self._database.execute("CREATE TABLE applied (number INTEGER)")
        self._database.execute("INSERT INTO applied VALUES (0)")
        self._numbers: dict[str, int] = {}

    def write(self, through: int, samples: Sequence[Sample]) -> None:
        rows = [
            (
                self._numbers.setdefault(sample.point, len(self._numbers)),
                milliseconds(sample.observed_at),
                sample.value,
                sample.quality.value,
            )
            for sample in samples
        ]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?)", rows)
        self._database.execute("UPDATE applied SET number = ?", [through])
        self._database.execute("COMMIT")

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        cuts, hold_ms = cut(start, end, count), round(hold_s * 1000)
        rows = self._database.execute(
            "SELECT at_ms, value FROM samples WHERE point = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms",
            [self._numbers[point], cuts.start_ms - hold_ms, cuts.end_ms],
        )
        return fold(cuts, rows, hold_ms)

    def close(self) -> None:
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.close()


COLUMNS = "point INTEGER, at_ms INTEGER, value REAL, quality TEXT"
CANDIDATES: dict[str, Callable[[Path], DuckDbHistorian | SqliteRows]] = {
    "DuckDB, arrival order": DuckDbHistorian,
    "SQLite, appended": lambda path: SqliteRows(path, f"CREATE TABLE samples ({COLUMNS});"),
    "SQLite, appended, index (point, time)": lambda path: SqliteRows(
        path, f"CREATE TABLE samples ({COLUMNS}); CREATE INDEX series ON samples (point, at_ms);"
    ),
    "SQLite, clustered (point, time)": lambda path: SqliteRows(
        path, f"CREATE TABLE samples ({COLUMNS}, PRIMARY KEY (point, at_ms)) WITHOUT ROWID;"
    ),
}


def samples_in_order(count: int) -> Iterator[Sample]:
    """Yield what 200 probes would send: a daily wave with a jitter of the clock, a hundredth of a degree fine."""
    for number in range(count):
        turn, point = divmod(number, POINTS)
        at = START + timedelta(seconds=turn * EVERY_S, milliseconds=(number * 7919) % 400)
        value = round(4 + 2 * math.sin(turn * EVERY_S / 86_400 * math.tau) + (number * 104_729 % 100) / 200, 2)
        yield Sample(PointId(f"p{point:03}-temperature"), at, value, Quality.GOOD)


def write_all(store: DuckDbHistorian | SqliteRows, samples: Sequence[Sample], size: int, first: int) -> list[float]:
    """Write in pieces of `size`; return the seconds each took."""
    took_s = []
    for number, at in enumerate(range(0, len(samples), size), start=first):
        begun_s = now_s()
        store.write(number, samples[at : at + size])
        took_s.append(now_s() - begun_s)
    return took_s


def write_rates(name: str, folder: Path, writes: int) -> list[str]:
    """Return samples a second for each size of write, and the p99 of a write of 1,000."""
    cells, p99_ms = [], 0.0
    for size in WRITE_SIZES:
        samples = list(samples_in_order(min(500_000, size * writes)))
        store = CANDIDATES[name](folder / f"rate-{size}")
        took_s = write_all(store, samples, size, first=1)
        store.close()
        cells.append(f"{len(samples) / sum(took_s) / 1000:.1f}k")
        if size == 1000:
            p99_ms = statistics.quantiles(took_s, n=100)[98] * 1000
    return [*cells, f"{p99_ms:.0f} ms"]


def stored_set(name: str, folder: Path, count: int) -> list[str]:
    """Load `count` samples, then ask: a day of one point in 300 buckets, and all days of 20 points."""
    path = folder / "stored"
    store = CANDIDATES[name](path)
    feed, number, writing_s = samples_in_order(count), 0, 0.0
    while piece := [sample for _, sample in zip(range(50_000), feed, strict=False)]:
        took_s = write_all(store, piece, 5000, first=number + 1)
        writing_s += sum(took_s)
        number += len(took_s)
    days = max(1, count // POINTS * EVERY_S // 86_400)
    end = START + timedelta(days=days)

    def day_of_one() -> None:
        store.buckets(PointId("p017-temperature"), end - timedelta(days=1), end, 300, hold_s=HOLD_S)

    def days_of_twenty() -> None:
        for point in range(20):
            buckets = store.buckets(PointId(f"p{point:03}-temperature"), START, end, days, hold_s=HOLD_S)
            assert sum(bucket.count for bucket in buckets) > 0

    day_ms = 1000 * statistics.median(timed_s(day_of_one) for _ in range(5))
    twenty_s = timed_s(days_of_twenty)
    store.close()
    size = sum(file.stat().st_size for file in folder.glob("stored*"))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        f"{count / writing_s / 1000:.0f}k",
        f"{size / count:.1f}",
        f"{day_ms:.1f} ms",
        f"{twenty_s:.1f} s",
        f"{memory_mb:.0f} MB",
    ]


def now_s() -> float:
    """Return seconds of the real clock: a benchmark is about nothing else."""
    return time.perf_counter()


def timed_s(work: Callable[[], None]) -> float:
    """Return how long `work` takes."""
    begun_s = now_s()
    work()
    return now_s() - begun_s


def in_a_process(work: Callable[..., list[str]], name: str, parent: str, amount: int) -> list[str]:
    """Run a part of one candidate where nothing else has used memory yet."""
    with (
        tempfile.TemporaryDirectory(dir=parent) as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        return pool.submit(work, name, Path(folder), amount).result()


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2_000_000, help="samples of the stored set (2,000,000)")
    parser.add_argument("--writes", type=int, default=300, help="writes of each size (300)")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="on the disk to be measured")
    arguments = parser.parse_args()
    if arguments.samples < POINTS:
        parser.error(f"at least {POINTS} samples, one for each point")
    write = sys.stdout.write
    versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, SQLite {sqlite3.sqlite_version}"
    write(f"{platform.machine()}, {os.cpu_count()} cores, {versions}; {arguments.samples:,} samples stored\n\n")
    sizes = [f"{size:,} a write" for size in WRITE_SIZES]
    heads = ["store", *sizes, "p99 of 1,000", "load/s", "bytes/sample", "day of one", "days of 20", "memory"]
    write(f"| {' | '.join(heads)} |\n{'| --- ' * len(heads)}|\n")
    for name in CANDIDATES:
        row = [
            *in_a_process(write_rates, name, arguments.folder, arguments.writes),
            *in_a_process(stored_set, name, arguments.folder, arguments.samples),
        ]
        write(f"| {name} | {' | '.join(row)} |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
