"""Samples go by the rule of the site and on record; readings in the journal never."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.messages.observation import Quality
from control.entries import Pruned
from control.historian.duckdb import DuckDbHistorian
from control.historian.memory import MemoryHistorian
from control.ports import Sample
from control.records.retention import Series, due_before, prune, step

NOW = datetime(2031, 7, 5, 13, 0, tzinfo=UTC)
DUE = datetime(2026, 7, 5, tzinfo=UTC)


class Notes(list):
    def note(self, content) -> None:
        self.append(content)


@pytest.fixture(params=["memory", "duckdb"])
def historian(request, tmp_path):
    historian = MemoryHistorian() if request.param == "memory" else DuckDbHistorian(tmp_path / "h.duckdb")
    moments = [DUE - timedelta(days=1), DUE - timedelta(milliseconds=1), DUE, NOW]
    historian.write(1, [Sample("p", at, 1.0, Quality.GOOD) for at in moments])
    yield historian
    historian.close()


def left(historian) -> list[datetime]:
    return [sample.observed_at for sample in historian.samples("p", DUE - timedelta(days=9), NOW + timedelta(days=1))]


def test_what_is_older_goes_what_is_exactly_as_old_stays_and_it_is_on_record(historian):
    notes = Notes()

    assert isinstance(historian, Series)
    assert prune(historian, notes, due_before(NOW, 1826), now=NOW, by="王芳") == 2
    assert notes == [Pruned(at=NOW, by="王芳", before=DUE, samples=2)]
    assert left(historian) == [DUE, NOW]


def test_when_nothing_is_due_nothing_is_on_record(historian):
    notes = Notes()
    prune(historian, notes, DUE, now=NOW, by="x")

    assert prune(historian, notes, DUE, now=NOW, by="x") == 0
    assert len(notes) == 1


async def test_control_does_it_once_a_day(historian):
    notes, clock = Notes(), ManualClock(NOW)

    work = asyncio.ensure_future(step(historian, notes, 1826, clock))
    for _ in range(200):
        await asyncio.wait([work], timeout=0.01)
        if left(historian) == [DUE, NOW]:
            break
    while not work.done():
        await asyncio.wait([work], timeout=0.01)
        await clock.advance(86_400)

    assert [(note.by, note.samples) for note in notes] == [("system", 2)]


def test_what_cannot_be_put_on_record_stays(historian):
    class Full:
        def note(self, content) -> None:
            raise UnavailableError("disk full")

    with pytest.raises(UnavailableError):
        prune(historian, Full(), DUE, now=NOW, by="x")
    assert len(left(historian)) == 4
