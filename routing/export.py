"""Plans as sheets for Excel: booking lists for each carrier, the plan, and two plans side by side."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from coldport.ids import Id
from routing.model import Instance
from routing.pricing import HOUR_S, Tables, journey, price, units_cost
from routing.result import Cost, Leg, Plan, Route
from routing.workbook import Cell

Sheet = list[list[Cell]]
MILLION = 1_000_000


def booking_lists(instance: Instance, plan: Plan) -> dict[str, Sheet]:
    """Return a sheet for each carrier: what is booked with it, by departure, with what it loads and the cut-offs."""
    tables, local = Tables(instance), _local(instance)
    loads: dict[Leg, list[Route]] = {}
    for route in plan.routes:
        for leg in route.legs:
            loads.setdefault(leg, []).append(route)
    headings: list[Cell] = [
        *("Service", "From", "To", "Departs", "Booking by", "Documents by", "Customs by", "Gate-in by"),
        *("Unit", "Units", "Price CNY", "Mass kg", "Volume m3", "Pallets", "Consignments"),
    ]
    sheets: dict[str, Sheet] = {}
    for booking in sorted(plan.bookings, key=lambda one: (tables.services[one.service].departs_s, one.service)):
        service = tables.services[booking.service]
        leg = Leg(service=booking.service, offer=booking.offer)
        routes = loads.get(leg, [])
        cut_offs = (service.booking_s, service.documents_s, service.customs_s, service.gate_in_s)
        row: list[Cell] = [service.id, service.origin, service.destination, local(service.departs_s)]
        row += [local(moment) for moment in cut_offs]
        row += [booking.offer, booking.units, units_cost(tables.offers[leg], booking.units) / 100]
        row += [sum(route.mass_g for route in routes) / 1_000, sum(route.litres for route in routes) / 1_000]
        row += [sum(route.pallets for route in routes), ", ".join(route.consignment for route in routes)]
        sheets.setdefault(service.carrier, [headings]).append(row)
    return sheets


def plan_sheets(instance: Instance, plan: Plan) -> dict[str, Sheet]:
    """Return the plan: its cost, each leg of each route, what stays and why, and what is booked."""
    tables, local = Tables(instance), _local(instance)
    cost: Sheet = [["Part", "CNY"], *_rows(_parts(plan.cost))]
    cost += [["bound", None if plan.bound_fen is None else plan.bound_fen / 100], ["gap", plan.gap]]
    cost += [["CO2e t", plan.cost.co2e_g / MILLION], ["solver", plan.solver], ["seed", plan.seed]]
    routes: Sheet = [
        [
            *("Consignment", "Leg", "Service", "Unit", "Mode", "From", "To", "Departs", "Arrives", "Waits h"),
            *("Mass kg", "Volume m3", "Pallets", "Taken in", "Late h", "Exposed h"),
        ]
    ]
    for route in plan.routes:
        routes += _route_rows(tables, local, route)
    stays: Sheet = [["Consignment", "Reason", "CNY"]]
    stays += [
        [one.consignment, one.reason, tables.consignments[one.consignment].unplanned_fen / 100]
        for one in plan.unplanned
    ]
    booked: Sheet = [["Service", "Unit", "Units"], *_rows((one.service, one.offer, one.units) for one in plan.bookings)]
    return {"Cost": cost, "Routes": routes, "Unplanned": stays, "Bookings": booked}


def comparison_sheets(instance: Instance, one: Plan, other: Plan) -> dict[str, Sheet]:
    """Return two plans side by side: the parts of their cost, and each consignment that goes another way."""
    tables = Tables(instance)
    cost: Sheet = [["Part", "First CNY", "Second CNY", "Difference CNY"]]
    for (part, first), (_, second) in zip(_parts(one.cost), _parts(other.cost), strict=True):
        cost.append([part, first, second, round(second - first, 2)])
    cost.append(["CO2e t", one.cost.co2e_g / MILLION, other.cost.co2e_g / MILLION, None])
    routes, other_routes = _by_consignment(one), _by_consignment(other)
    changed: Sheet = [["Consignment", "First", "First CNY", "Second", "Second CNY"]]
    for name in tables.consignments:
        ways = [_way(routes.get(name, [])), _way(other_routes.get(name, []))]
        if ways[0] != ways[1]:
            first, second = _own_cny(tables, name, routes), _own_cny(tables, name, other_routes)
            changed.append([name, ways[0], first, ways[1], second])
    return {"Cost": cost, "Changed": changed}


def _parts(cost: Cost) -> Iterable[tuple[str, float]]:
    for part in cost.__struct_fields__:
        if part != "co2e_g":
            yield part, getattr(cost, part) / 100
    yield "total", cost.total / 100


def _route_rows(tables: Tables, local: Callable[[int], Cell], route: Route) -> Sheet:
    goods = tables.consignments[route.consignment]
    services = [tables.services[leg.service] for leg in route.legs]
    trip = journey(tables, goods, services)
    rows: Sheet = []
    for number, (leg, service, wait_s) in enumerate(zip(route.legs, services, trip.waits_s, strict=True), start=1):
        row: list[Cell] = [route.consignment, number, service.id, leg.offer, service.mode.value]
        row += [service.origin, service.destination, local(service.departs_s), local(service.arrives_s)]
        row += [wait_s / HOUR_S, route.mass_g / 1_000, route.litres / 1_000, route.pallets]
        if number == len(services) and trip.arrives_s is not None:
            row += [local(trip.arrives_s), max(0, trip.arrives_s - goods.due_s) / HOUR_S, trip.exposed_s / HOUR_S]
        rows.append(row)
    return rows


def _rows(values: Iterable[Iterable[Cell]]) -> Sheet:
    return [list(row) for row in values]


def _by_consignment(plan: Plan) -> dict[Id, list[Route]]:
    routes: dict[Id, list[Route]] = {}
    for route in plan.routes:
        routes.setdefault(route.consignment, []).append(route)
    return routes


def _way(routes: list[Route]) -> str | None:
    """Return how a consignment goes, its parts in the order of their services; None when it stays."""
    ways = [
        f"{one.mass_g / 1_000:g} kg: {' > '.join(f'{leg.service}/{leg.offer}' for leg in one.legs)}" for one in routes
    ]
    return "; ".join(sorted(ways)) or None


def _own_cny(tables: Tables, name: Id, routes: dict[Id, list[Route]]) -> float:
    """Return what a consignment costs by itself: all but bookings and carbon, which it shares with others."""
    own = routes.get(name, [])
    cost = price(tables, own, (), () if own else (name,))
    return (cost.total - cost.carbon) / 100


def _local(instance: Instance) -> Callable[[int], Cell]:
    """Return a writer of moments in the time zone of the instance's start."""
    return lambda seconds: (instance.start + timedelta(seconds=seconds)).replace(tzinfo=None)
