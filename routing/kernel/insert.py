"""Compiled: routes in and out of the plan under way."""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.jit import lean
from routing.kernel.loads import put
from routing.kernel.paths import cheapest
from routing.kernel.rooms import has_room, wait_there
from routing.kernel.tables import Problem, Scratch, State

ROOM_TRIES = 8
"""Routes tried for a consignment that finds no room to wait on the one before; then it stays."""


@lean
def insert(problem: Problem, state: State, scratch: Scratch, k: int, blend: float) -> None:
    """Give a consignment that stays the cheapest route that there is room for; it stays when that is cheaper."""
    stops = problem.stops
    size = stops.begin[k + 1] - stops.begin[k]
    tries = 1
    while True:
        legs = cheapest(problem, state, scratch, k, blend)
        full = first_full(problem, state, scratch, k, legs)
        if full < 0 or tries == ROOM_TRIES:
            break
        scratch.full[full] = True
        tries += 1
    if tries > 1:
        scratch.full[:size] = False
    if legs > 0 and full < 0:
        own = np.rint(own_cost(problem, scratch, k, legs))
        for leg in range(legs):
            state.legs[k, leg] = scratch.chosen[leg]
        enter(problem, state, k, legs, own)


@lean
def first_full(problem: Problem, state: State, scratch: Scratch, k: int, legs: int) -> int:
    """Return the first stop of the route found before which there is no room to wait, or -1."""
    at_s = problem.goods.ready[k]
    for leg in range(legs):
        service = problem.stops.service[problem.stops.begin[k] + scratch.path[leg]]
        moments = (at_s, problem.departs[service])
        if not has_room(problem, state, k, problem.origin[service], moments):
            return int(scratch.path[leg])
        at_s = problem.arrives[service]
    return -1


@lean
def own_cost(problem: Problem, scratch: Scratch, k: int, legs: int) -> float:
    """Return what the route found costs beside units."""
    stops, goods, offers = problem.stops, problem.goods, problem.offers
    cost, at_s = 0.0, goods.ready[k]
    for leg in range(legs):
        stop = stops.begin[k] + scratch.path[leg]
        service = stops.service[stop]
        wait = problem.departs[service] - at_s
        cost += stops.duty[stop] + stops.rate[stop] * wait + offers.per_g[scratch.chosen[leg]] * goods.mass[k]
        if leg > 0:
            cost += stops.transfer[stop]
        if leg == legs - 1:
            cost += stops.end[stop]
        at_s = problem.arrives[service]
    return cost


@lean
def enter(problem: Problem, state: State, k: int, legs: int, own: float) -> None:
    """Let a consignment that stays go by the first `legs` offers written in `legs[k]`."""
    state.total[0] += own - state.own[k]
    state.length[k] = legs
    state.own[k] = own
    _count(problem, state, k, 1)


@lean
def leave(problem: Problem, state: State, k: int) -> None:
    """Let a consignment stay. Its offers remain written."""
    _count(problem, state, k, -1)
    state.total[0] += problem.goods.unplanned[k] - state.own[k]
    state.length[k] = 0
    state.own[k] = problem.goods.unplanned[k]


@lean
def _count(problem: Problem, state: State, k: int, sign: int) -> None:
    at_s = problem.goods.ready[k]
    for leg in range(state.length[k]):
        offer = state.legs[k, leg]
        service = problem.offers.service[offer]
        put(problem, state, k, offer, sign)
        wait_there(problem, state, k, problem.origin[service], (at_s, problem.departs[service]), sign)
        at_s = problem.arrives[service]


@lean
def clear(problem: Problem, state: State) -> None:
    """Let every consignment stay."""
    for k in range(len(state.length)):
        leave(problem, state, k)


@lean
def insert_all(problem: Problem, state: State, scratch: Scratch, order: np.ndarray, blend: float) -> None:
    """Insert consignments one after the other."""
    for k in order:
        insert(problem, state, scratch, k, blend)
