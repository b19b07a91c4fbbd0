"""The network of a plan under way, cut down to what is left of it after something happened.

What is kept is the network of the instance as it was planned, with every service open and no lock on a consignment:
whatever happens later, and whatever is locked, only takes from it. A consignment that joins brings its own stops.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np

from coldport.ids import Id
from routing.model import Band, Consignment, Instance, Lock, Mode, Regime, Seconds, Service, Status
from routing.narrow import Claims, Later, narrow
from routing.network import Network, goods_of, network, network_in, rates_of
from routing.pricing import connection_s
from routing.reach import Flags, Stops, empty_stops
from routing.timetable import Timetable, Whole, opened, whole
from routing.ways import MODES, Marks, marks

REGIMES = {regime: number for number, regime in enumerate(Regime)}


@dataclass(frozen=True, slots=True)
class Base:
    """A network with every service open and no locks on consignments, and where each consignment's stops are in it."""

    network: Network
    marks: Marks
    source: Mapping[Id, int]


def base_of(instance: Instance) -> Base:
    """Return the network to keep of an instance: the better part of a second at a thousand consignments."""
    bookings = tuple(lock for lock in instance.locks if lock.units)
    found = network(msgspec.structs.replace(instance, now_s=0, locks=bookings))
    source = {one.id: k for k, one in enumerate(found.consignments)}
    return Base(found, marks(found.instance, found.table), source)


def with_joined(base: Base, joined: tuple[Consignment, ...]) -> Base:
    """Return the base with consignments that are new: only their own stops are made."""
    if not joined:
        return base
    kept = base.network
    own = network_in(msgspec.structs.replace(kept.instance, consignments=joined), kept.table, base.marks)
    source = {one.id: len(kept.consignments) + k for k, one in enumerate(own.consignments)}
    both = kept._replace(
        instance=msgspec.structs.replace(kept.instance, consignments=(*kept.instance.consignments, *joined)),
        consignments=(*kept.consignments, *own.consignments),
        stops=_together(kept.stops, own.stops),
    )
    return Base(both, base.marks, {**base.source, **source})


@dataclass(frozen=True, slots=True)
class Asked:
    """How a network is cut down. `sources` say of which consignment of the base each one is a part.

    Services that close before `now_s`, or are cancelled, are left to those that locks hold on them, if they run. `only`
    of some is the network wanted, by id: the others have no stops in it then.
    """

    sources: Mapping[Id, Id]
    now_s: Seconds
    only: Collection[Id] | None = None


def remaining(base: Base, instance: Instance, asked: Asked, known: Network | None = None) -> Network:
    """Return the network of an instance that came of the base's by what happened (`routing.disruption`) and by locks.

    What is `known` of the same consignments with other locks is not made once more.
    """
    kept = base.network
    table = _table(kept.table, instance)
    if known is not None and known.instance.consignments == instance.consignments:
        consignments, goods = known.consignments, known.goods
    else:
        consignments = tuple(sorted(instance.consignments, key=lambda one: one.id))
        goods = goods_of(consignments, table, {})
    claims = _claims(base, (instance, table), consignments, asked)
    begin = kept.stops.begin
    some = claims.source[~claims.barred]
    size = int((begin[some + 1] - begin[some]).sum())
    links = int((kept.stops.link_from[begin[some + 1]] - kept.stops.link_from[begin[some]]).sum())
    stops = empty_stops(np.zeros(len(consignments) + 1, np.int64), size, links)
    seen = base.marks if instance.nodes == kept.instance.nodes else marks(instance, table)
    narrow(kept.stops, _later(kept.table, table, seen, asked.now_s), goods, claims, (stops, rates_of(instance)))
    return Network(instance, consignments, table, goods, stops)


def _together(some: Stops, more: Stops) -> Stops:
    """Return the stops of consignments, then those of others."""
    size, links = len(some.service), len(some.link_source)
    joined: dict[str, Any] = {
        name: np.concatenate((getattr(some, name), getattr(more, name)))
        for name in Stops._fields
        if name not in ("begin", "link_from")
    }
    begin = np.concatenate((some.begin, more.begin[1:] + size))
    link_from = np.concatenate((some.link_from[:size], more.link_from + links))
    return Stops(begin=begin, link_from=link_from, **joined)


def _table(before: Timetable, instance: Instance) -> Timetable:
    """Return the timetable with services as they are now, in the order that they had."""
    now = {one.id: one for one in instance.services}
    services = tuple(now[one.id] for one in before.services)
    given_out = before.times.given_out.copy()
    for number, (one, was) in enumerate(zip(services, before.services, strict=True)):
        if one.arrives_s != was.arrives_s:
            node = before.nodes[before.times.destination[number]]
            given_out[number] = opened(node, whole([one.arrives_s]))[0]
    times = before.times._replace(departs=whole(one.departs_s for one in services), given_out=given_out)
    return before._replace(services=services, times=times, nodes=instance.nodes)


def _later(before: Timetable, table: Timetable, seen: Marks, now_s: Seconds) -> Later:
    services = table.services
    late = [number for number, one in enumerate(services) if one.arrives_s != before.services[number].arrives_s]
    late_row = np.full(len(services), -1, np.int64)
    late_row[late] = np.arange(len(late))
    can_change = np.zeros((len(late), len(services)), np.bool_)
    for row, number in enumerate(late):
        can_change[row] = _changes_from(table, services[number])
    return Later(
        times=table.times,
        arrives=whole(one.arrives_s for one in services),
        may_board=np.array(
            [one.status is not Status.CANCELLED and now_s <= one.booking_s for one in services], dtype=np.bool_
        ),
        late_row=late_row,
        can_change=can_change,
        modes=seen.modes,
        duty_ppm=np.stack([seen.duty_ppm[regime] for regime in Regime]),
        transfer_per_g=seen.transfer_per_g,
        store_rate=np.stack([seen.store_rate[band] for band in Band]),
        exposed=np.stack([seen.exposed[band] for band in Band]),
    )


def _changes_from(table: Timetable, late: Service) -> Flags:
    """Return to which services goods of a late one can be handed over in time (rule 1), wherever those begin."""
    node = table.nodes[table.places[late.destination]]
    handed = {
        mode: int(opened(node, whole([late.arrives_s + connection_s(node, late.mode, mode)]))[0]) for mode in Mode
    }
    return whole(handed[one.mode] for one in table.services) <= table.times.gate


def _claims(base: Base, now: tuple[Instance, Timetable], consignments: tuple[Consignment, ...], asked: Asked) -> Claims:
    instance, table = now
    locks: dict[Id, list[Lock]] = defaultdict(list)
    for lock in instance.locks:
        if lock.consignment is not None and (asked.only is None or lock.consignment in asked.only):
            locks[lock.consignment].append(lock)
    running = {one.id: number for number, one in enumerate(table.services) if one.status is not Status.CANCELLED}
    uses: list[list[int]] = [[]] * len(consignments)
    size = len(consignments)
    forbidden, only, barred = np.zeros(size, np.int64), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for k, one in enumerate(consignments):
        barred[k] = asked.only is not None and one.id not in asked.only
        if one.id in locks:
            names, path = _uses(locks[one.id])
            uses[k] = [running[name] for name in sorted(names) if name in running]
            forbidden[k], only[k] = _forbidden(locks[one.id]), path is not None
            barred[k] |= len(uses[k]) < len(names) or (path is not None and not names <= path)
    return Claims(
        source=whole(base.source[asked.sources.get(one.id, one.id)] for one in consignments),
        regime=whole(REGIMES[one.regime] for one in consignments),
        forbidden=forbidden,
        use_from=whole(accumulate((len(some) for some in uses), initial=0)),
        use=whole(number for some in uses for number in some),
        only=only,
        barred=barred,
    )


def _uses(locks: Iterable[Lock]) -> tuple[set[Id], set[Id] | None]:
    """Return the services that locks hold one on, and those that it may go by at all; None: all."""
    uses: set[Id] = set()
    only: set[Id] | None = None
    for lock in locks:
        if lock.path:
            only = set(lock.path) if only is None else only & set(lock.path)
        uses.update(lock.path, () if lock.use is None else (lock.use,))
    return uses, only


def _forbidden(locks: Iterable[Lock]) -> int:
    """Return the bits of the modes that locks leave out."""
    return sum(MODES[mode] for mode in {mode for lock in locks if lock.modes for mode in set(Mode) - set(lock.modes)})


def no_way(found: Network) -> Whole:
    """Return the numbers of the consignments for which no chain of services is left."""
    return np.flatnonzero(np.diff(found.stops.begin) == 0)
