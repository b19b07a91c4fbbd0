"""A bound for a thousand consignments: one coarse program for each block of destinations, and their sum.

Destinations that share a train, flight or ship abroad are one block. What blocks share then are trucks and feeders at
home: their units have the prices by gram, litre and pallet that the relaxation found, each block pays those, and the
sum stays below every plan whatever the prices are (Lagrangian decomposition; Guignard, Kim 1987).
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from coldport.clock import Clock
from routing.exact.cheapest import book_all
from routing.exact.coarse import Part, coarse_part, merge
from routing.kernel.tables import Problem
from routing.model import Mode
from routing.network import Network
from routing.reach import Real


def block_bound(
    network: Network, problem: Problem, prices: Real, seconds: float, clock: Clock, *, seed: int = 0
) -> int | None:
    """Return what every plan costs at least; None where a block proved nothing, or a lock books units for all of them.

    `prices` are fen for a unit's mass, litres and pallets by offer. Small blocks come first and leave their time over.
    """
    if any(lock.units for lock in network.instance.locks):
        return None
    ends_s = clock.monotonic_s() + seconds
    services = _services_of(network, problem)
    blocks = sorted(_blocks(network, services), key=len)
    users: dict[int, set[int]] = defaultdict(set)
    number_of = merge(network)[1]
    for block, members in enumerate(blocks):
        for service in set().union(*(services[k] for k in members)):
            users[number_of[service]].add(block)
    shared = np.array([len(users[number_of[service]]) > 1 for service in problem.offers.service.tolist()], np.bool_)
    offers = problem.offers
    capacity = np.stack([offers.mass, offers.litres, offers.positions], axis=1)
    tolls = np.where(shared[:, None], np.maximum(prices, 1e-3) / capacity, 0.0)
    home_fen, _ = book_all(problem.offers, np.where(shared, np.maximum(prices, 1e-3).sum(axis=1), 0.0))
    total, left = int(home_fen) - 1 - len(shared), sum(len(members) for members in blocks)
    for members in blocks:
        given_s = (ends_s - clock.monotonic_s()) * len(members) / left
        left -= len(members)
        bound = coarse_part(network, problem, Part(members, tolls), given_s, clock, seed=seed)
        if bound is None:
            return None
        total += bound
    return max(0, total)


def _services_of(network: Network, problem: Problem) -> list[set[int]]:
    """Return the services that each consignment can use."""
    begin, service = problem.stops.begin.tolist(), problem.stops.service.tolist()
    return [set(service[begin[k] : begin[k + 1]]) for k in range(len(network.consignments))]


def _blocks(network: Network, services: list[set[int]]) -> Iterable[list[int]]:
    """Return the consignments of each block, by number."""
    country = {node.id: node.country for node in network.instance.nodes}
    abroad = {
        number
        for number, one in enumerate(network.table.services)
        if one.mode is not Mode.ROAD and country[one.origin] != country[one.destination]
    }
    block_of = {one.destination: one.destination for one in network.consignments}
    first: dict[int, str] = {}
    for one, some in zip(network.consignments, services, strict=True):
        for service in some & abroad:
            old, new = block_of[one.destination], block_of[first.setdefault(service, one.destination)]
            if old != new:
                block_of = {place: new if block == old else block for place, block in block_of.items()}
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(network.consignments):
        blocks[block_of[one.destination]].append(number)
    return blocks.values()
