"""Plans made the long way: every route there is, every choice of them. For instances of a handful of services."""

from collections.abc import Iterator
from itertools import product

from routing.model import Consignment, Instance
from routing.pricing import Tables, bookings_for, price
from routing.result import Leg, Plan, Route, Unplanned
from routing.validate import check, check_route


def chains(instance: Instance, goods: Consignment) -> Iterator[tuple[Leg, ...]]:
    """Yield every chain of legs from origin to destination that comes to no place twice, allowed or not."""

    def onward(at: str, seen: frozenset[str], legs: tuple[Leg, ...]) -> Iterator[tuple[Leg, ...]]:
        if at == goods.destination:
            yield legs
            return
        for service in instance.services:
            if service.origin == at and service.destination not in seen:
                for offer in service.offers:
                    leg = Leg(service=service.id, offer=offer.id)
                    yield from onward(service.destination, seen | {service.destination}, (*legs, leg))

    yield from onward(goods.origin, frozenset({goods.origin}), ())


def whole(goods: Consignment, *legs: Leg) -> Route:
    return Route(consignment=goods.id, legs=legs, mass_g=goods.mass_g, litres=goods.litres, pallets=goods.pallets)


def allowed_routes(instance: Instance, goods: Consignment) -> list[Route]:
    """Return every route of a whole consignment that keeps rules 1 to 7."""
    routes = (whole(goods, *legs) for legs in chains(instance, goods))
    return [route for route in routes if not check_route(instance, route)]


def plan_of(instance: Instance, routes: list[Route], **given: object) -> Plan:
    """Return a plan with these routes, what they need booked, and the others unplanned; allowed or not."""
    tables = Tables(instance)
    planned = {route.consignment for route in routes}
    stays = tuple(one.id for one in instance.consignments if one.id not in planned)
    bookings = bookings_for(instance, tables, routes)
    parts = {
        "instance": instance.id,
        "routes": tuple(routes),
        "unplanned": tuple(Unplanned(consignment=name, reason="dearer-than-staying") for name in stays),
        "bookings": bookings,
        "cost": price(tables, routes, bookings, stays),
        "solver": "by-hand",
        "seed": 0,
    }
    return Plan(**(parts | given))


def all_plans(instance: Instance) -> Iterator[Plan]:
    """Yield every plan of whole consignments that the judge lets pass."""
    choices = [[None, *allowed_routes(instance, goods)] for goods in instance.consignments]
    for chosen in product(*choices):
        plan = plan_of(instance, [route for route in chosen if route is not None])
        if not check(instance, plan):
            yield plan


def cheapest(instance: Instance) -> Plan | None:
    """Return the cheapest plan of whole consignments; None when locks leave none at all."""
    return min(all_plans(instance), key=lambda plan: plan.cost.total, default=None)
