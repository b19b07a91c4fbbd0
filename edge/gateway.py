"""Puts a gateway together out of its settings and its adapters; `edge.main` makes the real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coldport import topics
from coldport.bus import Bus
from coldport.clock import Clock
from coldport.ids import GatewayId, SiteId
from coldport.messages.observation import Observation
from coldport.site import Quantity, Site
from edge.agent import Agent
from edge.channels import Channels
from edge.commands.commander import Commander, Surroundings
from edge.drivers.gates.manifests import Manifests
from edge.floor import Floor
from edge.health.book import HealthBook
from edge.health.clock_watch import ClockState, ClockWatch
from edge.health.status import StatusBoard
from edge.health.vitals import Vitals
from edge.lines.gateway import Line, Profile
from edge.passage.neighbours import Neighbours
from edge.ports import Ledger, Links, Outlet, Source, Spool
from edge.reload import Reload
from edge.settings import Wiring, load_edge
from edge.sources.around import Around
from edge.sources.build import source_of
from edge.spool.recorder import Recorder
from edge.spool.uplink import Uplink


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The adapters of a gateway. `bus` listens to `heard` of it, and nobody else receives from it."""

    spool: Spool
    ledger: Ledger
    bus: Bus
    links: Links
    clock: Clock


def heard(site: SiteId, gateway: GatewayId) -> list[str]:
    """Return the topics that a gateway's client of the bus listens to."""
    return [topics.receipts(site, gateway), topics.commands(site, gateway), topics.MANIFESTS.filter(site)]


def assemble(site: Site, folder: Path, wiring: Wiring, outside: Outside, board: StatusBoard) -> Agent:
    """Return the gateway that the files in `folder` describe, ready to run."""
    spool, bus, clock = outside.spool, outside.bus, outside.clock
    site_id, gateway = SiteId(site.id), GatewayId(wiring.settings.gateway)
    watch = ClockWatch(clock.now(), clock.monotonic_s())

    def state() -> ClockState:
        return watch.state(clock.monotonic_s())

    neighbours = Neighbours()

    def build(line: Line, profiles: Mapping[str, Profile]) -> Source:
        around = Around(
            points=site.points(), profiles=profiles, links=outside.links, outlet=outlet, neighbours=neighbours
        )
        return source_of(line, around)

    floor = Floor(build, board)
    recorder = Recorder(spool, board, clock, clock_is_off=lambda: state() is ClockState.OFFSET)
    health = HealthBook(site_id, gateway, clock)
    channels = Channels(bus, clock)
    uplink = Uplink(
        site_id,
        gateway,
        spool,
        channels.open(topics.receipts(site_id, gateway)),
        clock,
        on_round_trip=lambda sent_s, at: watch.heard(sent_s, at, clock.now(), clock.monotonic_s()),
    )
    commander = Commander(
        site_id,
        gateway,
        outside.ledger,
        channels.open(topics.commands(site_id, gateway)),
        Surroundings(points=site.points(), actuators=floor.outputs, clock_state=state, clock=clock),
    )
    gates = [point for point, one in site.points().items() if one.quantity is Quantity.TAGS]
    expected = channels.open(*(topics.manifest(site_id, point) for point in gates))
    outlet = Outlet(_Seen(recorder, commander), board, clock, health)
    vitals = Vitals(wiring.settings.gateway_points, spool, watch, recorder, board, clock)
    return Agent(
        wiring=wiring,
        floor=floor,
        works={
            "recorder": recorder.run,
            "uplink": uplink.run,
            "status": partial(board.run, bus),
            "health": partial(health.run, bus),
            "vitals": vitals.run,
            "commands": commander.run,
            "manifests": Manifests(expected, floor.gates, clock).run,
            "bus": channels.run,
        },
        reload=Reload(folder, wiring, partial(load_edge, folder, site), floor.change, clock),
        recorder=recorder,
        board=board,
        bus=bus,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The way to the recorder, past the commander: what the outputs are read as tells it where they are."""

    recorder: Recorder
    commander: Commander

    async def record(self, observations: Sequence[Observation]) -> None:
        self.commander.see(observations)
        await self.recorder.record(observations)
