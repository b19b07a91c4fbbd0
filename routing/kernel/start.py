"""The problem of a network as the kernel reads it, and the state in which every consignment stays."""

from itertools import accumulate

import numpy as np

from routing.kernel.tables import MOST_LABELS, MOST_LEGS, MOST_OUT, Offers, Problem, Rooms, Scratch, State, Turn
from routing.model import PLUG_LITRES, Band, Instance, Node, Offer
from routing.network import Network
from routing.pricing import MILLION, keeps_cold, units_cost
from routing.reach import NO_LIMIT
from routing.result import Leg
from routing.timetable import Timetable, whole
from routing.ways import BAND_NUMBERS, BANDS


def problem_of(network: Network) -> Problem:
    """Return the problem that the kernel works on."""
    times = network.table.times
    return Problem(
        goods=network.goods,
        stops=network.stops,
        offers=_offers(network.instance, network.table),
        rooms=rooms_of(network),
        origin=times.origin,
        departs=times.departs,
        arrives=whole(one.arrives_s for one in network.table.services),
    )


def legs_of(table: Timetable) -> list[Leg]:
    """Return what each offer of `Offers` is in a plan, in their order."""
    return [Leg(service=one.id, offer=offer.id) for one in table.services for offer in one.offers]


def _offers(instance: Instance, table: Timetable) -> Offers:
    services = table.services
    offers = [offer for one in services for offer in one.offers]
    begin = whole(accumulate((len(one.offers) for one in services), initial=0))
    carbon = instance.prices.carbon_fen_per_t / MILLION
    locked = {(lock.service, lock.offer): lock.units for lock in instance.locks if lock.units}
    held = [locked.get((leg.service, leg.offer), 0) for leg in legs_of(table)]
    priced = [_prices(offer, units, carbon) for offer, units in zip(offers, held, strict=True)]
    return Offers(
        begin=begin,
        service=np.repeat(np.arange(len(services)), np.diff(begin)),
        bands=whole(sum(BANDS[band] for band in set(one.bands)) for one in offers),
        mass=whole(one.mass_g for one in offers),
        litres=whole(one.litres for one in offers),
        positions=whole(one.positions for one in offers),
        most=whole(one.count for one in offers),
        held=whole(held),
        plug=whole(one.plugs for one in offers),
        per_g=np.array([(one.fen_per_t + carbon * one.co2e_g_per_t) / MILLION for one in offers], dtype=np.float64),
        price_from=whole(accumulate((len(one) for one in priced), initial=0))[:-1],
        price=np.concatenate(priced) if priced else np.zeros(0),
        plug_limit=whole(NO_LIMIT if one.plugs is None else one.plugs for one in services),
    )


def _prices(offer: Offer, held: int, carbon: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the price of each number of units from 0 on, to the fen, CO2e in it."""
    units = [max(needed, held) for needed in range(offer.count + 1)]
    return np.array(
        [round(units_cost(offer, one) + carbon * one * offer.unit_co2e_g) for one in units], dtype=np.float64
    )


def rooms_of(network: Network) -> Rooms:
    """Return the rooms that goods could overfill: those of every place where all goods at once would be too many."""
    table, goods = network.table, network.goods
    litres = [int(goods.litres[goods.band == number].sum()) for number in BAND_NUMBERS.values()]
    moments = [_moments(network, place) if _may_fill(node, litres) else [] for place, node in enumerate(table.nodes)]
    return Rooms(
        begin=whole(accumulate((len(some) for some in moments), initial=0)),
        moment=whole(moment for some in moments for moment in some),
        limit=whole(_limit(node, band) for node in table.nodes for band in Band).reshape(-1, len(Band)),
        plugged=whole(node.plugs * PLUG_LITRES for node in table.nodes),
        takes=np.array([[keeps_cold(node, band) for band in Band] for node in table.nodes], dtype=np.bool_),
    )


def _limit(node: Node, band: Band) -> int:
    """Return the litres of a band that a place has room for: ambient goods without storage wait anywhere."""
    for room in node.storage:
        if room.band is band:
            return NO_LIMIT if room.litres is None else room.litres
    return NO_LIMIT if band is Band.AMBIENT else 0


def _may_fill(node: Node, litres: list[int]) -> bool:
    fed = sum(
        max(0, litres[BAND_NUMBERS[band]] - _limit(node, band))
        for band in Band
        if band is not Band.AMBIENT and keeps_cold(node, band)
    )
    return fed > node.plugs * PLUG_LITRES or litres[0] > _limit(node, Band.AMBIENT)


def _moments(network: Network, place: int) -> list[int]:
    """Return the moments at which goods can come to a place or leave it."""
    times = network.table.times
    node = network.table.nodes[place]
    arrives = [one.arrives_s for one in network.table.services if one.destination == node.id]
    ready = [one.ready_s for one in network.consignments if one.origin == node.id]
    return sorted({*times.departs[times.origin == place].tolist(), *arrives, *ready})


def empty(problem: Problem, seed: int) -> State:
    """Return the state in which every consignment stays."""
    goods, offers = problem.goods, problem.offers
    size, count = len(goods.ready), len(offers.service)
    classes = int(goods.load_class.max(initial=0)) + 1
    per_unit = offers.price[offers.price_from + offers.most] / np.maximum(offers.most, 1)
    plugged = np.zeros(len(problem.departs), np.int64)
    np.add.at(plugged, offers.service, offers.held * offers.plug)
    return State(
        loads=np.zeros((count, classes, 3), np.int64),
        units=np.zeros((count, classes), np.int64),
        need=np.zeros(count, np.int64),
        plugged=plugged,
        level=np.zeros((len(Band), len(problem.rooms.moment)), np.int64),
        legs=np.zeros((size, MOST_LEGS), np.int32),
        length=np.zeros(size, np.int32),
        own=goods.unplanned.copy(),
        cap=offers.most.copy(),
        slope=per_unit,
        total=np.array([goods.unplanned.sum() + offers.price[offers.price_from].sum()]),
        dice=np.array([first_dice(seed)], dtype=np.uint64),
    )


def first_dice(seed: int) -> int:
    """Return the first state of the dice: never 0, and far apart for seeds next to each other."""
    return (seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) & (2**64 - 1) | 1


def scratch_for(problem: Problem) -> Scratch:
    """Return room to work in for the consignment with the most stops."""
    size = int(np.diff(problem.stops.begin).max(initial=1))
    careful = np.flatnonzero(~problem.stops.plain)
    labels = int(np.diff(problem.stops.begin)[careful].max(initial=1))
    return Scratch(
        cost=np.zeros(size),
        offer=np.zeros(size, np.int32),
        source=np.zeros(size, np.int32),
        full=np.zeros(size, np.bool_),
        labels=np.zeros(labels, np.int32),
        label_cost=np.zeros((labels, MOST_LABELS)),
        label_exposed=np.zeros((labels, MOST_LABELS), np.int64),
        label_seen=np.zeros((labels, MOST_LABELS), np.int64),
        label_source=np.zeros((labels, MOST_LABELS), np.int32),
        path=np.zeros(MOST_LEGS, np.int32),
        chosen=np.zeros(MOST_LEGS, np.int32),
    )


def turn_for(problem: Problem, movable: np.ndarray[tuple[int], np.dtype[np.bool_]], destinations: list[str]) -> Turn:
    """Return what turns work with, when only some consignments may move. `destinations` are by consignment."""
    goods = problem.goods
    size = len(goods.ready)
    _, place = np.unique(np.array(destinations, dtype=np.str_), return_inverse=True)
    near = np.lexsort((goods.due, place))
    near = near[movable[near]]
    places = np.full(size, -1, np.int64)
    places[near] = np.arange(len(near))
    return Turn(
        near=near,
        place=places,
        out=np.zeros(MOST_OUT, np.int64),
        key=np.zeros(MOST_OUT),
        is_out=np.zeros(size, np.bool_),
        old_legs=np.zeros((size, MOST_LEGS), np.int32),
        old_length=np.zeros(size, np.int32),
        old_own=np.zeros(size),
        best_legs=np.zeros((size, MOST_LEGS), np.int32),
        best_length=np.zeros(size, np.int32),
        best_own=np.zeros(size),
        best_total=np.array([np.inf]),
    )
