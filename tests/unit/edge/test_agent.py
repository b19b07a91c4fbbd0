"""A gateway put together from memory twins: it carries, stops in order, and does not hide a bug."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from coldport import topics
from coldport.bus_memory import MemoryBroker
from coldport.codec import decode
from coldport.ids import GatewayId, LinkId, PointId, SiteId
from coldport.messages.observation import Batch
from coldport.messages.status import Presence
from edge.agent import Agent
from edge.floor import Floor
from edge.health.status import StatusBoard
from edge.lines.gateway import EdgeSettings
from edge.lines.scale import ScaleLine
from edge.observe import reading
from edge.points import Measured
from edge.profiles import CATALOGUE, load_profile
from edge.reload import Reload
from edge.settings import Wiring
from edge.spool.memory import MemorySpool
from edge.spool.recorder import Recorder
from edge.spool.uplink import Uplink

SITE, GATEWAY = SiteId("xiangtan-1"), GatewayId("edge-1")


def wired(*names: str) -> Wiring:
    lines = tuple(ScaleLine(id=name, profile="mt-sics", point=f"{name}-p", division_kg=0.01) for name in names)
    return Wiring(EdgeSettings(gateway="edge-1", lines=lines), {"mt-sics": load_profile(CATALOGUE / "mt-sics.toml")})


class Probe:
    """A source that sees one value a second, and one more when it is told to stop."""

    name = LinkId("cold-a")

    def __init__(self, recorder: Recorder, clock, broken: bool = False) -> None:
        self._recorder = recorder
        self._clock = clock
        self._broken = broken
        self.seen = 0

    async def run(self) -> None:
        try:
            while True:
                await self._see()
                if self._broken:
                    raise ZeroDivisionError("a bug")
                await self._clock.sleep(1.0)
        except asyncio.CancelledError:
            await self._see()
            raise

    async def _see(self) -> None:
        self.seen += 1
        await self._recorder.record([reading(PointId("p"), self._clock.now(), Measured(float(self.seen)))])


class Bench:
    """The gateway, its broker and its spool."""

    def __init__(self, clock, broken: bool = False) -> None:
        self.broker = MemoryBroker()
        self.listener = self.broker.client("listener", [topics.OBSERVATIONS.filter(SITE)])
        self.spool = MemorySpool("ab" * 16, limit=1_000)
        board = StatusBoard(SITE, GATEWAY, clock)
        recorder = Recorder(self.spool, board, clock)
        self.probe = Probe(recorder, clock, broken)
        bus = self.broker.client("edge-1", [topics.receipts(SITE, GATEWAY)])
        wiring = wired("cold-a")
        floor = Floor(lambda _line, _profiles: self.probe, board)
        self.agent = Agent(
            wiring=wiring,
            floor=floor,
            works={
                "recorder": recorder.run,
                "uplink": Uplink(SITE, GATEWAY, self.spool, bus, clock).run,
                "status": partial(board.run, bus),
            },
            reload=Reload(Path("nowhere"), wiring, lambda: wiring, floor.change, clock),
            recorder=recorder,
            board=board,
            bus=bus,
        )
        self.stop = asyncio.Event()
        self.running = asyncio.create_task(self.agent.run(self.stop))

    def presence(self) -> Presence:
        return decode(Presence, self.broker.retained[topics.presence(SITE, GATEWAY)])


async def test_what_a_source_sees_reaches_the_bus(clock) -> None:
    bench = Bench(clock)
    await clock.advance(2.5)
    batches = [decode(Batch, message.payload) for message in bench.listener.waiting]
    assert [seen.value for batch in batches for seen in batch.observations] == [1.0, 2.0, 3.0]
    bench.stop.set()
    await bench.running


async def test_a_gateway_that_stops_spools_what_was_read_last_and_says_that_it_is_gone(clock) -> None:
    bench = Bench(clock)
    await clock.advance(0.5)
    assert bench.presence().online
    bench.stop.set()
    await bench.running
    assert bench.probe.seen == 2
    assert bench.spool.held == 2
    assert not bench.presence().online


async def test_a_gateway_stops_although_the_broker_is_away(clock, caplog) -> None:
    bench = Bench(clock)
    await clock.advance(0.5)
    bench.broker.up = False
    bench.stop.set()
    await bench.running
    assert bench.spool.held == 2
    assert "stopped without a goodbye" in caplog.text


async def test_a_bug_in_a_source_ends_the_gateway_and_is_not_hidden(clock) -> None:
    bench = Bench(clock, broken=True)
    await clock.settle()
    with pytest.raises(ExceptionGroup) as caught:
        await bench.running
    assert caught.group_contains(ZeroDivisionError)
