"""The best routes of one consignment beside the plan as it stands: what it would truly cost to go each way.

Best first over the consignment's stops, with what is still to come at least (units at their true extra price) as the
guide, so that whole routes come out in the order of their cost.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

import numpy as np
from msgspec import Struct

from coldport.ids import Id
from routing.cut_offs import slacks
from routing.draft import Draft
from routing.kernel.insert import enter, first_full, leave
from routing.kernel.labels import PLACES
from routing.kernel.seat import price_stops
from routing.kernel.tables import MOST_LEGS
from routing.model import Service
from routing.pricing import MILLION, journey, route_cost, units_cost, units_needed
from routing.result import Cost, Leg, Route

CLOSE_FEN = 100
"""How far the kernel's cost of a route may be from its price: each of at most some dozens of parts is rounded."""
MOST_STEPS = 200_000
"""Unfinished routes looked at; past them what was found is given."""

Through = Callable[[Service], bool]
"""Whether a service is one that the goods are asked to go by."""
Steps = list[tuple[int, float, int]]
"""What can follow a stop: its number, what the step costs, and how long it exposes."""


class Itinerary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to go. `cost` is what the plan would cost more: its own parts and the units needed more, no `unplanned`.

    `slack_s` is by leg how much later the goods could be handed over, `binding` the tightest: its place among the
    legs, and the name of the cut-off as `model.Service` has it. `more_units` are by leg those booked more for it.
    """

    route: Route
    cost: Cost
    arrives_s: int
    exposed_s: int
    waits_s: tuple[int, ...]
    slack_s: tuple[int, ...]
    binding: tuple[int, str]
    more_units: tuple[int, ...]


def itineraries(draft: Draft, consignment: Id, most: int, through: Sequence[Through] = ()) -> tuple[Itinerary, ...]:
    """Return at most so many routes of a consignment, the cheapest first, the others going as in the draft.

    Each keeps every rule, rooms and units of the others included, and of each of `through` has a service. The draft is
    left as it was. A plan is asked about by `Draft.seat` first, once for any number of questions.
    """
    k = draft.places[consignment]
    was = int(draft.state.length[k]), float(draft.state.own[k])
    if was[0] > 0:
        leave(draft.problem, draft.state, k)
    found: list[Itinerary] = []
    for cost, offers in _routes(draft, k, through):
        if len(found) >= most and cost > sorted(one.cost.total for one in found)[most - 1] + CLOSE_FEN:
            break
        found.append(_itinerary(draft, k, offers))
    if was[0] > 0:
        enter(draft.problem, draft.state, k, *was)
    return tuple(sorted(found, key=lambda one: (one.cost.total, one.arrives_s, repr(one.route)))[:most])


def priced(draft: Draft, consignment: Id, legs: Sequence[Leg]) -> Itinerary:
    """Return what it is like to go by these legs, allowed or not, of a consignment that stays in the draft."""
    numbers = {leg: number for number, leg in enumerate(draft.legs)}
    return _itinerary(draft, draft.places[consignment], [numbers[leg] for leg in legs])


def _routes(draft: Draft, k: int, through: Sequence[Through]) -> Iterator[tuple[float, list[int]]]:
    """Yield cost and offers of each route that is allowed and has room, in the order of the kernel's cost."""
    stops, scratch = draft.problem.stops, draft.scratch
    begin, size = int(stops.begin[k]), int(stops.begin[k + 1] - stops.begin[k])
    price = np.zeros(size)
    price_stops(draft.problem, draft.state, scratch, k, price)
    offers = scratch.offer[:size].tolist()
    onward, met = _onward(draft, k, price), _met(draft, k, through)
    to_come = _to_come(draft, k, onward, (met, len(through)))
    forced, every = int(draft.problem.goods.forced[k]), (1 << len(through)) - 1
    heap: list[tuple[float, float, int, int, tuple[int, ...], int]] = []
    for one in range(size):
        missing = every & ~met[one]
        if np.isfinite(stops.start[begin + one] + price[one] + to_come[missing][one]):
            exposed = int(stops.wait[begin + one]) if stops.exposed[begin + one] else 0
            cost, seen = float(stops.start[begin + one] + price[one]), forced & ~int(stops.clears[begin + one])
            heappush(heap, (cost + to_come[missing][one], cost, exposed, seen, (one,), missing))
    for _ in range(MOST_STEPS):
        if not heap:
            return
        _, cost, exposed, seen, path, missing = heappop(heap)
        if path[-1] < 0:
            if _has_room(draft, k, path[:-1]):
                yield cost, [offers[one] for one in path[:-1]]
            continue
        last = begin + path[-1]
        if missing == 0 and np.isfinite(stops.end[last]) and exposed <= stops.spare[last] and seen <= PLACES:
            whole = cost + float(stops.end[last])
            heappush(heap, (whole, whole, exposed, seen, (*path, -1), 0))
        seen |= int(stops.bit[last])
        for one, step, longer in onward[path[-1]] if len(path) < MOST_LEGS else ():
            left = missing & ~met[one]
            if not seen & int(stops.bit[begin + one]) and to_come[left][one] < np.inf:
                now = seen & ~int(stops.clears[begin + one])
                guess = cost + step + to_come[left][one]
                heappush(heap, (guess, cost + step, exposed + longer, now, (*path, one), left))


def _onward(draft: Draft, k: int, price: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[Steps]:
    """Return of each stop the stops that follow."""
    stops = draft.problem.stops
    begin = int(stops.begin[k])
    onward: list[Steps] = [[] for _ in price]
    for one, own in enumerate(price.tolist()):
        if own == np.inf:
            continue
        stop = begin + one
        fixed, rate, exposed = own + float(stops.transfer[stop]), float(stops.rate[stop]), bool(stops.exposed[stop])
        links = slice(int(stops.link_from[stop]), int(stops.link_from[stop + 1]))
        waits = stops.link_wait[links].tolist()
        for source, wait in zip(stops.link_source[links].tolist(), waits, strict=True):
            onward[source].append((one, fixed + rate * wait, wait if exposed else 0))
    return onward


def _met(draft: Draft, k: int, through: Sequence[Through]) -> list[int]:
    """Return of each stop which of `through` it is one of, as bits."""
    stops, services = draft.problem.stops, draft.network.table.services
    own = stops.service[int(stops.begin[k]) : int(stops.begin[k + 1])].tolist()
    return [sum(1 << bit for bit, asked in enumerate(through) if asked(services[number])) for number in own]


def _to_come(draft: Draft, k: int, onward: list[Steps], asked: tuple[list[int], int]) -> list[list[float]]:
    """Return what is still to be paid from each stop on at least, whatever was passed before.

    One list for each set of what is `asked` and still missing after the stop; infinite where it cannot be met.
    """
    stops = draft.problem.stops
    begin, size = int(stops.begin[k]), len(onward)
    met, count = asked
    found: list[list[float]] = []
    for missing in range(1 << count):
        to_come: list[float] = [np.inf] * size if missing else stops.end[begin : begin + size].tolist()
        found.append(to_come)
        for one in range(size - 1, -1, -1):
            for other, step, _ in onward[one]:
                to_come[one] = min(to_come[one], step + found[missing & ~met[other]][other])
    return found


def _has_room(draft: Draft, k: int, path: tuple[int, ...]) -> bool:
    draft.scratch.path[: len(path)] = path
    return first_full(draft.problem, draft.state, draft.scratch, k, len(path)) < 0


def _itinerary(draft: Draft, k: int, offers: list[int]) -> Itinerary:
    """Return a route priced to the fen, the consignment itself not being in the draft."""
    goods, tables = draft.network.consignments[k], draft.tables
    legs = tuple(draft.legs[offer] for offer in offers)
    route = Route(consignment=goods.id, legs=legs, mass_g=goods.mass_g, litres=goods.litres, pallets=goods.pallets)
    services = [tables.services[leg.service] for leg in legs]
    trip = journey(tables, goods, services)
    left = [min(slacks(tables, goods, services[:place], one)) for place, one in enumerate(services)]
    place = min(range(len(left)), key=lambda one: left[one])
    cost, more = _cost(draft, k, route, offers)
    return Itinerary(
        route=route,
        cost=cost,
        arrives_s=services[-1].arrives_s if trip.arrives_s is None else trip.arrives_s,
        exposed_s=trip.exposed_s,
        waits_s=trip.waits_s,
        slack_s=tuple(slack for slack, _ in left),
        binding=(place, left[place][1]),
        more_units=more,
    )


def _cost(draft: Draft, k: int, route: Route, offers: list[int]) -> tuple[Cost, tuple[int, ...]]:
    """Return what a route adds to the cost of the plan, and by leg the units that it adds."""
    own = route_cost(draft.tables, route)
    booking, co2e_g, more = 0, own.co2e_g, []
    group = int(draft.problem.goods.load_class[k])
    for number, leg in zip(offers, route.legs, strict=True):
        offer = draft.tables.offers[leg]
        mass, litres, pallets = draft.state.loads[number, group].tolist()
        alone = units_needed(offer, [(mass + route.mass_g, litres + route.litres, pallets + route.pallets)])
        need, held = int(draft.state.need[number]), int(draft.problem.offers.held[number])
        before = max(held, need)
        after = max(held, need - int(draft.state.units[number, group]) + alone)
        booking += units_cost(offer, after) - units_cost(offer, before)
        co2e_g += (after - before) * offer.unit_co2e_g
        more.append(after - before)
    parts = {name: getattr(own, name) for name in Cost.__struct_fields__}
    carbon = draft.tables.prices.carbon_fen_per_t * co2e_g // MILLION
    return Cost(**(parts | {"booking": booking, "carbon": carbon, "co2e_g": co2e_g})), tuple(more)
