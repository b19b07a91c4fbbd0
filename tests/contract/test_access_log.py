"""The access log port: the memory and the SQLite log keep the same promises."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.errors import UnavailableError
from control.access.decision import Why
from control.access_log.memory import MemoryAccessLog
from control.access_log.ports import Visit
from control.access_log.sqlite import SqliteAccessLog

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def visit(after_days: float, *owners: str, **changes) -> Visit:
    fields = {
        "at": START + timedelta(days=after_days),
        "key": "k1",
        "party": "acme",
        "method": "GET",
        "route": "/api/v1/lots/{lot}",
        "outcome": "allowed",
        "owners": owners,
        "asked": ("lot-1",),
        "why": Why.OWN,
    }
    return Visit(**(fields | changes))


@pytest.fixture(params=["memory", "sqlite"])
async def make(request, tmp_path):
    opened = []

    def make(**limits):
        if request.param == "memory":
            opened.append(MemoryAccessLog(**limits))
        else:
            opened.append(SqliteAccessLog(tmp_path / "access.sqlite", **limits))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


async def read(log, owner=None, before=None, limit=100):
    return [(one.number, one.visit) for one in await log.read(owner, before, limit)]


async def test_visits_come_back_as_they_were_the_newest_first(make):
    log = make()
    one, two = visit(0, "acme", given=3, grant="g1", why=Why.GRANT), visit(1, outcome="foreign", why=None)
    await log.write([one])
    await log.write([two])
    assert await read(log) == [(2, two), (1, one)]


async def test_an_owner_is_shown_the_visits_to_what_is_its_own(make):
    log = make()
    visits = [visit(0, "acme"), visit(0, "bolt"), visit(0, "acme", "bolt"), visit(0)]
    await log.write(visits)
    assert [number for number, _ in await read(log, "acme")] == [3, 1]
    assert [number for number, _ in await read(log, "bolt")] == [3, 2]
    assert await read(log, "crane") == []


async def test_a_long_log_is_read_page_by_page(make):
    log = make()
    for number in range(7):
        await log.write([visit(0, "acme" if number % 2 else "bolt")])
    for owner, all_of_it in ((None, [7, 6, 5, 4, 3, 2, 1]), ("acme", [6, 4, 2])):
        seen, before = [], None
        while page := [number for number, _ in await read(log, owner, before, 2)]:
            seen += page
            before = page[-1]
        assert seen == all_of_it


async def test_what_is_older_than_the_site_keeps_is_forgotten(make):
    log = make(days=10)
    await log.write([visit(0, "acme")])
    await log.write([visit(10, "acme")])
    assert [number for number, _ in await read(log, "acme")] == [2, 1]
    await log.write([visit(10.01, "acme")])
    assert [number for number, _ in await read(log, "acme")] == [3, 2]
    assert [number for number, _ in await read(log)] == [3, 2]


async def test_beyond_the_limit_the_oldest_is_forgotten(make):
    log = make(limit=3)
    for _ in range(4):
        await log.write([visit(0, "acme")])
    assert [number for number, _ in await read(log)] == [4, 3, 2]
    assert [number for number, _ in await read(log, "acme")] == [4, 3, 2]


async def test_a_log_on_disk_goes_on_where_it_was(tmp_path):
    log = SqliteAccessLog(tmp_path / "access.sqlite")
    await log.write([visit(0, "acme")])
    log.close()
    again = SqliteAccessLog(tmp_path / "access.sqlite")
    await again.write([visit(1, "acme")])
    assert [number for number, _ in await read(again)] == [2, 1]
    again.close()


async def test_a_log_that_cannot_be_opened_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError):
        SqliteAccessLog(tmp_path / "file" / "access.sqlite")
    (tmp_path / "bad.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UnavailableError):
        SqliteAccessLog(tmp_path / "bad.sqlite")
