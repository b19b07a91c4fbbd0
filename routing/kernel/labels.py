"""Compiled: the cheapest route where exposure, places visited or forced modes count (rules 4, 7, no place twice).

A label is a route to a stop: its cost, its exposure, and a set of bits, of places it came to and of forced modes it
still misses. One beats another when it is not dearer, not longer exposed, and its bits are among the other's.
"""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.jit import lean
from routing.kernel.loads import cheapest_offer
from routing.kernel.tables import MOST_LABELS, MOST_LEGS, Problem, Scratch, State
from routing.ways import LOOP_BITS

PLACES = (1 << LOOP_BITS) - 1


@lean
def cheapest_with_care(problem: Problem, state: State, scratch: Scratch, k: int, blend: float) -> int:
    """Write the cheapest route into `path` and `chosen` and return its legs: 0 when staying is not dearer than any."""
    stops = problem.stops
    begin, end = stops.begin[k], stops.begin[k + 1]
    least, last = problem.goods.unplanned[k], -1
    for one in range(end - begin):
        stop = begin + one
        scratch.labels[one] = 0
        if scratch.full[one]:
            continue
        _reach(problem, scratch, k, one, least)
        if scratch.labels[one] == 0:
            continue
        offer, extra = cheapest_offer(problem, state, k, stops.service[stop], blend)
        scratch.offer[one] = offer
        if offer < 0:
            scratch.labels[one] = 0
        for label in range(scratch.labels[one]):
            scratch.label_cost[one, label] += extra + stops.duty[stop]
            cost = scratch.label_cost[one, label] + stops.end[stop]
            may_end = scratch.label_exposed[one, label] <= stops.spare[stop]
            if cost < least and may_end and scratch.label_seen[one, label] <= PLACES:
                least, last = cost, one * MOST_LABELS + label
    return _trace(scratch, last)


@lean
def _reach(problem: Problem, scratch: Scratch, k: int, one: int, least: float) -> None:
    """Write the labels of a stop, before its own units: those that begin here and those that come over links."""
    stops = problem.stops
    stop = stops.begin[k] + one
    exposed = stops.exposed[stop]
    if stops.start[stop] < least:
        wait = stops.wait[stop] if exposed else 0
        seen = (problem.goods.forced[k] | stops.bit[stop]) & ~stops.clears[stop]
        _add(scratch, one, (stops.start[stop], wait, seen), -1)
    for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
        other = int(stops.link_source[link])
        wait = stops.link_wait[link]
        for label in range(scratch.labels[other]):
            cost = scratch.label_cost[other, label] + stops.transfer[stop] + stops.rate[stop] * wait
            seen = scratch.label_seen[other, label]
            if cost >= least or seen & stops.bit[stop] != 0:
                continue
            longer = scratch.label_exposed[other, label] + (wait if exposed else 0)
            seen = (seen | stops.bit[stop]) & ~stops.clears[stop]
            _add(scratch, one, (cost, longer, seen), other * MOST_LABELS + label)


@lean
def _add(scratch: Scratch, one: int, label: tuple[float, int, int], source: int) -> None:
    """Keep a label unless another beats it; drop those it beats. Of too many, the dearest goes."""
    cost, exposed, seen = label
    kept = 0
    for other in range(scratch.labels[one]):
        before = scratch.label_cost[one, other]
        before_exposed, before_seen = scratch.label_exposed[one, other], scratch.label_seen[one, other]
        if before <= cost and before_exposed <= exposed and before_seen & ~seen == 0:
            return  # it beat none of those before it either: those would have been beaten already
        if cost <= before and exposed <= before_exposed and seen & ~before_seen == 0:
            continue
        _write(scratch, one, kept, (before, before_exposed, before_seen), scratch.label_source[one, other])
        kept += 1
    if kept == MOST_LABELS:
        kept = int(np.argmax(scratch.label_cost[one]))
        if scratch.label_cost[one, kept] <= cost:
            return
        _write(scratch, one, kept, label, source)
        scratch.labels[one] = MOST_LABELS
        return
    _write(scratch, one, kept, label, source)
    scratch.labels[one] = kept + 1


@lean
def _write(scratch: Scratch, one: int, place: int, label: tuple[float, int, int], source: int) -> None:
    scratch.label_cost[one, place] = label[0]
    scratch.label_exposed[one, place] = label[1]
    scratch.label_seen[one, place] = label[2]
    scratch.label_source[one, place] = source


@lean
def _trace(scratch: Scratch, last: int) -> int:
    """Write the way that ends with a label, and return its legs; 0 for none, or for one of too many legs."""
    legs, at = 0, last
    while at >= 0:
        legs += 1
        at = int(scratch.label_source[at // MOST_LABELS, at % MOST_LABELS])
    if legs > MOST_LEGS:
        return 0
    at = last
    for leg in range(legs - 1, -1, -1):
        scratch.path[leg] = at // MOST_LABELS
        scratch.chosen[leg] = scratch.offer[at // MOST_LABELS]
        at = int(scratch.label_source[at // MOST_LABELS, at % MOST_LABELS])
    return legs
