"""Compiled: what goods weigh on an offer's units (rule 9), and what one more consignment costs there."""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.jit import lean
from routing.kernel.tables import Problem, State


@lean
def units_for(problem: Problem, offer: int, mass: int, litres: int, pallets: int) -> int:
    """Return the units that a load of one class needs."""
    offers = problem.offers
    by_mass = (mass + offers.mass[offer] - 1) // offers.mass[offer]
    by_volume = (litres + offers.litres[offer] - 1) // offers.litres[offer]
    by_place = (pallets + offers.positions[offer] - 1) // offers.positions[offer]
    return int(max(by_mass, by_volume, by_place))


@lean
def marginal(problem: Problem, state: State, offer: int, k: int) -> float:
    """Return what the units cost that consignment `k` needs more on an offer: infinity where there are none."""
    goods, offers = problem.goods, problem.offers
    group = goods.load_class[k]
    mass = state.loads[offer, group, 0] + goods.mass[k]
    litres = state.loads[offer, group, 1] + goods.litres[k]
    pallets = state.loads[offer, group, 2] + goods.pallets[k]
    units = state.units[offer, group]
    if (
        mass <= units * offers.mass[offer]
        and litres <= units * offers.litres[offer]
        and pallets <= units * offers.positions[offer]
    ):
        return 0.0
    need = state.need[offer]
    more = need + units_for(problem, offer, mass, litres, pallets) - units
    if more > state.cap[offer]:
        return np.inf
    if offers.plug[offer] > 0:
        service = offers.service[offer]
        extra = max(more, offers.held[offer]) - max(need, offers.held[offer])
        if state.plugged[service] + extra > offers.plug_limit[service]:
            return np.inf
    begin = offers.price_from[offer]
    return float(offers.price[begin + more] - offers.price[begin + need])


@lean
def share(problem: Problem, offer: int, k: int) -> float:
    """Return how much of one unit of an offer consignment `k` fills; more than 1 where it fills more than one."""
    goods, offers = problem.goods, problem.offers
    by_mass = goods.mass[k] / offers.mass[offer]
    by_volume = goods.litres[k] / offers.litres[offer]
    return float(max(by_mass, by_volume, goods.pallets[k] / offers.positions[offer]))


@lean
def cheapest_offer(problem: Problem, state: State, k: int, service: int, blend: float) -> tuple[int, float]:
    """Return the cheapest offer of a service for consignment `k` and its cost, -1 and infinity where none takes it.

    `blend` 1 counts the units that are truly needed more, 0 the part of a unit that is filled; between, both.
    """
    goods, offers = problem.goods, problem.offers
    best, least = -1, np.inf
    for offer in range(offers.begin[service], offers.begin[service + 1]):
        if (offers.bands[offer] >> goods.band[k]) & 1 == 0:
            continue
        extra = marginal(problem, state, offer, k)
        if extra == np.inf:
            continue
        cost = offers.per_g[offer] * goods.mass[k] + blend * extra
        if blend < 1.0:
            cost += (1.0 - blend) * share(problem, offer, k) * state.slope[offer]
        if cost < least:
            best, least = offer, cost
    return best, least


@lean
def put(problem: Problem, state: State, k: int, offer: int, sign: int) -> None:
    """Put consignment `k` on an offer, or take it off (`sign` -1), and count what that does to the plan's cost."""
    goods, offers = problem.goods, problem.offers
    group = goods.load_class[k]
    load = state.loads[offer, group]
    load[0] += sign * goods.mass[k]
    load[1] += sign * goods.litres[k]
    load[2] += sign * goods.pallets[k]
    units = units_for(problem, offer, load[0], load[1], load[2])
    before = state.need[offer]
    need = before + units - state.units[offer, group]
    state.units[offer, group] = units
    if need != before:
        state.need[offer] = need
        begin = offers.price_from[offer]
        state.total[0] += offers.price[begin + need] - offers.price[begin + before]
        extra = max(need, offers.held[offer]) - max(before, offers.held[offer])
        state.plugged[offers.service[offer]] += offers.plug[offer] * extra
