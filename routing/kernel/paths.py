"""Compiled: the cheapest route of one consignment, given what the others have booked."""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.jit import lean
from routing.kernel.labels import cheapest_with_care
from routing.kernel.loads import cheapest_offer
from routing.kernel.tables import MOST_LEGS, Problem, Scratch, State


@lean
def cheapest(problem: Problem, state: State, scratch: Scratch, k: int, blend: float) -> int:
    """Write the cheapest route into `path` and `chosen` and return its legs: 0 when staying is not dearer than any."""
    if problem.stops.plain[k]:
        return _cheapest_plain(problem, state, scratch, k, blend)
    return cheapest_with_care(problem, state, scratch, k, blend)


@lean
def _cheapest_plain(problem: Problem, state: State, scratch: Scratch, k: int, blend: float) -> int:
    """Go once through the stops, in order of departure: each one's cheapest way is final when it is looked at."""
    stops = problem.stops
    begin, end = stops.begin[k], stops.begin[k + 1]
    least, last = problem.goods.unplanned[k], -1
    for one in range(end - begin):
        stop = begin + one
        cost, source = stops.start[stop], -1
        transfer, rate = stops.transfer[stop], stops.rate[stop]
        for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
            other = int(stops.link_source[link])
            way = scratch.cost[other] + transfer + rate * stops.link_wait[link]
            if way < cost:
                cost, source = way, other
        scratch.cost[one] = np.inf
        if cost >= least or scratch.full[one]:
            continue
        offer, extra = cheapest_offer(problem, state, k, stops.service[stop], blend)
        cost += extra + stops.duty[stop]
        scratch.cost[one] = cost
        scratch.offer[one] = offer
        scratch.source[one] = source
        if cost + stops.end[stop] < least:
            least, last = cost + stops.end[stop], one
    return _trace(scratch, last)


@lean
def _trace(scratch: Scratch, last: int) -> int:
    """Write the way that ends at a stop, and return its legs; 0 for none, or for one of too many legs."""
    legs, one = 0, last
    while one >= 0:
        legs += 1
        one = int(scratch.source[one])
    if legs > MOST_LEGS:
        return 0
    one = last
    for leg in range(legs - 1, -1, -1):
        scratch.path[leg] = one
        scratch.chosen[leg] = scratch.offer[one]
        one = int(scratch.source[one])
    return legs
