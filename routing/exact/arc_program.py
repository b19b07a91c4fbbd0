"""An instance as one program, and the way back: values of its columns as routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from coldport.ids import Id
from routing.draft import DEARER, NO_WAY
from routing.exact.corridors import add_corridors
from routing.exact.flows import Flow, add_flow, most_parts
from routing.exact.rooms import add_rooms
from routing.exact.units import add_units
from routing.network import Network
from routing.pricing import Tables, bookings_for, price
from routing.program import Program
from routing.result import Leg, Plan, Route, Unplanned

FORCING_LIMIT = 120
"""Consignments up to which forcing rows pay: above, they keep a solver in the root of its tree (docs/benchmarks.md)."""

RIDES = 1e-4
"""The least share that counts as one: what solvers leave over is less, what may be split has larger parts."""
MOST_WAYS = 100
"""Beginnings of ways of one consignment looked at: its four parts take a dozen services at most."""

ROUNDING_FEN = 100
"""More than rounding down can take from the price of a part on its way: a fen for each thing priced."""


@dataclass(slots=True)
class ArcProgram:
    """The program of a network, and what its columns mean. `slack_fen` is what its cost may exceed a plan's by."""

    network: Network
    program: Program
    flows: list[Flow]
    slack_fen: int


def arc_program(network: Network, *, split: bool = False) -> ArcProgram:
    """Return the program of a network.

    With `split`, consignments that may be split flow in any shares: what it costs at least then is a bound for every
    plan. Without, they go as a whole, and its values are a plan.
    """
    program = Program()
    flows, slack_fen = [], 0
    for number, consignment in enumerate(network.consignments):
        whole = not (split and consignment.splittable)
        slack_fen += 0 if whole else ROUNDING_FEN * most_parts(consignment)
        flows.append(add_flow(network, program, number, whole=whole))
    strong = len(flows) <= FORCING_LIMIT
    loads = add_units(network.instance, network.table.services, program, flows, strong=strong)
    if strong:
        add_corridors(program, loads)
    add_rooms(network, program, flows)
    return ArcProgram(network, program, flows, slack_fen)


def routes_of(arcs: ArcProgram, values: Sequence[float]) -> list[Route]:
    """Return the routes that whole values of the columns stand for; consignments that stay have none."""
    found = []
    for flow in arcs.flows:
        legs = tuple(
            Leg(service=stop.service.id, offer=offer)
            for stop in flow.stops
            for offer, use in stop.uses.items()
            if values[use] > 0.5
        )
        if legs:
            one = flow.consignment
            found.append(
                Route(consignment=one.id, legs=legs, mass_g=one.mass_g, litres=one.litres, pallets=one.pallets)
            )
    return found


def ways_of(arcs: ArcProgram, values: Sequence[float]) -> list[tuple[Id, tuple[Leg, ...]]]:
    """Return the ways on which something rides: of a consignment in shares, some that the rules of a chain forbid."""
    found: list[tuple[Id, tuple[Leg, ...]]] = []
    for flow in arcs.flows:
        rides = [
            (number, Leg(service=stop.service.id, offer=offer))
            for number, stop in enumerate(flow.stops)
            for offer, use in stop.uses.items()
            if values[use] > RIDES
        ]
        ways: list[tuple[int, tuple[Leg, ...]]] = [(-1, ())]
        for at, way in ways:
            if at >= 0 and flow.stops[at].service.destination == flow.consignment.destination:
                found.append((flow.consignment.id, way))
            elif len(ways) < MOST_WAYS:
                ways += [(number, (*way, leg)) for number, leg in rides if at in flow.stops[number].sources]
    return found


def values_of(arcs: ArcProgram, plan: Plan) -> dict[int, int]:
    """Return the values that a plan gives to the columns of rides and of staying; the others follow from those.

    Of goods that may go in parts it says where any part rides: shares are no whole numbers, and follow too.
    """
    taken = {(route.consignment, leg) for route in plan.routes for leg in route.legs}
    stays = {one.consignment for one in plan.unplanned}
    values = {flow.stays: int(flow.consignment.id in stays) for flow in arcs.flows}
    for flow in arcs.flows:
        for stop in flow.stops:
            for offer, use in stop.uses.items():
                values[flow.parts.get(use, use)] = int(
                    (flow.consignment.id, Leg(service=stop.service.id, offer=offer)) in taken
                )
    return values


def plan_of(network: Network, routes: Sequence[Route], solver: str, seed: int) -> Plan:
    """Return the plan of these routes: booked as needed, priced to the fen, and with a reason for who stays."""
    tables = Tables(network.instance)
    routed = {route.consignment for route in routes}
    begin = network.stops.begin
    stays = [
        Unplanned(consignment=one.id, reason=NO_WAY if begin[number] == begin[number + 1] else DEARER)
        for number, one in enumerate(network.consignments)
        if one.id not in routed
    ]
    bookings = bookings_for(network.instance, tables, routes)
    return Plan(
        instance=network.instance.id,
        routes=tuple(sorted(routes, key=lambda route: route.consignment)),
        unplanned=tuple(stays),
        bookings=bookings,
        cost=price(tables, routes, bookings, [one.consignment for one in stays]),
        solver=solver,
        seed=seed,
    )
