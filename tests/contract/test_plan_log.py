"""The plan log's port: the memory and the SQLite log keep the same promises, and the file survives what may happen."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from coldport.errors import NotFoundError, RefusedError, UnavailableError
from routing.plan_log.acts import Asked, Checkpoint, Ended, Entry, Outcome, Started, Summary
from routing.plan_log.documents import UNPACKED_LIMIT, Document, DocumentError, inflate, pack, unpack
from routing.plan_log.memory import MemoryPlanLog
from routing.plan_log.sqlite import PlanLogDamagedError, SqlitePlanLog
from routing.result import Cost, Plan

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
PLAN = Plan(instance="x", routes=(), unplanned=(), bookings=(), cost=Cost(), solver="search", seed=1)
A, B = "a" * 32, "b" * 32
ASKED = Asked(job="j1", instance=A, seconds=3, by="Li")
BEST = Summary(plan=B, solver="search", cost_fen=5, bound_fen=None, routes=1, unplanned=0)


@pytest.fixture(params=["memory", "sqlite"])
def log(request, tmp_path):
    made = MemoryPlanLog() if request.param == "memory" else SqlitePlanLog(tmp_path / "plans.sqlite")
    yield made
    made.close()


def test_acts_come_back_numbered_and_as_they_were(log):
    acts = [ASKED, Started(job="j1", attempt=1), Ended(job="j1", outcome=Outcome.DONE, result=BEST)]
    log.append(AT, acts[:1])
    added = log.append(AT, acts[1:])
    assert [entry.number for entry in added] == [2, 3]
    assert list(log.read(0, 10)) == [Entry(number, AT, act) for number, act in enumerate(acts, start=1)]
    assert [entry.number for entry in log.read(1, 1)] == [2]
    assert list(log.read(3, 10)) == []


def test_a_document_is_kept_until_nobody_needs_it(log):
    document = pack(PLAN)
    log.append(AT, [ASKED], [document, Document(A, b"instance")])
    assert unpack(log.document(document.digest), Plan) == PLAN
    log.forget_but([A])
    assert log.document(A) == b"instance"
    with pytest.raises(NotFoundError):
        log.document(document.digest)


def test_of_a_job_the_newest_checkpoint_is_kept_until_it_ends(log):
    first = Checkpoint(job="j1", elapsed_s=1.5, turns=10, result=BEST)
    log.keep(first, Document(B, b"plan"))
    assert log.checkpoints() == {"j1": first}
    assert log.document(B) == b"plan"
    second = Checkpoint(job="j1", elapsed_s=3.0, turns=20, result=BEST)
    log.keep(second)
    log.keep(Checkpoint(job="j2", elapsed_s=0.5, turns=1))
    assert log.checkpoints()["j1"] == second
    log.append(AT, [Ended(job="j1", outcome=Outcome.STOPPED, result=BEST)])
    assert list(log.checkpoints()) == ["j2"]


def test_the_same_plan_is_the_same_document():
    assert pack(PLAN) == pack(unpack(pack(PLAN).packed, Plan))


@pytest.mark.parametrize("packed", [b"", b"no gzip", pack(PLAN).packed[:-4], pack(PLAN).packed[:20]])
def test_what_is_no_document_is_refused(packed):
    with pytest.raises(DocumentError):
        unpack(packed, Plan)


def test_a_document_is_not_unpacked_beyond_its_limit(monkeypatch):
    monkeypatch.setattr("routing.plan_log.documents.UNPACKED_LIMIT", len(inflate(pack(PLAN).packed)) - 1)
    with pytest.raises(DocumentError, match="more than"):
        unpack(pack(PLAN).packed, Plan)
    assert UNPACKED_LIMIT == 64 * 1024 * 1024


def test_a_log_on_disk_goes_on_where_it_was(tmp_path):
    log = SqlitePlanLog(tmp_path / "plans.sqlite")
    log.append(AT, [ASKED], [Document(A, b"instance")])
    log.keep(Checkpoint(job="j1", elapsed_s=1.0, turns=1))
    with pytest.raises(RefusedError, match="another process"):
        SqlitePlanLog(tmp_path / "plans.sqlite")
    log.close()
    again = SqlitePlanLog(tmp_path / "plans.sqlite")
    assert again.append(AT, [Started(job="j1", attempt=1)])[0].number == 2
    assert (again.document(A), list(again.checkpoints())) == (b"instance", ["j1"])
    again.close()


def test_a_full_disk_keeps_nothing_of_a_call_and_the_log_goes_on_when_there_is_room(tmp_path):
    log = SqlitePlanLog(tmp_path / "plans.sqlite")
    log.append(AT, [ASKED])
    pages = log._db.execute("PRAGMA page_count").fetchone()[0]
    log._db.execute(f"PRAGMA max_page_count = {pages}")
    large = Document(B, b"x" * 100_000)
    with pytest.raises(UnavailableError, match="full"):
        log.append(AT, [Started(job="j1", attempt=1)], [large])
    with pytest.raises(UnavailableError, match="full"):
        log.keep(Checkpoint(job="j1", elapsed_s=1.0, turns=1), large)
    assert (len(log.read(0, 10)), log.checkpoints()) == (1, {})
    log._db.execute("PRAGMA max_page_count = 1000000")
    assert log.append(AT, [Started(job="j1", attempt=1)], [large])[0].number == 2
    log.close()


def test_a_file_that_somebody_has_a_hand_in_is_away_and_not_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("routing.plan_log.sqlite.BUSY_S", 0.01)
    log = SqlitePlanLog(tmp_path / "plans.sqlite")
    hand = sqlite3.connect(tmp_path / "plans.sqlite", isolation_level=None)
    hand.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="locked"):
        log.append(AT, [ASKED])
    hand.execute("ROLLBACK")
    hand.close()
    assert log.append(AT, [ASKED])[0].number == 1
    log.close()


def test_what_is_no_plan_log_says_so(tmp_path):
    (tmp_path / "bad.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(PlanLogDamagedError):
        SqlitePlanLog(tmp_path / "bad.sqlite")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError):
        SqlitePlanLog(tmp_path / "file" / "plans.sqlite")


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from routing.plan_log.acts import Asked, Started
from routing.plan_log.documents import Document
from routing.plan_log.sqlite import SqlitePlanLog
log, at = SqlitePlanLog(Path(sys.argv[1])), datetime(2026, 6, 1, tzinfo=UTC)
while True:
    name = f"{log._last + 1:032x}"
    log.append(at, [Asked(job="j1", instance=name, seconds=1, by="x"), Started(job="j1", attempt=1)],
               [Document(name, name.encode())])
    print(log._last, flush=True)
"""


def test_what_was_kept_before_a_kill_is_there_whole(tmp_path):
    path = tmp_path / "plans.sqlite"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    kept = [int(process.stdout.readline()) for _ in range(20)][-1]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    kept = max([kept, *map(int, rest.split(b"\n")[:-1])])
    log = SqlitePlanLog(path)
    entries = log.read(0, 100_000)
    assert len(entries) >= kept
    assert len(entries) % 2 == 0  # both acts of a transaction or none
    for entry in entries:
        if isinstance(entry.act, Asked):
            assert log.document(entry.act.instance) == entry.act.instance.encode()
    log.close()
