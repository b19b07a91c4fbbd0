"""Puts a gateway together out of its settings and its adapters; `edge.main` makes the real ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from edge.enroll.permissions import CONTROL
from edge.floor import Floor
from edge.health.births import Births
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
from edge.stand_in.deputy import Deputy, Post


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
    return [
        topics.receipts(site, gateway),
        topics.commands(site, gateway),
        topics.MANIFESTS.filter(site),
        topics.presence(site, CONTROL),
    ]


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
    around = Surroundings(points=site.points(), actuators=floor.outputs, clock_state=state, clock=clock)
    orders = channels.open(topics.commands(site_id, gateway))
    commander = Commander(site_id, gateway, outside.ledger, orders, around)
    deputy = _deputy(site, wiring, outside, board, floor)
    told = [uplink.control_is_there, *(one.control_is_there for one in deputy)]
    births = Births(channels.open(topics.presence(site_id, CONTROL)), told, clock)
    gates = [point for point, one in site.points().items() if one.quantity is Quantity.TAGS]
    expected = channels.open(*(topics.manifest(site_id, point) for point in gates))
    outlet = Outlet(_Seen(recorder, [commander.see, *(one.see for one in deputy)]), board, clock, health)
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
            "births": births.run,
            **{one.name: one.run for one in deputy},
            "bus": channels.run,
        },
        reload=Reload(folder, wiring, partial(load_edge, folder, site), floor.change, clock),
        recorder=recorder,
        board=board,
        bus=bus,
    )


def _deputy(site: Site, wiring: Wiring, outside: Outside, board: StatusBoard, floor: Floor) -> Sequence[Deputy]:
    """Return who stands in for control, or nobody."""
    if wiring.settings.stand_in is None:
        return ()
    post = Post(points=site.points(), actuators=floor.outputs, spool=outside.spool, board=board, clock=outside.clock)
    return (Deputy(wiring.settings.stand_in, post),)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The way to the recorder, past the commander, who learns where the outputs are, and past who stands in."""

    recorder: Recorder
    lookers: Sequence[Callable[[Iterable[Observation]], None]]

    async def record(self, observations: Sequence[Observation]) -> None:
        for look in self.lookers:
            look(observations)
        await self.recorder.record(observations)
