"""Time as an argument. This is the only module that reads a clock or sleeps."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a loop may know of time."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC. It can step when the machine's clock is set."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds since some fixed moment. It never steps; use it for every duration."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Return after `duration_s` seconds; a duration of zero or less yields once."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds of the monotonic clock."""
        return time.monotonic()

    async def sleep(self, duration_s: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(max(0.0, duration_s))


class ManualClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime) -> None:
        """Start at `start`, which must be aware."""
        self._start = start
        self._elapsed_s = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the start plus everything advanced so far."""
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic_s(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed_s

    async def sleep(self, duration_s: float) -> None:
        """Wait until the clock has been advanced by `duration_s`."""
        if duration_s <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + duration_s, next(self._order), waiter))
        await waiter

    async def advance(self, duration_s: float) -> None:
        """Move time on, waking sleepers in order at their own moments, and let each run before the next wakes."""
        end_s = self._elapsed_s + duration_s
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            wake_s, _, waiter = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, wake_s)
            if not waiter.done():
                waiter.set_result(None)
            await self.settle()
        self._elapsed_s = end_s

    @staticmethod
    async def settle() -> None:
        """Let every task that is ready run, a bounded number of turns."""
        for _ in range(20):
            await asyncio.sleep(0)


class LoopClock:
    """The clock of a loop whose time is its own, as in a rehearsal: it is as late as the loop says."""

    def __init__(self, start: datetime) -> None:
        """Let it be `start`, which must be aware, when the loop says 0."""
        self._start = start

    def now(self) -> datetime:
        """Return the start and what has passed on the running loop, to the microsecond."""
        return self._start + timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        """Return the seconds of the running loop."""
        return asyncio.get_running_loop().time()

    async def sleep(self, duration_s: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(max(0.0, duration_s))
