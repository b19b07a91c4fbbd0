"""Compiled loops over links: what can be reached, and each consignment's own part of a way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.jit import compiled, lean
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
    `room` is litres that can wait for it when nothing else does (rule 8). `bit` is one bit where a route could come
    back to the service's destination, `clears` that of a forced mode it is.
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
    room: Whole
    bit: Whole
    clears: Whole


class Goods(NamedTuple):
    """Consignments, sorted by id. `handed` is when goods can first be handed over, `shelf` what shelf life allows.

    `part_litres` is what the smallest part has at least, of one that may be split.
    """

    ready: Whole
    handed: Whole
    due: Whole
    latest: Whole
    documents: Whole
    mass: Whole
    litres: Whole
    part_litres: Whole
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


def empty_stops(begin: Whole, size: int, links: int) -> Stops:
    """Return so many stops and links, none of them written yet."""
    return Stops(
        begin=begin,
        service=np.zeros(size, np.int32),
        duty=np.zeros(size),
        transfer=np.zeros(size),
        rate=np.zeros(size),
        start=np.zeros(size),
        end=np.zeros(size),
        wait=np.zeros(size, np.int32),
        spare=np.zeros(size, np.int64),
        exposed=np.zeros(size, np.bool_),
        bit=np.zeros(size, np.int64),
        clears=np.zeros(size, np.int64),
        link_from=np.zeros(size + 1, np.int64),
        link_source=np.zeros(links, np.int16),
        link_wait=np.zeros(links, np.int32),
        plain=np.ones(len(begin) - 1, np.bool_),
    )


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


@lean
def exposure(ways: Ways, one: int, wait: int, litres: int) -> int:
    """Return how long so many litres are exposed that wait so long for a service: for ever, where they have no room."""
    if wait > 0 and litres > ways.room[one]:
        return 2 * NO_LIMIT
    return wait if ways.exposed[one] else 0


@lean
def first_litres(ways: Ways, times: Times, goods: Goods, k: int) -> int:
    """Return the litres of consignment `k` that wait at its origin at once: all, unless a part can leave at once."""
    for one in range(len(ways.service)):
        if ways.first[one] and times.departs[ways.service[one]] == goods.ready[k]:
            return int(goods.part_litres[k])
    return int(goods.litres[k])


@lean
def spare(goods: Goods, k: int, used: int, faster_permille: int) -> int:
    """Return the exposure allowed to consignment `k` when it is under way for so long."""
    if goods.shelf[k] == NO_LIMIT or faster_permille == 0:
        return int(goods.exposure[k])
    # E faster // 1000 <= slack holds as long as E faster < 1000 (slack + 1).
    slack = (1_000 * (goods.shelf[k] - used + 1) - 1) // faster_permille
    return int(min(goods.exposure[k], slack))


@compiled
def own_part(ways: Ways, times: Times, goods: Goods, k: int, faster_permille: int) -> tuple[Whole, Whole, Flags, Flags]:
    """Return what consignment `k` can use of the ways, as seconds of exposure (rule 7).

    They are the least that it has had when it rides a service, and the most that it may have had then: it can use the
    services of which the one is not above the other. The last two are whether a route may begin, and may end, with one.
    """
    begins_with, litres = first_litres(ways, times, goods, k), goods.part_litres[k]
    size = len(ways.service)
    had, may = np.full(size, NO_LIMIT + 1), np.full(size, -1)
    first, last = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for one in range(size):
        service = ways.service[one]
        if goods.documents[k] > times.documents[service]:
            continue
        wait = times.departs[service] - goods.ready[k]
        if ways.first[one] and goods.handed[k] <= times.gate[service] and 0 <= wait <= times.dwell[service]:
            first[one] = True
            had[one] = exposure(ways, one, wait, begins_with)
        for link in range(ways.link_from[one], ways.link_from[one + 1]):
            before = had[ways.link_source[link]]
            had[one] = min(had[one], before + exposure(ways, one, ways.link_wait[link], litres))
    for one in range(size - 1, -1, -1):
        used = times.given_out[ways.service[one]] - goods.ready[k]
        if had[one] > NO_LIMIT:
            continue
        if ways.last[one] and times.given_out[ways.service[one]] <= goods.latest[k] and used <= goods.shelf[k]:
            last[one] = had[one] <= spare(goods, k, used, faster_permille)
            may[one] = max(may[one], spare(goods, k, used, faster_permille))
        first[one] &= exposure(ways, one, times.departs[ways.service[one]] - goods.ready[k], begins_with) <= may[one]
        for link in range(ways.link_from[one], ways.link_from[one + 1]):
            source = ways.link_source[link]
            may[source] = max(may[source], may[one] - exposure(ways, one, ways.link_wait[link], litres))
    return had, may, first, last


@lean
def leads(ways: Ways, goods: Goods, part: tuple[Whole, Whole, Flags, Flags], where: tuple[int, int], link: int) -> bool:
    """Return whether a link to a service one can use is one that can be used."""
    k, one = where
    had = part[0][ways.link_source[link]] + exposure(ways, one, ways.link_wait[link], goods.part_litres[k])
    return bool(had <= part[1][one])


@compiled
def count_stops(ways: Ways, times: Times, goods: Goods, members: Whole, faster_permille: int) -> tuple[Whole, Whole]:
    """Return how many stops and links each of the consignments `members` has."""
    stops, links = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
    for place in range(len(members)):
        part = own_part(ways, times, goods, members[place], faster_permille)
        for one in range(len(ways.service)):
            if part[0][one] <= part[1][one]:
                stops[place] += 1
                for link in range(ways.link_from[one], ways.link_from[one + 1]):
                    links[place] += leads(ways, goods, part, (members[place], one), link)
    return stops, links


@compiled
def fill_stops(ways: Ways, times: Times, goods: Goods, members: Whole, out: tuple[Stops, Whole, Rates]) -> None:
    """Write the stops and links of the consignments `members`; `out` has where each one's links begin."""
    stops, link_begin, rates = out
    for k in members:
        part = own_part(ways, times, goods, k, rates.faster_permille)
        kept = part[0] <= part[1]
        number = np.cumsum(kept) - 1
        link = link_begin[k]
        for one in range(len(kept)):
            if kept[one]:
                stop = stops.begin[k] + number[one]
                _write_stop(ways, goods, (k, one, stop), stops, rates)
                write_ends(times, goods, (k, stop), (part[2][one], part[3][one]), (stops, rates))
                stops.link_from[stop] = link
                for other in range(ways.link_from[one], ways.link_from[one + 1]):
                    if leads(ways, goods, part, (k, one), other):
                        stops.link_source[link] = number[ways.link_source[other]]
                        stops.link_wait[link] = ways.link_wait[other]
                        link += 1
        stops.link_from[stops.begin[k + 1]] = link
        stops.plain[k] = is_plain(stops, goods, k)


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
def write_ends(
    times: Times, goods: Goods, where: tuple[int, int], can: tuple[bool, bool], out: tuple[Stops, Rates]
) -> None:
    """Write what beginning and ending at a stop costs consignment `k`, where it `can` begin and can end there."""
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
        stops.spare[stop] = spare(goods, k, used, rates.faster_permille)


@compiled
def is_plain(stops: Stops, goods: Goods, k: int) -> bool:
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
