"""The spool in memory: the twin of `edge.spool.sqlite` for tests; enough for replay, whose trace file is the store."""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import islice

import msgspec

from coldport.messages.observation import Observation, TagRead
from edge.lines.gateway import WhenFull
from edge.ports import SpoolFullError


class MemorySpool:
    """Observations in a list. See `edge.ports.Spool` for what it promises."""

    def __init__(self, boot_id: str, limit: int, when_full: WhenFull = WhenFull.DROP_OLDEST) -> None:
        """Start empty, numbering from 1; `limit` is the number of observations held."""
        self.boot_id = boot_id
        self.limit = limit
        self.last = 0
        self.dropped = 0
        self.dropped_reads = 0
        self._when_full = when_full
        self._held: list[Observation] = []
        self._grown = asyncio.Event()

    @property
    def held(self) -> int:
        """Observations not yet forgotten."""
        return len(self._held)

    @property
    def confirmed(self) -> int:
        """Observations numbered and forgotten since, by a receipt."""
        return self.last - len(self._held) - self.dropped

    async def append(self, observations: Sequence[Observation]) -> None:
        """Number and keep the observations."""
        excess = len(self._held) + len(observations) - self.limit
        if excess > 0 and self._when_full is WhenFull.STOP_READING:
            raise SpoolFullError(f"the spool holds its {self.limit} observations")
        self._held.extend(
            msgspec.structs.replace(observation, seq=seq)
            for seq, observation in enumerate(observations, start=self.last + 1)
        )
        self.last += len(observations)
        if excess > 0:
            self._drop(excess)
        self._grown.set()

    async def after(self, seq: int, limit: int) -> Sequence[Observation]:
        """Wait for observations above `seq`."""
        while not self._held or self._held[-1].seq <= seq:
            self._grown.clear()
            await self._grown.wait()
        start = bisect_right(self._held, seq, key=_seq)
        return self._held[start : start + limit]

    async def between(self, first: int, last: int) -> Sequence[Observation]:
        """Return what is held of `first..last`."""
        return self._held[bisect_left(self._held, first, key=_seq) : bisect_right(self._held, last, key=_seq)]

    async def forget(self, first: int, last: int) -> None:
        """Delete `first..last`."""
        del self._held[bisect_left(self._held, first, key=_seq) : bisect_right(self._held, last, key=_seq)]

    async def close(self) -> None:
        """Do nothing: there is no file."""

    def _drop(self, excess: int) -> None:
        reads = {seen.seq for seen in islice((seen for seen in self._held if isinstance(seen, TagRead)), excess)}
        self._held = [seen for seen in self._held if seen.seq not in reads][excess - len(reads) :]
        self.dropped += excess
        self.dropped_reads += len(reads)


def _seq(observation: Observation) -> int:
    return observation.seq
