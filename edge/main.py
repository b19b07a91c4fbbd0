"""Puts the edge together: the adapters are built here and nowhere else. `coldport edge run` and `coldport replay`."""

import argparse
import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from coldport import log, topics
from coldport.bus import Bus, Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.errors import UnavailableError
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.settings import secret
from coldport.site import Broker, Site, load_site
from edge.commands.desk import register_desk
from edge.commands.ledger_sqlite import open_ledger
from edge.enroll.command import register_enroll
from edge.gateway import Outside, assemble, heard
from edge.health.status import StatusBoard
from edge.lines.base import HttpPosts, HttpStream, Serial, Tcp
from edge.lines.vendor import Mqtt
from edge.links.serial_link import SerialLink
from edge.links.tcp_link import TcpLink
from edge.ports import Feed, Link, Links
from edge.replay.command import register_replay
from edge.settings import Wiring, load_edge
from edge.spool.sqlite import open_spool
from edge.tools.commands import register_tools
from edge.tools.gate_report import register_gate_report

FIRST_CONNECT_S = 1.0
"""How long starting waits for the broker, so that an ordinary start is not logged as an outage."""

DESK_CONNECT_S = 5.0
"""How long a technician waits for the broker before he is told that it is not there."""


class SystemLinks:
    """Links to real ports and sockets; see `edge.ports.Links`.

    What speaks HTTP is loaded when a line does: it takes as long as all the rest of an agent.
    """

    def __init__(self, site: Site, gateway: str, data: Path, clock: Clock, *, visiting: bool = False) -> None:
        """Take relative paths below `data`; sessions are on the broker of `site`, if a line names no other.

        `visiting` makes sessions of another name that end with their connection: an agent's own is left alone.
        """
        self._site = site
        self._gateway = gateway
        self._data = data
        self._clock = clock
        self._visiting = visiting

    def serial(self, serial: Serial) -> Link:
        """Return a link over a serial port."""
        return SerialLink(self._data / serial.path, serial, self._clock)

    def tcp(self, tcp: Tcp) -> Link:
        """Return a link over a TCP connection."""
        return TcpLink(tcp.host, tcp.port, self._clock)

    def bus(self, line: LinkId, mqtt: Mqtt | None, filters: Sequence[str]) -> AbstractAsyncContextManager[Bus]:
        """Return a session on the site's broker, or on that of `mqtt`, whose password is a secret named for `line`."""
        broker, password = self._site.broker.seen_by(self._gateway), secret("BROKER_PASSWORD")
        if mqtt is not None:
            broker = Broker(host=mqtt.host, port=mqtt.port, embedded=False, tls=mqtt.tls, username=mqtt.username)
            password = _line_password(line)
        client_id = f"edge-{self._site.id}-{self._gateway}-{line}"
        if self._visiting:
            client_id = f"{client_id}-{uuid.uuid4().hex[:8]}"
        return MqttBus(
            client_id=client_id, broker=broker, password=password, filters=filters, lasting=not self._visiting
        )

    def http_stream(self, line: LinkId, http: HttpStream) -> Feed:
        """Return the endless answer of a reader."""
        from edge.links.http_stream_feed import HttpStreamFeed  # noqa: PLC0415 - see above

        auth = (http.user, _line_password(line) or "") if http.user is not None else None
        certificate = self._data / http.certificate if http.certificate else None
        return HttpStreamFeed(http.url, auth, certificate, self._clock)

    def http_posts(self, posts: HttpPosts) -> Feed:
        """Return what is posted to us."""
        from edge.links.posts_feed import PostsFeed  # noqa: PLC0415 - see above

        return PostsFeed(posts.host, posts.port, posts.path, self._clock)


def _line_password(line: LinkId) -> str | None:
    return secret(f"{line.upper().replace('-', '_')}_PASSWORD")


@asynccontextmanager
async def _bus(
    site: Site, gateway: GatewayId, filters: Sequence[str], will: Outgoing | None = None
) -> AsyncIterator[MqttBus]:
    """Connect; a broker that is away is waited for a moment only, because it is no reason not to read."""
    bus = MqttBus(
        client_id=f"edge-{site.id}-{gateway}",
        broker=site.broker.seen_by(gateway),
        password=secret("BROKER_PASSWORD"),
        filters=filters,
        will=will,
    )
    async with bus:
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONNECT_S):
                await bus.wait_connected()
        yield bus


def _replay_bus(site: Site, gateway: GatewayId) -> AbstractAsyncContextManager[MqttBus]:
    return _bus(site, gateway, [topics.receipts(SiteId(site.id), gateway)])


@asynccontextmanager
async def _desk_bus(site: Site, filters: Sequence[str]) -> AsyncIterator[MqttBus]:
    """Connect for one command; raises UnavailableError when the broker is not there."""
    bus = MqttBus(
        client_id=f"desk-{site.id}-{uuid.uuid4().hex[:8]}",
        broker=site.broker.seen_by("technician"),
        password=secret("BROKER_PASSWORD"),
        filters=filters,
        lasting=False,
    )
    async with bus:
        try:
            async with asyncio.timeout(DESK_CONNECT_S):
                await bus.wait_connected()
        except TimeoutError as error:
            raise UnavailableError(f"no MQTT broker at {site.broker.host}:{site.broker.port}") from error
        yield bus


def _visiting_links(site: Site, gateway: str, data: Path, clock: Clock) -> Links:
    return SystemLinks(site, gateway, data, clock, visiting=True)


async def run_edge(site: Site, folder: Path, wiring: Wiring, data: Path, stop: asyncio.Event) -> None:
    """Run the gateway that the files in `folder` describe until `stop`; SIGHUP makes it read them again.

    Raises:
        SpoolUnavailableError: Another agent has the spool, or the disk fails.
        LedgerUnavailableError: The disk fails.
    """
    clock: Clock = SystemClock()
    settings = wiring.settings
    site_id, gateway = SiteId(site.id), GatewayId(settings.gateway)
    spool = await open_spool(
        data / "edge" / settings.spool.path, settings.spool.limit, settings.spool.when_full, clock.now()
    )
    try:
        ledger = await open_ledger(data / "edge" / "commands.sqlite", clock.now())
        try:
            board = StatusBoard(site_id, gateway, clock)
            async with _bus(site, gateway, heard(site_id, gateway), board.will) as bus:
                links = SystemLinks(site, gateway, data, clock)
                outside = Outside(spool=spool, ledger=ledger, bus=bus, links=links, clock=clock)
                agent = assemble(site, folder, wiring, outside, board)
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, agent.reload.ask)
                await agent.run(stop)
        finally:
            await ledger.close()
    finally:
        await spool.close()


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `edge` to the command `coldport`."""
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
    register_desk(verbs, _desk_bus)
    register_gate_report(verbs)
    register_enroll(verbs)
    register_tools(verbs, _visiting_links)


def register_replaying(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `replay` to the command `coldport`."""
    register_replay(subparsers, _replay_bus)


def _run(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site)
    wiring = load_edge(arguments.site, site)
    log.set_up()
    asyncio.run(_until_signalled(site, arguments.site, wiring, arguments.data))
    return 0


async def _until_signalled(site: Site, folder: Path, wiring: Wiring, data: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_edge(site, folder, wiring, data, stop)
