"""The loop whose time jumps."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from coldport.clock import LoopClock
from firmware_sim.rehearsal.virtual_loop import VirtualLoop

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def run(work: Coroutine) -> object:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def test_a_day_of_sleep_takes_no_time_and_every_clock_agrees_on_it() -> None:
    async def sleep_a_day() -> tuple[datetime, float, float]:
        clock = LoopClock(NOON)
        await clock.sleep(86_400)
        return clock.now(), clock.monotonic_s(), asyncio.get_running_loop().time()

    assert run(sleep_a_day()) == (NOON + timedelta(days=1), 86_400, 86_400)


def test_a_timeout_of_asyncio_passes_in_the_same_time() -> None:
    async def wait_in_vain() -> float:
        clock = LoopClock(NOON)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3.0):
                await clock.sleep(10.0)
        return clock.monotonic_s()

    assert run(wait_in_vain()) == 3.0


def test_time_stands_still_for_as_long_as_anything_can_go_on() -> None:
    async def work_through(turns: int) -> list[float]:
        clock, moments = LoopClock(NOON), []
        nap = asyncio.create_task(clock.sleep(0.001))
        for _ in range(turns):
            await clock.sleep(0)
            moments.append(clock.monotonic_s())
        await nap
        return [*moments, clock.monotonic_s()]

    assert run(work_through(1000)) == [0.0] * 1000 + [0.001]


def test_sleepers_wake_at_their_own_moments_and_in_the_same_order_every_time() -> None:
    async def wake() -> list[tuple[float, int]]:
        clock, woken = LoopClock(NOON), []

        async def sleep(number: int) -> None:
            for _ in range(3):
                await clock.sleep(0.1 * (number % 7))
                woken.append((clock.monotonic_s(), number))

        await asyncio.gather(*(sleep(number) for number in range(50)))
        return woken

    first = run(wake())
    assert first == run(wake())
    assert [at_s for at_s, _ in first] == sorted(at_s for at_s, _ in first)


def test_what_waits_for_nothing_that_can_come_is_told_and_not_waited_for() -> None:
    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    loop = VirtualLoop()
    waiting = loop.create_task(wait_for_ever())
    with pytest.raises(RuntimeError, match="cannot come"):
        loop.run_until_complete(waiting)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(waiting)
    loop.close()


def test_what_is_meant_for_a_thread_is_done_at_once_and_takes_no_time() -> None:
    async def go_elsewhere() -> tuple[int, float]:
        return await asyncio.to_thread(len, "four"), asyncio.get_running_loop().time()

    assert run(go_elsewhere()) == (4, 0.0)


def test_what_a_thread_would_raise_comes_to_whoever_waits_for_it() -> None:
    async def go_elsewhere() -> None:
        await asyncio.to_thread(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        run(go_elsewhere())
