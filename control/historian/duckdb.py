"""The historian in a DuckDB file: the default, for one machine and nothing else to run.

Rows lie in the order they arrive, so a row group spans minutes and a question about a day skips the others by their
smallest and largest moments. Samples and the journal number they reach are one transaction.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian.buckets import SAMPLE_LIMIT, bounded, cut, moment, span
from control.historian.buckets import milliseconds as ms
from control.ports import Bucket, Sample

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": 2,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Half a gigabyte and two threads leave room for control itself; extensions would be fetched from the network."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS points (number INTEGER PRIMARY KEY, point VARCHAR UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS samples (point INTEGER, at_ms BIGINT, value DOUBLE, quality VARCHAR);
CREATE TABLE IF NOT EXISTS applied (number BIGINT NOT NULL);
INSERT INTO applied SELECT 0 WHERE NOT EXISTS (FROM applied);
"""

_FAILED = (duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException, duckdb.PermissionException)
"""The disk, the file or the engine; every other error of DuckDB is a bug here."""

# `one`: of several samples at one moment the last written has the next moment after its own, and stands.
# `stretch`: while a value was known. `part`: one stretch in one bucket. Buckets are cut as `Cut.index` and `Cut.edge`.
_BUCKETS = """
WITH one AS (
    SELECT at_ms, value, lead(at_ms, 1, $end_ms) OVER (ORDER BY at_ms, rowid) AS next_ms
    FROM samples
    WHERE point = (SELECT number FROM points WHERE point = $point) AND at_ms >= $start_ms - $hold_ms AND at_ms < $end_ms
    QUALIFY next_ms > at_ms
), figures AS (
    SELECT ((at_ms - $start_ms + 1) * $count - 1) // ($end_ms - $start_ms) AS bucket, count(value) AS good,
           count(*) - count(value) AS bad, min(value) AS minimum, avg(value) AS mean, max(value) AS maximum
    FROM one WHERE at_ms >= $start_ms GROUP BY bucket
), stretch AS (
    SELECT greatest(at_ms, $start_ms) AS from_ms, least(next_ms, at_ms + $hold_ms) AS to_ms
    FROM one WHERE value IS NOT NULL AND to_ms > from_ms
), part AS (
    SELECT from_ms, to_ms, unnest(range(((from_ms - $start_ms + 1) * $count - 1) // ($end_ms - $start_ms),
                                        ((to_ms - $start_ms) * $count - 1) // ($end_ms - $start_ms) + 1)) AS bucket
    FROM stretch
), coverage AS (
    SELECT bucket, sum(least(to_ms, $start_ms + ($end_ms - $start_ms) * (bucket + 1) // $count)
                       - greatest(from_ms, $start_ms + ($end_ms - $start_ms) * bucket // $count))::BIGINT AS covered_ms
    FROM part GROUP BY bucket
)
SELECT bucket, coalesce(good, 0), coalesce(bad, 0), coalesce(covered_ms, 0), minimum, mean, maximum
FROM figures FULL JOIN coverage USING (bucket)
"""

_SAMPLES = """
SELECT at_ms, value, quality FROM samples
WHERE point = (SELECT number FROM points WHERE point = $point) AND at_ms >= $start_ms AND at_ms < $end_ms
QUALIFY row_number() OVER (PARTITION BY at_ms ORDER BY rowid DESC) = 1
ORDER BY at_ms LIMIT $limit
"""


class DuckDbHistorian:
    """A `Historian` in one file, which only this process may have open.

    The file is opened when it is first needed, and again after it failed: what is wrong with a historian must never
    keep control from starting.
    """

    def __init__(self, path: Path) -> None:
        """Keep everything in `path`, made when missing; its folder must be there."""
        self._path = path
        self._lock = threading.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._numbers: dict[str, int] = {}

    def applied(self) -> int:
        """Return the journal number up to which every sample is in."""
        with self._cursor() as cursor:
            return _applied(cursor)

    def write(self, through: int, samples: Sequence[Sample]) -> None:
        """Take `samples` in, durable when this returns, unless `through` says that they are in already."""
        with self._cursor() as cursor:
            cursor.begin()
            if through <= _applied(cursor):
                return
            rows = [
                (self._number(cursor, sample.point), ms(sample.observed_at), sample.value, sample.quality.value)
                for sample in samples
            ]
            with cursor.appender("samples") as appender:
                appender.append_rows(rows)
            cursor.execute("UPDATE applied SET number = ?", [through])
            cursor.commit()

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        """Cut `start..end` into `count` buckets; raises RangeError when it cannot be cut so."""
        cuts = cut(start, end, count)
        question = {
            "point": point,
            "start_ms": cuts.start_ms,
            "end_ms": cuts.end_ms,
            "count": count,
            "hold_ms": round(hold_s * 1000),
        }
        with self._cursor() as cursor:
            rows = {row[0]: row[1:] for row in cursor.execute(_BUCKETS, question).fetchall()}
        buckets = []
        for index in range(count):
            good, bad, covered_ms, minimum, mean, maximum = rows.get(index, (0, 0, 0, None, None, None))
            edges = moment(cuts.edge(index)), moment(cuts.edge(index + 1))
            buckets.append(Bucket(*edges, good, bad, covered_ms / 1000, minimum, mean, maximum))
        return buckets

    def samples(self, point: PointId, start: datetime, end: datetime) -> Sequence[Sample]:
        """Return a point's samples, oldest first; raises RangeError when there are none to ask for, or too many."""
        start_ms, end_ms = span(start, end)
        question = {"point": point, "start_ms": start_ms, "end_ms": end_ms, "limit": SAMPLE_LIMIT + 1}
        with self._cursor() as cursor:
            rows = bounded(cursor.execute(_SAMPLES, question).fetchall())
        return [Sample(point, moment(at_ms), value, Quality(quality)) for at_ms, value, quality in rows]

    def count_before(self, before: datetime) -> int:
        """Return how many samples were observed before a moment."""
        with self._cursor() as cursor:
            return _single(cursor.execute("SELECT count(*) FROM samples WHERE at_ms < ?", [ms(before)]))

    def forget_before(self, before: datetime) -> None:
        """Delete them; the file keeps its size and fills the room anew."""
        with self._cursor() as cursor:
            cursor.execute("DELETE FROM samples WHERE at_ms < ?", [ms(before)])

    def close(self) -> None:
        """Close the file; the next call would open it again."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None
            self._numbers = {}

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection of its own, as each thread needs one; roll back what it has not committed."""
        try:
            with self._lock:
                if self._database is None:
                    self._database = _open(self._path)
                cursor = self._database.cursor()
            with cursor:
                yield cursor
        except _FAILED as error:
            self.close()
            raise UnavailableError(f"{self._path} (can be filled again from the journal): {error}") from error

    def _number(self, cursor: duckdb.DuckDBPyConnection, point: PointId) -> int:
        """Return the short number that stands for `point` in the rows, giving it one when it is new."""
        number = self._numbers.get(point)
        if number is None:
            cursor.execute("INSERT INTO points SELECT count(*), ? FROM points ON CONFLICT DO NOTHING", [point])
            number = _single(cursor.execute("SELECT number FROM points WHERE point = ?", [point]))
            self._numbers[point] = number
        return number


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(path, config=SETTINGS)
    database.execute(_SCHEMA)
    return database


def _applied(cursor: duckdb.DuckDBPyConnection) -> int:
    return _single(cursor.execute("SELECT number FROM applied"))


def _single(answer: duckdb.DuckDBPyConnection) -> int:
    [(number,)] = answer.fetchall()
    return int(number)
