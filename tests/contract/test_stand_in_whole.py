"""A whole gateway on memory twins while control comes and goes: a probe, a relay module with a lamp and a siren."""

import asyncio
import random
from datetime import UTC, datetime

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.observation import Batch, Observation, Receipt
from coldport.messages.status import LinkState, LinkStatus
from coldport.site import load_site
from edge.commands.ledger_memory import MemoryLedger
from edge.gateway import Outside, assemble, heard
from edge.health.status import StatusBoard
from edge.links.memory_link import MemoryLink, null_modem
from edge.settings import load_edge
from edge.spool.memory import MemorySpool
from firmware_sim.faults import Faults
from firmware_sim.servers.modbus import READ_INPUT_REGISTERS, Slaves, Unit
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.modules import Relay, outputs

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
GATEWAY = GatewayId("edge-1")

SITE = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "room"
name = { zh = "库", en = "Room" }
zone_class = "chilled"
points = [
  { id = "air", quantity = "temperature", every_s = 1 },
  { id = "lamp", quantity = "lamp", every_s = 1 },
  { id = "siren", quantity = "siren", every_s = 1 },
]
"""

EDGE = """
gateway = "edge-1"

[stand_in]
outputs = ["lamp", "siren"]
watched = [{ point = "air", above = 8.0, for_s = 300 }]

[[lines]]
kind = "modbus-tcp"
id = "floor"
tcp = { host = "floor", port = 502 }
devices = [
  { id = "relays", unit = 1, profile = "relays", points = { lamp = "lamp", siren = "siren" } },
  { id = "probe", unit = 2, profile = "xy-md02", points = { temperature = "air" } },
]
"""

RELAYS = """
kind = "modbus"
title = "Two relays"
source = "this test"
outputs.lamp = { at = "coil", address = 0, quantity = "lamp" }
outputs.siren = { at = "coil", address = 1, quantity = "siren" }
"""


class Floor:
    """The devices behind the line: two relays, and a probe at `air_c` that may be broken."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.air_c = 5.0
        self.relays = [0, 0]
        relays = [
            Relay(lambda n=n: self.relays[n], lambda on, n=n: self.relays.__setitem__(n, int(on))) for n in (0, 1)
        ]
        cells = {1: lambda: round(self.air_c * 10), 2: lambda: 500}
        self.units = {1: outputs(relays, []), 2: Unit({READ_INPUT_REGISTERS: cells})}
        self._core = TcpSlaves(Slaves("floor", self.units, Faults(random.Random(0))))
        self.tasks: list[asyncio.Task] = []

    def tcp(self, _) -> MemoryLink:
        near, far = null_modem(self.clock)
        self.tasks.append(asyncio.create_task(self._serve(far)))
        return near

    async def _serve(self, far: MemoryLink) -> None:
        await far.open()
        while True:
            self._core.receive(await far.read(3600.0), 0.0)
            await far.write(self._core.send(0.0))


class Bench:
    """The gateway, its devices, and a control that confirms what it is sent while it is there."""

    def __init__(self, folder) -> None:
        (folder / "profiles").mkdir()
        for name, text in (("site", SITE), ("edge", EDGE), ("profiles/relays", RELAYS)):
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        self.clock = ManualClock(NOON)
        self.floor = Floor(self.clock)
        self.broker = MemoryBroker()
        self.is_there = True
        site = load_site(folder)
        self.id = SiteId(site.id)
        self.control = self.broker.client("control", [topics.OBSERVATIONS.filter(self.id)])
        self.seen: list[Observation] = []
        outside = Outside(
            spool=MemorySpool("ab" * 16, limit=100_000),
            ledger=MemoryLedger(),
            bus=self.broker.client("edge", heard(self.id, GATEWAY)),
            links=self.floor,
            clock=self.clock,
        )
        board = StatusBoard(self.id, GATEWAY, self.clock)
        self.stop = asyncio.Event()
        self.agent = assemble(site, folder, load_edge(folder, site), outside, board)
        self.running = asyncio.create_task(self.agent.run(self.stop))

    async def pass_time(self, duration_s: float) -> None:
        for _ in range(round(duration_s / 0.5)):
            await self.clock.advance(0.5)
            while self.is_there and self.control.waiting:
                [received] = await self.control.receive(1)
                await self._confirm(decode(Batch, received.payload))
                received.ack()

    async def _confirm(self, batch: Batch) -> None:
        self.seen += batch.observations
        receipt = Receipt(
            gateway=GATEWAY,
            boot_id=batch.boot_id,
            first_seq=batch.observations[0].seq,
            last_seq=batch.observations[-1].seq,
            recorded_at=self.clock.now(),
        )
        await self.control.publish(Outgoing(topics.receipts(self.id, GATEWAY), encode(receipt)))

    def line(self) -> tuple[LinkState, str | None]:
        status = decode(LinkStatus, self.broker.retained[topics.link(self.id, GATEWAY, LinkId("stand-in"))])
        return status.state, status.reason


@pytest.fixture
async def bench(tmp_path):
    one = Bench(tmp_path)
    yield one
    one.broker.up = True
    one.stop.set()
    await one.running
    for task in one.floor.tasks:
        task.cancel()


async def test_goods_that_get_warm_while_control_is_away_are_heard_of_and_it_is_all_on_record_when_it_is_back(
    bench,
) -> None:
    await bench.pass_time(60)
    assert bench.line() == (LinkState.UP, None)
    bench.is_there = False
    bench.floor.air_c = 12.0
    await bench.pass_time(290)
    assert (bench.line(), bench.floor.relays) == ((LinkState.DOWN, "control-silent"), [0, 0])
    await bench.pass_time(15)
    assert (bench.line(), bench.floor.relays) == ((LinkState.DOWN, "calling"), [1, 1])
    await bench.pass_time(180)
    assert bench.floor.relays == [1, 0]
    bench.is_there = True
    await bench.pass_time(15)
    assert (bench.line(), bench.floor.relays) == ((LinkState.UP, None), [0, 0])
    on = [seen.observed_at for seen in bench.seen if seen.point == "siren" and seen.value == 1.0]
    assert 178 <= (max(on) - min(on)).total_seconds() <= 182
    assert 355 <= (min(on) - NOON).total_seconds() <= 365


async def test_it_acts_with_the_broker_away_as_well_and_on_a_probe_that_says_nothing(bench) -> None:
    await bench.pass_time(60)
    bench.broker.up = False
    del bench.floor.units[2]
    await bench.pass_time(310)
    assert bench.floor.relays == [1, 1]


async def test_while_control_is_there_it_moves_nothing(bench) -> None:
    bench.floor.air_c = 12.0
    await bench.pass_time(450)
    assert (bench.line(), bench.floor.relays) == ((LinkState.UP, None), [0, 0])
