"""Puts the edge together: the adapters are built here and nowhere else. `coldport edge run` and `coldport replay`."""

import argparse
import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

from coldport import log, topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.ids import GatewayId, LinkId, PointId, SiteId
from coldport.settings import secret
from coldport.site import Site, load_site
from edge.agent import Agent
from edge.diagnosis import diagnose
from edge.drivers.gate import Gate
from edge.drivers.modbus_master import ModbusMaster
from edge.drivers.scale import Dialect, Scale, WeightReport
from edge.drivers.scale_sics import SicsDialect
from edge.drivers.scale_toledo import ToledoDialect
from edge.lines import (
    EdgeSettings,
    Line,
    LlrpLine,
    ModbusLine,
    ModbusRtuLine,
    ModbusTcpLine,
    Serial,
    SicsLine,
    Tcp,
    ToledoLine,
)
from edge.links.serial_link import SerialLink
from edge.links.tcp_link import TcpLink
from edge.modbus_units import units_of
from edge.poller import Poller
from edge.ports import Link, Outlet, Source
from edge.protocols.llrp.requests import Setup
from edge.protocols.modbus import Exchange, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.recorder import Recorder
from edge.replay_command import register_replay
from edge.settings import load_edge
from edge.spool_sqlite import open_spool
from edge.stability import StabilityRule
from edge.status import StatusBoard
from edge.uplink import Uplink

__all__ = ["diagnose", "register", "run_edge"]  # the first two by entry point

FIRST_CONNECT_S = 1.0
"""How long starting waits for the broker, so that an ordinary start is not logged as an outage."""

CHARACTER_BITS = 11
"""Start, eight data bits, parity and stop: the longest a character takes, so a time-out is never too short."""

TOLEDO_RATE_HZ = 7.0
"""Frames a second that a continuous scale sends at the least."""


class SourceBuilder:
    """Makes the source of each line of a gateway."""

    def __init__(self, settings: EdgeSettings, site: Site, data: Path, outlet: Outlet) -> None:
        """Build for `site`; `data` is the folder that relative serial paths are below."""
        self._settings = settings
        self._site = site
        self._data = data
        self._outlet = outlet

    def build(self, line: Line) -> Source:
        """Return the source of one line."""
        name = LinkId(line.id)
        if isinstance(line, ModbusRtuLine | ModbusTcpLine):
            return self._poller(name, line)
        if isinstance(line, LlrpLine):
            setup = Setup(antennas=line.antennas, keepalive_s=line.keepalive_s, power_dbm=line.power_dbm)
            return Gate(name, PointId(line.point), self._tcp(line.tcp), setup, self._outlet, Random(line.id))  # noqa: S311 - spreads reconnects, guards nothing
        return self._scale(name, line)

    def _poller(self, name: LinkId, line: ModbusLine) -> Source:
        begin: Callable[[int, ReadRequest], Exchange]
        if isinstance(line, ModbusTcpLine):
            numbers = itertools.count(1)
            begin = lambda unit, request: TcpExchange(unit, request, next(numbers) & 0xFFFF)  # noqa: E731 - two short ways to begin
            link: Link = self._tcp(line.tcp)
            serial = None
        else:
            begin = RtuExchange
            link = self._link(line.serial, line.tcp)
            serial = line.serial
        master = ModbusMaster(
            link,
            begin,
            line.timeout_s,
            self._outlet.clock,
            silence_s=serial.silence_s if serial else 0.0,
            byte_s=CHARACTER_BITS / serial.baud if serial else 0.0,
        )
        units = units_of(line, self._settings.profiles, self._site.points())
        return Poller(name, units, master, line.timeout_s, self._outlet)

    def _scale(self, name: LinkId, line: SicsLine | ToledoLine) -> Source:
        clock = self._outlet.clock
        dialect: Dialect
        if isinstance(line, SicsLine):
            dialect = SicsDialect(line.every_s, clock)
            rule = StabilityRule(division_kg=line.division_kg)
        else:
            dialect = ToledoDialect(clock, with_checksum=line.checksum)
            rule = StabilityRule(division_kg=line.division_kg, rate_hz=TOLEDO_RATE_HZ)
        report = WeightReport(PointId(line.point), rule)
        return Scale(name, self._link(line.serial, line.tcp), dialect, report, self._outlet)

    def _link(self, serial: Serial | None, tcp: Tcp | None) -> Link:
        if serial is not None:
            return SerialLink(self._data / serial.path, serial, self._outlet.clock)
        if tcp is not None:
            return self._tcp(tcp)
        raise AssertionError("edge.check lets no line through that has neither serial nor tcp")

    def _tcp(self, tcp: Tcp) -> Link:
        return TcpLink(tcp.host, tcp.port, self._outlet.clock)


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


async def run_edge(site: Site, settings: EdgeSettings, data: Path, stop: asyncio.Event) -> None:
    """Run one gateway until `stop`.

    Raises:
        SpoolUnavailableError: Another agent has the spool, or the disk fails.
    """
    clock: Clock = SystemClock()
    site_id, gateway = SiteId(site.id), GatewayId(settings.gateway)
    spool = await open_spool(
        data / "edge" / settings.spool.path, settings.spool.limit, settings.spool.when_full, clock.now()
    )
    board = StatusBoard(site_id, gateway, clock)
    recorder = Recorder(spool, board, clock)
    outlet = Outlet(recorder, board, clock)
    builder = SourceBuilder(settings, site, data, outlet)
    try:
        async with _bus(site, gateway, board.will) as bus:
            agent = Agent(
                sources=[builder.build(line) for line in settings.lines],
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
    settings = load_edge(arguments.site, site)
    log.set_up()
    asyncio.run(_until_signalled(site, settings, arguments.data))
    return 0


async def _until_signalled(site: Site, settings: EdgeSettings, data: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_edge(site, settings, data, stop)
