"""The units that flows need, what booking them costs, and their limits: rule 9 of DESIGN.md as rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.exact.flows import Flow
from routing.model import Consignment, Instance, Offer, Service
from routing.pricing import MILLION
from routing.program import Program, Term
from routing.result import Leg

Rider = tuple[int, Flow]
"""The column of a flow on an offer."""


@dataclass(frozen=True, slots=True)
class Load:
    """What rides in one load class on an offer of a service, and the column of the units it needs there."""

    service: Service
    offer: Offer
    riders: list[Rider]
    need: int


def add_units(
    instance: Instance, services: Iterable[Service], program: Program, flows: Sequence[Flow], *, strong: bool
) -> list[Load]:
    """Add the units of every offer of `services` that a flow can use or a lock holds; return what rides where."""
    riders: dict[Leg, dict[str | None, list[Rider]]] = defaultdict(lambda: defaultdict(list))
    for flow in flows:
        for stop in flow.stops:
            for offer, use in stop.uses.items():
                riders[Leg(service=stop.service.id, offer=offer)][flow.consignment.load_class].append((use, flow))
    locked: dict[Leg, int] = {}
    for lock in instance.locks:
        if lock.service is not None and lock.offer is not None:
            leg = Leg(service=lock.service, offer=lock.offer)
            locked[leg] = max(lock.units, locked.get(leg, 0))
    loads = []
    for service in services:
        loads += _add_service(instance, program, service, (riders, locked), strong=strong)
    return loads


def _add_service(
    instance: Instance,
    program: Program,
    service: Service,
    wanted: tuple[dict[Leg, dict[str | None, list[Rider]]], dict[Leg, int]],
    *,
    strong: bool,
) -> list[Load]:
    riders, locked = wanted
    plugged: list[Term] = []
    loads = []
    for offer in service.offers:
        leg = Leg(service=service.id, offer=offer.id)
        if leg not in riders and leg not in locked:
            continue
        needs = []
        for group in riders.get(leg, {}).values():
            needs.append(program.column(0, offer.count))
            loads.append(Load(service, offer, group, needs[-1]))
            hold(program, offer, group, needs[-1], strong=strong)
        carbon_fen = instance.prices.carbon_fen_per_t * offer.unit_co2e_g // MILLION
        booked, opened = _book(program, offer, carbon_fen)
        if strong and opened and offer.count > 1:
            for group in riders.get(leg, {}).values():
                for use, flow in group:
                    program.row([(flow.parts.get(use, use), -1), *opened], lower=0)
        # A plan books what it needs and no more; where more would be cheaper (a step of the tariff), this is a bound.
        program.row([*((one, 1) for one in booked), *((need, -1) for need in needs)], lower=0)
        if leg in locked:
            program.row([(one, 1) for one in booked], lower=locked[leg])
        if offer.plugs:
            plugged += [(one, 1) for one in booked]
    if service.plugs is not None and plugged:
        program.row(plugged, upper=service.plugs)
    return loads


def hold(program: Program, offer: Offer, riders: Sequence[Rider], need: int, *, strong: bool) -> None:
    """Let `need` units hold what rides in one load class, by mass, volume and positions."""
    for capacity, loads in (
        (offer.mass_g, [term for use, flow in riders for term in flow.load_terms(use, 0)]),
        (offer.litres, [term for use, flow in riders for term in flow.load_terms(use, 1)]),
        (offer.positions, [term for use, flow in riders for term in flow.load_terms(use, 2)]),
    ):
        program.row([*loads, (need, -capacity)], upper=0)
    if strong:
        for use, flow in riders:
            program.row([*_forced(offer, use, flow), (need, -1)], upper=0)


def _forced(offer: Offer, use: int, flow: Flow) -> list[Term]:
    """Return the units that a rider needs by itself: one where a part of it rides."""
    if flow.whole:
        return [(use, least_units(offer, flow.consignment))]
    return [(flow.parts.get(use, use), 1), (flow.alls[use], least_units(offer, flow.consignment) - 1)]


def least_units(offer: Offer, one: Consignment) -> int:
    """Return the units that a consignment needs at least where all of it rides."""
    return max(-(-one.mass_g // offer.mass_g), -(-one.litres // offer.litres), -(-one.pallets // offer.positions))


def tariff(offer: Offer) -> list[tuple[int, int, int]]:
    """Return the steps of an offer's tariff: from and to how many units, and the price of each unit."""
    steps = sorted(offer.steps, key=lambda step: step.units)
    begins = [1, *(step.units for step in steps)]
    ends = [*(step.units - 1 for step in steps), offer.count]
    prices = [offer.unit_fen, *(step.unit_fen for step in steps)]
    found = zip(begins, ends, prices, strict=True)
    return [(begin, min(end, offer.count), fen) for begin, end, fen in found if begin <= min(end, offer.count)]


def _book(program: Program, offer: Offer, carbon_fen: int) -> tuple[list[int], list[Term]]:
    """Add what is booked of an offer, and what it costs: columns for the steps of the tariff, at most one in use.

    Return the columns of the units, and the openings: none where the first unit costs no more than the next.
    """
    steps = tariff(offer)
    if len(steps) == 1 and offer.open_fen == 0 and offer.min_take <= 1:
        return [program.column(steps[0][2] + carbon_fen, offer.count)], []
    booked, opened = [], []
    for begin, end, unit_fen in steps:
        paid = max(begin, offer.min_take)
        opens = program.column(offer.open_fen + paid * unit_fen)
        units = program.column(carbon_fen, end)
        program.row([(units, 1), (opens, -begin)], lower=0)
        program.row([(units, 1), (opens, -end)], upper=0)
        if end > paid:
            more = program.column(unit_fen, end - paid)
            program.row([(more, 1), (units, -1), (opens, paid)], lower=0)
        booked.append(units)
        opened.append((opens, 1))
    if len(opened) > 1:
        program.row(opened, upper=1)
    return booked, opened
