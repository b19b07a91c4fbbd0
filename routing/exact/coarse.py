"""A bound for hundreds of consignments: a coarser program, in which all trucks between two places become one.

Whoever can take any of them may take all of them, as cheaply as the cheapest, and their units are shared: every plan is
a plan of this program too and costs no more there, so what it costs at least is a bound (as in the partial expansion of
time by Boland, Hewitt, Marshall, Savelsbergh 2017). Trains, flights and ships, which cost the most, stay as they are.
Rooms and exposure are left out. What the departures of a corridor carry together is in it all the same (`corridors`).
"""

from collections import defaultdict
from collections.abc import Sequence
from math import floor, inf
from typing import NamedTuple

import msgspec
import numpy as np

from coldport.clock import Clock
from routing.exact.arc_program import ROUNDING_FEN
from routing.exact.choices import Choices, choices
from routing.exact.corridors import add_corridors
from routing.exact.flows import Flow, Stop, add_use, least_loads, most_parts
from routing.exact.optimum import KEPT_BACK, TOLERANCE
from routing.exact.units import add_units
from routing.kernel.tables import Problem
from routing.model import Mode, Offer, Service
from routing.network import HELD_FEN, Network
from routing.pricing import units_cost
from routing.program import Limits, Program, Term
from routing.reach import Real
from routing.solver import Backend, run

Link = tuple[int, int]
"""From one merged stop to another, by their numbers among a consignment's; from -1 at the origin."""


class Part(NamedTuple):
    """Some consignments, by number, and by offer the fen they pay for each gram, litre and pallet, not for units.

    Where an offer has such tolls, all offers of its service have.
    """

    members: Sequence[int]
    tolls: Real


def coarse_bound(network: Network, problem: Problem, seconds: float, clock: Clock, *, seed: int = 0) -> int | None:
    """Return what every plan costs at least, by HiGHS in so many seconds; None where nothing was proved."""
    part = Part(range(len(network.consignments)), np.zeros((len(problem.offers.most), 3)))
    return coarse_part(network, problem, part, seconds, clock, seed=seed)


def coarse_part(
    network: Network, problem: Problem, part: Part, seconds: float, clock: Clock, *, seed: int = 0
) -> int | None:
    """Return what some consignments cost at least, where they pay tolls for what they share with others."""
    ends_s = clock.monotonic_s() + seconds * (1.0 - KEPT_BACK)
    program, slack_fen = _coarse_program(network, problem, part)
    outcome = run(program, Backend.HIGHS, Limits(ends_s - clock.monotonic_s(), seed=seed))
    if outcome.bound is None:
        return None
    return max(0, int(outcome.bound - abs(outcome.bound) * TOLERANCE) - slack_fen)


def _coarse_program(network: Network, problem: Problem, part: Part) -> tuple[Program, int]:
    """Return the program, and by how much its cost may exceed a plan's."""
    program = Program()
    (services, number_of), may_take = merge(network), choices(network, problem)
    for service in np.unique(problem.offers.service[part.tolls.any(axis=1)]).tolist():
        services[number_of[service]] = _without_price(services[number_of[service]])
    # A plan's carbon is rounded once, the units of an offer here each by themselves: less than a fen for each offer.
    flows, slack_fen = [], len(problem.offers.most)
    for number in part.members:
        flows.append(_add_flow(network, problem, program, (services, number_of, may_take, part.tolls), number))
        slack_fen += ROUNDING_FEN * most_parts(network.consignments[number])
    loads = add_units(network.instance, services, program, flows, strong=True)
    add_corridors(program, loads)
    return program, slack_fen


def merge(network: Network) -> tuple[list[Service], list[int]]:
    """Return services of which each stands for some of the network's, and the number of each of those among them."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, service in enumerate(network.table.services):
        is_alone = service.mode is not Mode.ROAD or service.plugs is not None
        same = tuple((one.id, one.mass_g, one.litres, one.positions, one.bands, one.plugs) for one in service.offers)
        key = (service.id,) if is_alone else (service.origin, service.destination, same)
        groups[key].append(number)
    merged: list[Service] = []
    number_of = [0] * len(network.table.services)
    for members in groups.values():
        for member in members:
            number_of[member] = len(merged)
        services = [network.table.services[member] for member in members]
        merged.append(services[0] if len(services) == 1 else _as_one(services))
    return merged, number_of


def _as_one(services: list[Service]) -> Service:
    """Return a service with the units of all, each as cheap as any of them can be."""
    offers = []
    for same in zip(*(one.offers for one in services), strict=True):
        fen = min(_least_fen(one) for one in same)
        units = sum(one.count for one in same)
        carbon = min(one.unit_co2e_g for one in same)
        bare = msgspec.structs.replace(same[0], count=units, unit_fen=fen, open_fen=0, min_take=0, steps=())
        offers.append(msgspec.structs.replace(bare, unit_co2e_g=carbon))
    return msgspec.structs.replace(services[0], offers=tuple(offers))


def _without_price(service: Service) -> Service:
    """Return a service with as many units as anybody wants, for nothing: who rides pays a toll."""
    free = {"unit_fen": 0, "open_fen": 0, "min_take": 0, "steps": (), "unit_co2e_g": 0, "count": 1_000_000}
    offers = tuple(msgspec.structs.replace(one, **free) for one in service.offers)
    return msgspec.structs.replace(service, offers=offers, plugs=None)


def _least_fen(offer: Offer) -> int:
    """Return what a unit of an offer costs at least, whatever number is booked."""
    return min(units_cost(offer, units) // units for units in range(1, offer.count + 1))


def _add_flow(
    network: Network,
    problem: Problem,
    program: Program,
    given: tuple[list[Service], list[int], Choices, Real],
    number: int,
) -> Flow:
    """Add a consignment that goes from one merged stop to the next, each time at the least that it can cost."""
    services, number_of, may_take, tolls = given
    consignment = network.consignments[number]
    held = problem.goods.unplanned[number] >= HELD_FEN
    stays = program.column(consignment.unplanned_fen, 0 if held else 1, whole=True)
    flow = Flow(consignment, stays, [], not consignment.splittable, least_loads(consignment))
    own = range(int(problem.stops.begin[number]), int(problem.stops.begin[number + 1]))
    place: dict[int, int] = {}
    local = [place.setdefault(number_of[int(problem.stops.service[stop])], len(place)) for stop in own]
    flow.stops = [Stop(services[one], 0, frozenset(), loops=False) for one in place]
    for (at, offer), fen in _rides(network, problem, (may_take, tolls), number, local).items():
        flow.stops[at].uses[offer] = add_use(program, flow, floor(fen))
    _keep_flow(program, flow, _links(problem, own, local))
    return flow


def _rides(
    network: Network, problem: Problem, given: tuple[Choices, Real], number: int, local: list[int]
) -> dict[tuple[int, str], float]:
    """Return what riding by an offer of a merged stop costs at least, and arriving where it is the last."""
    (may_take, tolls), loads = given, least_loads(network.consignments[number])
    stops, offers, one = problem.stops, problem.offers, network.consignments[number]
    own = range(int(stops.begin[number]), int(stops.begin[number + 1]))
    rides: dict[tuple[int, str], float] = {}
    for stop, at in zip(own, local, strict=True):
        service = int(stops.service[stop])
        fen = float(stops.duty[stop]) + (float(stops.end[stop]) if stops.end[stop] < inf else 0.0)
        for o in may_take.offer[int(may_take.begin[stop]) : int(may_take.begin[stop + 1])].tolist():
            offer = network.table.services[service].offers[o - int(offers.begin[service])]
            whole = fen + float(offers.per_g[o]) * one.mass_g + float(tolls[o] @ loads)
            rides[at, offer.id] = min(rides.get((at, offer.id), inf), whole)
    return rides


def _links(problem: Problem, own: range, local: list[int]) -> dict[Link, float]:
    """Return what coming from one merged stop to another costs at least."""
    stops = problem.stops
    links: dict[Link, float] = {}
    for stop, at in zip(own, local, strict=True):
        if stops.start[stop] < inf:
            links[-1, at] = min(links.get((-1, at), inf), float(stops.start[stop]))
        transfer, rate = float(stops.transfer[stop]), float(stops.rate[stop])
        for link in range(int(stops.link_from[stop]), int(stops.link_from[stop + 1])):
            pair = local[int(stops.link_source[link])], at
            links[pair] = min(links.get(pair, inf), transfer + rate * int(stops.link_wait[link]))
    return links


def _keep_flow(program: Program, flow: Flow, links: dict[Link, float]) -> None:
    comes: dict[int, list[Term]] = defaultdict(list)
    leaves: dict[int, list[Term]] = defaultdict(list)
    for (source, target), fen in links.items():
        column = program.column(floor(fen), whole=False)
        leaves[source].append((column, 1))
        comes[target].append((column, 1))
    program.row([(flow.stays, 1), *leaves[-1]], lower=1, upper=1)
    for at, stop in enumerate(flow.stops):
        uses = [(use, -1) for use in stop.uses.values()]
        program.row([*comes[at], *uses], lower=0, upper=0)
        if stop.service.destination != flow.consignment.destination:
            program.row([*leaves[at], *uses], lower=0, upper=0)
