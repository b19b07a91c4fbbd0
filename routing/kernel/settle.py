"""Compiled: those who were moved go back where that costs less than the trouble of moving them."""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.jit import lean
from routing.kernel.insert import enter, leave, own_cost
from routing.kernel.seat import can_go
from routing.kernel.tables import Legs, Problem, Scratch, State
from routing.timetable import Whole


@lean
def settle(
    problem: Problem,
    state: State,
    scratch: Scratch,
    moved: Whole,
    ways: tuple[Legs, Whole, Legs],
    stop: tuple[float, int],
) -> int:
    """Put consignments back on the ways they had, the cheapest to put back first; return how many are elsewhere still.

    `ways` are legs and how many, by place in `moved`, and room for one route; `stop` is what putting one back may cost,
    and how many may be elsewhere at most: above that, those go back that can, whatever it costs.
    """
    left = len(moved)
    while True:
        best, least = -1, np.inf
        for place in range(len(moved)):
            if moved[place] >= 0:
                dearer = _back(problem, state, scratch, moved[place], (ways, place, False))
                if dearer < least:
                    best, least = place, dearer
        if best < 0 or (least >= stop[0] and left <= stop[1]):
            return left
        _back(problem, state, scratch, moved[best], (ways, best, True))
        moved[best] = -1
        left -= 1


@lean
def _back(
    problem: Problem, state: State, scratch: Scratch, k: int, how: tuple[tuple[Legs, Whole, Legs], int, bool]
) -> float:
    """Return how much dearer the plan is with one put back, infinity where there is no room; leave it there if told.

    One who had no way stays again.
    """
    (was, lengths, now), place, stays = how
    before, own, length = state.total[0], state.own[k], state.length[k]
    for leg in range(length):
        now[0, leg] = state.legs[k, leg]
    if length > 0:
        leave(problem, state, k)
    for leg in range(lengths[place]):
        state.legs[k, leg] = was[place, leg]
    dearer = np.inf
    if lengths[place] == 0:
        dearer = state.total[0] - before
        if stays:
            return float(dearer)
    elif can_go(problem, state, scratch, k, lengths[place]):
        enter(problem, state, k, lengths[place], np.rint(own_cost(problem, scratch, k, lengths[place])))
        dearer = state.total[0] - before
        if stays:
            return float(dearer)
        leave(problem, state, k)
    for leg in range(length):
        state.legs[k, leg] = now[0, leg]
    if length > 0:
        enter(problem, state, k, length, own)
    return float(dearer)
