"""A bound for instances of any size: the Lagrangian relaxation of the units (Geoffrion 1974; Fisher 1981).

Units are priced by the gram, litre and pallet; at any prices, what the consignments cost on their cheapest ways plus
what the units cost less what they earn is at most what the best plan costs. Better prices make a better bound: they are
moved towards what is asked for more than there is, by steps after Polyak (1969) towards the cost of a known plan.
"""

from collections.abc import Callable

import numpy as np

from routing.exact.arc_program import ROUNDING_FEN
from routing.exact.cheapest import book_all, send_all
from routing.exact.choices import choices
from routing.exact.flows import least_loads, most_parts
from routing.kernel.tables import Offers, Problem
from routing.network import HELD_FEN, Network
from routing.reach import Real

PATIENCE = 12
"""Rounds without a better bound after which steps become half as long."""
SMOOTH = 0.3
"""How much the newest round says about the direction."""
LEAST_STEP = 1e-3


def relaxation(
    network: Network, problem: Problem, target_fen: int, goes_on: Callable[[], bool], rounds: int = 1_000
) -> int | None:
    """Return what every plan costs at least; None where some lock cannot be kept."""
    return relaxed(network, problem, target_fen, goes_on, rounds)[0]


def relaxed(
    network: Network, problem: Problem, target_fen: int, goes_on: Callable[[], bool], rounds: int = 1_000
) -> tuple[int | None, Real]:
    """Return the same, and the best prices: fen for the mass, litres and positions of a unit, by offer.

    `target_fen` is the cost of a known plan. `goes_on` is asked before every round but the first.
    """
    offers = problem.offers
    capacity = np.stack([offers.mass, offers.litres, offers.positions], axis=1).astype(np.float64)
    loads, rate, may_take = _loads(network), _rates(offers), choices(network, problem)
    prices = np.repeat(rate[:, None] / 3, 3, axis=1)
    direction = np.zeros(prices.shape)
    best, best_prices, step, waited = -np.inf, prices, 1.0, 0
    for number in range(rounds):
        if number and not (goes_on() and step > LEAST_STEP):
            break
        ways_fen, sent = send_all(problem, may_take, loads, prices / capacity)
        values = prices.sum(axis=1)
        units_fen, units = book_all(offers, values)
        bound = ways_fen + units_fen
        wanted = sent / capacity
        if bound > best:
            best, best_prices, waited = bound, prices, 0
        else:
            waited += 1
        if waited > PATIENCE:
            step, waited, prices, direction = step / 2, 0, best_prices, direction * 0.0
            continue
        # At the price of a unit itself any number of them earns nothing: as many as are wanted.
        even = np.abs(values - rate) <= 1e-9 * rate
        units = np.where(even, np.minimum(wanted.max(axis=1), offers.most), units)
        direction = SMOOTH * (wanted - units[:, None]) + (1 - SMOOTH) * direction
        length = float((rate[:, None] * direction**2).sum())
        if length <= 0:
            break
        move = step * max(target_fen - bound, 1e-4 * target_fen) / length
        prices = np.maximum(0.0, prices + move * rate[:, None] * direction)
        prices = _not_above(prices, rate, wanted.max(axis=1) <= offers.most)
    if best >= HELD_FEN / 2:
        return None, best_prices
    slack = sum(ROUNDING_FEN * most_parts(one) for one in network.consignments) + int(offers.held.astype(bool).sum())
    return max(0, int(best * (1 - 1e-9)) - slack), best_prices


def _not_above(prices: Real, rate: Real, has_room: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Real:
    """Return the prices, where units are left, no higher than what a unit costs."""
    values = prices.sum(axis=1)
    too_high = (values > rate) & has_room
    scale = np.where(too_high, rate / np.maximum(values, 1e-12), 1.0)
    return prices * scale[:, None]


def _rates(offers: Offers) -> Real:
    """Return what a unit of each offer costs at least, all that it takes to open it shared among as many as there are.

    Of an offer whose units a lock has booked already, the first ones cost nothing more.
    """
    found = np.zeros(len(offers.most))
    for o in range(len(found)):
        begin, most = int(offers.price_from[o]), int(offers.most[o])
        prices = offers.price[begin : begin + most + 1]
        found[o] = np.min((prices[1:] - prices[0]) / np.arange(1, most + 1))
    return np.maximum(found, 1.0)


def _loads(network: Network) -> Real:
    """Return mass, litres and pallets of each consignment; of one that may be split, as its parts count at least."""
    return np.array([least_loads(one) for one in network.consignments], dtype=np.float64).reshape(-1, 3)
