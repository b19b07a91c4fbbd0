"""The event graph of an instance, and of it what each consignment can use: rules 1 to 6 of DESIGN.md, once for all.

Consignments of one kind (places, band, regime, modes, locks) share their ways: the running services on some chain from
the origin to the destination. Their own times cut those down to some dozens of stops each. A chain of stops is a route
but for three things that depend on the chain: no place twice, exposure, forced modes. Loops that search it know which
consignments need that care at all (`Stops.plain`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from coldport.ids import Id
from routing.model import Consignment, Instance, Lock, Mode
from routing.pricing import DAY_S, HOUR_S, MILLION
from routing.reach import NO_LIMIT, Goods, Rates, Real, Stops, Ways, count_stops, empty_stops, fill_stops
from routing.timetable import Timetable, Whole, opened, timetable, whole
from routing.ways import BAND_NUMBERS, MODES, Kind, Marks, marks, ways

HELD_FEN = 1e14
"""What staying costs a consignment whose lock does not let it stay."""


class Network(NamedTuple):
    """An instance as arrays: the consignments by id, the timetable, and each one's stops."""

    instance: Instance
    consignments: tuple[Consignment, ...]
    table: Timetable
    goods: Goods
    stops: Stops


def network(instance: Instance) -> Network:
    """Return the network of an instance that has no problems (`routing.instance_check`)."""
    table = timetable(instance)
    return network_in(instance, table, marks(instance, table))


def network_in(instance: Instance, table: Timetable, seen: Marks) -> Network:
    """Return the network of an instance whose timetable is known, with its marks."""
    consignments = tuple(sorted(instance.consignments, key=lambda one: one.id))
    locks: dict[Id, list[Lock]] = defaultdict(list)
    for lock in instance.locks:
        if lock.consignment is not None:
            locks[lock.consignment].append(lock)
    goods = goods_of(consignments, table, locks)
    kinds: dict[Kind, list[int]] = defaultdict(list)
    for number, one in enumerate(consignments):
        kinds[_kind(one, locks[one.id])].append(number)
    found = [(ways(table, seen, kind), np.array(members, dtype=np.int64)) for kind, members in kinds.items()]
    return Network(instance, consignments, table, goods, _stops(instance, table, goods, found))


def _stops(instance: Instance, table: Timetable, goods: Goods, kinds: list[tuple[Ways, Whole]]) -> Stops:
    """Return the stops of all consignments: counted first, then written where they belong."""
    rates = rates_of(instance)
    stop_counts, link_counts = np.zeros(len(goods.ready), np.int64), np.zeros(len(goods.ready), np.int64)
    for some, members in kinds:
        found = count_stops(some, table.times, goods, members, rates.faster_permille)
        stop_counts[members], link_counts[members] = found
    begin = np.concatenate(([0], np.cumsum(stop_counts)))
    link_begin = np.concatenate(([0], np.cumsum(link_counts)))
    stops = empty_stops(begin, int(begin[-1]), int(link_begin[-1]))
    for some, members in kinds:
        fill_stops(some, table.times, goods, members, (stops, link_begin, rates))
    return stops


def rates_of(instance: Instance) -> Rates:
    """Return the prices that loops over stops use."""
    prices = instance.prices
    return Rates(
        time=prices.time_ppm_per_day / (MILLION * DAY_S),
        spoilage=prices.spoilage_ppm_per_h / (MILLION * HOUR_S),
        faster_permille=prices.exposed_permille - 1_000,
    )


def _kind(one: Consignment, locks: list[Lock]) -> Kind:
    forbidden = set(one.forbidden_modes)
    only: set[Id] = set()
    uses: set[Id] = set()
    for lock in locks:
        if lock.modes:
            forbidden |= set(Mode) - set(lock.modes)
        if lock.path:
            only = only & set(lock.path) if only else set(lock.path)
            uses |= set(lock.path)
        if lock.use is not None:
            uses.add(lock.use)
    return Kind(
        one.origin,
        one.destination,
        one.band,
        one.regime,
        frozenset(forbidden),
        frozenset(one.forced_modes),
        frozenset(only),
        tuple(sorted(uses)),
    )


def goods_of(consignments: tuple[Consignment, ...], table: Timetable, locks: Mapping[Id, list[Lock]]) -> Goods:
    """Return the consignments as arrays; those that a lock holds on a way may not stay at any price."""
    classes: dict[Id | None, int] = {None: 0}
    for one in consignments:
        classes.setdefault(one.load_class, len(classes))
    ready = whole(one.ready_s for one in consignments)
    origins = whole(table.places[one.origin] for one in consignments)
    handed = ready.copy()
    for number, node in enumerate(table.nodes):
        handed[origins == number] = opened(node, ready[origins == number])
    held = {name for name, some in locks.items() if any(lock.path or lock.use is not None for lock in some)}
    return Goods(
        ready=ready,
        handed=handed,
        due=whole(one.due_s for one in consignments),
        latest=whole(one.latest_s for one in consignments),
        documents=whole(one.documents_s for one in consignments),
        mass=whole(one.mass_g for one in consignments),
        litres=whole(one.litres for one in consignments),
        part_litres=whole(
            one.litres * one.least_part_g // one.mass_g if one.splittable else one.litres for one in consignments
        ),
        pallets=whole(one.pallets for one in consignments),
        value=_real(one.value_fen for one in consignments),
        late_per_s=_real(one.late_fen_per_h / HOUR_S for one in consignments),
        shelf=whole(
            NO_LIMIT if one.shelf_life_s is None else one.shelf_life_s - one.shelf_life_left_s for one in consignments
        ),
        exposure=whole(NO_LIMIT if one.exposure_s is None else one.exposure_s for one in consignments),
        band=whole(BAND_NUMBERS[one.band] for one in consignments),
        load_class=whole(classes[one.load_class] for one in consignments),
        unplanned=_real(HELD_FEN if one.id in held else one.unplanned_fen for one in consignments),
        forced=whole(sum(MODES[mode] for mode in set(one.forced_modes)) for one in consignments),
    )


def _real(numbers: Iterable[float]) -> Real:
    return np.array(list(numbers), dtype=np.float64)
