"""Compiled loops over links: what can be reached, and each consignment's own part of a way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.jit import compiled
from routing.timetable import Times, Whole

Flags = NDArray[np.bool_]
Real = NDArray[np.float64]

NO_LIMIT = 1 << 40
MILLION = 1e6
DAY_S, HOUR_S = 86_400.0, 3_600.0


class Ways(NamedTuple):
    """The services that some consignment of a kind can use, by departure, with what they cost it by its own measures.

    `first` may begin a route, `last` may end one. `transfer_per_g` is fen for each gram that changes to the service,
    `store_rate` fen for each litre and second that waits for it, `exposed` whether goods are exposed while they wait.
    `bit` is one bit where a route could come back to the service's destination, `clears` that of a forced mode it is.
    """

    service: Whole
    first: Flags
    last: Flags
    link_from: Whole
    link_source: Whole
    link_wait: Whole
    duty_ppm: Real
    transfer_per_g: Real
    store_rate: Real
    exposed: Flags
    bit: Whole
    clears: Whole


class Goods(NamedTuple):
    """Consignments, sorted by id. `handed` is when goods can first be handed over, `spare` what shelf life allows."""

    ready: Whole
    handed: Whole
    due: Whole
    latest: Whole
    documents: Whole
    mass: Whole
    litres: Whole
    pallets: Whole
    value: Real
    late_per_s: Real
    shelf: Whole
    exposure: Whole
    band: Whole
    load_class: Whole
    unplanned: Real
    forced: Whole


class Rates(NamedTuple):
    """The instance's prices as floating numbers: fen for each fen of value and second, and the speed of shelf life."""

    time: float
    spoilage: float
    faster_permille: int


class Stops(NamedTuple):
    """Every consignment's own services, one stop for each; stop j of consignment k is `begin[k] + j`.

    Costs are in fen. `start` is what waiting for it as the first service costs, `end` what arriving with it costs, both
    infinite where it cannot be; `wait` is that first wait. `spare` is the exposure allowed when it is the last. Links
    as in `Times`, but `link_source` counts from the consignment's first stop. `plain`: a cheapest route needs no care
    for exposure, places visited or forced modes.
    """

    begin: Whole
    service: NDArray[np.int32]
    duty: Real
    transfer: Real
    rate: Real
    start: Real
    end: Real
    wait: NDArray[np.int32]
    spare: Whole
    exposed: Flags
    bit: Whole
    clears: Whole
    link_from: Whole
    link_source: NDArray[np.int16]
    link_wait: NDArray[np.int32]
    plain: Flags


@compiled
def spread(link_from: Whole, link_source: Whole, begin: Flags, allowed: Flags) -> Flags:
    """Return the allowed services that a route beginning with one of `begin` can come to."""
    reached = begin & allowed
    for service in range(len(allowed)):
        if allowed[service] and not reached[service]:
            for link in range(link_from[service], link_from[service + 1]):
                if reached[link_source[link]]:
                    reached[service] = True
                    break
    return reached


@compiled
def spread_back(link_from: Whole, link_source: Whole, end: Flags, allowed: Flags) -> Flags:
    """Return the allowed services from which a route can come to one of `end`."""
    leads = end & allowed
    for service in range(len(allowed) - 1, -1, -1):
        if leads[service]:
            for link in range(link_from[service], link_from[service + 1]):
                if allowed[link_source[link]]:
                    leads[link_source[link]] = True
    return leads


@compiled
def own_part(ways: Ways, times: Times, goods: Goods, k: int) -> tuple[Flags, Flags, Flags]:
    """Return which services of the ways consignment `k` can use, which of them first, and which last."""
    size = len(ways.service)
    allowed, first, last = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for one in range(size):
        service = ways.service[one]
        allowed[one] = goods.documents[k] <= times.documents[service]
        wait = times.departs[service] - goods.ready[k]
        begins = goods.handed[k] <= times.gate[service] and 0 <= wait <= times.dwell[service]
        first[one] = ways.first[one] and begins
        arrives = times.given_out[service]
        last[one] = ways.last[one] and arrives <= goods.latest[k] and arrives - goods.ready[k] <= goods.shelf[k]
    kept = spread(ways.link_from, ways.link_source, first, allowed)
    kept = spread_back(ways.link_from, ways.link_source, last, kept)
    return kept, first & kept, last & kept


@compiled
def count_stops(ways: Ways, times: Times, goods: Goods, members: Whole) -> tuple[Whole, Whole]:
    """Return how many stops and links each of the consignments `members` has."""
    stops, links = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
    for place in range(len(members)):
        kept, _, _ = own_part(ways, times, goods, members[place])
        for one in range(len(kept)):
            if kept[one]:
                stops[place] += 1
                for link in range(ways.link_from[one], ways.link_from[one + 1]):
                    links[place] += kept[ways.link_source[link]]
    return stops, links


@compiled
def fill_stops(ways: Ways, times: Times, goods: Goods, members: Whole, out: tuple[Stops, Whole, Rates]) -> None:
    """Write the stops and links of the consignments `members`; `out` has where each one's links begin."""
    stops, link_begin, rates = out
    for k in members:
        kept, first, last = own_part(ways, times, goods, k)
        number = np.cumsum(kept) - 1
        link = link_begin[k]
        for one in range(len(kept)):
            if kept[one]:
                stop = stops.begin[k] + number[one]
                _write_stop(ways, goods, (k, one, stop), stops, rates)
                _write_ends(times, goods, (k, stop), (first[one], last[one]), (stops, rates))
                stops.link_from[stop] = link
                for other in range(ways.link_from[one], ways.link_from[one + 1]):
                    if kept[ways.link_source[other]]:
                        stops.link_source[link] = number[ways.link_source[other]]
                        stops.link_wait[link] = ways.link_wait[other]
                        link += 1
        stops.link_from[stops.begin[k + 1]] = link
        stops.plain[k] = _is_plain(stops, goods, k)


@compiled
def _write_stop(ways: Ways, goods: Goods, where: tuple[int, int, int], stops: Stops, rates: Rates) -> None:
    k, one, stop = where
    stops.service[stop] = ways.service[one]
    stops.duty[stop] = goods.value[k] * ways.duty_ppm[one] / MILLION
    stops.transfer[stop] = goods.mass[k] * ways.transfer_per_g[one]
    stops.rate[stop] = goods.litres[k] * ways.store_rate[one]
    if ways.exposed[one]:
        stops.rate[stop] += goods.value[k] * rates.spoilage
    stops.exposed[stop] = ways.exposed[one]
    stops.bit[stop] = ways.bit[one]
    stops.clears[stop] = ways.clears[one]


@compiled
def _write_ends(
    times: Times, goods: Goods, where: tuple[int, int], can: tuple[bool, bool], out: tuple[Stops, Rates]
) -> None:
    k, stop = where
    stops, rates = out
    service = stops.service[stop]
    stops.start[stop], stops.end[stop] = np.inf, np.inf
    if can[0]:
        wait = times.departs[service] - goods.ready[k]
        stops.wait[stop] = wait
        stops.start[stop] = stops.rate[stop] * wait
    if can[1]:
        arrives = times.given_out[service]
        used = arrives - goods.ready[k]
        stops.end[stop] = goods.value[k] * rates.time * used + goods.late_per_s[k] * max(0, arrives - goods.due[k])
        stops.spare[stop] = goods.exposure[k]
        if goods.shelf[k] < NO_LIMIT and rates.faster_permille > 0:
            # E faster // 1000 <= slack holds as long as E faster < 1000 (slack + 1).
            slack = (1_000 * (goods.shelf[k] - used + 1) - 1) // rates.faster_permille
            stops.spare[stop] = min(goods.exposure[k], slack)


@compiled
def _is_plain(stops: Stops, goods: Goods, k: int) -> bool:
    """Return whether no route of `k` can break exposure, come to a place twice or miss a forced mode."""
    if goods.forced[k] != 0:
        return False
    begin, size = stops.begin[k], stops.begin[k + 1] - stops.begin[k]
    most = np.zeros(size, np.int64)
    for one in range(size):
        stop = begin + one
        if stops.bit[stop] != 0:
            return False
        if stops.exposed[stop] and stops.start[stop] < np.inf:
            most[one] = stops.wait[stop]
        for link in range(stops.link_from[stop], stops.link_from[stop + 1]):
            exposed = stops.link_wait[link] if stops.exposed[stop] else 0
            most[one] = max(most[one], most[stops.link_source[link]] + exposed)
        if stops.end[stop] < np.inf and most[one] > stops.spare[stop]:
            return False
    return True
