"""Compiled: what is left of each consignment's stops at a later moment, when services are late, closed or gone.

Nothing opens that was not open before, so that a network that is kept is only cut down, in milliseconds: anew it takes
the better part of a second. (A way that a wait was too long for, and that lateness makes shorter, is not found.)
"""

# An element of an array is a number of numpy's to the checker, and a plain one to the compiler.
# pyright: reportArgumentType=false

from typing import NamedTuple

import numpy as np

from routing.jit import compiled
from routing.reach import MILLION, Flags, Goods, Rates, Real, Stops, is_plain, write_ends
from routing.timetable import Times, Whole


class Later(NamedTuple):
    """Services as they are later, in the order of the network that is kept.

    `may_board` is whether somebody can still come to a service who is not locked to it. `late_row` is the row of
    `can_change` that says of a late service to which ones its goods can still change; -1 for one in time. The others
    are the marks of `routing.ways`, by customs regime or band first.
    """

    times: Times
    arrives: Whole
    may_board: Flags
    late_row: Whole
    can_change: Flags
    modes: Whole
    duty_ppm: Real
    transfer_per_g: Real
    store_rate: Real
    exposed: Flags


class Claims(NamedTuple):
    """What is asked of each consignment: `source` is the one whose stops it has in the network that is kept.

    It uses each of the services `use[use_from[k]:use_from[k + 1]]`, and no others where `only`; `forbidden` are bits of
    modes. One that is `barred` has no way: its locks hold it on what does not run, or on two ways.
    """

    source: Whole
    regime: Whole
    forbidden: Whole
    use_from: Whole
    use: Whole
    only: Flags
    barred: Flags


class Part(NamedTuple):
    """Of one consignment's stops and links, which are left, and which stops may begin and end a route."""

    stop: Flags
    link: Flags
    first: Flags
    last: Flags


@compiled
def narrow(base: Stops, later: Later, goods: Goods, claims: Claims, out: tuple[Stops, Rates]) -> None:
    """Write into stops that have room for as many as their sources have those that are left, from the first on."""
    stops, rates = out
    stop, link = 0, 0
    for k in range(len(claims.source)):
        part = _part(base, later, goods, claims, k)
        begin = base.begin[claims.source[k]]
        first_link = base.link_from[begin]
        number = np.cumsum(part.stop) - 1
        stops.begin[k] = stop
        for one in range(len(part.stop)):
            if part.stop[one]:
                _write_stop(base, later, goods, claims, (k, begin + one, stop), out)
                write_ends(later.times, goods, (k, stop), (part.first[one], part.last[one]), (stops, rates))
                stops.link_from[stop] = link
                for other in range(base.link_from[begin + one], base.link_from[begin + one + 1]):
                    if part.link[other - first_link]:
                        source = base.link_source[other]
                        stops.link_source[link] = number[source]
                        stops.link_wait[link] = _wait(base, later, begin + source, begin + one)
                        link += 1
                stop += 1
        stops.begin[k + 1] = stop
        stops.link_from[stop] = link
        stops.plain[k] = is_plain(stops, goods, k)


@compiled
def _wait(base: Stops, later: Later, source: int, stop: int) -> int:
    return int(later.times.departs[base.service[stop]] - later.arrives[base.service[source]])


@compiled
def _part(base: Stops, later: Later, goods: Goods, claims: Claims, k: int) -> Part:
    """Return what is left to a consignment, in the order of its source's stops."""
    begin, end = base.begin[claims.source[k]], base.begin[claims.source[k] + 1]
    size, links = end - begin, base.link_from[end] - base.link_from[begin]
    part = Part(np.zeros(size, np.bool_), np.zeros(links, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.bool_))
    if claims.barred[k]:
        return part
    times = later.times
    for one in range(size):
        service = base.service[begin + one]
        used = _is_used(claims, k, service)
        may = used or (later.may_board[service] and not claims.only[k])
        if not may or later.modes[service] & claims.forbidden[k] != 0:
            continue
        wait = times.departs[service] - goods.ready[k]
        part.first[one] = base.start[begin + one] < np.inf and 0 <= wait <= times.dwell[service]
        part.stop[one] = part.first[one]
        arrives = times.given_out[service]
        in_time = arrives <= goods.latest[k] and arrives - goods.ready[k] <= goods.shelf[k]
        part.last[one] = base.end[begin + one] < np.inf and in_time
        for link in range(base.link_from[begin + one], base.link_from[begin + one + 1]):
            source = base.link_source[link]
            if part.stop[source] and _can_change(base, later, begin + source, begin + one):
                part.link[link - base.link_from[begin]] = True
                part.stop[one] = True
    _keep_what_ends(base, begin, part)
    for use in range(claims.use_from[k], claims.use_from[k + 1]):
        _keep_through(base, begin, part, claims.use[use])
    return part


@compiled
def _is_used(claims: Claims, k: int, service: int) -> bool:
    return bool((claims.use[claims.use_from[k] : claims.use_from[k + 1]] == service).any())


@compiled
def _can_change(base: Stops, later: Later, source: int, stop: int) -> bool:
    """Return whether goods of one stop's service can still change to another's."""
    before, service = base.service[source], base.service[stop]
    row = later.late_row[before]
    if row >= 0 and not later.can_change[row, service]:
        return False
    return bool(0 <= _wait(base, later, source, stop) <= later.times.dwell[service])


@compiled
def _keep_what_ends(base: Stops, begin: int, part: Part) -> None:
    """Drop the stops and links from which no route comes to an end, and what begins there."""
    ends = part.last & part.stop
    for one in range(len(ends) - 1, -1, -1):
        for link in range(base.link_from[begin + one], base.link_from[begin + one + 1]):
            place = link - base.link_from[begin]
            part.link[place] = part.link[place] and ends[one]
            if part.link[place]:
                ends[base.link_source[link]] = True
    part.stop[:] = ends
    part.first[:] = part.first & ends
    part.last[:] = part.last & ends


@compiled
def _keep_through(base: Stops, begin: int, part: Part, service: int) -> None:
    """Drop what is on no route through a service."""
    before, after = np.zeros(len(part.stop), np.bool_), np.zeros(len(part.stop), np.bool_)
    for one in range(len(part.stop)):
        after[one] = part.stop[one] and base.service[begin + one] == service
        for link in range(base.link_from[begin + one], base.link_from[begin + one + 1]):
            if part.link[link - base.link_from[begin]] and after[base.link_source[link]]:
                after[one] = True
    for one in range(len(part.stop) - 1, -1, -1):
        before[one] |= part.stop[one] and base.service[begin + one] == service
        for link in range(base.link_from[begin + one], base.link_from[begin + one + 1]):
            place, source = link - base.link_from[begin], base.link_source[link]
            if part.link[place] and before[one]:
                before[source] = True
            part.link[place] = part.link[place] and (before[one] or after[source])
    part.stop[:] = before | after
    part.first[:] = part.first & before
    part.last[:] = part.last & after


@compiled
def _write_stop(
    base: Stops, later: Later, goods: Goods, claims: Claims, where: tuple[int, int, int], out: tuple[Stops, Rates]
) -> None:
    k, source, stop = where
    stops, rates = out
    service, band = base.service[source], goods.band[k]
    stops.service[stop] = service
    stops.duty[stop] = goods.value[k] * later.duty_ppm[claims.regime[k], service] / MILLION
    stops.transfer[stop] = goods.mass[k] * later.transfer_per_g[service]
    stops.rate[stop] = goods.litres[k] * later.store_rate[band, service]
    stops.exposed[stop] = later.exposed[band, service]
    if stops.exposed[stop]:
        stops.rate[stop] += goods.value[k] * rates.spoilage
    stops.bit[stop] = base.bit[source]
    stops.clears[stop] = base.clears[source]
