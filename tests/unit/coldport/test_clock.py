"""The manual clock: tests move it, and sleepers wake in order at their own moments."""

import asyncio
from datetime import UTC, datetime, timedelta

from coldport.clock import ManualClock

START = datetime(2026, 11, 24, tzinfo=UTC)


async def test_sleepers_wake_in_order_at_their_own_moments() -> None:
    clock = ManualClock(START)
    woken: list[tuple[str, datetime]] = []

    async def sleeper(name: str, duration_s: float) -> None:
        await clock.sleep(duration_s)
        woken.append((name, clock.now()))

    async with asyncio.TaskGroup() as group:
        for name, duration_s in (("late", 5.0), ("early", 2.0), ("at once", 0.0)):
            group.create_task(sleeper(name, duration_s))
        await clock.advance(5.0)

    assert woken == [
        ("at once", START),
        ("early", START + timedelta(seconds=2)),
        ("late", START + timedelta(seconds=5)),
    ]


async def test_a_sleeper_that_sleeps_again_is_woken_within_the_same_advance() -> None:
    clock = ManualClock(START)
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await clock.sleep(1.0)
            beats += 1

    task = asyncio.create_task(beat())
    await clock.advance(10.0)
    task.cancel()

    assert beats == 10


async def test_time_does_not_pass_by_itself() -> None:
    clock = ManualClock(START)
    task = asyncio.create_task(clock.sleep(0.001))

    await clock.settle()

    assert not task.done()
    assert (clock.now(), clock.monotonic_s()) == (START, 0.0)
    task.cancel()
