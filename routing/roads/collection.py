"""What trucks are to fetch from the parks for a plan: its first legs by road to the hub, as jobs of a road problem.

The plan books first legs on the timetable's own trucks, one park each. Collection takes their place: the goods and what
follows at the hub stay as planned, only who fetches them, and when, is found anew. So each job must be at the hub,
unloaded, in time for what follows there: gate-in and customs cut-off of the next service, less the connection time. It
is loaded no sooner than it is ready; where it waits at the park out of the cold, also no later than lets it keep its
exposure and shelf life (rule 7) with all that the plan makes it suffer later. Room for what now waits elsewhere or
otherwise (rule 8) is not checked here, nor are load classes within a truck.

Trucks are out by day, and only while every park in question is open, so that no stop needs hours of its own for each
day. What is too much for one truck is fetched by several, in parts as equal as pallets allow.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from coldport.errors import RefusedError
from coldport.ids import Id
from routing.geography import geodesic_m
from routing.model import Consignment, Instance, Mode, Node, Service, Window
from routing.pricing import Tables, connection_s, journey, keeps_cold, units_cost
from routing.result import Leg, Plan, Route
from routing.roads.fleet import Fleet, Kind, Shift
from routing.roads.model import MAX_JOBS, Job, Rest, Roads, Stop, Truck

HOUR_S = 3_600
MILLION = 1_000_000


class Collection(NamedTuple):
    """The road problem of a plan: whose place in its tables is which, and what the plan's own trucks cost."""

    roads: Roads
    places: tuple[Id, ...]
    timetable_fen: int


class Fetched(NamedTuple):
    """A part of a plan that is fetched: its route, the service whose place the collection takes, what follows."""

    route: Route
    taken: Service
    following: Service | None


def collection(instance: Instance, plan: Plan, fleet: Fleet) -> Collection:
    """Return what is to be fetched for a plan.

    Raises:
        RefusedError: The instance has no such hub, or there are more jobs than can be planned.
    """
    tables = Tables(instance)
    nodes = tables.nodes
    if fleet.base not in nodes:
        raise RefusedError(f"the instance has no place {fleet.base!r}, where the trucks are")
    fetched = list(_fetched(tables, plan, fleet.base))
    places = (fleet.base, *sorted({one.taken.origin for one in fetched}))
    jobs = _numbered([job for one in fetched for job in _jobs(tables, one, fleet, places)])
    if len(jobs) > MAX_JOBS:
        raise RefusedError(f"{len(jobs)} jobs; {MAX_JOBS} can be planned at a time")
    metres = _metres([nodes[name] for name in places], fleet.ways.detour_permille)
    roads = Roads(
        metres=metres,
        seconds=tuple(tuple(-(-way * HOUR_S // (fleet.ways.km_per_h * 1_000)) for way in row) for row in metres),
        hub=0,
        jobs=jobs,
        trucks=tuple(_trucks(instance, fleet, jobs, [nodes[name] for name in places[1:]])),
    )
    return Collection(roads, places, _timetable_fen(tables, plan, fetched))


def _fetched(tables: Tables, plan: Plan, base: Id) -> Iterator[Fetched]:
    services = tables.services
    for route in plan.routes:
        first = services[route.legs[0].service]
        if first.mode is Mode.ROAD and first.destination == base and tables.nodes[first.origin].kind == "park":
            yield Fetched(route, first, services[route.legs[1].service] if len(route.legs) > 1 else None)


def _numbered(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Return the jobs, several of one consignment told apart by numbers from 1 on."""
    many = Counter(job.id for job in jobs)
    seen: Counter[Id] = Counter()
    numbered = []
    for job in jobs:
        seen[job.id] += 1
        numbered.append(job if many[job.id] == 1 else replace(job, id=f"{job.id}-{seen[job.id]}"))
    return tuple(numbered)


def _jobs(tables: Tables, one: Fetched, fleet: Fleet, places: Sequence[Id]) -> Iterator[Job]:
    """Yield the jobs of a part: one, or several alike where no truck of its band holds it whole."""
    route = one.route
    goods = tables.consignments[route.consignment]
    parts = min(route.pallets, _parts(route, [kind for kind in fleet.trucks if goods.band in kind.bands]))
    until_s = _due_at(tables.nodes[fleet.base], one.following, goods.latest_s)
    waits_s = _waits_until(tables, goods, one)
    cuts = [[size * part // parts for part in range(parts + 1)] for size in (route.pallets, route.mass_g, route.litres)]
    pallets, masses, litres = ([end - begin for begin, end in pairwise(cut)] for cut in cuts)
    park = places.index(one.taken.origin)
    for part in range(parts):
        work_s = fleet.work.s_per_pallet * pallets[part]
        last_s = max(0, until_s - work_s)
        taken_s = last_s if waits_s is None else min(last_s, waits_s)
        yield Job(
            id=goods.id,
            load=Stop(place=park, opens_s=goods.ready_s, closes_s=taken_s, service_s=work_s),
            unload=Stop(place=0, closes_s=last_s, service_s=work_s),
            mass_g=masses[part],
            litres=litres[part],
            pallets=pallets[part],
            band=goods.band,
            stay_fen=goods.unplanned_fen * route.mass_g // goods.mass_g // parts,
        )


def _waits_until(tables: Tables, goods: Consignment, one: Fetched) -> int | None:
    """Return until when goods may wait at the park; None where they are not exposed there, or suffer from nothing.

    As the plan has it they wait till its truck leaves, exposed; what is left then of exposure and of shelf life on
    arrival says how much longer they may.
    """
    if keeps_cold(tables.nodes[one.taken.origin], goods.band):
        return None
    trip = journey(tables, goods, [tables.services[leg.service] for leg in one.route.legs])
    spares = [] if goods.exposure_s is None else [goods.exposure_s - trip.exposed_s]
    faster = tables.prices.exposed_permille - 1_000
    if goods.shelf_life_s is not None and trip.arrives_s is not None and faster:
        used_s = trip.arrives_s - goods.ready_s + trip.exposed_s * faster // 1_000
        spares.append((goods.shelf_life_s - used_s - goods.shelf_life_left_s) * 1_000 // faster)
    return one.taken.departs_s + max(0, min(spares)) if spares else None


def _parts(route: Route, kinds: Sequence[Kind]) -> int:
    """Return in how many parts goods go into the largest truck of their band; one where there is no such truck."""
    needs = (
        max(
            -(-route.pallets // kind.positions),
            -(-route.mass_g // (kind.mass_kg * 1_000)),
            -(-route.litres // kind.litres),
        )
        for kind in kinds
    )
    return min(needs, default=1)


def _due_at(base: Node, following: Service | None, latest_s: int) -> int:
    """Return the last moment at which goods may be at the hub for what follows, or for their end there."""
    if following is None:
        return _last_open(base, latest_s)
    least_s = connection_s(base, Mode.ROAD, following.mode)
    return max(0, _last_open(base, min(following.gate_in_s, following.customs_s)) - least_s)


def _last_open(node: Node, until_s: int) -> int:
    """Return the last moment at which a place is open, not after another; 0 when it never is."""
    if not node.open:
        return until_s
    return max((min(until_s, one.to_s - 1) for one in node.open if one.from_s <= until_s), default=0)


def _metres(nodes: Sequence[Node], detour_permille: int) -> tuple[tuple[int, ...], ...]:
    points = [(node.latitude / MILLION, node.longitude / MILLION) for node in nodes]
    return tuple(tuple(geodesic_m([here, there]) * detour_permille // 1_000 for there in points) for here in points)


def _trucks(instance: Instance, fleet: Fleet, jobs: Sequence[Job], parks: Sequence[Node]) -> Iterator[Truck]:
    """Yield the trucks of each day on which something can be fetched: of a kind as many as there are jobs at most."""
    last_s = max((job.load.closes_s for job in jobs), default=-1)
    for day, shift in _days(instance.start, fleet, last_s):
        opens_s, closes_s = _while_open(parks, shift)
        open_now = [job for job in jobs if job.load.opens_s < closes_s and job.load.closes_s >= opens_s]
        for kind in fleet.trucks if opens_s < closes_s else ():
            many = sum(job.band in kind.bands for job in open_now)
            if many:
                yield _truck(f"{kind.id}-{day:%m%d}", fleet.shift, kind, min(many, kind.count), (opens_s, closes_s))


def _days(start: datetime, fleet: Fleet, last_s: int) -> Iterator[tuple[date, Window]]:
    """Yield the days from the start on, with their shifts, up to a moment."""
    zone = ZoneInfo(fleet.timezone)
    day = start.astimezone(zone).date()
    while True:
        ends = (
            datetime.combine(day, time.fromisoformat(clock), zone) for clock in (fleet.shift.opens, fleet.shift.closes)
        )
        opens_s, closes_s = (round((moment - start).total_seconds()) for moment in ends)
        if opens_s > last_s:
            return
        yield day, Window(from_s=max(0, opens_s), to_s=max(0, closes_s))
        day += timedelta(days=1)


def _while_open(parks: Sequence[Node], shift: Window) -> tuple[int, int]:
    """Return the part of a shift in which all places are open; none of it where one is closed, or has a break."""
    opens_s, closes_s = shift.from_s, shift.to_s
    for park in parks:
        hours = [one for one in park.open if one.from_s < shift.to_s and one.to_s > shift.from_s]
        if park.open and len(hours) != 1:
            return 0, 0
        for one in hours:
            opens_s, closes_s = max(opens_s, one.from_s), min(closes_s, one.to_s - 1)
    return opens_s, closes_s


def _truck(name: Id, shift: Shift, kind: Kind, count: int, out: tuple[int, int]) -> Truck:
    return Truck(
        id=name,
        count=count,
        start=0,
        end=0,
        mass_g=kind.mass_kg * 1_000,
        litres=kind.litres,
        pallets=kind.positions,
        bands=kind.bands,
        opens_s=out[0],
        closes_s=out[1],
        longest_s=round(shift.longest_h * HOUR_S),
        rest=Rest(after_s=round(shift.rest_after_h * HOUR_S), lasts_s=shift.rest_min * 60),
        use_fen=kind.use_fen,
        fen_per_km=kind.fen_per_km,
        fen_per_h=kind.fen_per_h,
    )


def _timetable_fen(tables: Tables, plan: Plan, fetched: Sequence[Fetched]) -> int:
    """Return what the plan pays for the trucks whose place the collection takes."""
    taken = {one.route.legs[0] for one in fetched}
    units = {Leg(service=one.service, offer=one.offer): one.units for one in plan.bookings}
    freights = (tables.offers[one.route.legs[0]].fen_per_t * one.route.mass_g // MILLION for one in fetched)
    return sum(freights) + sum(units_cost(tables.offers[leg], units.get(leg, 0)) for leg in taken)
