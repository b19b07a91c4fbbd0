"""Compiled: given routes put into a plan, where every rule still lets them; and who could go at all."""

import numpy as np

from routing.jit import lean
from routing.kernel.insert import enter, first_full, own_cost
from routing.kernel.labels import PLACES
from routing.kernel.loads import cheapest_offer, marginal
from routing.kernel.paths import cheapest
from routing.kernel.tables import Problem, Scratch, State
from routing.reach import Flags, Real
from routing.timetable import Whole

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false


@lean
def seat(problem: Problem, state: State, scratch: Scratch, wanted: Whole) -> None:
    """Let those who stay go by the first `wanted[k]` offers written in `legs[k]`; those who may not, stay."""
    for k in range(len(wanted)):
        legs = wanted[k]
        if legs > 0 and can_go(problem, state, scratch, k, legs):
            enter(problem, state, k, legs, np.rint(own_cost(problem, scratch, k, legs)))


@lean
def can_go(problem: Problem, state: State, scratch: Scratch, k: int, legs: int) -> bool:
    """Return whether one who stays may go by the first offers written in `legs[k]`: they are in `path` and `chosen`."""
    if not _is_route(problem, state, scratch, k, legs) or not _has_units(problem, state, k, legs):
        return False
    return bool(first_full(problem, state, scratch, k, legs) < 0)


@lean
def _is_route(problem: Problem, state: State, scratch: Scratch, k: int, legs: int) -> bool:
    """Write the stops of the offers into `path`; return whether they are a route of the consignment: rules 1 to 7."""
    stops, offers = problem.stops, problem.offers
    exposed, before = 0, -1
    seen = problem.goods.forced[k]
    for leg in range(legs):
        offer = state.legs[k, leg]
        one = _stop_of(problem, k, offers.service[offer])
        if one < 0 or (offers.bands[offer] >> problem.goods.band[k]) & 1 == 0:
            return False
        stop = stops.begin[k] + one
        wait = _wait(problem, before, stop)
        if wait < 0 or seen & stops.bit[stop] != 0:
            return False
        if stops.exposed[stop]:
            exposed += wait
        seen = (seen | stops.bit[stop]) & ~stops.clears[stop]
        scratch.path[leg], scratch.chosen[leg] = one, offer
        before = one
    last = stops.begin[k] + before
    return bool(stops.end[last] < np.inf and exposed <= stops.spare[last] and seen <= PLACES)


@lean
def _stop_of(problem: Problem, k: int, service: int) -> int:
    """Return the number of the stop of a service among those of a consignment, -1 when it cannot use it."""
    stops = problem.stops
    for stop in range(stops.begin[k], stops.begin[k + 1]):
        if stops.service[stop] == service:
            return int(stop - stops.begin[k])
    return -1


@lean
def _wait(problem: Problem, before: int, stop: int) -> int:
    """Return the wait for a stop after another, or as the first one (`before` -1); -1 where there is no such way."""
    stops = problem.stops
    if before < 0:
        return int(stops.wait[stop]) if stops.start[stop] < np.inf else -1
    for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
        if stops.link_source[link] == before:
            return int(stops.link_wait[link])
    return -1


@lean
def _has_units(problem: Problem, state: State, k: int, legs: int) -> bool:
    most = 0.0
    for leg in range(legs):
        most = max(most, marginal(problem, state, state.legs[k, leg], k))
    return most < np.inf


@lean
def could_go(problem: Problem, state: State, scratch: Scratch, found: Flags) -> None:
    """Say of each consignment that stays whether there is a route for it at any price, the plan being as it is."""
    unplanned = problem.goods.unplanned
    for k in range(len(found)):
        if state.length[k] == 0:
            price = unplanned[k]
            unplanned[k] = np.inf
            found[k] = cheapest(problem, state, scratch, k, 1.0) > 0
            unplanned[k] = price


@lean
def price_stops(problem: Problem, state: State, scratch: Scratch, k: int, out: Real) -> None:
    """Write into `out` what each stop of a consignment costs with its cheapest offer, which goes into `offer`."""
    stops = problem.stops
    for one in range(stops.begin[k + 1] - stops.begin[k]):
        stop = stops.begin[k] + one
        offer, cost = cheapest_offer(problem, state, k, stops.service[stop], 1.0)
        scratch.offer[one] = offer
        out[one] = cost + stops.duty[stop]
