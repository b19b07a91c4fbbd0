"""Compiled: every consignment's cheapest way where units have a price by the gram, litre and pallet.

Exposure, places come to twice and forced modes are left out, so that no allowed route is cheaper than what is found.
"""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

import numpy as np

from routing.exact.choices import Choices
from routing.jit import compiled, lean
from routing.kernel.tables import Offers, Problem
from routing.reach import Real


@compiled
def send_all(problem: Problem, choices: Choices, loads: Real, prices: Real) -> tuple[float, Real]:
    """Return what all consignments cost on their cheapest ways, or staying, and the loads that go on each offer then.

    `loads[k]` are mass, litres and pallets of a consignment, `prices[o]` the price of each on an offer.
    """
    goods, stops = problem.goods, problem.stops
    most = 0
    for k in range(len(goods.mass)):
        most = max(most, stops.begin[k + 1] - stops.begin[k])
    cost, source, offer = np.zeros(most), np.zeros(most, np.int64), np.zeros(most, np.int64)
    total, sent = 0.0, np.zeros(prices.shape)
    for k in range(len(goods.mass)):
        begin = stops.begin[k]
        least, last = goods.unplanned[k], -1
        for one in range(stops.begin[k + 1] - begin):
            stop = begin + one
            way, source[one] = stops.start[stop], -1
            for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
                other = stops.link_source[link]
                coming = cost[other] + stops.transfer[stop] + stops.rate[stop] * stops.link_wait[link]
                if coming < way:
                    way, source[one] = coming, other
            offer[one], cheapest = _cheapest_offer(problem, choices, (loads, prices), k, stop)
            cost[one] = way + cheapest + stops.duty[stop]
            if cost[one] + stops.end[stop] < least:
                least, last = cost[one] + stops.end[stop], one
        total += least
        while last >= 0:
            for part in range(3):
                sent[offer[last], part] += loads[k, part]
            last = source[last]
    return total, sent


@lean
def _cheapest_offer(
    problem: Problem, choices: Choices, given: tuple[Real, Real], k: int, stop: int
) -> tuple[int, float]:
    """Return the offer of a stop that costs its consignment least, and what that is; infinite when none takes it."""
    loads, prices = given
    cheapest, found = np.inf, -1
    for choice in range(choices.begin[stop], choices.begin[stop + 1]):
        o = choices.offer[choice]
        extra = problem.offers.per_g[o] * problem.goods.mass[k] + prices[o, 0] * loads[k, 0]
        extra += prices[o, 1] * loads[k, 1] + prices[o, 2] * loads[k, 2]
        if extra < cheapest:
            cheapest, found = extra, o
    return found, cheapest


@compiled
def book_all(offers: Offers, values: Real) -> tuple[float, Real]:
    """Return what units cost where each earns its `value`, booked as pays best, and how many those are."""
    total, units = 0.0, np.zeros(len(values))
    for o in range(len(values)):
        least = np.inf
        for n in range(offers.most[o] + 1):
            fen = offers.price[offers.price_from[o] + n] - n * values[o]
            if fen < least:
                least, units[o] = fen, n
        total += least
    return total, units
