"""Loops that run for ever: what is away is waited for, what is broken ends the process."""

import asyncio
import logging
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.supervise import for_ever


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


async def test_waits_grow_to_five_seconds_and_start_small_again_after_success(clock: ManualClock) -> None:
    attempts: list[float] = []

    async def work() -> None:
        attempts.append(clock.monotonic_s())
        if len(attempts) in (8, 9):
            await clock.sleep(100.0)
            return
        raise UnavailableError("away")

    task = asyncio.create_task(for_ever("uplink", work, clock))
    await clock.advance(240.0)
    task.cancel()

    waits = [round(after - before, 3) for before, after in pairwise(attempts)]
    assert waits[:7] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert waits[7:10] == [100.0, 100.0, 0.2]


async def test_an_outage_is_logged_once_when_it_begins_and_once_when_it_ends(clock, caplog) -> None:
    calls = 0

    async def work() -> None:
        nonlocal calls
        calls += 1
        if calls <= 10:
            raise UnavailableError("the broker is down")
        await clock.sleep(1000.0)

    with caplog.at_level(logging.INFO):
        task = asyncio.create_task(for_ever("uplink", work, clock))
        await clock.advance(1500.0)
        task.cancel()

    assert [record.getMessage() for record in caplog.records] == [
        "uplink is waiting: the broker is down",
        "uplink goes on",
    ]


async def test_a_bug_is_not_retried(clock: ManualClock) -> None:
    async def work() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await for_ever("uplink", work, clock)
