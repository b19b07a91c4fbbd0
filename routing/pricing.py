"""What a plan costs, by the table of `routing/DESIGN.md`: the one price that every solver uses.

`Tables` finds things by id. `journey` says how a route passes its time, `route_cost` what it costs by itself, and
`price` adds the bookings, the carbon and those who stay. Nothing here asks whether a route is allowed: that is
`routing.validate`, which shares no code with this module.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass

from coldport.ids import Id
from routing.model import Band, Consignment, Fen, Instance, Mode, Node, Offer, Prices, Service
from routing.result import Booking, Cost, Leg, Plan, Route

DAY_S = 86_400
HOUR_S = 3_600
MILLION = 1_000_000


class Tables:
    """An instance by its ids. An id that is not in it is a KeyError: `routing.instance_check` finds those first."""

    def __init__(self, instance: Instance) -> None:
        self.prices: Prices = instance.prices
        self.nodes: dict[Id, Node] = {node.id: node for node in instance.nodes}
        self.services: dict[Id, Service] = {service.id: service for service in instance.services}
        self.offers: dict[Leg, Offer] = {
            Leg(service=service.id, offer=offer.id): offer for service in instance.services for offer in service.offers
        }
        self.consignments: dict[Id, Consignment] = {one.id: one for one in instance.consignments}

    def of(self, instance: Instance) -> "Tables":
        """Return the tables of an instance with the same offers."""
        found = copy(self)
        found.prices = instance.prices
        found.nodes = {node.id: node for node in instance.nodes}
        found.services = {service.id: service for service in instance.services}
        found.consignments = {one.id: one for one in instance.consignments}
        return found


@dataclass(frozen=True, slots=True)
class Journey:
    """How a route passes its time.

    `waits_s` has one wait for each leg, at the place it begins at: the first is at the origin. `exposed_s` is the sum
    of those in which the goods were not kept cold. `arrives_s` is when the destination takes them in, or None when it
    does not open again.
    """

    waits_s: tuple[int, ...]
    exposed_s: int
    arrives_s: int | None


def opens_s(node: Node, at_s: int) -> int | None:
    """Return the first moment not before `at_s` at which the place is open; None when there is none.

    The windows of a place are in order and apart.
    """
    if not node.open:
        return at_s
    place = bisect_right(node.open, at_s, key=lambda window: window.to_s)
    return max(at_s, node.open[place].from_s) if place < len(node.open) else None


def connection_s(node: Node, arriving: Mode, leaving: Mode) -> int:
    """Return the least time between arriving and handing over at a place, for this change of modes."""
    for connection in node.connections:
        if connection.arriving is arriving and connection.leaving is leaving:
            return connection.least_s
    return node.connection_s


def keeps_cold(node: Node, band: Band) -> bool:
    """Return whether goods of the band are kept in their band while they wait here."""
    return band is Band.AMBIENT or node.plugs > 0 or any(storage.band is band for storage in node.storage)


def journey(tables: Tables, consignment: Consignment, services: Sequence[Service]) -> Journey:
    """Return how the goods pass their time on these services, in this order."""
    at_s = consignment.ready_s
    waits, exposed = [], 0
    for service in services:
        wait = service.departs_s - at_s
        waits.append(wait)
        if not keeps_cold(tables.nodes[service.origin], consignment.band):
            exposed += wait
        at_s = service.arrives_s
    return Journey(tuple(waits), exposed, opens_s(tables.nodes[consignment.destination], at_s))


def units_cost(offer: Offer, units: int) -> Fen:
    """Return what booking so many units of an offer costs: nothing for none."""
    if units == 0:
        return 0
    unit_fen = offer.unit_fen
    for step in sorted(offer.steps, key=lambda step: step.units):
        if units >= step.units:
            unit_fen = step.unit_fen
    return offer.open_fen + max(units, offer.min_take) * unit_fen


def units_needed(offer: Offer, loads: Iterable[tuple[int, int, int]]) -> int:
    """Return the units that loads of (grams, litres, pallets) need; each load class is one load of its own."""
    return sum(
        max(-(-mass // offer.mass_g), -(-litres // offer.litres), -(-pallets // offer.positions))
        for mass, litres, pallets in loads
    )


def route_cost(tables: Tables, route: Route) -> Cost:
    """Return what a route costs beside its bookings. `carbon` is 0: CO2e is priced once for a plan, from `co2e_g`.

    A destination that does not open again counts as reached when the last service arrives.
    """
    consignment, prices = tables.consignments[route.consignment], tables.prices
    services = [tables.services[leg.service] for leg in route.legs]
    offers = [tables.offers[leg] for leg in route.legs]
    trip = journey(tables, consignment, services)
    arrives = services[-1].arrives_s if trip.arrives_s is None else trip.arrives_s
    mass = route.mass_g
    value = consignment.value_fen * mass // consignment.mass_g
    transfers = [tables.nodes[service.destination] for service in services[:-1]]
    waits = zip(services, trip.waits_s, strict=True)
    late_s = max(0, arrives - consignment.due_s)
    return Cost(
        freight=sum(offer.fen_per_t * mass // MILLION for offer in offers),
        handling=sum(node.handling_fen_per_t * mass // MILLION for node in transfers),
        storage=sum(
            _storage_fen(tables.nodes[service.origin], consignment.band, route.litres, wait) for service, wait in waits
        ),
        duty=sum(value * service.duties_ppm.get(consignment.regime, 0) // MILLION for service in services),
        time=value * prices.time_ppm_per_day * (arrives - consignment.ready_s) // (MILLION * DAY_S),
        late=consignment.late_fen_per_h * late_s * mass // (HOUR_S * consignment.mass_g),
        spoilage=value * prices.spoilage_ppm_per_h * trip.exposed_s // (MILLION * HOUR_S),
        co2e_g=sum(offer.co2e_g_per_t * mass // MILLION for offer in offers)
        + sum(node.handling_co2e_g_per_t * mass // MILLION for node in transfers),
    )


def _storage_fen(node: Node, band: Band, litres: int, wait_s: int) -> Fen:
    for storage in node.storage:
        if storage.band is band:
            return storage.fen_per_m3_day * litres * wait_s // (1_000 * DAY_S)
    return 0


def bookings_for(instance: Instance, tables: Tables, routes: Iterable[Route]) -> tuple[Booking, ...]:
    """Return the bookings that routes need, and those that locks hold, in the order of services and offers."""
    loads: dict[Leg, dict[Id | None, tuple[int, int, int]]] = {}
    for route in routes:
        group = tables.consignments[route.consignment].load_class
        for leg in route.legs:
            mass, litres, pallets = loads.setdefault(leg, {}).get(group, (0, 0, 0))
            loads[leg][group] = (mass + route.mass_g, litres + route.litres, pallets + route.pallets)
    held = {
        Leg(service=lock.service, offer=lock.offer): lock.units
        for lock in instance.locks
        if lock.service is not None and lock.offer is not None
    }
    found = []
    for leg, offer in tables.offers.items():
        if leg in loads or leg in held:
            units = max(units_needed(offer, loads.get(leg, {}).values()), held.get(leg, 0))
            if units > 0:
                found.append(Booking(service=leg.service, offer=leg.offer, units=units))
    return tuple(found)


def price(tables: Tables, routes: Iterable[Route], bookings: Iterable[Booking], unplanned: Iterable[Id]) -> Cost:
    """Return what a plan costs, to the fen, by its parts."""
    return total_cost(tables, [route_cost(tables, route) for route in routes], bookings, unplanned)


def total_cost(tables: Tables, parts: Sequence[Cost], bookings: Iterable[Booking], unplanned: Iterable[Id]) -> Cost:
    """Return the same, given what each route costs by itself."""
    booking_fen, co2e_g = 0, sum(part.co2e_g for part in parts)
    for booking in bookings:
        offer = tables.offers[Leg(service=booking.service, offer=booking.offer)]
        booking_fen += units_cost(offer, booking.units)
        co2e_g += booking.units * offer.unit_co2e_g
    return Cost(
        booking=booking_fen,
        freight=sum(part.freight for part in parts),
        handling=sum(part.handling for part in parts),
        storage=sum(part.storage for part in parts),
        duty=sum(part.duty for part in parts),
        time=sum(part.time for part in parts),
        late=sum(part.late for part in parts),
        spoilage=sum(part.spoilage for part in parts),
        carbon=tables.prices.carbon_fen_per_t * co2e_g // MILLION,
        unplanned=sum(tables.consignments[one].unplanned_fen for one in unplanned),
        co2e_g=co2e_g,
    )


def plan_cost(instance: Instance, plan: Plan) -> Cost:
    """Return what a whole plan costs by its own routes and bookings."""
    return price(Tables(instance), plan.routes, plan.bookings, (one.consignment for one in plan.unplanned))
