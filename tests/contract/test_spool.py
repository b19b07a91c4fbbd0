"""The spool port: the spool in memory and the one on disk keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coldport.ids import PointId
from coldport.messages.observation import Observation, Quality, Reading, TagRead, Weight
from edge.lines.gateway import WhenFull
from edge.observe import UNNUMBERED, bad_reading, reading
from edge.points import Measured
from edge.ports import Spool, SpoolFullError
from edge.spool.memory import MemorySpool
from edge.spool.sqlite import open_spool

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LIMIT = 5

Make = Callable[[WhenFull], Awaitable[Spool]]


@pytest.fixture(params=["memory", "sqlite"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Spool] = []

    async def make_one(when_full: WhenFull) -> Spool:
        if request.param == "memory":
            made.append(MemorySpool("ab" * 16, LIMIT, when_full))
        else:
            made.append(await open_spool(tmp_path / "spool.sqlite", LIMIT, when_full, NOON))
        return made[-1]

    yield make_one
    for spool in made:
        await spool.close()


@pytest.fixture
async def spool(make: Make) -> Spool:
    return await make(WhenFull.DROP_OLDEST)


def values(*celsius: float) -> list[Observation]:
    return [reading(PointId("c1-1-temperature"), NOON, Measured(value)) for value in celsius]


def seqs(observations: Sequence[Observation]) -> list[int]:
    return [observation.seq for observation in observations]


async def test_numbers_begin_at_one_and_rise_by_one(spool: Spool) -> None:
    await spool.append(values(1, 2))
    await spool.append(values(3))
    assert seqs(await spool.after(0, 10)) == [1, 2, 3]


async def test_what_comes_out_is_what_went_in_but_for_the_number(spool: Spool) -> None:
    point = PointId("lane-1-scale")
    sent: list[Observation] = [
        Reading(seq=UNNUMBERED, point=point, observed_at=NOON, spooled_at=NOON, value=-18.5, quality=Quality.UNCERTAIN),
        bad_reading(point, NOON, "no-answer"),
        Weight(seq=UNNUMBERED, point=point, observed_at=NOON, spooled_at=NOON, gross_kg=12.345, stable=True),
        TagRead(
            seq=UNNUMBERED, point=point, observed_at=NOON, spooled_at=NOON, epc="3000ABCD", antenna=2, rssi_dbm=-48
        ),
    ]
    await spool.append(sent)
    got = await spool.after(0, 10)
    assert [type(observation) for observation in got] == [type(observation) for observation in sent]
    assert got[0] == Reading(
        seq=1, point=point, observed_at=NOON, spooled_at=NOON, value=-18.5, quality=Quality.UNCERTAIN
    )
    assert got[3] == TagRead(
        seq=4, point=point, observed_at=NOON, spooled_at=NOON, epc="3000ABCD", antenna=2, rssi_dbm=-48
    )


async def test_reading_on_returns_only_what_is_above_the_number_and_no_more_than_asked(spool: Spool) -> None:
    await spool.append(values(1, 2, 3, 4))
    assert seqs(await spool.after(1, 2)) == [2, 3]


async def test_reading_on_waits_until_there_is_something(spool: Spool) -> None:
    await spool.append(values(1))
    waiting = asyncio.create_task(spool.after(1, 10))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    await spool.append(values(2))
    async with asyncio.timeout(5):
        assert seqs(await waiting) == [2]


async def test_what_is_forgotten_is_gone_and_its_number_is_never_given_again(spool: Spool) -> None:
    await spool.append(values(1, 2, 3))
    await spool.forget(1, 3)
    await spool.append(values(4))
    assert seqs(await spool.after(0, 10)) == [4]


async def test_forgetting_from_the_middle_leaves_the_rest(spool: Spool) -> None:
    await spool.append(values(1, 2, 3, 4))
    await spool.forget(2, 3)
    assert seqs(await spool.between(1, 4)) == [1, 4]


async def test_forgetting_what_is_not_held_is_no_error(spool: Spool) -> None:
    await spool.append(values(1))
    await spool.forget(5, 1_000_000)
    assert seqs(await spool.between(1, 10)) == [1]


async def test_a_spool_at_its_limit_has_dropped_nothing(spool: Spool) -> None:
    await spool.append(values(*range(LIMIT)))
    assert len(await spool.between(1, LIMIT)) == LIMIT
    assert spool.dropped == 0


async def test_one_past_the_limit_the_oldest_is_dropped_and_counted(spool: Spool) -> None:
    await spool.append(values(*range(LIMIT)))
    await spool.append(values(99))
    assert seqs(await spool.between(1, 99)) == [2, 3, 4, 5, 6]
    assert spool.dropped == 1


async def test_a_group_larger_than_the_limit_leaves_its_newest(spool: Spool) -> None:
    await spool.append(values(*range(LIMIT + 3)))
    assert seqs(await spool.between(1, 99)) == [4, 5, 6, 7, 8]
    assert spool.dropped == 3


async def test_raw_tag_reads_are_dropped_before_anything_else_however_new_they_are(spool: Spool) -> None:
    read = TagRead(seq=UNNUMBERED, point="gate", observed_at=NOON, spooled_at=NOON, epc="3000ABCD", antenna=2)
    await spool.append([*values(1, 2), read, *values(4), read])
    await spool.append(values(6))
    assert seqs(await spool.between(1, 99)) == [1, 2, 4, 5, 6]
    await spool.append(values(7, 8))
    assert seqs(await spool.between(1, 99)) == [2, 4, 6, 7, 8]
    assert (spool.dropped, spool.dropped_reads) == (3, 2)


async def test_a_spool_knows_its_limit_what_it_holds_and_the_last_number_given(spool: Spool) -> None:
    assert (spool.limit, spool.held, spool.last) == (LIMIT, 0, 0)
    await spool.append(values(1, 2, 3, 4, 5, 6))
    await spool.forget(2, 3)
    assert (spool.held, spool.last) == (3, 6)


async def test_one_past_the_limit_a_spool_set_to_stop_reading_takes_nothing(make: Make) -> None:
    spool = await make(WhenFull.STOP_READING)
    await spool.append(values(*range(LIMIT)))
    with pytest.raises(SpoolFullError):
        await spool.append(values(99))
    assert seqs(await spool.between(1, 99)) == [1, 2, 3, 4, 5]


async def test_a_spool_that_was_full_takes_again_once_something_is_forgotten(make: Make) -> None:
    spool = await make(WhenFull.STOP_READING)
    await spool.append(values(*range(LIMIT)))
    await spool.forget(1, 1)
    await spool.append(values(99))
    assert seqs(await spool.between(1, 99)) == [2, 3, 4, 5, 6]
