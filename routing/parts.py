"""Goods that may be split, as so many consignments of their own: the search moves goods whole, and so it can split.

Each is cut into the most parts that it may have, of one size; parts that take the same way are one part again. A big
consignment that no train has room for on one day goes on two.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from coldport.ids import Id
from routing.model import Consignment, Instance
from routing.pricing import Tables, bookings_for, price
from routing.result import Leg, Plan, Route, Unplanned

MOST_PARTS = 4
"""Into how many parts goods are cut at most: more would find little and make the instance large."""

STAY_PERMILLE = 1_500
"""What it costs that a part stays, in thousandths of its share, as the others must stay with it. At a thousand
consignments the bare share leaves many to stay for one part's sake, and four times as much sends what better stayed."""


def in_parts(instance: Instance) -> Instance:
    """Return the instance in which parts are consignments; the same one where nothing may be split.

    Goods that a lock names are not cut.
    """
    locked = {lock.consignment for lock in instance.locks}
    cut = [part for one in instance.consignments for part in _parts(one, may_split=one.id not in locked)]
    if len(cut) == len(instance.consignments):
        return instance
    return msgspec.structs.replace(instance, consignments=tuple(cut))


def plan_in_parts(cut: Instance, plan: Plan) -> Plan:
    """Return a plan of the instance as one of `cut`, to start with: parts go the way of the whole, or of its parts."""
    names: dict[Id, list[Consignment]] = defaultdict(list)
    for part in cut.consignments:
        names[whole_of(part.id)].append(part)
    routes = []
    for route in plan.routes:
        parts = names[route.consignment]
        count = max(1, round(route.mass_g / parts[0].mass_g)) if parts else 0
        routes += [_route(part, route.legs) for part in parts[:count]]
        names[route.consignment] = parts[count:]
    stays = [
        Unplanned(consignment=part.id, reason=one.reason) for one in plan.unplanned for part in names[one.consignment]
    ]
    tables = Tables(cut)
    bookings = bookings_for(cut, tables, routes)
    cost = price(tables, routes, bookings, [one.consignment for one in stays])
    return msgspec.structs.replace(plan, routes=tuple(routes), unplanned=tuple(stays), bookings=bookings, cost=cost)


def joined(instance: Instance, plan: Plan) -> Plan:
    """Return a plan of parts as one of the instance they were cut from. Where one part stays, all of them do."""
    stays = {whole_of(one.consignment): one.reason for one in plan.unplanned}
    ways: dict[tuple[Id, tuple[Leg, ...]], list[Route]] = defaultdict(list)
    for route in plan.routes:
        if whole_of(route.consignment) not in stays:
            ways[whole_of(route.consignment), route.legs].append(route)
    routes = [_together(name, legs, some) for (name, legs), some in ways.items()]
    unplanned = tuple(Unplanned(consignment=name, reason=reason) for name, reason in stays.items())
    tables = Tables(instance)
    bookings = bookings_for(instance, tables, routes)
    cost = price(tables, routes, bookings, stays)
    return msgspec.structs.replace(plan, routes=tuple(routes), unplanned=unplanned, bookings=bookings, cost=cost)


def _parts(one: Consignment, *, may_split: bool) -> Iterable[Consignment]:
    count = min(MOST_PARTS, one.mass_g // max(1, one.least_part_g), one.litres, one.pallets)
    if not (may_split and one.splittable) or count < 2:
        return [one]
    return [_part(one, number, count) for number in range(count)]


def _part(one: Consignment, number: int, count: int) -> Consignment:
    """Return a part. Its name has a sign that no consignment's has; what cannot be divided goes to the later ones."""

    def share(whole: int) -> int:
        return whole * (number + 1) // count - whole * number // count

    return msgspec.structs.replace(
        one,
        id=f"{one.id}/{number}",
        mass_g=share(one.mass_g),
        litres=share(one.litres),
        pallets=share(one.pallets),
        value_fen=share(one.value_fen),
        late_fen_per_h=share(one.late_fen_per_h),
        unplanned_fen=share(one.unplanned_fen) * STAY_PERMILLE // 1_000,
        splittable=False,
        least_part_g=0,
    )


def whole_of(part: Id) -> Id:
    """Return the name of the consignment that a part was cut from; of one that is none, its own."""
    return part.partition("/")[0]


def _route(one: Consignment, legs: tuple[Leg, ...]) -> Route:
    return Route(consignment=one.id, legs=legs, mass_g=one.mass_g, litres=one.litres, pallets=one.pallets)


def _together(name: Id, legs: tuple[Leg, ...], routes: Sequence[Route]) -> Route:
    return Route(
        consignment=name,
        legs=legs,
        mass_g=sum(route.mass_g for route in routes),
        litres=sum(route.litres for route in routes),
        pallets=sum(route.pallets for route in routes),
    )
