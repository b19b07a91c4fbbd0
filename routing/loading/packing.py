"""Which goods go into which unit of a booking: as few units as can be, goods of one consignment together, mass even.

The plan counts what a booking needs by mass, volume and pallets as if goods were water (rule 9 of `routing/DESIGN.md`).
Here a pallet is whole, and goods of different bands or load classes (odour 串味, ethylene 乙烯) share no unit: so units
may be too few though the plan keeps its rules. Apart from each other, the groups are packed one after the other.

Pallets of one lot weigh alike; the grams and litres that do not divide go with the lot into every unit it is in, so a
lot in two units counts for a gram and a litre a pallet more than it has at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from coldport.ids import Id
from routing.model import Band, Offer
from routing.program import Ended, Limits, Program
from routing.solver import Backend, run

MOST_UNKNOWNS = 4_000
"""Lots times units up to which it is searched: sixty lots on a train. Beyond, each lot goes where it first fits."""


class Lot(NamedTuple):
    """Pallets of one consignment on one booking: all they weigh and fill together."""

    id: Id
    pallets: int
    mass_g: int
    litres: int
    band: Band = Band.AMBIENT
    load_class: Id | None = None

    def of(self, pallets: int) -> tuple[int, int, int]:
        """Return mass, volume and places that so many of its pallets take in one unit."""
        mass_g, more_g = divmod(self.mass_g, self.pallets)
        litres, more_l = divmod(self.litres, self.pallets)
        return (mass_g * pallets + more_g, litres * pallets + more_l, pallets)


Filled = dict[int, int]
"""What one unit holds: pallets by the number of their lot."""


class Packing(NamedTuple):
    """Units and what they hold, lots of which a pallet alone is too much for one, and whether fewer units would do.

    `fewest`: it is proved that they would not.
    """

    units: list[Filled]
    too_large: list[int]
    fewest: bool


def least_units(lots: Sequence[Lot], offer: Offer) -> int:
    """Return how many units goods of one band and load class need at least, as if they were water."""
    room = (offer.mass_g, offer.litres, offer.positions)
    needs = (sum(lot.mass_g for lot in lots), sum(lot.litres for lot in lots), sum(lot.pallets for lot in lots))
    return max(-(-need // most) for need, most in zip(needs, room, strict=True))


def pack(lots: Sequence[Lot], offer: Offer, seconds: float, seed: int = 0) -> Packing:
    """Return which lot goes into which unit, whatever is booked. Same seed, same units, unless time ends the search."""
    too_large = [number for number, lot in enumerate(lots) if not _fits({number: 1}, lots, offer)]
    groups = _groups(lots, [number for number in range(len(lots)) if number not in too_large])
    units: list[Filled] = []
    fewest = True
    for group in groups:
        filled, proved = _pack_group(group, lots, offer, Limits(seconds / len(groups), gap=0.0, seed=seed, workers=1))
        units += filled
        fewest = fewest and proved
    return Packing(units, too_large, fewest)


def _groups(lots: Sequence[Lot], numbers: Sequence[int]) -> list[list[int]]:
    groups: dict[tuple[Band, str], list[int]] = {}
    for number in numbers:
        groups.setdefault((lots[number].band, lots[number].load_class or ""), []).append(number)
    return [groups[key] for key in sorted(groups)]


def _fits(filled: Filled, lots: Sequence[Lot], offer: Offer) -> bool:
    held = [lots[number].of(pallets) for number, pallets in filled.items()]
    room = (offer.mass_g, offer.litres, offer.positions)
    return all(sum(sizes) <= most for sizes, most in zip(zip(*held, strict=True), room, strict=True))


def _pack_group(group: list[int], lots: Sequence[Lot], offer: Offer, limits: Limits) -> tuple[list[Filled], bool]:
    """Try one unit more, and more, until the group goes in; at most as many as first fit takes."""
    placed = _first_fit(group, lots, offer)
    least = least_units([lots[number] for number in group], offer)
    share = limits.seconds / (len(placed) - least + 1)
    fewest = True
    for many in range(least, len(placed) + 1):
        if many * len(group) > MOST_UNKNOWNS:
            return placed, many == len(placed)
        known = placed if many == len(placed) else None
        packed, ended = _packed(group, lots, offer, many, replace(limits, seconds=share), known)
        if packed is not None or known:
            return packed or placed, fewest
        fewest = fewest and ended is Ended.INFEASIBLE
    return placed, fewest


def _first_fit(group: list[int], lots: Sequence[Lot], offer: Offer) -> list[Filled]:
    """Put pallet after pallet, the largest lots first, into the first unit that takes it."""
    room = (offer.mass_g, offer.litres, offer.positions)
    share = {
        number: max(size / most for size, most in zip(lots[number].of(lots[number].pallets), room, strict=True))
        for number in group
    }
    units: list[Filled] = []
    for number in sorted(group, key=lambda number: (-share[number], number)):
        for _ in range(lots[number].pallets):
            for unit in units:
                more = unit | {number: unit.get(number, 0) + 1}
                if _fits(more, lots, offer):
                    unit.update(more)
                    break
            else:
                units.append({number: 1})
    return units


def _packed(
    group: list[int], lots: Sequence[Lot], offer: Offer, many: int, limits: Limits, known: list[Filled] | None
) -> tuple[list[Filled] | None, Ended]:
    """Pack into so many units, lots in few pieces before masses even, from what is known; None where none is found."""
    program = Program()
    heaviest = program.column(1, offer.mass_g)
    piece_cost = offer.mass_g + 1
    held: list[list[tuple[int, int]]] = []
    for number in group:
        pallets = min(lots[number].pallets, offer.positions)
        held.append([(program.column(0, pallets), program.column(piece_cost)) for _ in range(many)])
        program.row([(some, 1) for some, _ in held[-1]], lower=lots[number].pallets, upper=lots[number].pallets)
        for some, any_ in held[-1]:
            program.row([(some, 1), (any_, -pallets)], upper=0)
    for unit in range(many):
        sizes = zip(*(_terms(lots[number], *row[unit]) for number, row in zip(group, held, strict=True)), strict=True)
        mass, volume, places = ([term for terms in size for term in terms if term[1]] for size in sizes)
        program.row(mass, upper=offer.mass_g)
        program.row([*mass, (heaviest, -1)], upper=0)
        program.row(volume, upper=offer.litres)
        program.row(places, upper=offer.positions)
    start: dict[int, int] = {}
    for number, row in zip(group, held, strict=True):
        for filled, (some, any_) in zip(known or [], row, strict=bool(known)):
            start |= {some: filled.get(number, 0), any_: int(number in filled)}
    outcome = run(program, Backend.CP_SAT, limits, start)
    values = outcome.rounded()
    if values is None:
        return None, outcome.ended
    return [
        {number: values[row[unit][0]] for number, row in zip(group, held, strict=True) if values[row[unit][0]]}
        for unit in range(many)
    ], outcome.ended


def _terms(lot: Lot, some: int, any_: int) -> Iterator[list[tuple[int, int]]]:
    """Give what pallets of a lot in a unit add to its mass, volume and places."""
    for whole, one in zip(lot.of(0), lot.of(1), strict=True):
        yield [(some, one - whole), (any_, whole)]
