"""What cannot be planned because the instance itself is wrong: names of nothing, and times out of order.

Struct types have seen to each value by itself; here is what takes two of them. Solvers and the judge rely on it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from coldport.ids import Id
from routing.model import Consignment, Instance, Lock, Node, Service

SHOWN = 100
"""Problems returned at most: a file with more of them has one cause, and nobody reads further."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path, written as msgspec does: `$.services[3].origin`."""

    path: str
    message: str

    def __str__(self) -> str:
        """Return `path: message`."""
        return f"{self.path}: {self.message}"


def problems(instance: Instance) -> tuple[Problem, ...]:
    """Return what is wrong with an instance, at most `SHOWN`; nothing when it can be planned."""
    found: list[Problem] = []
    for problem in _all(instance):
        found.append(problem)
        if len(found) == SHOWN:
            break
    return tuple(found)


def _all(instance: Instance) -> Iterator[Problem]:
    yield from _twice("$.nodes", (node.id for node in instance.nodes))
    yield from _twice("$.services", (service.id for service in instance.services))
    yield from _twice("$.consignments", (one.id for one in instance.consignments))
    nodes = {node.id for node in instance.nodes}
    for number, node in enumerate(instance.nodes):
        yield from _node(f"$.nodes[{number}]", node)
    for number, service in enumerate(instance.services):
        yield from _service(f"$.services[{number}]", service, nodes)
    for number, consignment in enumerate(instance.consignments):
        yield from _consignment(f"$.consignments[{number}]", consignment, nodes)
    services = {service.id: service for service in instance.services}
    consignments = {one.id for one in instance.consignments}
    for number, lock in enumerate(instance.locks):
        yield from _lock(f"$.locks[{number}]", lock, services, consignments)


def _twice(path: str, names: Iterable[Id]) -> Iterator[Problem]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(path, f"{name} is named {times} times")


def _unknown(path: str, name: Id, known: Collection[Id]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(path, f"there is no {name}")


def _node(path: str, node: Node) -> Iterator[Problem]:
    for number, window in enumerate(node.open):
        if window.to_s <= window.from_s:
            yield Problem(f"{path}.open[{number}]", f"closes at {window.to_s} s, opens at {window.from_s} s")
    for number, (before, after) in enumerate(pairwise(node.open)):
        if after.from_s <= before.to_s:
            text = f"opens at {after.from_s} s, the window before lasts to {before.to_s} s"
            yield Problem(f"{path}.open[{number + 1}]", text)
    yield from _twice(f"{path}.storage", (storage.band for storage in node.storage))
    changes = (f"{one.arriving} to {one.leaving}" for one in node.connections)
    yield from _twice(f"{path}.connections", changes)


def _service(path: str, service: Service, nodes: set[Id]) -> Iterator[Problem]:
    yield from _unknown(f"{path}.origin", service.origin, nodes)
    yield from _unknown(f"{path}.destination", service.destination, nodes)
    if service.origin == service.destination:
        yield Problem(f"{path}.destination", f"goes from {service.origin} to itself")
    if service.arrives_s <= service.departs_s:
        text = f"arrives at {service.arrives_s} s, departs at {service.departs_s} s"
        yield Problem(f"{path}.arrives_s", text)
    for name in ("booking_s", "documents_s", "customs_s", "gate_in_s"):
        if getattr(service, name) > service.departs_s:
            text = f"is at {getattr(service, name)} s, after the departure at {service.departs_s} s"
            yield Problem(f"{path}.{name}", text)
    if list(service.delay_s) != sorted(service.delay_s) or len(service.delay_s) not in (0, 11):
        yield Problem(f"{path}.delay_s", "are not eleven deciles, the least first")
    yield from _twice(f"{path}.offers", (offer.id for offer in service.offers))
    for number, offer in enumerate(service.offers):
        yield from _twice(f"{path}.offers[{number}].steps", (str(step.units) for step in offer.steps))
        if offer.min_take > offer.count:
            text = f"{offer.min_take} units, it has {offer.count}"
            yield Problem(f"{path}.offers[{number}].min_take", text)


def _consignment(path: str, one: Consignment, nodes: set[Id]) -> Iterator[Problem]:
    yield from _unknown(f"{path}.origin", one.origin, nodes)
    yield from _unknown(f"{path}.destination", one.destination, nodes)
    if one.origin == one.destination:
        yield Problem(f"{path}.destination", f"goes from {one.origin} to itself")
    if not one.ready_s <= one.due_s <= one.latest_s:
        text = f"is ready at {one.ready_s} s, due at {one.due_s} s, must arrive by {one.latest_s} s"
        yield Problem(f"{path}.due_s", text)
    if one.splittable and not 1 <= one.least_part_g <= one.mass_g:
        yield Problem(f"{path}.least_part_g", f"{one.least_part_g} g, it has {one.mass_g} g")
    for mode in one.forced_modes:
        if mode in one.forbidden_modes:
            yield Problem(f"{path}.forced_modes", f"{mode} is forced and forbidden")


def _lock(path: str, lock: Lock, services: dict[Id, Service], consignments: set[Id]) -> Iterator[Problem]:
    given = [bool(lock.path), lock.use is not None, bool(lock.modes), lock.units > 0]
    if sum(given) != 1:
        yield Problem(path, "needs exactly one of path, use, modes, units")
    for position, name in enumerate(lock.path):
        yield from _unknown(f"{path}.path[{position}]", name, services)
    for key, named in (("use", lock.use), ("service", lock.service)):
        if named is not None:
            yield from _unknown(f"{path}.{key}", named, services)
    if lock.units > 0:
        yield from _unit_lock(path, lock, services)
    elif lock.consignment is None:
        yield Problem(f"{path}.consignment", "is missing")
    else:
        yield from _unknown(f"{path}.consignment", lock.consignment, consignments)


def _unit_lock(path: str, lock: Lock, services: dict[Id, Service]) -> Iterator[Problem]:
    if lock.consignment is not None:
        yield Problem(f"{path}.consignment", "holds units for all, not for one")
    if lock.service is None or lock.offer is None:
        yield Problem(path, "needs service and offer")
    elif lock.service in services:
        counts = {offer.id: offer.count for offer in services[lock.service].offers}
        if lock.offer not in counts:
            yield Problem(f"{path}.offer", f"{lock.service} has no {lock.offer}")
        elif lock.units > counts[lock.offer]:
            yield Problem(f"{path}.units", f"{lock.units} units, there are {counts[lock.offer]}")
