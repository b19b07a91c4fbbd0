"""What a plan puts on one booking, stowed: which lot goes into which unit, and where each pallet stands.

A pallet is 1,200 by 1,000 mm on the floor and as high as its share of the lot's volume; nothing stands on it, for the
plan counts a pallet as a place on the floor. Its mass is its share of the lot's, rounded down to the gram. The plan
counts kilograms, litres and places: geometry can refuse what it allows, and then says so.
"""

from collections import Counter
from typing import NamedTuple

from msgspec.structs import replace

from coldport.errors import RefusedError
from coldport.ids import Id
from routing.loading.load import load
from routing.loading.model import MAX_KINDS, Box, Cargo, Left, Loaded, LoadPlan, Unit, Why
from routing.loading.packer import Elapsed
from routing.loading.packing import Lot, Packing, pack
from routing.model import Instance, Offer
from routing.result import Leg, Plan

LONG_MM, WIDE_MM = 1_200, 1_000
"""The pallet of Chinese exports, ISO 6780."""

HIGHEST_MM = 20_000
"""Where the model ends; such a pallet goes into nothing."""

PACKING_S = 5.0
"""The longest that dividing lots among units may take; a train's booking is proved in less."""


class Riders(NamedTuple):
    """What a plan has on one booking: the offer, units booked, and the lots."""

    offer: Offer
    booked: int
    lots: list[Lot]


class Stowage(NamedTuple):
    """What is stowed, how the lots were divided, and how many units they need."""

    cargo: Cargo
    plan: LoadPlan
    packing: Packing


def riders(instance: Instance, plan: Plan, leg: Leg) -> Riders:
    """Return what rides on a booking; parts of a consignment are numbered from the second on.

    Raises:
        RefusedError: The instance has no such service or offer, or the plan books none of it.
    """
    services = {service.id: service for service in instance.services}
    if leg.service not in services:
        raise RefusedError(f"there is no service {leg.service!r}")
    offers = {offer.id: offer for offer in services[leg.service].offers}
    if leg.offer not in offers:
        raise RefusedError(f"{leg.service} has no {leg.offer!r}; it has {', '.join(offers)}")
    booked = sum(one.units for one in plan.bookings if (one.service, one.offer) == (leg.service, leg.offer))
    goods = {one.id: one for one in instance.consignments}
    lots: list[Lot] = []
    seen: dict[Id, int] = {}
    for route in plan.routes:
        if leg in route.legs:
            seen[route.consignment] = seen.get(route.consignment, 0) + 1
            part = seen[route.consignment]
            whole = goods[route.consignment]
            name = route.consignment if part == 1 else f"{route.consignment}-{part}"
            lots.append(Lot(name, route.pallets, route.mass_g, route.litres, whole.band, whole.load_class))
    if not booked or not lots:
        raise RefusedError(f"the plan has nothing on {leg.service} / {leg.offer}")
    if len(lots) > MAX_KINDS:
        raise RefusedError(f"{len(lots)} lots on one booking; {MAX_KINDS} can be stowed")
    return Riders(offers[leg.offer], booked, lots)


def pallet(lot: Lot, count: int) -> Box:
    """Return pallets of a lot as boxes."""
    return Box(
        id=lot.id,
        x_mm=LONG_MM,
        y_mm=WIDE_MM,
        z_mm=min(HIGHEST_MM, max(1, -(-lot.litres * 1_000_000 // (lot.pallets * LONG_MM * WIDE_MM)))),
        mass_g=lot.mass_g // lot.pallets,
        count=count,
        bears_g=0,
        band=lot.band,
        load_class=lot.load_class,
    )


def stow(found: Riders, unit: Unit, seconds: float, elapsed: Elapsed, seed: int = 0) -> Stowage:
    """Divide lots among units and load each, searching `seconds` a unit at most; what needs units not booked stays."""
    packing = pack(found.lots, found.offer, PACKING_S, seed)
    loads: list[Loaded] = []
    left: Counter[tuple[Id, Why]] = Counter()
    for number in packing.too_large:
        lot = found.lots[number]
        left[lot.id, "too-heavy" if lot.of(1)[0] > found.offer.mass_g else "too-large"] += lot.pallets
    for at, filled in enumerate(packing.units, start=1):
        boxes = tuple(pallet(found.lots[number], count) for number, count in sorted(filled.items()))
        if at > found.booked:
            left.update({(box.id, "units-full"): box.count for box in boxes})
            continue
        part = load(Cargo(boxes=boxes, units=(replace(unit, count=1),)), seconds, seed, elapsed)
        loads += [replace(one, number=at) for one in part.loads]
        left.update({(one.box, one.reason): one.count for one in part.left})
    return Stowage(
        Cargo(boxes=tuple(pallet(lot, lot.pallets) for lot in found.lots), units=(unit,)),
        LoadPlan(
            loads=tuple(loads),
            left=tuple(Left(box=box, count=count, reason=reason) for (box, reason), count in left.items()),
        ),
        packing,
    )
