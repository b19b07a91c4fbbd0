"""Compiled: which offers each consignment may take at each of its stops, whatever else rides there.

An offer that has not the units for the smallest part of it is none, and where no chain of offers has them for the part
that is at least the mean of all, the consignment stays. A bound that did not know so would let half of a train's worth
of chilled goods fly in three boxes. Exposure and rooms are looked at by `routing.reach`.
"""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false, reportReturnType=false

from typing import NamedTuple

import numpy as np

from routing.exact.flows import most_parts
from routing.jit import compiled, lean
from routing.kernel.tables import Offers, Problem
from routing.model import Consignment
from routing.network import Network
from routing.reach import Flags, Goods, Stops
from routing.timetable import Whole


class Choices(NamedTuple):
    """The offers of stop s are `offer[begin[s]]` to `offer[begin[s + 1] - 1]`; none where its goods cannot go."""

    begin: Whole
    offer: Whole


def choices(network: Network, problem: Problem) -> Choices:
    """Return what each consignment may take at its stops."""
    goods = network.consignments
    least = np.array([_smallest(one) for one in goods], dtype=np.int64).reshape(-1, 3)
    parts = np.array([most_parts(one) for one in goods], dtype=np.int64)
    whole = np.stack([problem.goods.mass, problem.goods.litres, problem.goods.pallets], axis=1)
    means = -(-whole // parts[:, None])
    goes = np.ones(len(goods), np.bool_)
    for measure in range(3):
        mean = np.zeros_like(means)
        mean[:, measure] = means[:, measure]
        goes &= have_ways(problem.goods, problem.stops, problem.offers, mean)
    return Choices(*list_offers(problem.goods, problem.stops, problem.offers, np.where(goes[:, None], least, -1)))


def _smallest(one: Consignment) -> tuple[int, int, int]:
    """Return mass, litres and pallets of the smallest part a consignment may go in: all of them, if it goes whole."""
    part_g = max(1, min(one.least_part_g, one.mass_g)) if one.splittable else one.mass_g
    return part_g, one.litres * part_g // one.mass_g, one.pallets * part_g // one.mass_g


@lean
def _takes(goods: Goods, offers: Offers, k: int, o: int, load: Whole) -> bool:
    """Return whether an offer is for goods of this band, and has the units that a load needs, and the plugs."""
    most = offers.most[o]
    if offers.plug[o] > 0:
        most = min(most, offers.plug_limit[offers.service[o]])
    return bool(
        (offers.bands[o] >> goods.band[k]) & 1
        and load[0] <= most * offers.mass[o]
        and load[1] <= most * offers.litres[o]
        and load[2] <= most * offers.positions[o]
    )


@compiled
def have_ways(goods: Goods, stops: Stops, offers: Offers, loads: Whole) -> Flags:
    """Return whether each consignment has a chain of services each of which has an offer that takes so much of it."""
    found = np.zeros(len(goods.mass), np.bool_)
    for k in range(len(goods.mass)):
        begin = stops.begin[k]
        reached = np.zeros(stops.begin[k + 1] - begin, np.bool_)
        for one in range(len(reached)):
            stop = begin + one
            comes = stops.start[stop] < np.inf
            for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
                comes |= reached[stops.link_source[link]]
            service = stops.service[stop]
            for o in range(offers.begin[service], offers.begin[service + 1]):
                reached[one] |= comes and _takes(goods, offers, k, o, loads[k])
            found[k] |= reached[one] and stops.end[stop] < np.inf
    return found


@compiled
def list_offers(goods: Goods, stops: Stops, offers: Offers, loads: Whole) -> tuple[Whole, Whole]:
    """Return the offers at each stop that take so much of its consignment; none where that is less than nothing."""
    begin, offer = np.zeros(len(stops.service) + 1, np.int64), np.zeros(0, np.int64)
    for counted in (False, True):
        offer = np.zeros(begin[-1], np.int64)
        count = 0
        for k in range(len(goods.mass)):
            for stop in range(stops.begin[k], stops.begin[k + 1]):
                service = stops.service[stop]
                for o in range(offers.begin[service], offers.begin[service + 1]):
                    if loads[k, 0] >= 0 and _takes(goods, offers, k, o, loads[k]):
                        if counted:
                            offer[count] = o
                        count += 1
                begin[stop + 1] = count
    return begin, offer
