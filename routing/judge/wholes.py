"""Rules 10 and 11 of DESIGN.md: parts, locks, and that each consignment is either routed or unplanned."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from coldport.ids import Id
from routing.judge.facts import Facts
from routing.judge.rules import Rule, Violation
from routing.model import Consignment, Lock, Mode
from routing.result import Plan, Route


def judge_wholes(facts: Facts, plan: Plan, only: Collection[Id] | None = None) -> Iterator[Violation]:
    """Yield consignments that are not there once and whole (rules 10 and 11); `only` those asked for."""
    routes = _routes(plan)
    stays = Counter(one.consignment for one in plan.unplanned)
    for name in sorted(stays.keys() - facts.goods.keys()):
        yield Violation(rule=Rule.CONSIGNMENT, subject=name, text="the instance does not have it")
    for name, goods in facts.goods.items():
        if only is not None and name not in only:
            continue
        if stays[name] > 1:
            yield Violation(rule=Rule.UNPLANNED_TWICE, subject=name, text="is named as unplanned more than once")
        if name in routes and name in stays:
            yield Violation(rule=Rule.BOTH, subject=name, text="has a route and is named as unplanned")
        if name not in routes and name not in stays:
            yield Violation(rule=Rule.NEITHER, subject=name, text="has no route and is not named as unplanned")
        if name in routes:
            yield from _parts(goods, routes[name])


def judge_locks(facts: Facts, plan: Plan) -> Iterator[Violation]:
    """Yield the locks that do not hold (rule 11)."""
    routes = _routes(plan)
    for lock in facts.instance.locks:
        yield from _lock(facts, lock, plan, routes.get(lock.consignment or "", []))


def _routes(plan: Plan) -> dict[Id, list[Route]]:
    routes: dict[Id, list[Route]] = defaultdict(list)
    for route in plan.routes:
        routes[route.consignment].append(route)
    return routes


def _parts(goods: Consignment, routes: list[Route]) -> Iterator[Violation]:
    if len(routes) > 1 and not goods.splittable:
        yield Violation(rule=Rule.SPLIT, subject=goods.id, text=f"goes in {len(routes)} parts")
    for route in routes:
        if len(routes) > 1 and route.mass_g < goods.least_part_g:
            text = f"a part has {route.mass_g} g, least are {goods.least_part_g} g"
            yield Violation(rule=Rule.LEAST_PART, subject=goods.id, text=text)
    for word, whole, parts in (
        ("g", goods.mass_g, sum(route.mass_g for route in routes)),
        ("litres", goods.litres, sum(route.litres for route in routes)),
        ("pallets", goods.pallets, sum(route.pallets for route in routes)),
    ):
        if whole != parts:
            text = f"has {whole} {word}, its routes carry {parts}"
            yield Violation(rule=Rule.PARTS, subject=goods.id, text=text)


def _lock(facts: Facts, lock: Lock, plan: Plan, routes: list[Route]) -> Iterator[Violation]:
    """Say what of a lock does not hold. Only a lock on modes lets a consignment stay."""
    subject = lock.consignment or lock.service or facts.instance.id
    taken = [tuple(leg.service for leg in route.legs) for route in routes]
    text = None
    if lock.path and (not taken or any(services != lock.path for services in taken)):
        text = f"is locked to {' '.join(lock.path)}"
    elif lock.use is not None and all(lock.use not in services for services in taken):
        text = f"is locked to {lock.use}"
    elif lock.modes and any(not _modes(facts, services) <= set(lock.modes) for services in taken):
        text = f"may go by {' '.join(lock.modes)} alone"
    elif lock.units and lock.units > _booked(plan, lock):
        text = f"{lock.units} units of {lock.offer} are locked"
    if text is not None:
        yield Violation(rule=Rule.LOCK, subject=subject, text=text)


def _booked(plan: Plan, lock: Lock) -> int:
    return sum(one.units for one in plan.bookings if (one.service, one.offer) == (lock.service, lock.offer))


def _modes(facts: Facts, services: tuple[Id, ...]) -> set[Mode]:
    return {facts.services[name].mode for name in services if name in facts.services}
