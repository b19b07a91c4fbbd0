"""A plan under way: the kernel's arrays on one side, plans as the rest of the program knows them on the other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coldport.ids import Id
from routing.kernel.insert import clear
from routing.kernel.seat import could_go, seat
from routing.kernel.start import empty, legs_of, problem_of, scratch_for, turn_for
from routing.kernel.tables import MOST_LEGS, Problem, Scratch, State, Turn
from routing.kernel.turns import keep, put_back
from routing.model import Consignment, Instance
from routing.network import Network, network
from routing.pricing import Tables, bookings_for, route_cost, total_cost
from routing.result import Cost, Leg, Plan, Route, Unplanned

NO_WAY = "no-way"
"""No chain of services goes in time and cold enough, whatever is booked."""
NO_UNITS = "no-units"
"""There are ways, and no units left on any of them."""
DEARER = "dearer-than-staying"


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan under way. `seed` throws its dice; the same seed and the same calls make the same plan."""

    network: Network
    problem: Problem
    state: State
    scratch: Scratch
    turn: Turn
    legs: tuple[Leg, ...]
    tables: Tables
    places: dict[Id, int]
    seed: int

    @property
    def cost_fen(self) -> int:
        """The cost of the plan as it stands, less than a hundred fen for each route away from its price."""
        return round(float(self.state.total[0]))

    @property
    def best_fen(self) -> int:
        """The cost of the best plan kept, in the same way."""
        return round(float(self.turn.best_total[0]))

    def anew(self, still: Collection[Id]) -> "Draft":
        """Return a draft of the same network in which every consignment stays, and those in `still` are not moved."""
        return replace(
            self, state=empty(self.problem, self.seed), turn=_turn(self.problem, self.network.consignments, still)
        )

    def keep(self) -> None:
        """Keep the plan as it stands as the best one."""
        keep(self.state, self.turn)

    def keep_if_better(self) -> None:
        """Keep the plan as it stands when it is cheaper than the best one."""
        if self.state.total[0] < self.turn.best_total[0]:
            self.keep()

    def take_best(self) -> None:
        """Go back to the best plan kept."""
        clear(self.problem, self.state)
        put_back(self.problem, self.state, self.turn.best_legs, self.turn.best_length, self.turn.best_own)

    def best_plan(self, solver: str) -> Plan:
        """Return the best plan kept, and leave the plan under way as it stands."""
        legs, length, own = self.state.legs.copy(), self.state.length.copy(), self.state.own.copy()
        self.take_best()
        plan = self.as_plan(solver)
        clear(self.problem, self.state)
        put_back(self.problem, self.state, legs, length, own)
        return plan

    def seat(self, plan: Plan) -> frozenset[Id]:
        """Put the routes of a plan in, and return the consignments whose routes are not allowed any more: they stay.

        A consignment that the plan splits stays too: the search moves goods whole.
        """
        numbers = {leg: number for number, leg in enumerate(self.legs)}
        wanted = np.zeros(len(self.places), np.int64)
        clear(self.problem, self.state)
        routes = [route for route in plan.routes if route.consignment in self.places]
        for route in routes:
            k = self.places[route.consignment]
            offers = [numbers.get(leg, -1) for leg in route.legs]
            if wanted[k] != 0 or -1 in offers or len(offers) > MOST_LEGS or route.mass_g != self.problem.goods.mass[k]:
                wanted[k] = -1
                continue
            wanted[k] = len(offers)
            self.state.legs[k, : len(offers)] = offers
        seat(self.problem, self.state, self.scratch, wanted)
        return frozenset(
            route.consignment for route in routes if self.state.length[self.places[route.consignment]] == 0
        )

    def as_plan(self, solver: str, known: "Known | None" = None) -> Plan:
        """Return the plan as it stands, priced to the fen, with the reason of each consignment that stays.

        What is `known` is taken as it is; all else is made anew.
        """
        routes: list[Route] = []
        costs: list[Cost] = []
        for k, one in enumerate(self.network.consignments):
            if self.state.length[k] > 0:
                route, cost = (known and known.routes.get(one.id)) or self._route(k)
                routes.append(route)
                costs.append(cost)
        unplanned = tuple(self._stays({} if known is None else known.stays))
        bookings = bookings_for(self.network.instance, self.tables, routes)
        return Plan(
            instance=self.network.instance.id,
            routes=tuple(routes),
            unplanned=unplanned,
            bookings=bookings,
            cost=total_cost(self.tables, costs, bookings, [one.consignment for one in unplanned]),
            solver=solver,
            seed=self.seed,
        )

    def _route(self, k: int) -> tuple[Route, Cost]:
        one = self.network.consignments[k]
        legs = tuple(self.legs[offer] for offer in self.state.legs[k, : self.state.length[k]])
        route = Route(consignment=one.id, legs=legs, mass_g=one.mass_g, litres=one.litres, pallets=one.pallets)
        return route, route_cost(self.tables, route)

    def _stays(self, known: Mapping[Id, Unplanned]) -> list[Unplanned]:
        could = np.zeros(len(self.network.consignments), np.bool_)
        could_go(self.problem, self.state, self.scratch, could)
        begin = self.problem.stops.begin
        reasons = [
            (one.id, NO_WAY if begin[k] == begin[k + 1] else DEARER if could[k] else NO_UNITS)
            for k, one in enumerate(self.network.consignments)
            if self.state.length[k] == 0
        ]
        return [known.get(name) or Unplanned(consignment=name, reason=reason) for name, reason in reasons]


@dataclass(frozen=True, slots=True)
class Known:
    """Of a plan that a draft comes from, what is as it was: routes with what each costs, and reasons to stay, by id."""

    routes: Mapping[Id, tuple[Route, Cost]]
    stays: Mapping[Id, Unplanned]


def draft(instance: Instance, seed: int = 0, still: Collection[Id] = ()) -> Draft:
    """Return a draft in which every consignment stays. Those in `still` are not moved by `routing.search`."""
    found = network(instance)
    return draft_of(found, problem_of(found), seed, still)


def draft_of(found: Network, problem: Problem, seed: int = 0, still: Collection[Id] = ()) -> Draft:
    """Return the same of a network and its problem."""
    return Draft(
        network=found,
        problem=problem,
        state=empty(problem, seed),
        scratch=scratch_for(problem),
        turn=_turn(problem, found.consignments, still),
        legs=tuple(legs_of(found.table)),
        tables=Tables(found.instance),
        places={one.id: k for k, one in enumerate(found.consignments)},
        seed=seed,
    )


def _turn(problem: Problem, consignments: Sequence[Consignment], still: Collection[Id]) -> Turn:
    movable = np.array([one.id not in still for one in consignments], dtype=np.bool_)
    return turn_for(problem, movable, [one.destination for one in consignments])
