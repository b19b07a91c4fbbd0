"""A plan under way, with its network kept: what goes on after something happened, in milliseconds.

Making the network and tables of a thousand consignments takes the better part of a second. So whoever keeps a
`Standing` has a plan that the judge lets pass before anybody has asked for a better one: only those are looked at whose
routes can be hit at all, and all others ride on. `routing.replan` searches on from the same network, cut down for all.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from coldport.ids import Id
from routing.disruption import Disruption, Full, Joined, Suffered, disrupted
from routing.divided import Divided, divided
from routing.draft import Draft, Known, draft_of
from routing.kernel.insert import insert_all
from routing.kernel.seat import seat
from routing.kernel.start import empty, problem_of, rooms_of
from routing.kernel.tables import Problem
from routing.kernel.turns import put_back
from routing.model import Instance, Lock, Seconds, Status
from routing.network import HELD_FEN, Network
from routing.parts import joined
from routing.pricing import route_cost
from routing.remaining import Asked, Base, base_of, remaining, with_joined
from routing.result import Plan
from routing.validate import Record

TRUE_PRICE = 1.0
"""How `insert_all` counts units: at what those that are needed more truly cost."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of a plan: the instance as it is now, with what stays as it is as locks, and a plan that it allows.

    In `plan` those `hit` go their cheapest way, or stay; nobody else moves. `released` are locks that cannot hold any
    more; their consignments go as is best. `stranded` have left and cannot arrive any more: each needs a person. They
    are planned as if they had not left, so that the rest can be planned.

    `divided` is the plan of before with goods in parts as consignments, `repaired` the one of now; `hit_parts` are
    those hit. `search_on` makes a draft of all of them, in which every one stays.
    """

    instance: Instance
    before: Plan
    plan: Plan
    hit: tuple[Id, ...]
    released: tuple[Lock, ...]
    stranded: tuple[Id, ...]
    divided: Divided
    repaired: Plan
    hit_parts: frozenset[Id]
    search_on: Callable[[], Draft]
    record: Record

    def whole(self, plan: Plan) -> Plan:
        """Return a plan of parts as one of the instance.

        Raises:
            AssertionError: The judge refuses it: a bug.
        """
        found = joined(self.instance, plan) if self.divided.in_parts else plan
        refused = self.record.again(self.instance, found)
        if refused:
            raise AssertionError(f"the judge refuses a plan of {plan.solver}: {refused[0].text}")
        return found


@dataclass(frozen=True, slots=True)
class _Question:
    """What happened, as far as it is seen through: those `together` go whole, and nothing they have left holds."""

    base: Base
    changed: Instance
    freeze_s: Seconds
    seed: int
    suspects: frozenset[Id]
    together: frozenset[Id] = frozenset()


class Standing:
    """A plan under way with its network. Asking changes nothing: any number of what-ifs can be asked."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance = instance
        self.plan = plan
        self._base = base_of(instance)
        self._parts = divided(instance, plan)
        found = remaining(self._base, self._parts.instance, Asked(self._parts.whole, 0))
        self._draft = draft_of(found, problem_of(found))
        self._lost = self._draft.seat(self._parts.plan)
        self._known = Known(
            {one.consignment: (one, route_cost(self._draft.tables, one)) for one in self._parts.plan.routes},
            {one.consignment: one for one in self._parts.plan.unplanned},
        )
        self._record = Record(instance, plan)

    def after(
        self, happened: Iterable[Disruption], now_s: Seconds, *, freeze_s: Seconds = 0, seed: int = 0
    ) -> Aftermath:
        """Return what is left after `happened`.

        Legs that depart, or whose booking closes, before `now_s + freeze_s` stay as they are; of those hit, legs that
        have left. Units that were booked and are not needed any more are let go without a fee.

        Raises:
            NotFoundError: Something happened to what the instance does not have.
            RefusedError: A consignment joins that is there.
            AssertionError: The judge refused the plan: a bug.
        """
        events = tuple(happened)
        changed = disrupted(self.instance, events, now_s)
        base = with_joined(self._base, tuple(one.consignment for one in events if isinstance(one, Joined)))
        gone = {one.id for one in changed.services if one.status is Status.CANCELLED}
        released = tuple(lock for lock in changed.locks if lock.service in gone)
        asked = _Question(base, _without(changed, released), freeze_s, seed, self._suspects(events, changed))
        stranded: set[Id] = set()
        while True:
            found, stuck, moving = self._repaired(asked)
            if not stuck:
                plan = found.whole(found.repaired)
                in_order = tuple(lock for lock in changed.locks if lock in released)
                return replace(found, plan=plan, released=in_order, stranded=tuple(sorted(stranded)))
            given_up = tuple(lock for lock in asked.changed.locks if lock.consignment in stuck and not lock.modes)
            if given_up:
                released += given_up
                asked = replace(asked, changed=_without(asked.changed, given_up))
            else:
                stranded |= stuck & moving
                asked = replace(asked, together=asked.together | stuck)

    def _suspects(self, events: tuple[Disruption, ...], changed: Instance) -> frozenset[Id]:
        """Return the consignments whose routes, or parts of them, may not be allowed any more, or are new."""
        now = {one.id: one for one in changed.services}
        services = {one.id for one in self.instance.services if now[one.id] is not one}
        services |= {one.id for one in changed.services if one.origin in _full(events)}
        found = {route.consignment for route in self.plan.routes if any(leg.service in services for leg in route.legs)}
        for one in events:
            if isinstance(one, Suffered):
                found.add(one.consignment)
            elif isinstance(one, Joined):
                found.add(one.consignment.id)
        return frozenset(found | {self._parts.whole[part] for part in self._lost})

    def _repaired(self, asked: _Question) -> tuple[Aftermath, set[Id], set[Id]]:
        """Return a plan of what is left; who cannot go on like this; and who has left or may not be moved."""
        parts = divided(asked.changed, self.plan, asked.together)
        looked_at = asked.suspects | asked.together
        suspects = {part for part, one in parts.whole.items() if one in looked_at}
        found = remaining(asked.base, parts.instance, Asked(parts.whole, 0, suspects), self._draft.network)
        under_way = self._under_way(asked, self._problem(asked, found, ()), found)
        hit = frozenset(self._seat(under_way, parts.plan, suspects))
        kept = _kept(asked, parts, hit)
        moving = {parts.whole[part] for part in kept}
        locks = tuple(Lock(consignment=part, use=name) for part, names in kept.items() for name in names)
        held = msgspec.structs.replace(parts.instance, locks=(*parts.instance.locks, *locks))
        names = {part for part, one in parts.whole.items() if one in moving} | _held(held)

        def draft(only: Collection[Id] | None) -> Draft:
            left = remaining(asked.base, held, Asked(parts.whole, asked.changed.now_s, only), found)
            return self._under_way(asked, self._problem(asked, left, names), left)

        ready = replace(draft(hit), state=under_way.state)
        _insert(ready, hit)
        stuck = _held_up(ready, held, parts) or _torn(ready, parts)
        real = {Lock(consignment=parts.whole[part], use=name): None for part, names in kept.items() for name in names}
        repaired = ready.as_plan("repair", self._unchanged(suspects))
        aftermath = Aftermath(
            instance=msgspec.structs.replace(asked.changed, locks=(*asked.changed.locks, *real)),
            before=self.plan,
            plan=repaired,
            hit=tuple(sorted({parts.whole[part] for part in hit})),
            released=(),
            stranded=(),
            divided=parts,
            repaired=repaired,
            hit_parts=hit,
            search_on=lambda: draft(None),
            record=self._record,
        )
        return aftermath, stuck, moving

    def _problem(self, asked: _Question, found: Network, held: Collection[Id]) -> Problem:
        """Return the problem of what is left of the network; those `held` may not stay."""
        before = self._draft.problem
        if [lock for lock in self.instance.locks if lock.units] != [lock for lock in asked.changed.locks if lock.units]:
            before = problem_of(found)
        goods, rooms = found.goods, before.rooms
        if held:
            may_not = np.array([one.id in held for one in found.consignments], dtype=np.bool_)
            goods = goods._replace(unplanned=np.where(may_not, HELD_FEN, goods.unplanned))
        times = found.table.times
        arrives = np.array([one.arrives_s for one in found.table.services], dtype=np.int64)
        if found.consignments is not self._draft.network.consignments or (
            found.table.nodes != self._draft.network.table.nodes or (arrives != before.arrives).any()
        ):
            rooms = rooms_of(found)
        return before._replace(goods=goods, stops=found.stops, rooms=rooms, departs=times.departs, arrives=arrives)

    def _under_way(self, asked: _Question, problem: Problem, found: Network) -> Draft:
        """Return a draft in which every consignment stays."""
        if found.consignments is not self._draft.network.consignments:
            return draft_of(found, problem, asked.seed)
        tables = self._draft.tables.of(found.instance)
        state = empty(problem, asked.seed)
        return replace(self._draft, network=found, problem=problem, state=state, tables=tables, seed=asked.seed)

    def _seat(self, under_way: Draft, plan: Plan, suspects: Collection[Id]) -> set[Id]:
        """Let those ride on who are no suspects, then the suspects that still can; return the others."""
        was, state = self._draft.state, under_way.state
        size = len(under_way.places)
        legs, length, own = np.zeros_like(state.legs), np.zeros(size, np.int32), np.zeros(size)
        for name, k in under_way.places.items():
            if name not in suspects:
                old = self._draft.places[name]
                legs[k], length[k], own[k] = was.legs[old], was.length[old], was.own[old]
        put_back(under_way.problem, state, legs, length, own)
        numbers = {leg: number for number, leg in enumerate(under_way.legs)}
        wanted = np.zeros(size, np.int64)
        known = {one.consignment for one in plan.unplanned}
        for route in plan.routes:
            if route.consignment in suspects:
                k = under_way.places[route.consignment]
                offers = [numbers.get(leg, -1) for leg in route.legs]
                if -1 not in offers and len(offers) <= state.legs.shape[1]:
                    state.legs[k, : len(offers)] = offers
                    wanted[k] = len(offers)
        seat(under_way.problem, state, under_way.scratch, wanted)
        return {name for name in suspects if state.length[under_way.places[name]] == 0 and name not in known}

    def _unchanged(self, suspects: Collection[Id]) -> Known:
        return Known(
            {name: one for name, one in self._known.routes.items() if name not in suspects},
            {name: one for name, one in self._known.stays.items() if name not in suspects},
        )


def _full(events: Iterable[Disruption]) -> set[Id]:
    return {one.node for one in events if isinstance(one, Full)}


def _kept(asked: _Question, parts: Divided, hit: Collection[Id]) -> dict[Id, list[Id]]:
    """Return of each part the services of the legs that stay as they are."""
    now_s = asked.changed.now_s
    until_s = now_s + asked.freeze_s
    services = {one.id: one for one in asked.changed.services}
    kept: dict[Id, list[Id]] = {}
    for route in parts.plan.routes:
        legs = [services[leg.service] for leg in route.legs if leg.service in services]
        if route.consignment in hit:
            stay = [one.id for one in legs if one.departs_s <= now_s]
        else:
            stay = [one.id for one in legs if min(one.booking_s, one.departs_s) < until_s]
        if stay:
            kept[route.consignment] = stay
    return kept


def _insert(under_way: Draft, hit: Collection[Id]) -> None:
    """Give those hit the cheapest way that is left, one after the other."""
    here = [int(k) for k in under_way.turn.near if under_way.network.consignments[k].id in hit]
    insert_all(under_way.problem, under_way.state, under_way.scratch, np.array(here, dtype=np.int64), TRUE_PRICE)


def _without(instance: Instance, locks: Collection[Lock]) -> Instance:
    if not locks:
        return instance
    return msgspec.structs.replace(instance, locks=tuple(lock for lock in instance.locks if lock not in locks))


def _held(instance: Instance) -> set[Id]:
    """Return who is held on a way by a lock."""
    return {lock.consignment for lock in instance.locks if lock.consignment and (lock.path or lock.use is not None)}


def _held_up(under_way: Draft, held: Instance, parts: Divided) -> set[Id]:
    """Return the consignments that stay, or a part of them, though a lock holds it on a way."""
    length = under_way.state.length
    return {parts.whole[name] for name in _held(held) if length[under_way.places[name]] == 0}


def _torn(under_way: Draft, parts: Divided) -> set[Id]:
    """Return the consignments of which some parts go and some stay."""
    if not parts.in_parts:
        return set()
    goes: dict[Id, set[bool]] = {}
    for part, one in parts.whole.items():
        goes.setdefault(one, set()).add(bool(under_way.state.length[under_way.places[part]] > 0))
    return {one for one, answers in goes.items() if len(answers) > 1}
