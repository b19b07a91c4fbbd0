"""What the proofs of no loss share: processes that can be killed, what the stores hold, and a slow alarm judge."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from coldport.messages.alarm import Alarm, AlarmState
from coldport.messages.observation import Observation
from control.alarms.definition import Definition, Kind
from control.entries import Content, Observed, Transitioned
from control.journal.sqlite import SqliteJournal, check_chain

STOP_S = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Process:
    """One `coldport` process, killed and started again at will. What it says is kept over its lives."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.log = log
        self._command = [sys.executable, "-m", "coldport", *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)

    async def finish(self, within_s: float) -> None:
        """Wait until a process that ends by itself has ended well."""
        code = await asyncio.to_thread(self._process.wait, within_s)
        self._process = None
        assert code == 0, self.log.read_text(encoding="utf-8")[-2000:]

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def stop(self) -> None:
        """SIGTERM, as the launcher does; the process must end in order."""
        self._process.send_signal(signal.SIGTERM)
        await self.finish(STOP_S)


@pytest.fixture
def coldport_process(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Make a process of this site; it is killed with the test. A trace of a bug in any of its lives fails the test."""
    made: list[Process] = []

    def make(name: str, *arguments: str) -> Process:
        made.append(Process(tmp_path / "logs" / f"{name}.log", *arguments))
        return made[-1]

    yield make
    for process in made:
        process.kill()
    for process in made:
        said = process.log.read_text(encoding="utf-8") if process.log.exists() else ""
        assert "Traceback" not in said, said[-4000:]


@dataclass(frozen=True, slots=True)
class Spooled:
    """A spool at rest: the last number it ever gave, and how many observations it still holds."""

    last: int
    held: int


class Records:
    """What the stores below a data folder hold."""

    def __init__(self, data: Path) -> None:
        self._spool = data / "edge" / "spool.sqlite"
        self._journal = data / "control" / "journal.sqlite"
        self._historian = data / "control" / "historian.duckdb"

    def spooled(self) -> Spooled:
        """Look into the spool, which its agent must have let go."""
        with closing(sqlite3.connect(self._spool)) as database:
            (last,) = database.execute("SELECT seq FROM sqlite_sequence").fetchone()
            (held,) = database.execute("SELECT count(*) FROM observation").fetchone()
        return Spooled(last, held)

    def recorded(self) -> int:
        """Count the observations that the journal's marks cover (0 while it makes or mends the file)."""
        try:
            with closing(sqlite3.connect(f"{self._journal.as_uri()}?mode=ro", uri=True)) as database:
                (count,) = database.execute("SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM mark").fetchone()
        except sqlite3.OperationalError:
            return 0
        return count

    def contents(self) -> list[Content]:
        """Verify the chain, then read the whole journal, which control must have let go."""
        entries = check_chain(self._journal)
        with SqliteJournal(self._journal) as journal:
            found = [entry.content for entry in journal.read(0, entries)]
        assert len(found) == entries
        return found

    def last_entry(self) -> int:
        """Return the number of the journal's last entry; control may be running."""
        with closing(sqlite3.connect(f"{self._journal.as_uri()}?mode=ro", uri=True)) as database:
            (number,) = database.execute("SELECT max(number) FROM entry").fetchone()
        return number

    def historian(self) -> tuple[int, Counter]:
        """Return the journal number the historian is at and its rows, each counted; control must have let it go."""
        with closing(duckdb.connect(self._historian, read_only=True)) as database:
            [(applied,)] = database.execute("SELECT number FROM applied").fetchall()
            rows = database.execute(
                "SELECT points.point, at_ms, value, quality FROM samples JOIN points ON number = samples.point"
            ).fetchall()
        return applied, Counter(rows)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "data")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One occurrence of an alarm: from when until when its condition was true; None while it still is."""

    definition: str
    point: str
    occurred_at: datetime
    returned_at: datetime | None


def known_stretches(
    readings: Sequence[tuple[datetime, float | None]], hold: timedelta
) -> Iterator[tuple[datetime, datetime, float]]:
    """Cut a point's readings into stretches of known value: each is held until the next, at most for `hold`."""
    for index, (at, value) in enumerate(readings):
        until = at + hold if index + 1 == len(readings) else min(at + hold, readings[index + 1][0])
        if value is not None:
            yield at, until, value


def judge_slowly(
    definition: Definition, point: str, readings: Sequence[tuple[datetime, float | None]], hold: timedelta
) -> list[Stretch]:
    """Judge one definition at one point by its readings in the order they were made, adding up known time.

    Written from the rules, not from the engine: nothing is remembered but how long the condition has differed from what
    was reported, and neither a clock nor the order of arrival plays a part.
    """
    high = definition.kind in (Kind.HI, Kind.HIHI)
    sign = 1 if high else -1
    delays = {True: timedelta(seconds=definition.on_delay_s), False: timedelta(seconds=definition.off_delay_s)}
    edges: list[datetime] = []
    beyond = reported = False
    differed = timedelta()
    for start, end, value in known_stretches(readings, hold):
        excess = sign * (value - definition.limit)
        now_beyond = excess > (-definition.deadband if beyond else 0)
        if now_beyond is not beyond:
            beyond, differed = now_beyond, timedelta()
        if beyond is reported:
            continue
        if differed + (end - start) >= delays[beyond]:
            edges.append(start + delays[beyond] - differed)
            reported = beyond
        differed += end - start
    ends = [*edges[1::2], None]
    return [Stretch(definition.id, point, begun, ended) for begun, ended in zip(edges[::2], ends, strict=False)]


@pytest.fixture
def judge() -> Callable[..., list[Stretch]]:
    return judge_slowly


@dataclass(frozen=True, slots=True)
class Account:
    """The journal in the words of the proofs."""

    numbers: dict[tuple[str, str], list[int]]
    """By gateway and boot id, in the order of the journal."""
    observations: list[Observation]
    series: dict[str, list[tuple[datetime, float | None]]]
    """Readings by point, in the order they were made."""
    occurrences: list[Stretch]
    births: Counter
    """How often each occurrence came to be."""
    newest: dict[tuple[str, str], Alarm]
    """The last state of the newest occurrence by point and definition."""

    @property
    def samples(self) -> Counter:
        """The rows a historian must have, each counted: point, Unix milliseconds, value, quality."""
        return Counter(
            (seen.point, (seen.observed_at - EPOCH) // timedelta(milliseconds=1), seen.value, seen.quality.value)
            for seen in self.observations
        )


def account_for(contents: Sequence[Content]) -> Account:
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    observations: list[Observation] = []
    latest: dict[str, Alarm] = {}
    births: Counter = Counter()
    newest: dict[tuple[str, str], Alarm] = {}
    for content in contents:
        if isinstance(content, Observed):
            numbers[content.gateway, content.boot_id] += [seen.seq for seen in content.observations]
            observations += content.observations
        elif isinstance(content, Transitioned):
            alarm, before = content.alarm, latest.get(content.alarm.id)
            # One that a graver alarm of its point spoke for, or for which it speaks no more, is told again.
            told_again = before is not None and before.superseded_by != alarm.superseded_by
            births[alarm.id] += alarm.state is AlarmState.UNACKNOWLEDGED and not told_again
            latest[alarm.id] = alarm
            key = (alarm.point, alarm.definition)
            if key not in newest or newest[key].occurrence <= alarm.occurrence:
                newest[key] = alarm
    series: dict[str, list[tuple[datetime, float | None]]] = defaultdict(list)
    for seen in sorted(observations, key=lambda seen: seen.observed_at):
        series[seen.point].append((seen.observed_at, seen.value))
    occurrences = [Stretch(a.definition, a.point, a.occurred_at, a.returned_at) for a in latest.values()]
    return Account(numbers, observations, series, occurrences, births, newest)


@pytest.fixture
def account() -> Callable[[Sequence[Content]], Account]:
    return account_for
