"""What only the file can show: it outlives its process, stands a kill, and agrees with the reference on anything."""

import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian.buckets import cut, fold, milliseconds
from control.historian.duckdb import DuckDbHistorian
from control.historian.memory import MemoryHistorian
from control.ports import Sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROBE = PointId("c1-1-temperature")


def sample(at_ms: int, value: float | None, point: PointId = PROBE) -> Sample:
    quality = Quality.BAD if value is None else Quality.GOOD
    return Sample(point, NOON + timedelta(milliseconds=at_ms), value, quality)


def count(historian, seconds: int = 1000) -> int:
    [bucket] = historian.buckets(PROBE, NOON, NOON + timedelta(seconds=seconds), 1, hold_s=1)
    return bucket.count


sample_sets = st.lists(
    st.tuples(
        st.integers(-200, 1200),
        st.one_of(st.none(), st.floats(-1e6, 1e6)),
        st.sampled_from([PROBE, PointId("c1-door")]),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(sample_sets, st.integers(1, 1000), st.integers(1, 40), st.integers(0, 500))
def test_duckdb_and_the_fold_answer_as_the_reference_does(drawn, length_ms, buckets, hold_ms):
    buckets = min(buckets, length_ms)
    samples = [sample(*each) for each in drawn]
    memory, duckdb = MemoryHistorian(), DuckDbHistorian(Path(":memory:"))
    for number, start in enumerate(range(0, len(samples), 7), start=1):
        memory.write(number, samples[start : start + 7])
        duckdb.write(number, samples[start : start + 7])
    end = NOON + timedelta(milliseconds=length_ms)
    expected = memory.buckets(PROBE, NOON, end, buckets, hold_s=hold_ms / 1000)
    answered = duckdb.buckets(PROBE, NOON, end, buckets, hold_s=hold_ms / 1000)
    duckdb.close()

    cuts = cut(NOON, end, buckets)
    rows = [(milliseconds(each.observed_at), each.value) for each in samples if each.point == PROBE]
    needed = [row for row in rows if cuts.start_ms - hold_ms <= row[0] < cuts.end_ms]
    folded = fold(cuts, sorted(needed, key=lambda row: row[0]), hold_ms)

    for got in (answered, folded):
        assert [(b.start, b.end, b.count, b.bad, b.covered_s, b.minimum, b.maximum) for b in got] == [
            (b.start, b.end, b.count, b.bad, b.covered_s, b.minimum, b.maximum) for b in expected
        ]
        assert [b.mean for b in got] == [
            None if b.mean is None else pytest.approx(b.mean, rel=1e-9, abs=1e-6) for b in expected
        ]


def test_a_reopened_file_holds_what_was_written_and_numbers_points_on(tmp_path):
    path = tmp_path / "historian.duckdb"
    first = DuckDbHistorian(path)
    first.write(3, [sample(0, 1.0), sample(0, 9.0, PointId("a"))])
    first.close()
    second = DuckDbHistorian(path)
    second.write(4, [sample(1, 1.0), sample(1, 9.0, PointId("b"))])
    assert (second.applied(), count(second)) == (4, 2)
    second.close()


def test_what_is_not_a_database_makes_it_unavailable_with_the_way_out(tmp_path):
    path = tmp_path / "historian.duckdb"
    path.write_bytes(b"not a database" * 1000)
    historian = DuckDbHistorian(path)
    with pytest.raises(UnavailableError, match="again from the journal"):
        historian.applied()
    path.unlink()
    historian.write(1, [sample(0, 1.0)])
    assert count(historian) == 1
    historian.close()


def test_a_missing_folder_makes_it_unavailable(tmp_path):
    with pytest.raises(UnavailableError):
        DuckDbHistorian(tmp_path / "gone" / "historian.duckdb").write(1, [sample(0, 1.0)])


def test_a_failure_in_the_middle_of_a_write_leaves_nothing_of_it(tmp_path):
    historian = DuckDbHistorian(tmp_path / "historian.duckdb")
    historian.write(1, [sample(0, 1.0)])
    torn = [sample(1, 1.0, PointId("new")), Sample(PROBE, NOON, "no number", Quality.GOOD)]  # type: ignore[arg-type]
    with pytest.raises(Exception, match="no number"):
        historian.write(2, torn)
    historian.close()
    assert (historian.applied(), count(historian)) == (1, 1)
    historian.write(2, [sample(1, 1.0)])
    assert (historian.applied(), count(historian)) == (2, 2)
    historian.close()


def test_questions_from_other_threads_see_whole_writes_only(tmp_path):
    historian = DuckDbHistorian(tmp_path / "historian.duckdb")
    historian.write(1, [sample(index, 1.0) for index in range(100)])
    done = threading.Event()

    def ask() -> set[int]:
        seen = set()
        while not done.is_set():
            seen.add(count(historian))
        return seen

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask) for _ in range(2)]
        for number in range(2, 40):
            historian.write(number, [sample(number * 100 + index, 1.0) for index in range(100)])
        done.set()
    seen = answers[0].result() | answers[1].result()
    assert seen
    assert {each % 100 for each in seen} == {0}
    historian.close()


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian.duckdb import DuckDbHistorian
from control.ports import Sample
noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
historian = DuckDbHistorian(Path(sys.argv[1]))
number = historian.applied()
while True:
    at = [noon + timedelta(milliseconds=number * 50 + index) for index in range(50)]
    number += 1
    historian.write(number, [Sample(PointId("c1-1-temperature"), moment, 1.0, Quality.GOOD) for moment in at])
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_killed_writer_leaves_every_finished_write_once(tmp_path):
    path = tmp_path / "historian.duckdb"
    dice = random.Random(20260301)
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            reported = 0
            for _ in range(dice.randrange(5, 60)):
                reported = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().splitlines(keepends=True)
        reported = max([reported, *(int(line) for line in rest if line.endswith("\n"))])
        historian = DuckDbHistorian(path)
        assert reported <= historian.applied() <= reported + 1
        assert count(historian) == historian.applied() * 50
        historian.close()


def test_a_file_that_another_process_holds_makes_it_unavailable(tmp_path):
    path = tmp_path / "historian.duckdb"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        writer.stdout.readline()
        try:
            with pytest.raises(UnavailableError, match="lock"):
                DuckDbHistorian(path).applied()
        finally:
            writer.kill()
            writer.stdout.read()


FILLING = """
import resource, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from control.historian.duckdb import DuckDbHistorian
from control.ports import Sample
noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
historian = DuckDbHistorian(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
number = refused = 0
while number < 40:
    at = [noon + timedelta(milliseconds=number * 5000 + index) for index in range(5000)]
    try:
        historian.write(number + 1, [Sample(PointId("c1-1-temperature"), each, 1.0, Quality.GOOD) for each in at])
        number += 1
    except UnavailableError:
        refused += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert historian.applied() == number
historian.close()
print(refused)
"""


def test_a_full_disk_refuses_whole_writes_and_goes_on_when_there_is_room(tmp_path):
    path = tmp_path / "historian.duckdb"
    filled = subprocess.run([sys.executable, "-c", FILLING, str(path)], capture_output=True, text=True, check=True)
    assert int(filled.stdout) >= 1
    historian = DuckDbHistorian(path)
    assert (historian.applied(), count(historian)) == (40, 200_000)
    historian.close()
