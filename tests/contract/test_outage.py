"""A gateway cut off from control for hours or days, on a clock that is moved by hand: nothing lost, what is new first.

As it stands it is three hours of 100 points every ten seconds, in memory. `make test-outage` takes 72 h of them every
second, on disk, and prints figures.
"""

import asyncio
import os
import resource
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.observation import Batch, Reading, Receipt
from edge.health.status import StatusBoard
from edge.lines.gateway import WhenFull
from edge.spool.memory import MemorySpool
from edge.spool.recorder import Recorder
from edge.spool.sqlite import SqliteSpool, open_spool
from edge.spool.uplink import Uplink

HOURS = float(os.environ.get("COLDPORT_OUTAGE_HOURS", "3"))
EVERY_S = float(os.environ.get("COLDPORT_OUTAGE_EVERY_S", "10"))
ON_DISK = "COLDPORT_OUTAGE_ON_DISK" in os.environ
POINTS = 100
LIMIT = 30_000_000
SITE, GATEWAY = SiteId("s"), GatewayId("edge-1")
START = datetime(2026, 7, 1, tzinfo=UTC)
STEP_S = 0.05
LIVE_WITHIN_S = 1.0
BACKLOG_PER_S = 5_000


@dataclass
class Control:
    """Takes what comes, confirms it at once, and notes what it has, and how late what was new was."""

    clock: ManualClock
    bus: object
    arrived: bytearray = field(default_factory=bytearray)
    repeats: int = 0
    live_s: list[float] = field(default_factory=list)

    async def take(self) -> None:
        while self.bus.waiting:
            [received] = await self.bus.receive(1)
            batch = decode(Batch, received.payload)
            first, last = batch.observations[0].seq, batch.observations[-1].seq
            if last >= len(self.arrived):
                self.arrived.extend(bytes(last + 1_000_000 - len(self.arrived)))
            for observation in batch.observations:
                self.repeats += self.arrived[observation.seq]
                self.arrived[observation.seq] = 1
            if not batch.backlog:
                now = self.clock.now()
                self.live_s += [(now - observation.observed_at).total_seconds() for observation in batch.observations]
            receipt = Receipt(
                gateway=GATEWAY, boot_id=batch.boot_id, first_seq=first, last_seq=last, recorded_at=self.clock.now()
            )
            await self.bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), encode(receipt)))
            received.ack()


class Agent:
    """The way from the drivers to control. `restart` is what a power cut leaves: the spool."""

    def __init__(self, clock: ManualClock, broker: MemoryBroker, file: Path) -> None:
        self.clock = clock
        self.broker = broker
        self.file = file
        self.spool: MemorySpool | SqliteSpool = MemorySpool("ab" * 16, LIMIT)

    async def start(self) -> None:
        if ON_DISK:
            self.spool = await open_spool(self.file, LIMIT, WhenFull.DROP_OLDEST, START)
        board = StatusBoard(SITE, GATEWAY, self.clock)
        self.recorder = Recorder(self.spool, board, self.clock)
        bus = self.broker.client("edge", [topics.receipts(SITE, GATEWAY)])
        self.uplink = Uplink(SITE, GATEWAY, self.spool, bus, self.clock)
        self._tasks = [asyncio.create_task(part.run()) for part in (self.recorder, self.uplink)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self.recorder.flush()
        await self.spool.close()

    async def see(self) -> None:
        now = self.clock.now()
        readings = [
            Reading(seq=0, point=PointId(f"p-{number}"), observed_at=now, spooled_at=now, value=float(number))
            for number in range(POINTS)
        ]
        await self.recorder.record(readings)

    async def settle(self) -> None:
        """Let the spool's thread, and whoever waits for it, come to rest."""
        for _ in range(4 if ON_DISK else 0):
            await self.spool.between(1, 0)
            await self.clock.settle()


def size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6


async def test_a_long_outage_loses_nothing_and_what_is_new_arrives_within_a_second_of_its_end(tmp_path: Path) -> None:
    clock, broker = ManualClock(START), MemoryBroker()
    control = Control(clock, broker.client("control", [topics.OBSERVATIONS.filter(SITE)]))
    agent = Agent(clock, broker, tmp_path / "spool.sqlite")
    await agent.start()
    began_s = time.perf_counter()
    broker.up = False
    for turn in range(round(HOURS * 3_600 / EVERY_S)):
        await agent.see()
        await clock.advance(EVERY_S)
        if turn % 5 == 0:
            await agent.settle()
    await agent.recorder.flush()
    held = agent.spool.held
    assert held == round(HOURS * 3_600 / EVERY_S) * POINTS
    filled_s, megabytes = time.perf_counter() - began_s, size_mb(tmp_path)
    await agent.stop()
    began_s = time.perf_counter()
    await agent.start()
    opened_s = time.perf_counter() - began_s
    broker.up = True
    began_s, back_s, due_s = time.perf_counter(), clock.monotonic_s(), clock.monotonic_s()
    while agent.spool.held:
        if clock.monotonic_s() >= due_s and clock.monotonic_s() < back_s + held / BACKLOG_PER_S:
            due_s += EVERY_S
            await agent.see()
        await clock.advance(STEP_S)
        await agent.settle()
        await control.take()
        await agent.settle()
    drained_s, spell_s = clock.monotonic_s() - back_s, time.perf_counter() - began_s
    last = agent.spool.last
    await agent.stop()
    assert control.arrived[1 : last + 1] == bytes([1]) * last
    assert agent.spool.dropped == 0
    assert control.live_s
    assert max(control.live_s) <= LIVE_WITHIN_S
    assert drained_s <= held / BACKLOG_PER_S + 2 * EVERY_S
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(  # noqa: T201 - `make test-outage` is run for these figures
        f"\noutage of {timedelta(hours=HOURS)}: {held:,} observations held, {megabytes:,.0f} MB on disk\n"
        f"spooled in {filled_s:,.0f} s; opened again in {opened_s:.1f} s\n"
        f"drained in {spell_s:,.0f} s of this machine ({held / spell_s:,.0f}/s), "
        f"{drained_s:,.0f} s of the gateway's clock ({held / drained_s:,.0f}/s)\n"
        f"{len(control.live_s):,} new ones meanwhile, the latest after {max(control.live_s):.2f} s; "
        f"{control.repeats:,} repeats; peak {peak_mb:,.0f} MB"
    )
