"""Puts the edge together: the adapters are built here and nowhere else. `coldport edge run` and `coldport replay`."""

import argparse
import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from coldport import log, topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.ids import GatewayId, SiteId
from coldport.settings import secret
from coldport.site import Site, load_site
from edge.agent import Agent
from edge.diagnosis import diagnose
from edge.lines.base import Serial, Tcp
from edge.links.serial_link import SerialLink
from edge.links.tcp_link import TcpLink
from edge.ports import Link, Outlet
from edge.recorder import Recorder
from edge.replay_command import register_replay
from edge.settings import Wiring, load_edge
from edge.sources.around import Around
from edge.sources.build import source_of
from edge.spool_sqlite import open_spool
from edge.status import StatusBoard
from edge.uplink import Uplink

__all__ = ["diagnose", "register", "run_edge"]  # the first two by entry point

FIRST_CONNECT_S = 1.0
"""How long starting waits for the broker, so that an ordinary start is not logged as an outage."""


class SystemLinks:
    """Links to real ports and sockets; see `edge.ports.Links`."""

    def __init__(self, data: Path, clock: Clock) -> None:
        """Take relative serial paths below `data`."""
        self._data = data
        self._clock = clock

    def serial(self, serial: Serial) -> Link:
        """Return a link over a serial port."""
        return SerialLink(self._data / serial.path, serial, self._clock)

    def tcp(self, tcp: Tcp) -> Link:
        """Return a link over a TCP connection."""
        return TcpLink(tcp.host, tcp.port, self._clock)


@asynccontextmanager
async def _bus(site: Site, gateway: GatewayId, will: Outgoing | None = None) -> AsyncIterator[MqttBus]:
    """Connect; a broker that is away is waited for a moment only, because it is no reason not to read."""
    bus = MqttBus(
        client_id=f"edge-{site.id}-{gateway}",
        broker=site.broker,
        password=secret("BROKER_PASSWORD"),
        filters=[topics.receipts(SiteId(site.id), gateway)],
        will=will,
    )
    async with bus:
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONNECT_S):
                await bus.wait_connected()
        yield bus


async def run_edge(site: Site, wiring: Wiring, data: Path, stop: asyncio.Event) -> None:
    """Run one gateway until `stop`.

    Raises:
        SpoolUnavailableError: Another agent has the spool, or the disk fails.
    """
    clock: Clock = SystemClock()
    settings = wiring.settings
    site_id, gateway = SiteId(site.id), GatewayId(settings.gateway)
    spool = await open_spool(
        data / "edge" / settings.spool.path, settings.spool.limit, settings.spool.when_full, clock.now()
    )
    board = StatusBoard(site_id, gateway, clock)
    recorder = Recorder(spool, board, clock)
    outlet = Outlet(recorder, board, clock)
    around = Around(points=site.points(), profiles=wiring.profiles, links=SystemLinks(data, clock), outlet=outlet)
    try:
        async with _bus(site, gateway, board.will) as bus:
            agent = Agent(
                sources=[source_of(line, around) for line in settings.lines],
                recorder=recorder,
                uplink=Uplink(site_id, gateway, spool, bus, clock),
                board=board,
                bus=bus,
            )
            await agent.run(stop)
    finally:
        await spool.close()


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `edge` and `replay` to the command `coldport`."""
    edge = subparsers.add_parser(
        "edge", help="the agent beside the devices", description="The agent beside the devices of a site."
    )
    verbs = edge.add_subparsers(required=True, metavar="VERB")
    run = verbs.add_parser(
        "run",
        help="read the devices of a site and send what they say to control",
        description="Reads every device in SITE/edge.toml until Ctrl-C. What was read stays in DATA/edge until "
        "control has confirmed it.",
    )
    run.add_argument("site", type=Path, metavar="SITE", help="site folder, such as config/sites/xiangtan")
    run.add_argument("--data", type=Path, required=True, metavar="DIR", help="data folder; the spool is in DIR/edge")
    run.set_defaults(run=_run)
    register_replay(subparsers, _bus)


def _run(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    wiring = load_edge(arguments.site, site)
    log.set_up()
    asyncio.run(_until_signalled(site, wiring, arguments.data))
    return 0


async def _until_signalled(site: Site, wiring: Wiring, data: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_edge(site, wiring, data, stop)
