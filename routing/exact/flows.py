"""The arc program: each consignment as a flow through its own part of the event graph.

It keeps the rules of DESIGN.md and never prices a plan above its true cost: what DESIGN rounds down once for each
thing priced is rounded down here as often or more. So the solver's bound is one for every plan, and plans are priced
again.

Waiting at a place is a chain of departures by one mode, in the order in which they can be caught: goods enter it at
the first that they reach, and ride or wait on. All pairs of services would be ten times as many columns and no more.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from routing.model import Consignment, Mode, Node, Offer, Service
from routing.network import HELD_FEN, Network
from routing.pricing import DAY_S, HOUR_S, MILLION, keeps_cold
from routing.program import Program, Term

Loads = tuple[int, int, int]
"""Grams, litres and pallets."""


@dataclass(slots=True)
class Stop:
    """A service as one consignment can use it. `uses` has the column of each offer that it may take there.

    `sources` are the numbers of the stops it can come from, -1 being the origin. `loops` where a route could come back
    to the end of the service.
    """

    service: Service
    given_out_s: int
    sources: frozenset[int]
    loops: bool
    uses: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Flow:
    """One consignment in the program: the column of its staying, and its stops by departure.

    `whole` says whether its columns are 0 or 1, or shares of a consignment that may be split. Of such a one, `parts`
    has for the column of each share the one that says, 0 or 1, whether any part rides there, and `alls` the one that
    says whether all of it does. `loads` are the grams, litres and pallets that such shares count, but for those of 1;
    where pallets are counted one by one, `pallets` has the columns of those that ride.
    """

    consignment: Consignment
    stays: int
    stops: list[Stop]
    whole: bool
    loads: Loads
    parts: dict[int, int] = field(default_factory=dict)
    alls: dict[int, int] = field(default_factory=dict)
    pallets: dict[int, int] = field(default_factory=dict)

    def load_terms(self, use: int, what: int) -> list[Term]:
        """Return what rides by a column, of grams (0), litres (1) or pallets (2): all of it where all of it rides."""
        if what == 2 and use in self.pallets:
            return [(self.pallets[use], 1)]
        load = (self.consignment.mass_g, self.consignment.litres, self.consignment.pallets)[what]
        if self.whole:
            return [(use, load)]
        shared = self.loads[what]
        return [(use, shared), (self.alls[use], load - shared)]


def add_flow(network: Network, program: Program, number: int, *, whole: bool) -> Flow:
    """Add the consignment of this number to the program, as a whole or in shares."""
    consignment = network.consignments[number]
    held = network.goods.unplanned[number] >= HELD_FEN
    stays = program.column(consignment.unplanned_fen, 0 if held else 1, whole=True)
    flow = Flow(consignment, stays, list(_stops(network, number)), whole, least_loads(consignment))
    for stop in flow.stops:
        for offer in stop.service.offers:
            if consignment.band in offer.bands:
                stop.uses[offer.id] = add_use(program, flow, _ride_fen(network, flow, stop, offer))
    _keep_flow(network, program, flow)
    _keep_places(program, flow)
    _keep_modes(network, program, flow)
    _keep_cold(network, program, flow)
    return flow


def add_use(program: Program, flow: Flow, fen: int) -> int:
    """Add the column of a ride. Where shares ride, neither they nor what rides elsewhere are below the least part."""
    use = program.column(fen, whole=flow.whole)
    if not flow.whole:
        mass, least = flow.consignment.mass_g, max(1, flow.consignment.least_part_g)
        rides, everything = program.column(), program.column()
        flow.parts[use], flow.alls[use] = rides, everything
        program.row([(everything, 1), (rides, -1)], upper=0)
        program.row([(use, mass), (rides, least - mass), (everything, -least)], upper=0)
        program.row([(use, mass), (rides, -least), (everything, least - mass)], lower=0)
    return use


def most_parts(consignment: Consignment) -> int:
    """Return into how many parts a consignment may be split at most."""
    if not consignment.splittable:
        return 1
    return max(1, min(consignment.mass_g // max(1, consignment.least_part_g), consignment.litres, consignment.pallets))


def least_loads(one: Consignment) -> Loads:
    """Return what shares of a consignment count at least, summed over its parts.

    A part has its share of litres and pallets by mass, rounded up or down: less than 1 below it. As no share is smaller
    than one part of the most there can be, that is no more than `most_parts` of the whole, for the share.
    """
    if not one.splittable:
        return one.mass_g, one.litres, one.pallets
    parts = most_parts(one)
    return one.mass_g, max(0, one.litres - parts), max(0, one.pallets - parts)


def place(network: Network, name: str) -> Node:
    """Return the place of this id."""
    return network.table.nodes[network.table.places[name]]


def _stops(network: Network, number: int) -> Iterator[Stop]:
    """Yield the stops of a consignment as `network` has found them, by departure."""
    stops = network.stops
    for one in range(int(stops.begin[number]), int(stops.begin[number + 1])):
        sources = stops.link_source[int(stops.link_from[one]) : int(stops.link_from[one + 1])].tolist()
        if np.isfinite(stops.start[one]):
            sources.append(-1)
        service = int(stops.service[one])
        given_out_s = int(network.table.times.given_out[service])
        yield Stop(network.table.services[service], given_out_s, frozenset(sources), bool(stops.bit[one] != 0))


def _ride_fen(network: Network, flow: Flow, stop: Stop, offer: Offer) -> int:
    """Return what a leg costs: freight, duty, its CO2e, and what its end costs: a transfer there, or the arrival."""
    one, service, prices = flow.consignment, stop.service, network.instance.prices
    fen = offer.fen_per_t * one.mass_g // MILLION + one.value_fen * service.duties_ppm.get(one.regime, 0) // MILLION
    co2e_g = offer.co2e_g_per_t * one.mass_g // MILLION
    if service.destination == one.destination:
        journey_s, late_s = stop.given_out_s - one.ready_s, max(0, stop.given_out_s - one.due_s)
        fen += one.value_fen * prices.time_ppm_per_day * journey_s // (MILLION * DAY_S)
        fen += one.late_fen_per_h * late_s // HOUR_S
    else:
        node = place(network, service.destination)
        co2e_g += node.handling_co2e_g_per_t * one.mass_g // MILLION
        fen += node.handling_fen_per_t * one.mass_g // MILLION
    return fen + prices.carbon_fen_per_t * co2e_g // MILLION


def _wait_fen(network: Network, consignment: Consignment, name: str, wait_s: int) -> int:
    """Return what waiting at a place costs: storage, and the risk of spoiling where nothing keeps the goods cold."""
    node, prices = place(network, name), network.instance.prices
    fen = 0
    for storage in node.storage:
        if storage.band is consignment.band:
            fen += storage.fen_per_m3_day * consignment.litres * wait_s // (1_000 * DAY_S)
    if not keeps_cold(node, consignment.band):
        fen += consignment.value_fen * prices.spoilage_ppm_per_h * wait_s // (MILLION * HOUR_S)
    return fen


def _keep_flow(network: Network, program: Program, flow: Flow) -> None:
    """Let the consignment stay, or leave its origin; and leave every place that it comes to."""
    leaves: dict[int, list[Term]] = defaultdict(list)
    groups: dict[tuple[str, Mode], list[Stop]] = defaultdict(list)
    for stop in flow.stops:
        groups[stop.service.origin, stop.service.mode].append(stop)
    for members in groups.values():
        members.sort(key=lambda stop: len(stop.sources))
        nested = all(one.sources <= other.sources for one, other in pairwise(members))
        (_add_chain if nested else _add_pairs)(network, program, flow, members, leaves)
    program.row([(flow.stays, 1), *leaves[-1]], lower=1, upper=1)
    for number, stop in enumerate(flow.stops):
        if stop.service.destination != flow.consignment.destination:
            program.row([*((use, -1) for use in stop.uses.values()), *leaves[number]], lower=0, upper=0)


def _enter(
    network: Network, program: Program, flow: Flow, stop: Stop, sources: frozenset[int]
) -> Iterator[tuple[int, int]]:
    """Add a column for coming from each of these sources to wait for a stop; yield sources and columns."""
    for source in sorted(sources):
        came_s = flow.consignment.ready_s if source < 0 else flow.stops[source].service.arrives_s
        wait_s = stop.service.departs_s - came_s
        yield (
            source,
            program.column(_wait_fen(network, flow.consignment, stop.service.origin, wait_s), whole=flow.whole),
        )


def _add_chain(
    network: Network, program: Program, flow: Flow, members: list[Stop], leaves: dict[int, list[Term]]
) -> None:
    """Add departures of one place and mode as a chain: whoever can catch one of them can catch all that follow."""
    known = frozenset[int]()
    held: list[Term] = []
    for stop, after in zip(members, [*members[1:], None], strict=True):
        terms = [*held, *((use, -1) for use in stop.uses.values())]
        for source, column in _enter(network, program, flow, stop, stop.sources - known):
            leaves[source].append((column, 1))
            terms.append((column, 1))
        known = stop.sources
        if after is not None:
            longer_s = after.service.departs_s - stop.service.departs_s
            fen = _wait_fen(network, flow.consignment, stop.service.origin, longer_s)
            column = program.column(fen, whole=flow.whole)
            terms.append((column, -1))
            held = [(column, 1)]
        program.row(terms, lower=0, upper=0)


def _add_pairs(
    network: Network, program: Program, flow: Flow, members: list[Stop], leaves: dict[int, list[Term]]
) -> None:
    """Add a column for each pair of services: where the wait is limited, a later departure can be out of reach."""
    for stop in members:
        terms = [(use, -1) for use in stop.uses.values()]
        for source, column in _enter(network, program, flow, stop, stop.sources):
            leaves[source].append((column, 1))
            terms.append((column, 1))
        program.row(terms, lower=0, upper=0)


def _keep_places(program: Program, flow: Flow) -> None:
    """Come to no place twice, of those that could be."""
    coming: dict[str, list[Term]] = defaultdict(list)
    for stop in flow.stops:
        if stop.loops:
            coming[stop.service.destination] += [(use, 1) for use in stop.uses.values()]
    for terms in coming.values():
        if len(terms) > 1:
            program.row(terms, upper=1)


def _keep_modes(network: Network, program: Program, flow: Flow) -> None:
    """Use each forced mode, and each service that a lock names."""
    for mode in sorted(set(flow.consignment.forced_modes)):
        uses = [(use, 1) for stop in flow.stops if stop.service.mode is mode for use in stop.uses.values()]
        program.row([*uses, (flow.stays, 1)], lower=1)
    for lock in network.instance.locks:
        if lock.consignment == flow.consignment.id:
            for name in sorted({*lock.path, *([lock.use] if lock.use else [])}):
                uses = [(use, 1) for stop in flow.stops if stop.service.id == name for use in stop.uses.values()]
                program.row(uses, lower=1)


def _keep_cold(network: Network, program: Program, flow: Flow) -> None:
    """Keep the exposure within its budget, and with the journey within what shelf life allows (rule 7).

    Exposure is the sum of departures from bare places less the arrivals there, so it needs no columns of its own.
    """
    one = flow.consignment
    faster = network.instance.prices.exposed_permille - 1_000
    exposed, used = [], []
    for stop in flow.stops:
        service, seconds, journey_s = stop.service, 0, 0
        if not keeps_cold(place(network, service.origin), one.band):
            seconds += service.departs_s - (one.ready_s if service.origin == one.origin else 0)
        if service.destination == one.destination:
            journey_s = stop.given_out_s - one.ready_s
        elif not keeps_cold(place(network, service.destination), one.band):
            seconds -= service.arrives_s
        exposed += [(use, seconds) for use in stop.uses.values()]
        used += [(use, seconds * faster + journey_s * 1_000) for use in stop.uses.values()]
    if one.exposure_s is not None and any(seconds for _, seconds in exposed):
        program.row(exposed, upper=one.exposure_s)
    if one.shelf_life_s is not None:
        # (A - ready) + E faster // 1000 <= shelf holds as long as the same in thousandths is at most 999 more.
        program.row(used, upper=1_000 * (one.shelf_life_s - one.shelf_life_left_s) + 999)
