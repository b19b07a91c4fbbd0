"""The first answer to cancelled services, in milliseconds: those hit go their cheapest way, and nobody else moves.

Most of what `routing.replan` takes is making the network and tables anew, a second or two at a thousand consignments.
Who keeps those of the plan under way (`Standing`) has a valid plan before anybody has asked for a better one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from coldport.errors import NotFoundError
from coldport.ids import Id
from routing.draft import draft
from routing.kernel.insert import insert_all, leave
from routing.kernel.tables import Problem, State
from routing.model import Instance, Seconds
from routing.network import HELD_FEN
from routing.reach import Flags
from routing.result import Plan
from routing.timetable import Whole

NO_LEGS: Whole = np.zeros(0, np.int64)
TRUE_PRICE = 1.0
"""How `insert_all` counts units: at what those that are needed more truly cost."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A plan in which those `hit` go another way, or stay. The `stranded` have left and cannot arrive any more."""

    plan: Plan
    hit: tuple[Id, ...]
    stranded: tuple[Id, ...]


class Standing:
    """A plan under way with its network and tables. Asking changes nothing: any number of what-ifs can be asked."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self._draft = draft(instance)
        self._has_lost = bool(self._draft.seat(plan))
        self._services = {one.id: number for number, one in enumerate(self._draft.network.table.services)}
        self._locked = {name for lock in instance.locks for name in (lock.consignment, lock.service)}
        self._closes_s = np.array([one.booking_s for one in self._draft.network.table.services], dtype=np.int64)

    def repaired(self, cancelled: Collection[Id], now_s: Seconds) -> Repaired | None:
        """Return the plan after services that have not left were cancelled.

        Legs of those hit that have departed by `now_s` stay; what cannot be booked any more is not. None, and a
        question for `replan`, where a lock holds one of those hit or units of such a service, a service has left, or
        the plan sends goods in parts or by routes that the instance does not allow.

        Raises:
            NotFoundError: The instance has no such service, or it did not run.
        """
        for name in cancelled:
            if name not in self._services:
                raise NotFoundError(f"no service {name!r} runs")
        gone = np.zeros(len(self._services), np.bool_)
        gone[[self._services[name] for name in cancelled]] = True
        hit = self._hit(gone)
        if self._has_lost or self._locked & {*cancelled, *self._names(hit)} or self._have_left(gone, now_s):
            return None
        kept = {k: self._departed(k, now_s) for k in hit}
        state = State._make(one.copy() for one in self._draft.state)
        closed = gone | (self._closes_s < now_s)
        problem = self._problem(closed, kept)
        for k in hit:
            if state.length[k] > 0:
                leave(problem, state, k)
        self._insert(problem, state, hit)
        stranded = [k for k in hit if state.length[k] == 0 and len(kept[k])]
        if stranded:
            problem = self._problem(closed, dict.fromkeys(hit, NO_LEGS))
            for k in stranded:
                state.own[k] = problem.goods.unplanned[k]
            self._insert(problem, state, stranded)
        after = replace(self._draft, problem=problem, state=state)
        return Repaired(after.as_plan("repair"), self._names(hit), self._names(stranded))

    def _hit(self, gone: Flags) -> list[int]:
        """Return who goes by a service that is gone, in the order to insert them."""
        state, offers = self._draft.state, self._draft.problem.offers
        rides = np.arange(state.legs.shape[1])[None, :] < state.length[:, None]
        hit = np.asarray((rides & gone[offers.service[state.legs]]).any(axis=1), dtype=np.bool_)
        return [int(k) for k in self._draft.turn.near if hit[k]]

    def _have_left(self, gone: Flags, now_s: Seconds) -> bool:
        return bool((self._draft.problem.departs[gone] <= now_s).any())

    def _departed(self, k: int, now_s: Seconds) -> Whole:
        """Return the services of the legs that a consignment has behind it, or is on."""
        state, problem = self._draft.state, self._draft.problem
        legs = problem.offers.service[state.legs[k, : state.length[k]]]
        return legs[problem.departs[legs] <= now_s]

    def _problem(self, closed: Flags, kept: Mapping[int, Whole]) -> Problem:
        """Return the problem in which those hit cannot come to a service that is closed, nor off the legs they keep."""
        problem = self._draft.problem
        stops, goods = problem.stops, problem.goods
        duty, unplanned = stops.duty.copy(), goods.unplanned.copy()
        for k, legs in kept.items():
            own = slice(int(stops.begin[k]), int(stops.begin[k + 1]))
            services = stops.service[own]
            barred: Flags = closed[services] | np.isin(problem.origin[services], problem.origin[legs])
            duty[own][barred & ~np.isin(services, legs)] = np.inf
            if len(legs):
                unplanned[k] = HELD_FEN
        return problem._replace(stops=stops._replace(duty=duty), goods=goods._replace(unplanned=unplanned))

    def _insert(self, problem: Problem, state: State, who: list[int]) -> None:
        insert_all(problem, state, self._draft.scratch, np.array(who, dtype=np.int64), TRUE_PRICE)

    def _names(self, who: list[int]) -> tuple[Id, ...]:
        return tuple(sorted(self._draft.network.consignments[k].id for k in who))
