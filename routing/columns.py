"""The restricted master: of all routes that were seen, those that make the cheapest plan, bookings in whole units.

A search puts one consignment in after the other; a solver chooses among what it tried for all of them at once, and
says how much of goods that may be split goes each way, which parts of one size (`routing.parts`) cannot.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from coldport.ids import Id
from routing.draft import Draft
from routing.exact.arc_program import plan_of
from routing.exact.corridors import add_corridors
from routing.exact.flows import Flow, Stop, add_use
from routing.exact.rooms import add_rooms
from routing.exact.units import add_units
from routing.model import Consignment
from routing.network import HELD_FEN, Network
from routing.parts import MOST_PARTS, whole_of
from routing.pricing import MILLION, Tables, route_cost
from routing.program import Limits, Program
from routing.result import Leg, Plan, Route
from routing.solver import Backend, run

MOST_WAYS = 200
"""Ways kept of one consignment: a search of a minute sees some twenty, and each is a column."""

SHARES = 5_040
"""Shares that goods to be split have: a multiple of every number of parts up to ten, a fiftieth of a percent each."""

Way = tuple[Leg, ...]


class Pool:
    """Ways seen, by consignment, in the order in which they were: each was allowed in some plan."""

    def __init__(self) -> None:
        self.ways: dict[Id, dict[Way, None]] = defaultdict(dict)
        self._known: set[tuple[Id, tuple[int, ...]]] = set()

    def __len__(self) -> int:
        return sum(len(ways) for ways in self.ways.values())

    def add(self, consignment: Id, way: Way) -> None:
        """Keep a way, unless there are too many."""
        known = self.ways[consignment]
        if len(known) < MOST_WAYS:
            known.setdefault(way)

    def see(self, routes: Iterable[Route]) -> None:
        """Keep the ways of a plan's routes."""
        for route in routes:
            self.add(route.consignment, route.legs)

    def look_at(self, under_way: Draft) -> None:
        """Keep the ways of a plan under way, of parts as those of what they were cut from."""
        length = under_way.state.length
        for k in length.nonzero()[0].tolist():
            one = under_way.network.consignments[k].id
            offers = tuple(under_way.state.legs[k, : length[k]].tolist())
            if (one, offers) not in self._known and len(self.ways[whole_of(one)]) < MOST_WAYS:
                self._known.add((one, offers))
                self.add(whole_of(one), tuple(under_way.legs[offer] for offer in offers))


@dataclass(slots=True)
class _Choice:
    """A consignment in the program: a column for each way, 0 or 1, or its shares; then `pallets` has those of each."""

    flow: Flow
    ways: list[Way]
    columns: list[int] = field(default_factory=list)
    pallets: list[int] = field(default_factory=list)


def best_of(network: Network, pool: Pool, best: Plan, limits: Limits, *, split: bool) -> Plan | None:
    """Return the cheapest plan of the ways in a pool that is found in time, `best` to begin with; None without one.

    With `split`, goods that may be split go in up to four parts, of whatever sizes are cheapest. Whether the plan is
    allowed, the judge says: of what the solver rounds, nothing is checked here.
    """
    program, tables = Program(), Tables(network.instance)
    locked = {lock.consignment for lock in network.instance.locks}
    choices = []
    for number, one in enumerate(network.consignments):
        stays = program.column(one.unplanned_fen, 0 if network.goods.unplanned[number] >= HELD_FEN else 1)
        ways = list(pool.ways.get(one.id, ()))
        splits = split and one.id not in locked and _may_split(one) and len(ways) > 1
        # A part may weigh a gram more than its share, and have a litre more.
        loads = (one.mass_g + MOST_PARTS, one.litres + MOST_PARTS, one.pallets)
        choice = _Choice(Flow(one, stays, [], not splits, loads), ways)
        (_add_shares if splits else _add_ways)(program, tables, choice)
        choices.append(choice)
    flows = [choice.flow for choice in choices]
    add_corridors(program, add_units(network.instance, network.table.services, program, flows, strong=True))
    add_rooms(network, program, flows)
    values = run(program, Backend.HIGHS, limits, _values(choices, best)).rounded()
    if values is None:
        return None
    routes = [route for choice in choices for route in _routes(choice, values)]
    return plan_of(network, routes, "columns", best.seed)


def _may_split(one: Consignment) -> bool:
    """Return whether two parts of the least mass make a consignment, and each of them has a litre."""
    least = _least_shares(one)
    return one.splittable and 2 * least <= SHARES and one.litres * least >= SHARES and one.pallets > 1


def _least_shares(one: Consignment) -> int:
    return max(1, -(-one.least_part_g * SHARES // one.mass_g))


def _add_ways(program: Program, tables: Tables, choice: _Choice) -> None:
    """Let a consignment stay or go one way."""
    choice.columns = [program.column(_way_fen(tables, choice.flow.consignment, way)) for way in choice.ways]
    program.row([(choice.flow.stays, 1), *((column, 1) for column in choice.columns)], lower=1, upper=1)
    for use, columns in _uses(program, tables, choice).items():
        program.row([(use, -1), *((column, 1) for column in columns)], lower=0, upper=0)


def _add_shares(program: Program, tables: Tables, choice: _Choice) -> None:
    """Let a consignment stay or go several ways, each part with its share of the pallets, rounded up or down."""
    one, stays, least = choice.flow.consignment, choice.flow.stays, _least_shares(choice.flow.consignment)
    goes = []
    for way in choice.ways:
        share = program.column(_way_fen(tables, one, way) // SHARES, SHARES)
        pallets, rides = program.column(0, one.pallets), program.column()
        program.row([(share, 1), (rides, -least)], lower=0)
        program.row([(share, 1), (rides, -SHARES)], upper=0)
        program.row([(pallets, 1), (rides, -1)], lower=0)
        program.row([(pallets, 1), (rides, -one.pallets)], upper=0)
        program.row([(pallets, SHARES), (share, -one.pallets)], lower=1 - SHARES, upper=SHARES - 1)
        choice.columns.append(share)
        choice.pallets.append(pallets)
        goes.append((rides, 1))
    program.row(goes, upper=MOST_PARTS)
    program.row([(stays, SHARES), *((column, 1) for column in choice.columns)], lower=SHARES, upper=SHARES)
    program.row(
        [(stays, one.pallets), *((column, 1) for column in choice.pallets)], lower=one.pallets, upper=one.pallets
    )
    of_share = dict(zip(choice.columns, choice.pallets, strict=True))
    for use, columns in _uses(program, tables, choice).items():
        program.row([(use, -SHARES), *((column, 1) for column in columns)], lower=0, upper=0)
        there = choice.flow.pallets[use] = program.column(0, one.pallets)
        program.row([(there, -1), *((of_share[column], 1) for column in columns)], lower=0, upper=0)


def _uses(program: Program, tables: Tables, choice: _Choice) -> dict[int, list[int]]:
    """Add a column for each ride of a consignment; return with each the columns of the ways that have it."""
    stops: dict[Id, Stop] = {}
    riding: dict[int, list[int]] = defaultdict(list)
    for way, column in zip(choice.ways, choice.columns, strict=True):
        for leg in way:
            stop = stops.setdefault(leg.service, Stop(tables.services[leg.service], 0, frozenset(), loops=False))
            if leg.offer not in stop.uses:
                stop.uses[leg.offer] = add_use(program, choice.flow, 0)
            riding[stop.uses[leg.offer]].append(column)
    choice.flow.stops = list(stops.values())
    return riding


def _way_fen(tables: Tables, one: Consignment, way: Way) -> int:
    cost = route_cost(tables, _route(one, way, (one.mass_g, one.litres, one.pallets)))
    return cost.total + tables.prices.carbon_fen_per_t * cost.co2e_g // MILLION


def _route(one: Consignment, way: Way, loads: tuple[int, int, int]) -> Route:
    return Route(consignment=one.id, legs=way, mass_g=loads[0], litres=loads[1], pallets=loads[2])


def _values(choices: list[_Choice], plan: Plan) -> dict[int, int]:
    """Return what a plan says of the columns of ways; of goods that may be split, where they go whole."""
    taken = {(route.consignment, route.legs): route for route in plan.routes}
    stays = {one.consignment for one in plan.unplanned}
    values = {}
    for choice in choices:
        one = choice.flow.consignment
        values[choice.flow.stays] = int(one.id in stays)
        for number, way in enumerate(choice.ways):
            route = taken.get((one.id, way))
            if choice.flow.whole:
                values[choice.columns[number]] = int(route is not None)
            else:
                mass = 0 if route is None else route.mass_g
                values[choice.columns[number]] = round(mass * SHARES / one.mass_g)
                values[choice.pallets[number]] = 0 if route is None else route.pallets
    return values


def _routes(choice: _Choice, values: list[int]) -> list[Route]:
    """Return the routes of a consignment, its grams and litres by shares: what is left over goes to the later ones."""
    one, routes, before = choice.flow.consignment, [], 0
    for number, (way, column) in enumerate(zip(choice.ways, choice.columns, strict=True)):
        if values[column] and choice.flow.whole:
            routes.append(_route(one, way, (one.mass_g, one.litres, one.pallets)))
        elif values[column]:
            after = before + values[column]
            mass, litres = (load * after // SHARES - load * before // SHARES for load in (one.mass_g, one.litres))
            routes.append(_route(one, way, (mass, litres, values[choice.pallets[number]])))
            before = after
    return routes
