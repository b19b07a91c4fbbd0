"""How the gateway itself does: its spool and clock as readings, and its clock on the board."""

import asyncio
from datetime import timedelta

import pytest

from coldport.messages.observation import Quality
from edge.health.clock_watch import OFF_S, START_S, WINDOW_S, ClockWatch
from edge.health.vitals import EVERY_S, Vitals
from edge.lines.gateway import GatewayPoints
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool


@pytest.fixture
def watch(clock) -> ClockWatch:
    return ClockWatch(clock.now(), clock.monotonic_s())


@pytest.fixture
def spool() -> MemorySpool:
    return MemorySpool("ab" * 16, limit=200)


@pytest.fixture
async def running(clock, watch, spool, sink, board):
    vitals = Vitals(GatewayPoints(spool="fill", clock="offset"), spool, watch, sink, board, clock)
    task = asyncio.create_task(vitals.run())
    yield
    task.cancel()
    await asyncio.wait([task])


async def test_the_spool_is_told_every_ten_seconds_in_percent(running, clock, spool, sink) -> None:
    await clock.advance(1.0)
    await spool.append([reading("p", clock.now(), Measured(1.0))] * 160)
    await clock.advance(2 * EVERY_S)
    assert [(seen.value, seen.quality) for seen in sink.of("fill")] == [
        (0.0, Quality.GOOD),
        (80.0, Quality.GOOD),
        (80.0, Quality.GOOD),
    ]


async def test_a_clock_not_measured_is_a_bad_reading_and_half_a_minute_after_the_start_down(
    running, clock, sink, board
) -> None:
    await clock.advance(START_S - 0.5)
    assert "clock" not in board.states
    await clock.advance(1.0)
    assert board.states["clock"] == "unknown"
    assert {(seen.value, seen.reason) for seen in sink.of("offset")} == {(None, "starting"), (None, "unknown")}


@pytest.mark.parametrize(("ahead_s", "state"), [(0.5, None), (OFF_S, "offset"), (-30.0, "offset")])
async def test_a_measured_clock_is_told_in_seconds_and_is_down_when_it_is_off(
    running, clock, watch, sink, board, ahead_s, state
) -> None:
    now_s = clock.monotonic_s()
    watch.heard(now_s, clock.now() - timedelta(seconds=ahead_s), clock.now(), now_s)
    await clock.advance(EVERY_S + 1.0)
    assert board.states["clock"] == state
    assert sink.of("offset")[-1].value == ahead_s
    await clock.advance(WINDOW_S)
    assert board.states["clock"] == "unknown"


async def test_a_gateway_without_points_of_its_own_tells_the_board_alone(clock, watch, spool, sink, board) -> None:
    task = asyncio.create_task(Vitals(GatewayPoints(), spool, watch, sink, board, clock).run())
    await clock.advance(START_S + 1.0)
    task.cancel()
    await asyncio.wait([task])
    assert sink.seen == []
    assert board.states == {"clock": "unknown"}
