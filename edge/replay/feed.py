"""Feeds a recorded trace through the edge path: spool, uplink, receipts. Original times and gaps are kept.

A replay is the same whenever it is repeated: its `boot_id` is made of the point and the rows that are sent, its
numbers count them, and `spooled_at` is the time of the row. So control drops what it has, and the trace
file itself is the durable store: an interrupted replay is simply run again. That is why its spool is in memory.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from coldport.bus import Bus
from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.observation import BATCH_LIMIT, Reading
from edge.observe import reading
from edge.points import Measured
from edge.replay.trace import Row
from edge.spool.memory import MemorySpool
from edge.spool.uplink import Uplink

LOOK_S = 0.1
"""How often the receipts are counted."""

PATIENCE_S = 60.0
"""How long control may confirm nothing while something is waiting, before the replay gives up."""


class ReplayStalledError(UnavailableError):
    """Control does not confirm. What it has confirmed stays; the replay can be run again."""

    code = "replay-stalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One trace on its way to one point. `speed` is times real time; None is as fast as control confirms."""

    site: SiteId
    point: PointId
    rows: list[Row]
    boot_id: str
    speed: float | None

    @property
    def gateway(self) -> GatewayId:
        """The replay's own gateway, so that its numbers never meet those of a real one."""
        # An id has 48 characters at most; the `boot_id` keeps two long points apart whose beginnings are the same.
        return GatewayId(f"replay-{self.point}"[:48])

    async def run(self, bus: Bus, clock: Clock, progress: Callable[[int], None]) -> None:
        """Send every row and wait until each is confirmed; `progress` is told how many are.

        `bus` must listen to `coldport.topics.receipts` of `gateway`.

        Raises:
            ReplayStalledError: Control confirmed nothing for a minute.
        """
        spool = MemorySpool(self.boot_id, limit=len(self.rows))
        # Judged in its order from the first row on, so it is never too far behind.
        uplink = Uplink(self.site, self.gateway, spool, bus, clock, jump_behind=len(self.rows))
        sending = asyncio.create_task(uplink.run())
        feeder = asyncio.create_task(self._feed(spool, clock))
        try:
            await self._watch(spool, clock, progress, [sending, feeder])
        finally:
            sending.cancel()
            feeder.cancel()
            await asyncio.wait([sending, feeder])

    async def _feed(self, spool: MemorySpool, clock: Clock) -> None:
        observations = [_observation(self.point, row) for row in self.rows]
        if self.speed is None:
            for start in range(0, len(observations), BATCH_LIMIT):
                await spool.append(observations[start : start + BATCH_LIMIT])
                await clock.sleep(0)
            return
        start_s, first = clock.monotonic_s(), self.rows[0].at
        for observation in observations:
            due_s = start_s + (observation.observed_at - first).total_seconds() / self.speed
            await clock.sleep(due_s - clock.monotonic_s())
            await spool.append([observation])

    async def _watch(
        self, spool: MemorySpool, clock: Clock, progress: Callable[[int], None], tasks: "list[asyncio.Task[None]]"
    ) -> None:
        confirmed, moved_s = 0, clock.monotonic_s()
        while confirmed < len(self.rows):
            await clock.sleep(LOOK_S)
            for task in tasks:
                if task.done():
                    task.result()
            now_s = clock.monotonic_s()
            if spool.confirmed > confirmed or not spool.held:
                moved_s = now_s
            elif now_s - moved_s > PATIENCE_S:
                raise ReplayStalledError(f"control has confirmed {confirmed} of {len(self.rows)} rows and no more")
            confirmed = spool.confirmed
            progress(confirmed)


def boot_id_of(point: PointId, rows: list[Row]) -> str:
    """Return what names a replay's numbering: the same for the same rows of the same point, and for no others.

    It is made of what is sent, so it does not matter where the file lies, how it spells a time, or what was left out.
    """
    digest = hashlib.sha256(f"coldport replay 1 {point}\n".encode())
    for row in rows:
        digest.update(f"{row.at.isoformat()} {row.celsius!r}\n".encode())
    return digest.hexdigest()[:32]


def _observation(point: PointId, row: Row) -> Reading:
    return reading(point, row.at, Measured(row.celsius))
