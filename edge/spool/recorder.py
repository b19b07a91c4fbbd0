"""Drivers to spool: what they saw is committed in groups, because one commit costs a disk flush whatever its size."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.messages.observation import BATCH_LIMIT, Observation, Quality, Reading, Weighing, Weight
from coldport.supervise import for_ever
from edge.lines.gateway import SPOOL
from edge.ports import Board, Spool

LINGER_S = 0.05
"""How long the first of a group waits for others: half of the 100 ms that a batch may linger."""

BUFFER_LIMIT = 10_000
"""Observations not yet durable: two minutes of 75 points at 1 Hz, while a full disk is being cleared."""


NEARLY_FULL, ROOM_AGAIN = 0.80, 0.75
"""Parts of the spool's limit: from the first it is nearly full, below the second no longer."""


class Recorder:
    """Collects observations and commits them. It is the `Sink` of every driver."""

    def __init__(
        self, spool: Spool, board: Board, clock: Clock, clock_is_off: Callable[[], bool] = lambda: False
    ) -> None:
        """Write to `spool`; say on `board` how it does, as of any other line.

        While `clock_is_off` the times of what is recorded are not to be trusted, and so what was good is uncertain.
        """
        self._spool = spool
        self._board = board
        self._clock = clock
        self._clock_is_off = clock_is_off
        self._nearly_full = False
        self._waiting: deque[Observation] = deque()
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._commit: asyncio.Future[None] = asyncio.Future()
        self._commit.set_result(None)

    async def record(self, observations: Sequence[Observation]) -> None:
        """Take observations; waits while the buffer is full, so that the drivers stop reading and nothing is lost."""
        while len(self._waiting) >= BUFFER_LIMIT:
            self._room.clear()
            await self._room.wait()
        self._waiting.extend(map(doubted, observations) if self._clock_is_off() else observations)
        self._some.set()

    async def run(self) -> None:
        """Commit for ever; a full disk or spool is tried again."""
        await for_ever("the spool", self._commit_group, self._clock)

    async def flush(self) -> None:
        """Commit what is waiting, before the spool is closed.

        Raises:
            UnavailableError: The disk is full or failing; what was waiting is lost with the process.
        """
        while self._waiting or not self._commit.done():
            await self._commit_shielded()

    async def _commit_group(self) -> None:
        self._some.clear()
        if not self._waiting:
            await self._some.wait()
        if len(self._waiting) < BATCH_LIMIT:
            await self._clock.sleep(LINGER_S)
        await self._commit_shielded()

    async def _commit_shielded(self) -> None:
        # A commit that has begun is waited for even when this task is cancelled: appending its group once more would
        # give the same observations a second number.
        if self._commit.done():
            self._commit = asyncio.ensure_future(self._commit_now())
        await asyncio.shield(self._commit)

    async def _commit_now(self) -> None:
        now = self._clock.now()
        group = [msgspec.structs.replace(seen, spooled_at=now) for seen in islice(self._waiting, BATCH_LIMIT)]
        dropped, reads = self._spool.dropped, self._spool.dropped_reads
        try:
            await self._spool.append(group)
        except UnavailableError as error:
            self._board.down(SPOOL, error.code)
            raise
        self._tell_fill(self._spool.dropped - dropped, self._spool.dropped_reads - reads)
        for _ in group:
            self._waiting.popleft()
        self._room.set()

    def _tell_fill(self, dropped: int, reads: int) -> None:
        fill = self._spool.held / self._spool.limit
        self._nearly_full = fill >= (ROOM_AGAIN if self._nearly_full else NEARLY_FULL)
        if dropped > reads:
            self._board.down(SPOOL, "dropping-oldest")
        elif reads:
            self._board.down(SPOOL, "dropping-tag-reads")
        elif self._nearly_full:
            self._board.down(SPOOL, "nearly-full")
        else:
            self._board.up(SPOOL)


def doubted(observation: Observation) -> Observation:
    """Return an observation whose time is not to be trusted; what was uncertain or bad already keeps its reason."""
    if isinstance(observation, Reading | Weight | Weighing) and observation.quality is Quality.GOOD:
        return msgspec.structs.replace(observation, quality=Quality.UNCERTAIN, reason="clock-offset")
    return observation
