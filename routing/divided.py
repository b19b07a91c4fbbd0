"""A plan that sends goods in parts, as one in which each part is a consignment: going on moves what is hit alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from coldport.ids import Id
from routing.model import Consignment, Instance, Lock
from routing.parts import STAY_PERMILLE
from routing.result import Plan, Route


@dataclass(frozen=True, slots=True)
class Divided:
    """An instance in which parts are consignments, its plan (routes and who stays), and what each is a part of.

    `whole` has consignments that are not in parts too, as themselves.
    """

    instance: Instance
    plan: Plan
    whole: Mapping[Id, Id]

    @property
    def in_parts(self) -> bool:
        """Whether anything is in parts."""
        return any(part != one for part, one in self.whole.items())


def divided(instance: Instance, plan: Plan, together: Collection[Id] = ()) -> Divided:
    """Return a plan with its parts as consignments. Those named `together` are whole, and in the plan not mentioned."""
    ways: dict[Id, list[Route]] = defaultdict(list)
    for route in plan.routes:
        ways[route.consignment].append(route)
    routes: list[Route] = []
    goods: list[Consignment] = []
    whole: dict[Id, Id] = {}
    parts: dict[Id, list[Route]] = {}
    for one in instance.consignments:
        own = [] if one.id in together else ways[one.id]
        if len(own) > 1:
            own = [msgspec.structs.replace(route, consignment=f"{one.id}/{n}") for n, route in enumerate(own)]
            parts[one.id] = own
            goods += [_part(one, route) for route in own]
        else:
            goods.append(one)
        routes += own
        whole.update({route.consignment: one.id for route in own} or {one.id: one.id})
    stays = tuple(one for one in plan.unplanned if one.consignment not in together)
    locks = tuple(other for lock in instance.locks for other in _locks(lock, parts.get(lock.consignment or "", [])))
    return Divided(
        msgspec.structs.replace(instance, consignments=tuple(goods), locks=locks),
        msgspec.structs.replace(plan, routes=tuple(routes), unplanned=stays),
        whole,
    )


def _part(one: Consignment, route: Route) -> Consignment:
    """Return what goes by a route as a consignment. It stays at more than its share, for where one stays, all do."""
    mass = route.mass_g
    return msgspec.structs.replace(
        one,
        id=route.consignment,
        mass_g=mass,
        litres=route.litres,
        pallets=route.pallets,
        value_fen=one.value_fen * mass // one.mass_g,
        late_fen_per_h=one.late_fen_per_h * mass // one.mass_g,
        unplanned_fen=one.unplanned_fen * mass // one.mass_g * STAY_PERMILLE // 1_000,
        splittable=False,
        least_part_g=0,
    )


def _locks(lock: Lock, parts: list[Route]) -> list[Lock]:
    """Return a lock as one of parts: a service is used by the parts that go by it, by all where none does."""
    if not parts:
        return [lock]
    riders = [route for route in parts if any(leg.service == lock.use for leg in route.legs)]
    return [msgspec.structs.replace(lock, consignment=route.consignment) for route in riders or parts]
