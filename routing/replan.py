"""After a disruption: what has left stays as it is, and the rest is offered in a few ways, by how much they disturb.

Nobody thanks a planner who moves three hundred consignments to save a thousand yuan. So the answer is a list: the
cheapest way for those hit and nothing else; a search among those hit; among their neighbours; among all that may
still move. Each starts from the best of those before it, and they are ranked by cost plus a price for every
consignment that goes another way without need. The first is always among them: no answer is worse than it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from coldport.clock import Clock
from coldport.ids import Id
from routing.disruption import Disruption, disrupted
from routing.draft import Draft, draft
from routing.model import Consignment, Fen, Instance, Lock, Seconds, Status
from routing.result import Leg, Plan
from routing.search import Effort, search_in
from routing.timetable import Whole
from routing.validate import check

STABILITY_FEN = 30_000
"""What it costs to send a consignment another way without need: a call, new papers, a new label."""

NEAR_S = 8 * 86_400
"""Neighbours of a consignment go to the same place and are due within so much of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a plan may move, and the part of the time that is spent on it."""

    name: str
    share: float


SCOPES = (Scope("repair", 0.0), Scope("hit", 0.2), Scope("near", 0.3), Scope("all", 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to plan anew: in how many seconds, what is frozen beyond now, and the price of moving somebody."""

    seconds: float = 5.0
    freeze_s: Seconds = 0
    stability_fen: Fen = STABILITY_FEN
    seed: int = 0


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on. `moved` go another way, though not hit; `price_fen` is the cost with what that costs."""

    name: str
    plan: Plan
    moved: tuple[Id, ...]
    price_fen: Fen


@dataclass(frozen=True, slots=True)
class Replanned:
    """What became of a plan: the instance as it is now, whom it hit, who is stranded on the way, what can be done.

    `released` are locks that cannot hold any more; their consignments go as is best.
    `stranded` have left and cannot arrive any more: each needs a person. They are planned as if they had not left, so
    that the rest can be planned.
    """

    instance: Instance
    hit: tuple[Id, ...]
    released: tuple[Lock, ...]
    stranded: tuple[Id, ...]
    options: tuple[Option, ...]


def replan(
    instance: Instance, plan: Plan, happened: Iterable[Disruption], now_s: Seconds, clock: Clock, terms: Terms = USUAL
) -> Replanned:
    """Return what can be done after `happened`, the best first.

    Legs that depart, or whose booking closes, before `now_s + freeze_s` stay as they are; of those hit, legs that have
    left. Units that were booked and are not needed any more are let go without a fee.

    Raises:
        NotFoundError: Something happened to what the instance does not have.
        RefusedError: A consignment joins that is there.
        AssertionError: The judge refused an option: a bug.
    """
    changed, released = _release(disrupted(instance, happened, now_s))
    hit = _hit(changed, plan)
    under_way, stranded = _freeze(changed, plan, hit, now_s + terms.freeze_s, terms.seed)
    locked = under_way.network.instance
    best, options = plan, []
    for scope in SCOPES:
        still = {one.id for one in locked.consignments} - _movable(locked, hit, scope)
        effort = Effort(turns=0) if scope.share == 0 else Effort(seconds=terms.seconds * scope.share)
        best = search_in(under_way.anew(still), effort, clock, start=best)
        refused = check(locked, best)
        if refused:
            raise AssertionError(f"the judge refuses {scope.name}: {refused[0].text}")
        moved = tuple(sorted(_ways_differ(plan, best) - hit))
        options.append(Option(scope.name, best, moved, best.cost.total + terms.stability_fen * len(moved)))
    ranked = sorted(_distinct(options), key=lambda one: one.price_fen)
    return Replanned(locked, tuple(sorted(hit)), released, stranded, tuple(ranked))


def _release(changed: Instance) -> tuple[Instance, tuple[Lock, ...]]:
    """Return the instance without the locks that cannot hold any more, and those locks."""
    if not changed.locks:
        return changed, ()
    under_way = draft(msgspec.structs.replace(changed, now_s=0))
    begin = under_way.problem.stops.begin
    gone = {one.id for one in changed.services if one.status is Status.CANCELLED}
    released = tuple(
        lock
        for lock in changed.locks
        if lock.service in gone
        or (lock.consignment is not None and _has_no_stop(begin, under_way.places[lock.consignment]))
    )
    kept = tuple(lock for lock in changed.locks if lock not in released)
    return msgspec.structs.replace(changed, locks=kept), released


def _has_no_stop(begin: Whole, k: int) -> bool:
    return bool(begin[k] == begin[k + 1])


def _hit(changed: Instance, plan: Plan) -> set[Id]:
    """Return those whose routes are not allowed any more, and those that are new."""
    open_again = msgspec.structs.replace(changed, now_s=0)
    gone = draft(open_again).seat(plan)
    known = {route.consignment for route in plan.routes} | {one.consignment for one in plan.unplanned}
    return set(gone) | ({one.id for one in changed.consignments} - known)


def _freeze(
    changed: Instance, plan: Plan, hit: Collection[Id], until_s: Seconds, seed: int
) -> tuple[Draft, tuple[Id, ...]]:
    """Lock what stays as it is; return a draft of the instance with the locks, and those who cannot keep them."""
    services = {one.id: one for one in changed.services}
    locks: dict[Id, list[Id]] = {}
    for route in plan.routes:
        legs = [services[leg.service] for leg in route.legs if leg.service in services]
        if route.consignment in hit:
            kept = [one.id for one in legs if one.departs_s <= changed.now_s]
        else:
            kept = [one.id for one in legs if min(one.booking_s, one.departs_s) < until_s]
        if kept:
            locks[route.consignment] = kept
    under_way = draft(_locked(changed, locks), seed)
    begin = under_way.problem.stops.begin
    stranded = tuple(name for name in sorted(locks) if _has_no_stop(begin, under_way.places[name]))
    if stranded:
        others = {name: services for name, services in locks.items() if name not in stranded}
        under_way = draft(_locked(changed, others), seed)
    return under_way, stranded


def _locked(instance: Instance, locks: dict[Id, list[Id]]) -> Instance:
    held = [Lock(consignment=name, use=service) for name, services in locks.items() for service in services]
    return msgspec.structs.replace(instance, locks=(*instance.locks, *held))


def _movable(instance: Instance, hit: Collection[Id], scope: Scope) -> set[Id]:
    if scope.name in ("repair", "hit"):
        return set(hit)
    if scope.name == "all":
        return {one.id for one in instance.consignments}
    centres = [one for one in instance.consignments if one.id in hit]
    return set(hit) | {one.id for one in instance.consignments if any(_is_near(one, centre) for centre in centres)}


def _is_near(one: Consignment, other: Consignment) -> bool:
    return one.destination == other.destination and abs(one.due_s - other.due_s) <= NEAR_S


def _ways_differ(one: Plan, other: Plan) -> set[Id]:
    first, second = _ways(one), _ways(other)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def _ways(plan: Plan) -> dict[Id, frozenset[tuple[Leg, ...]]]:
    ways: dict[Id, frozenset[tuple[Leg, ...]]] = {}
    for route in plan.routes:
        ways[route.consignment] = ways.get(route.consignment, frozenset()) | {route.legs}
    return ways


def _distinct(options: list[Option]) -> Iterator[Option]:
    """Yield options without those that change nothing over the one before."""
    before = None
    for option in options:
        if before is None or option.plan.routes != before.plan.routes:
            yield option
        before = option
