"""Locks that cannot hold: which of them together, and no more of them than it takes.

What is found is proved, in three ways: no chain of services keeps all the locks of a consignment; the goods locked on a
service are more than its units hold; the units locked on it need more plugs than it has. Locks that fail for want of
room elsewhere are left to whoever plans.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from coldport.errors import RefusedError
from coldport.ids import Id
from routing.model import Consignment, Instance, Lock, Service
from routing.network import network_in
from routing.timetable import timetable
from routing.ways import marks


@dataclass(frozen=True, slots=True)
class Conflict:
    """Locks that cannot hold together; without any one of them, the others can, as far as `reason` goes."""

    locks: tuple[Lock, ...]
    reason: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{'; '.join(told(lock) for lock in self.locks)}: {self.reason}"


def told(lock: Lock) -> str:
    """Return what a lock holds, in words."""
    if lock.path:
        return f"{lock.consignment} goes by {' '.join(lock.path)}"
    if lock.use is not None:
        return f"{lock.consignment} uses {lock.use}"
    if lock.modes:
        return f"{lock.consignment} goes by {' '.join(lock.modes)} alone"
    return f"{lock.units} units of {lock.offer} on {lock.service}"


def conflicts(instance: Instance) -> tuple[Conflict, ...]:
    """Return the sets of locks that cannot hold together, of an instance without problems."""
    return (*_on_ways(instance), *_on_room(instance), *_on_plugs(instance))


def refuse_conflicts(instance: Instance) -> None:
    """Raise where locks cannot hold together.

    Raises:
        RefusedError: It has one line for each set of them.
    """
    found = conflicts(instance)
    if found:
        raise RefusedError("\n".join(f"locks cannot hold: {one}" for one in found))


def _least(locks: Sequence[Lock], holds: Callable[[Sequence[Lock]], bool]) -> tuple[Lock, ...]:
    """Return of locks that do not hold some of which each is needed for that."""
    left = list(locks)
    for lock in locks:
        others = [one for one in left if one is not lock]
        if not holds(others):
            left = others
    return tuple(left)


def _on_ways(instance: Instance) -> Iterator[Conflict]:
    own: dict[Id, list[Lock]] = defaultdict(list)
    for lock in instance.locks:
        if lock.consignment is not None:
            own[lock.consignment].append(lock)
    if not own:
        return
    table = timetable(instance)
    seen = marks(instance, table)

    def has_way(one: Consignment, locks: Sequence[Lock]) -> bool:
        if all(lock.modes for lock in locks):
            return True  # it may stay
        for some in _of_one_part(one, locks):
            asked = msgspec.structs.replace(instance, consignments=(one,), locks=some)
            if network_in(asked, table, seen).stops.begin[-1] == 0:
                return False
        return True

    for one in instance.consignments:
        if one.id in own and not has_way(one, own[one.id]):
            yield Conflict(_least(own[one.id], partial(has_way, one)), "no chain of services goes so, in time")


def _of_one_part(one: Consignment, locks: Sequence[Lock]) -> list[tuple[Lock, ...]]:
    """Return the locks that one route must keep: of goods that may be split, each part may use another service."""
    uses = [lock for lock in locks if lock.use is not None]
    if not one.splittable or len(uses) < 2:
        return [tuple(locks)]
    others = [lock for lock in locks if lock.use is None]
    return [(*others, lock) for lock in uses]


def _on_room(instance: Instance) -> Iterator[Conflict]:
    goods = {one.id: one for one in instance.consignments}
    riders: dict[Id, dict[Id, Lock]] = defaultdict(dict)
    for lock in instance.locks:
        if lock.consignment is not None and not goods[lock.consignment].splittable:
            for name in (*lock.path, *(() if lock.use is None else (lock.use,))):
                riders[name].setdefault(lock.consignment, lock)
    for service in instance.services:
        locks = list(riders[service.id].values())
        if not _hold(service, goods, locks):
            yield Conflict(_least(locks, partial(_hold, service, goods)), f"{service.id} has no room for so much")


def _hold(service: Service, goods: dict[Id, Consignment], locks: Sequence[Lock]) -> bool:
    """Return whether all units of a service together hold all goods that are locked on it."""
    some = [goods[lock.consignment] for lock in locks if lock.consignment is not None]
    return (
        sum(one.mass_g for one in some) <= sum(offer.count * offer.mass_g for offer in service.offers)
        and sum(one.litres for one in some) <= sum(offer.count * offer.litres for offer in service.offers)
        and sum(one.pallets for one in some) <= sum(offer.count * offer.positions for offer in service.offers)
    )


def _on_plugs(instance: Instance) -> Iterator[Conflict]:
    held: dict[Id, list[Lock]] = defaultdict(list)
    for lock in instance.locks:
        if lock.units and lock.service is not None:
            held[lock.service].append(lock)
    for service in instance.services:
        plugs = {offer.id: offer.plugs for offer in service.offers}

        def fed(locks: Sequence[Lock], service: Service = service, plugs: dict[Id, int] = plugs) -> bool:
            need = sum(plugs[lock.offer] * lock.units for lock in locks if lock.offer is not None)
            return service.plugs is None or need <= service.plugs

        if not fed(held[service.id]):
            yield Conflict(_least(held[service.id], fed), f"{service.id} has {service.plugs} plugs")
