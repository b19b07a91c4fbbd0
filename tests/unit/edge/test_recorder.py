"""From the drivers to the spool: grouped, stamped, never twice, and slowed down by a full disk."""

import asyncio
from collections.abc import Sequence

import pytest

from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import BATCH_LIMIT, Observation, Quality, TagRead
from edge.observe import bad_reading, reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.recorder import BUFFER_LIMIT, Recorder


class CountingSpool(MemorySpool):
    """A spool that can be slow or full, and counts its commits."""

    def __init__(self) -> None:
        super().__init__("ab" * 16, limit=100_000)
        self.groups: list[int] = []
        self.full = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, observations: Sequence[Observation]) -> None:
        await self.gate.wait()
        if self.full:
            raise UnavailableError("the disk is full")
        self.groups.append(len(observations))
        await super().append(observations)


@pytest.fixture
def spool() -> CountingSpool:
    return CountingSpool()


@pytest.fixture
async def recorder(spool, board, clock):
    recorder = Recorder(spool, board, clock)
    running = asyncio.create_task(recorder.run())
    yield recorder
    running.cancel()
    await asyncio.wait([running])


def values(clock, count: int) -> list[Observation]:
    return [reading(PointId("p"), clock.now(), Measured(float(index))) for index in range(count)]


async def test_what_comes_within_a_twentieth_of_a_second_is_one_commit(recorder, spool, clock) -> None:
    for _ in range(4):
        await recorder.record(values(clock, 2))
        await clock.advance(0.01)
    await clock.advance(0.05)
    assert spool.groups == [8]


async def test_a_full_batch_does_not_linger_and_one_past_it_makes_a_second_commit(recorder, spool, clock) -> None:
    await recorder.record(values(clock, BATCH_LIMIT + 1))
    await clock.advance(0.0)
    assert spool.groups == [BATCH_LIMIT]
    await clock.advance(0.05)
    assert spool.groups == [BATCH_LIMIT, 1]


async def test_what_is_spooled_carries_the_moment_of_its_commit(recorder, spool, clock) -> None:
    observed_at = clock.now()
    await recorder.record(values(clock, 1))
    await clock.advance(0.05)
    [spooled] = await spool.between(1, 1)
    assert spooled.observed_at == observed_at
    assert (spooled.spooled_at - observed_at).total_seconds() == 0.05


async def test_a_full_disk_loses_nothing_and_is_tried_again(recorder, spool, clock) -> None:
    spool.full = True
    await recorder.record(values(clock, 3))
    await clock.advance(60.0)
    spool.full = False
    await clock.advance(5.1)
    assert [seen.value for seen in await spool.between(1, 9)] == [0.0, 1.0, 2.0]


async def test_a_spool_that_refuses_is_down_for_all_to_see_and_up_once_it_takes_again(
    recorder, spool, clock, board
) -> None:
    spool.full = True
    await recorder.record(values(clock, 1))
    await clock.advance(1.0)
    assert board.states == {"spool": "unavailable"}
    spool.full = False
    await clock.advance(5.1)
    assert board.states == {"spool": None}


async def test_a_spool_that_drops_is_down_until_a_group_is_taken_without_a_loss(clock, board) -> None:
    spool = MemorySpool("ab" * 16, limit=3)
    recorder = Recorder(spool, board, clock)
    for confirmed, state in ((0, None), (0, "dropping-oldest"), (4, None)):
        await spool.forget(1, confirmed)
        await recorder.record(values(clock, 2))
        await recorder.flush()
        assert board.states == {"spool": state}


async def test_at_its_limit_the_buffer_makes_the_drivers_wait_until_there_is_room(recorder, spool, clock) -> None:
    spool.full = True
    await recorder.record(values(clock, BUFFER_LIMIT - 1))
    await recorder.record(values(clock, 1))
    waiting = asyncio.create_task(recorder.record(values(clock, 1)))
    await clock.advance(10.0)
    assert not waiting.done()
    spool.full = False
    for _ in range(20):
        await clock.advance(1.0)
    assert waiting.done()
    assert spool.held == BUFFER_LIMIT + 1


async def test_a_commit_that_was_under_way_when_the_agent_stopped_is_not_made_twice(spool, board, clock) -> None:
    recorder = Recorder(spool, board, clock)
    running = asyncio.create_task(recorder.run())
    spool.gate.clear()
    await recorder.record(values(clock, 2))
    await clock.advance(0.05)
    running.cancel()
    await asyncio.wait([running])
    flushing = asyncio.create_task(recorder.flush())
    await recorder.record(values(clock, 1))
    await clock.settle()
    spool.gate.set()
    await flushing
    assert spool.groups == [2, 1]


async def test_a_spool_is_nearly_full_from_four_fifths_on_until_it_is_below_three_quarters(clock, board) -> None:
    spool = MemorySpool("ab" * 16, limit=100)
    recorder = Recorder(spool, board, clock)
    seen = []
    for count, confirmed in ((79, 0), (1, 0), (1, 6), (1, 8)):
        await recorder.record(values(clock, count))
        await recorder.flush()
        seen.append((spool.held, board.states["spool"]))
        await spool.forget(1, confirmed)
    assert seen == [(79, None), (80, "nearly-full"), (81, "nearly-full"), (76, "nearly-full")]
    await recorder.record(values(clock, 0))
    await recorder._commit_now()
    assert (spool.held, board.states["spool"]) == (74, None)


async def test_a_spool_that_gives_up_raw_tag_reads_only_says_so(clock, board) -> None:
    spool = MemorySpool("ab" * 16, limit=4)
    recorder = Recorder(spool, board, clock)
    read = TagRead(seq=0, point="gate", observed_at=clock.now(), spooled_at=clock.now(), epc="3000", antenna=1)
    for observations, state in (
        ([read, read, *values(clock, 1)], None),
        (values(clock, 2), "dropping-tag-reads"),
        (values(clock, 2), "dropping-oldest"),
    ):
        await recorder.record(observations)
        await recorder.flush()
        assert board.states["spool"] == state
    assert (spool.dropped, spool.dropped_reads) == (3, 2)


async def test_what_is_recorded_by_a_clock_that_is_off_is_uncertain_and_what_was_bad_stays_as_it_was(
    spool, board, clock
) -> None:
    off = True
    recorder = Recorder(spool, board, clock, clock_is_off=lambda: off)
    await recorder.record([*values(clock, 1), bad_reading(PointId("p"), clock.now(), "timeout")])
    off = False
    await recorder.record(values(clock, 1))
    await recorder.flush()
    assert [(seen.quality, seen.reason) for seen in await spool.between(1, 3)] == [
        (Quality.UNCERTAIN, "clock-offset"),
        (Quality.BAD, "timeout"),
        (Quality.GOOD, None),
    ]
