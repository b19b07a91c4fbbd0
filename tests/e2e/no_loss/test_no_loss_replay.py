"""A recorded trace of a real machine room, replayed through the edge path against a running control.

The trace is `ambient_temperature_system_failure` of the Numenta Anomaly Benchmark: hourly values in degrees Fahrenheit,
with ten gaps of up to 174 hours.
"""

import csv
import json
import shutil
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from coldport.site import load_site
from control.settings import load_alarms

pytestmark = [pytest.mark.broker, pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "config" / "sites" / "recorded"
TRACE = ROOT.parent / "shared" / "data" / "traces" / "ambient_temperature_system_failure.csv"
POINT = "r1-temperature"
ROWS = 7_267
HOLD = timedelta(hours=3)
SLOW = "4000000"
"""Times real time: the eleven months take seven seconds, so that there is a middle to be killed in."""


@pytest.fixture
async def recorded_site(tmp_path, start_broker, coldport_process, free_port):
    if not TRACE.exists():
        pytest.skip("the recorded trace is not beside the repository (../shared/data/traces)")
    broker = await start_broker("nats")
    folder = shutil.copytree(RECORDED, tmp_path / "site")
    file = folder / "site.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("18840", str(broker.broker.port)), encoding="utf-8")
    site = RecordedSite(folder, free_port(), coldport_process)
    places = [str(folder), "--data", str(tmp_path / "data"), "--port", str(site.port)]
    site.control = coldport_process("control", "control", "run", *places)
    return site


class RecordedSite:
    """The site of recorded traces, and replays to it."""

    def __init__(self, folder: Path, port: int, coldport_process) -> None:
        self.folder = folder
        self.port = port
        self._process = coldport_process

    def replay(self, name: str, speed: str):
        arguments = [str(TRACE), str(self.folder), "--point", POINT, "--unit", "degF", "--speed", speed, "--json"]
        return self._process(name, "replay", *arguments)

    def buckets(self, start: datetime, hours: int) -> list[dict]:
        question = f"from={start:%Y-%m-%dT%H:00:00Z}&to={start + timedelta(hours=hours):%Y-%m-%dT%H:00:00Z}"
        url = f"http://127.0.0.1:{self.port}/api/v1/points/{POINT}/readings?{question}&buckets={hours}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["buckets"]


def rows_of_trace() -> list[tuple[datetime, float]]:
    with TRACE.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [(datetime.fromisoformat(at).replace(tzinfo=UTC), (float(value) - 32) / 1.8) for at, value in rows]


def gaps(rows, longer_than: timedelta):
    return [(before, after) for (before, _), (after, _) in pairwise(rows) if after - before > longer_than]


async def replay_in_full(site: RecordedSite, name: str) -> dict:
    process = site.replay(name, "max")
    process.start()
    await process.finish(60)
    return json.loads(process.log.read_text(encoding="utf-8").splitlines()[-1])


async def test_a_trace_whose_replay_was_killed_is_there_once_after_another_and_unchanged_after_a_third(
    recorded_site, records, account, judge, eventually
) -> None:
    rows = rows_of_trace()
    recorded_site.control.start()
    killed = recorded_site.replay("killed", SLOW)
    killed.start()
    await eventually(lambda: records.recorded() > 1_000)
    killed.kill()
    assert records.recorded() < ROWS

    summary = await replay_in_full(recorded_site, "second")
    assert (summary["rows"], summary["seconds"] < 60) == (ROWS, True)
    assert records.recorded() == ROWS
    entries = records.last_entry()
    await replay_in_full(recorded_site, "third")
    assert records.last_entry() == entries

    (before, after) = max(gaps(rows, HOLD), key=lambda gap: gap[1] - gap[0])
    assert after - before == timedelta(hours=174)
    start, hours = before - timedelta(hours=9), 9 + 174 + 9
    inside = [(at, value) for at, value in rows if start <= at < start + timedelta(hours=hours)]
    await eventually(lambda: sum(bucket["count"] for bucket in recorded_site.buckets(start, hours)) == len(inside))
    assert_the_gap_shows(recorded_site.buckets(start, hours), inside, before, after)

    await recorded_site.control.stop()
    found = account(records.contents())
    assert found.series[POINT] == [(at, pytest.approx(value)) for at, value in rows]
    assert records.historian()[1] == found.samples
    site = load_site(recorded_site.folder)
    definitions = load_alarms(recorded_site.folder, site).alarms
    expected = Counter(s for definition in definitions for s in judge(definition, POINT, found.series[POINT], HOLD))
    assert Counter(found.occurrences) == expected
    assert len(expected) > 10
    moments = [at for stretch in expected for at in (stretch.occurred_at, stretch.returned_at) if at]
    assert [at for at in moments for before, after in gaps(rows, HOLD) if before < at < after] == []


def assert_the_gap_shows(buckets, inside, before: datetime, after: datetime) -> None:
    """Hold an hour a bucket against the rows: statistics where there are some, and nothing made up where not."""
    values = dict(inside)
    for bucket in buckets:
        start = datetime.fromisoformat(bucket["start"])
        value = values.get(start)
        assert bucket["count"] == (value is not None)
        assert bucket["mean"] == (None if value is None else pytest.approx(value))
        known = value is not None or before < start < before + HOLD
        assert bucket["covered_s"] == (3600 if known else 0), start
    assert sum(bucket["count"] == 0 for bucket in buckets) == (after - before) // timedelta(hours=1) - 1
