"""Compiled: litres that wait in rooms which can run out (rule 8)."""

import numpy as np

from routing.jit import lean
from routing.kernel.tables import Problem, State


@lean
def slots(problem: Problem, place: int, from_s: int, to_s: int) -> tuple[int, int]:
    """Return the slots of a limited place from a moment to another, the last excluded. Both moments begin slots."""
    rooms = problem.rooms
    moments = rooms.moment[rooms.begin[place] : rooms.begin[place + 1]]
    begin = rooms.begin[place]
    return int(begin + np.searchsorted(moments, from_s)), int(begin + np.searchsorted(moments, to_s))


@lean
def takes_room(problem: Problem, k: int, place: int) -> bool:
    """Return whether waiting of consignment `k` at a place must be counted."""
    rooms = problem.rooms
    return bool(rooms.begin[place] < rooms.begin[place + 1] and rooms.takes[place, problem.goods.band[k]])


@lean
def has_room(problem: Problem, state: State, k: int, place: int, moments: tuple[int, int]) -> bool:
    """Return whether consignment `k` finds room at a place between two moments."""
    if moments[0] >= moments[1] or not takes_room(problem, k, place):
        return True
    band, litres = problem.goods.band[k], problem.goods.litres[k]
    limit = problem.rooms.limit[place]
    first, last = slots(problem, place, moments[0], moments[1])
    for slot in range(first, last):
        level = state.level[band, slot] + litres
        if level <= limit[band]:
            continue
        if band == 0:
            return False
        fed = level - limit[band]
        for other in range(1, len(limit)):
            if other != band:
                fed += max(0, state.level[other, slot] - limit[other])
        if fed > problem.rooms.plugged[place]:
            return False
    return True


@lean
def wait_there(problem: Problem, state: State, k: int, place: int, moments: tuple[int, int], sign: int) -> None:
    """Let consignment `k` take room at a place between two moments, or give it back (`sign` -1)."""
    if moments[0] < moments[1] and takes_room(problem, k, place):
        first, last = slots(problem, place, moments[0], moments[1])
        for slot in range(first, last):
            state.level[problem.goods.band[k], slot] += sign * problem.goods.litres[k]
