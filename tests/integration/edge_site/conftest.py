"""The example site simulated in this process on ptys and free ports, and its gateway reading it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import Batch, Observation, Receipt
from coldport.messages.status import LinkState, LinkStatus
from coldport.site import Site, load_site
from edge.commands.ledger_memory import MemoryLedger
from edge.gateway import Outside, assemble, heard
from edge.health.status import StatusBoard
from edge.lines.gateway import EdgeSettings
from edge.lines.modbus import ModbusTcpLine
from edge.lines.reader import ReaderLine
from edge.main import SystemLinks
from edge.settings import Wiring, load_edge
from edge.spool.memory import MemorySpool
from firmware_sim.scenario import load_scenario
from firmware_sim.site import SimulatedSite, running

EXAMPLE = Path(__file__).parents[3] / "config" / "sites" / "xiangtan"


class Gateway:
    """A running gateway as others see it: what it has published, and confirmed as control would."""

    def __init__(self, broker: MemoryBroker, site: Site, sim: SimulatedSite) -> None:
        self.sim = sim
        self.site = site
        self.stop = asyncio.Event()
        self.observations: list[Observation] = []
        self._broker = broker
        self._listener = broker.client("listener", [topics.OBSERVATIONS.filter(SiteId(site.id))])

    async def listen(self) -> None:
        while True:
            for received in await self._listener.receive(100):
                batch = decode(Batch, received.payload)
                self.observations += batch.observations
                await self._confirm(batch)
                received.ack()

    async def _confirm(self, batch: Batch) -> None:
        seqs = [observation.seq for observation in batch.observations]
        receipt = Receipt(
            gateway=batch.gateway,
            boot_id=batch.boot_id,
            first_seq=seqs[0],
            last_seq=seqs[-1],
            recorded_at=SystemClock().now(),
        )
        topic = topics.receipts(SiteId(self.site.id), GatewayId(batch.gateway))
        await self._listener.publish(Outgoing(topic, encode(receipt)))

    def of(self, point: str) -> list[Observation]:
        return [seen for seen in self.observations if seen.point == point]

    def link(self, name: str) -> LinkStatus | None:
        payload = next((p for t, p in self._broker.retained.items() if t.endswith(f"/{name}")), None)
        return decode(LinkStatus, payload) if payload else None

    def is_up(self, name: str) -> bool:
        status = self.link(name)
        return status is not None and status.state is LinkState.UP

    def is_down(self, name: str) -> bool:
        status = self.link(name)
        return status is not None and status.state is LinkState.DOWN


def moved(settings: EdgeSettings, ports: dict[str, int]) -> EdgeSettings:
    """Return the settings with the ports that the simulated devices really have."""
    lines = []
    for line in settings.lines:
        if isinstance(line, ModbusTcpLine | ReaderLine):
            device = line.point if isinstance(line, ReaderLine) else line.id
            lines.append(msgspec.structs.replace(line, tcp=msgspec.structs.replace(line.tcp, port=ports[device])))
        else:
            lines.append(line)
    return msgspec.structs.replace(settings, lines=tuple(lines))


@asynccontextmanager
async def gateway_reading(sim: SimulatedSite, data: Path, only: Sequence[str] = ()) -> AsyncIterator[Gateway]:
    site = load_site(EXAMPLE)
    wiring = load_edge(EXAMPLE, site)
    kept = tuple(line for line in wiring.settings.lines if not only or line.id in only)
    settings = moved(msgspec.structs.replace(wiring.settings, lines=kept), sim.ports)
    clock, broker = SystemClock(), MemoryBroker()
    site_id, gateway_id = SiteId(site.id), GatewayId(settings.gateway)
    outside = Outside(
        spool=MemorySpool("ab" * 16, limit=100_000),
        ledger=MemoryLedger(),
        bus=broker.client("edge", heard(site_id, gateway_id)),
        links=SystemLinks(site, gateway_id, data, clock),
        clock=clock,
    )
    board = StatusBoard(site_id, gateway_id, clock)
    agent = assemble(site, EXAMPLE, Wiring(settings, wiring.profiles), outside, board)
    gateway = Gateway(broker, site, sim)
    listening = asyncio.create_task(gateway.listen())
    working = asyncio.create_task(agent.run(gateway.stop))
    try:
        yield gateway
    finally:
        gateway.stop.set()
        async with asyncio.timeout(20):
            await working
        listening.cancel()


@pytest.fixture
async def sim(tmp_path: Path) -> AsyncIterator[SimulatedSite]:
    """The simulated site, in which nothing happens by itself."""
    scenario = msgspec.structs.replace(load_scenario(EXAMPLE), timeline=())
    async with running(scenario, tmp_path, SystemClock(), any_ports=True) as site:
        yield site


@pytest.fixture
async def start(sim: SimulatedSite, tmp_path: Path) -> AsyncIterator[Callable[..., object]]:
    """Start a gateway that reads the named lines of the simulated site, or all."""
    async with AsyncExitStack() as stack:

        async def start_one(*only: str) -> Gateway:
            return await stack.enter_async_context(gateway_reading(sim, tmp_path, only))

        yield start_one
