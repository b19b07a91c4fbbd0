"""Rules 8 and 9 of DESIGN.md: what routes may do together, in rooms and in units."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from coldport.ids import Id
from routing.judge.facts import Facts, Trip, exposes, storage_of
from routing.judge.rules import Rule, Violation
from routing.model import PLUG_LITRES, Band, Node, Offer
from routing.result import Booking, Plan, Route


def judge_rooms(trips: Sequence[Trip], only: Collection[Id] | None = None) -> Iterator[Violation]:
    """Yield each place in which more goods wait at some moment than it has room for (rule 8); `only` those asked for.

    Goods that are exposed where they wait take no room: there is none for them.
    """
    changes: dict[Id, list[tuple[int, Band, int]]] = defaultdict(list)
    places: dict[Id, Node] = {}
    for trip in trips:
        for ride in trip.rides:
            if only is not None and ride.place.id not in only:
                continue
            if not exposes(ride.place, trip.goods.band) and ride.waits_s > 0:
                places[ride.place.id] = ride.place
                changes[ride.place.id].append((ride.came_s, trip.goods.band, trip.route.litres))
                changes[ride.place.id].append((ride.service.departs_s, trip.goods.band, -trip.route.litres))
    for name in sorted(places):
        yield from _judge_room(places[name], changes[name])


def _judge_room(place: Node, changes: list[tuple[int, Band, int]]) -> Iterator[Violation]:
    """Go through the moments at which goods come or leave; what leaves at a moment is gone at it."""
    here = dict.fromkeys(Band, 0)
    found: set[Rule] = set()
    for moment, together in groupby(sorted(changes), key=itemgetter(0)):
        for _, band, litres in together:
            here[band] += litres
        fed = sum(_beyond(place, band, here[band]) for band in (Band.CHILLED, Band.FROZEN))
        if fed > PLUG_LITRES * place.plugs and Rule.PLUGS not in found:
            found.add(Rule.PLUGS)
            text = f"at {moment} s {fed} litres of cold goods need plugs, it has {place.plugs} of {PLUG_LITRES} litres"
            yield Violation(rule=Rule.PLUGS, subject=place.id, text=text)
        ambient = storage_of(place, Band.AMBIENT)
        if ambient and _beyond(place, Band.AMBIENT, here[Band.AMBIENT]) > 0 and Rule.ROOM not in found:
            found.add(Rule.ROOM)
            text = f"at {moment} s {here[Band.AMBIENT]} litres of ambient goods wait, room is for {ambient.litres}"
            yield Violation(rule=Rule.ROOM, subject=place.id, text=text)


def _beyond(place: Node, band: Band, litres: int) -> int:
    """Return the litres of the band that find no room in the storage of the place."""
    storage = storage_of(place, band)
    if storage is None:
        return litres
    return 0 if storage.litres is None else max(0, litres - storage.litres)


def judge_units(facts: Facts, plan: Plan, only: Collection[Id] | None = None) -> Iterator[Violation]:
    """Yield where the bookings do not fit what the routes put on each offer (rule 9); `only` of services asked for."""
    booked: dict[tuple[Id, Id], int] = {}
    yield from _booked(facts, (one for one in plan.bookings if only is None or one.service in only), booked)
    riders: dict[tuple[Id, Id], list[Route]] = defaultdict(list)
    for route in plan.routes:
        for leg in route.legs:
            if only is None or leg.service in only:
                riders[leg.service, leg.offer].append(route)
    plugged: dict[Id, int] = defaultdict(int)
    for key in sorted(booked.keys() | riders.keys()):
        offer = facts.offer(*key)
        if offer is None:
            continue
        plugged[key[0]] += booked.get(key, 0) * min(offer.plugs, 1)
        yield from _judge_offer(facts, key[0], offer, booked.get(key, 0), riders[key])
    for name, units in sorted(plugged.items()):
        plugs = facts.services[name].plugs
        if plugs is not None and units > plugs:
            text = f"{units} units need a plug, it has {plugs}"
            yield Violation(rule=Rule.SERVICE_PLUGS, subject=name, text=text)


def _booked(facts: Facts, bookings: Iterable[Booking], booked: dict[tuple[Id, Id], int]) -> Iterator[Violation]:
    """Write how many units are booked; yield what is no booking, or one too many."""
    for booking in bookings:
        key = (booking.service, booking.offer)
        if facts.offer(*key) is None:
            text = f"there is no offer {booking.offer} of it to book"
            yield Violation(rule=Rule.OFFER, subject=booking.service, text=text)
        elif key in booked:
            text = f"{booking.offer} is booked more than once"
            yield Violation(rule=Rule.BOOKED_TWICE, subject=booking.service, text=text)
        else:
            booked[key] = booking.units


def _judge_offer(facts: Facts, service: Id, offer: Offer, booked: int, riders: list[Route]) -> Iterator[Violation]:
    need = _need(facts, offer, riders)
    held = facts.held.get((service, offer.id), 0)
    if booked < need:
        text = f"{booked} units of {offer.id} are booked, {need} are needed"
        yield Violation(rule=Rule.SHORT, subject=service, text=text)
    if booked > max(need, held):
        text = f"{booked} units of {offer.id} are booked, only {need} are needed"
        yield Violation(rule=Rule.IDLE, subject=service, text=text)
    if booked > offer.count:
        text = f"{booked} units of {offer.id} are booked, it has {offer.count}"
        yield Violation(rule=Rule.COUNT, subject=service, text=text)


def _need(facts: Facts, offer: Offer, riders: list[Route]) -> int:
    by_class: dict[Id | None, list[Route]] = defaultdict(list)
    for route in riders:
        if route.consignment in facts.goods:
            by_class[facts.goods[route.consignment].load_class].append(route)
    need = 0
    for together in by_class.values():
        by_mass = _up(sum(route.mass_g for route in together), offer.mass_g)
        by_volume = _up(sum(route.litres for route in together), offer.litres)
        by_place = _up(sum(route.pallets for route in together), offer.positions)
        need += max(by_mass, by_volume, by_place)
    return need


def _up(load: int, holds: int) -> int:
    return (load + holds - 1) // holds
