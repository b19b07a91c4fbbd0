"""A plan as a screen shows it: the places, rides and goods it touches, and of each route when it is where.

An instance has thousands of services and a plan uses some dozens: what a page needs is small, and whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from coldport.ids import Id
from coldport.site import Text
from routing.cut_offs import slacks
from routing.model import Band, Consignment, Fen, Instance, Mode, Seconds, Service
from routing.pricing import Tables, journey, units_cost
from routing.punctuality import punctuality
from routing.result import Cost, Leg, Plan, Route


class Place(Struct, frozen=True, kw_only=True):
    """A place that goods of the plan come by, in degrees. `kind` as in `model.Node`."""

    id: Id
    name: Text
    kind: str
    latitude: float
    longitude: float


class Ride(Struct, frozen=True, kw_only=True):
    """A dated departure that carries goods, with its cut-offs and all that is booked on it."""

    id: Id
    mode: Mode
    carrier: str
    origin: Id
    destination: Id
    departs_s: Seconds
    arrives_s: Seconds
    booking_s: Seconds
    documents_s: Seconds
    customs_s: Seconds
    gate_in_s: Seconds
    booked: tuple["Booked", ...]


class Booked(Struct, frozen=True, kw_only=True):
    """Units of an offer, and how full they are: the greatest part of mass, volume and positions that is used."""

    offer: Id
    kind: str
    units: int
    price_fen: Fen
    filled: float


class CutOff(Struct, frozen=True, kw_only=True):
    """The cut-off of a leg that comes first for these goods: what it is, when, and how much time is left to it."""

    name: str
    at_s: Seconds
    slack_s: int


class Way(Struct, frozen=True, kw_only=True):
    """How a consignment, or a part of it, goes. `missed` by transfer is the chance that it comes too late for it."""

    cut_offs: tuple[CutOff, ...]
    legs: tuple[Leg, ...]
    mass_g: int
    waits_s: tuple[int, ...]
    arrives_s: Seconds | None
    p80_s: Seconds | None
    late_s: int
    exposed_s: int
    missed: tuple[float, ...]
    due_chance: float


class Goods(Struct, frozen=True, kw_only=True):
    """A consignment: its ways, or the reason why it stays."""

    id: Id
    origin: Id
    destination: Id
    band: Band
    mass_g: int
    ready_s: Seconds
    due_s: Seconds
    latest_s: Seconds
    ways: tuple[Way, ...]
    stays: str | None
    stays_fen: Fen


class Picture(Struct, frozen=True, kw_only=True):
    """What is shown of a plan. Moments are seconds since `start`."""

    instance: Id
    start: datetime
    now_s: Seconds
    cost: Cost
    total_fen: Fen
    bound_fen: Fen | None
    gap: float | None
    mass_g: int
    places: tuple[Place, ...]
    rides: tuple[Ride, ...]
    goods: tuple[Goods, ...]


def picture(instance: Instance, plan: Plan) -> Picture:
    """Return what is shown of a plan that the judge lets pass."""
    tables = Tables(instance)
    routes: dict[Id, list[Route]] = {}
    for route in plan.routes:
        routes.setdefault(route.consignment, []).append(route)
    stays = {one.consignment: one.reason for one in plan.unplanned}
    goods = tuple(_goods(tables, one, routes.get(one.id, []), stays.get(one.id)) for one in instance.consignments)
    rides = _rides(tables, plan)
    touched = {one for ride in rides for one in (ride.origin, ride.destination)}
    touched |= {place for one in goods for place in (one.origin, one.destination)}
    return Picture(
        instance=instance.id,
        start=instance.start,
        now_s=instance.now_s,
        cost=plan.cost,
        total_fen=plan.cost.total,
        bound_fen=plan.bound_fen,
        gap=plan.gap,
        mass_g=sum(route.mass_g for route in plan.routes),
        places=tuple(
            Place(
                id=node.id,
                name=node.name,
                kind=node.kind,
                latitude=node.latitude / 1_000_000,
                longitude=node.longitude / 1_000_000,
            )
            for node in instance.nodes
            if node.id in touched
        ),
        rides=rides,
        goods=goods,
    )


def _goods(tables: Tables, one: Consignment, routes: Iterable[Route], reason: str | None) -> Goods:
    return Goods(
        id=one.id,
        origin=one.origin,
        destination=one.destination,
        band=one.band,
        mass_g=one.mass_g,
        ready_s=one.ready_s,
        due_s=one.due_s,
        latest_s=one.latest_s,
        ways=tuple(_way(tables, one, route) for route in routes),
        stays=reason,
        stays_fen=one.unplanned_fen,
    )


def _way(tables: Tables, one: Consignment, route: Route) -> Way:
    services = [tables.services[leg.service] for leg in route.legs]
    trip = journey(tables, one, services)
    chances = punctuality(tables, route)
    return Way(
        cut_offs=tuple(_cut_off(tables, one, services, place) for place in range(len(services))),
        legs=route.legs,
        mass_g=route.mass_g,
        waits_s=trip.waits_s,
        arrives_s=trip.arrives_s,
        p80_s=chances.p80_s,
        late_s=0 if trip.arrives_s is None else max(0, trip.arrives_s - one.due_s),
        exposed_s=trip.exposed_s,
        missed=chances.missed,
        due_chance=chances.due,
    )


def _cut_off(tables: Tables, one: Consignment, services: Sequence[Service], place: int) -> CutOff:
    service = services[place]
    slack_s, name = min(slacks(tables, one, services[:place], service))
    return CutOff(name=name, at_s=getattr(service, name), slack_s=slack_s)


def _rides(tables: Tables, plan: Plan) -> tuple[Ride, ...]:
    """Return what is booked, in the order of departure."""
    mass, litres, pallets = _loads(plan)
    booked: dict[Id, list[Booked]] = {}
    for one in plan.bookings:
        leg = Leg(service=one.service, offer=one.offer)
        offer = tables.offers[leg]
        parts = (mass[leg] / offer.mass_g, litres[leg] / offer.litres, pallets[leg] / offer.positions)
        booked.setdefault(one.service, []).append(
            Booked(
                offer=one.offer,
                kind=offer.kind,
                units=one.units,
                price_fen=units_cost(offer, one.units),
                filled=max(parts) / one.units,
            )
        )
    used = sorted((tables.services[name] for name in booked), key=lambda service: (service.departs_s, service.id))
    return tuple(
        Ride(
            id=one.id,
            mode=one.mode,
            carrier=one.carrier,
            origin=one.origin,
            destination=one.destination,
            departs_s=one.departs_s,
            arrives_s=one.arrives_s,
            booking_s=one.booking_s,
            documents_s=one.documents_s,
            customs_s=one.customs_s,
            gate_in_s=one.gate_in_s,
            booked=tuple(booked[one.id]),
        )
        for one in used
    )


def _loads(plan: Plan) -> tuple[Mapping[Leg, int], Mapping[Leg, int], Mapping[Leg, int]]:
    """Return grams, litres and pallets by leg."""
    mass: Counter[Leg] = Counter()
    litres: Counter[Leg] = Counter()
    pallets: Counter[Leg] = Counter()
    for route in plan.routes:
        for leg in route.legs:
            mass[leg] += route.mass_g
            litres[leg] += route.litres
            pallets[leg] += route.pallets
    return mass, litres, pallets
