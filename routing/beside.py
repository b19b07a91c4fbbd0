"""One consignment beside a plan: its own part of the network, and what all the others have taken of it.

Of a thousand services some dozens lie between a consignment's ready time and its latest arrival; a network of these
alone is made in a hundredth of a second, so that nobody has to make that of the whole instance for one question.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

import msgspec
import numpy as np

from coldport.ids import Id
from routing.draft import Draft, draft
from routing.kernel.start import empty
from routing.kernel.tables import Problem, Rooms, State
from routing.model import Band, Consignment, Instance, Service, Status
from routing.pricing import Tables, keeps_cold, units_needed
from routing.reach import NO_LIMIT
from routing.result import Leg, Plan, Route
from routing.timetable import whole
from routing.ways import BAND_NUMBERS

Load = tuple[int, int, int]
"""Grams, litres and pallets."""
Wait = tuple[Id, int, int, Band, int]
"""Whose goods wait, from and until when, their band and litres."""


class Beside:
    """What the routes of a plan take, kept for any number of questions about its consignments."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance = instance
        self.plan = plan
        self.tables = Tables(instance)
        self.routes: dict[Id, list[Route]] = defaultdict(list)
        self._loads: dict[Leg, dict[Id | None, Load]] = defaultdict(dict)
        self._waits: dict[Id, list[Wait]] = defaultdict(list)
        for route in plan.routes:
            self.routes[route.consignment].append(route)
            self._put(route)

    def _put(self, route: Route) -> None:
        goods = self.tables.consignments[route.consignment]
        came_s = goods.ready_s
        for leg in route.legs:
            service, loads = self.tables.services[leg.service], self._loads[leg]
            loads[goods.load_class] = _sum(loads.get(goods.load_class, (0, 0, 0)), route, 1)
            if keeps_cold(self.tables.nodes[service.origin], goods.band):
                wait = (goods.id, came_s, service.departs_s, goods.band, route.litres)
                self._waits[service.origin].append(wait)
            came_s = service.arrives_s

    def draft(self, goods: Consignment, within: Instance | None = None, *, alone: bool = False) -> Draft:
        """Return a draft of one consignment, which stays; its units and rooms are as the others of the plan left them.

        `goods` go whole. `within` is another state of the instance (`routing.loosen`) with the same services; `alone`:
        nobody else has taken anything.
        """
        known = within or self.instance
        kept = {leg.service for route in self.routes.get(goods.id, ()) for leg in route.legs}
        own = msgspec.structs.replace(
            known,
            services=tuple(between(known.services, goods, kept)),
            consignments=(msgspec.structs.replace(goods, splittable=False, least_part_g=0),),
            locks=tuple(lock for lock in known.locks if lock.consignment in (None, goods.id)),
        )
        found = draft(own)
        if alone:
            return found
        rooms, waits = self._rooms(found, goods)
        problem = found.problem._replace(rooms=rooms)
        state = empty(problem, 0)
        _fill(problem, state, waits)
        self._load(found, state, goods)
        return replace(found, problem=problem, state=state)

    def riders(self, leg: Leg) -> list[Route]:
        """Return the routes that ride by an offer, those that fill the most of it first."""
        some = [route for route in self.plan.routes if leg in route.legs]
        return sorted(some, key=lambda route: (-route.mass_g, route.consignment))

    def _load(self, found: Draft, state: State, goods: Consignment) -> None:
        """Write what the others have put on each offer."""
        groups = {None: 0, goods.load_class: int(found.problem.goods.load_class[0])}
        mine = [(leg, route) for route in self.routes.get(goods.id, ()) for leg in route.legs]
        offers = found.problem.offers
        for number, leg in enumerate(found.legs):
            for group, load in self._loads.get(leg, {}).items():
                others = load
                for at, route in mine if group == goods.load_class else ():
                    others = _sum(others, route, -1) if at == leg else others
                units = units_needed(found.tables.offers[leg], [others])
                state.need[number] += units
                if group in groups:
                    state.loads[number, groups[group]] = others
                    state.units[number, groups[group]] = units
            held, service = offers.held[number], offers.service[number]
            state.plugged[service] += offers.plug[number] * (max(state.need[number], held) - held)

    def _rooms(self, found: Draft, goods: Consignment) -> tuple[Rooms, list[tuple[int, Wait]]]:
        """Return the rooms that could run out for the consignment, and by place what the others have in them."""
        rooms, table, band = found.problem.rooms, found.network.table, BAND_NUMBERS[goods.band]
        waits: list[tuple[int, Wait]] = []
        moments: list[set[int]] = [set() for _ in table.nodes]
        for place, node in enumerate(table.nodes):
            if rooms.takes[place, band] and rooms.limit[place, band] < NO_LIMIT:
                here = [wait for wait in self._waits.get(node.id, ()) if wait[0] != goods.id]
                waits += [(place, wait) for wait in here]
                moments[place].update(moment for wait in here for moment in wait[1:3])
                moments[place].update(one.departs_s for one in table.services if one.origin == node.id)
                moments[place].update(one.arrives_s for one in table.services if one.destination == node.id)
                moments[place].add(goods.ready_s)
        begin = whole(accumulate((len(some) for some in moments), initial=0))
        return rooms._replace(begin=begin, moment=whole(one for some in moments for one in sorted(some))), waits


def between(services: Iterable[Service], goods: Consignment, kept: set[Id]) -> list[Service]:
    """Return the services that the goods could be on by the times alone, and those `kept`, as they were ordered."""
    order = sorted((one for one in services if one.status is not Status.CANCELLED), key=lambda one: one.departs_s)
    there = {goods.origin: goods.ready_s}
    ahead: list[Service] = []
    for one in order:
        if there.get(one.origin, NO_LIMIT) <= one.departs_s:
            there[one.destination] = min(there.get(one.destination, NO_LIMIT), one.arrives_s)
            ahead.append(one)
    leaves = {goods.destination: goods.latest_s}
    found = set(kept)
    for one in reversed(ahead):
        if one.arrives_s <= leaves.get(one.destination, -1):
            leaves[one.origin] = max(leaves.get(one.origin, -1), one.departs_s)
            found.add(one.id)
    return [one for one in services if one.id in found]


def _sum(load: Load, route: Route, sign: int) -> Load:
    return load[0] + sign * route.mass_g, load[1] + sign * route.litres, load[2] + sign * route.pallets


def _fill(problem: Problem, state: State, waits: list[tuple[int, Wait]]) -> None:
    """Write the litres of the others into the slots of the rooms they wait in."""
    rooms = problem.rooms
    for place, (_, from_s, to_s, band, litres) in waits:
        begin = int(rooms.begin[place])
        first, last = begin + np.searchsorted(rooms.moment[begin : rooms.begin[place + 1]], (from_s, to_s))
        state.level[BAND_NUMBERS[band], first:last] += litres
