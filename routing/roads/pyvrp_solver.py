"""PyVRP: iterated local search. The best tours of the three solvers, in any time from some seconds on."""

import warnings
from collections.abc import Callable

from msgspec.structs import replace
from pyvrp import PenaltyParams, ProblemData, Solution, SolveParams, solve
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams, PerturbationParams

from routing.roads.answer import told
from routing.roads.model import Roads, Tours, refuse_nonsense
from routing.roads.port import Elapsed, RoadSolver
from routing.roads.pyvrp_data import orders_of, solution_of, translate

FAST = SolveParams(
    neighbourhood=NeighbourhoodParams(num_neighbours=30),
    perturbation=PerturbationParams(max_perturbations=8),
)
"""Half the neighbours and a third of the perturbation of the defaults: many more rounds in the same time."""

DEAR = SolveParams(
    penalty=PenaltyParams(max_penalty=1e9), neighbourhood=FAST.neighbourhood, perturbation=FAST.perturbation
)
"""Where a truck has a price, a second or unit too many may cost as much: the usual 1e5 is little beside that."""

WIDE = SolveParams()
"""The defaults find tours for a small fleet sooner."""

FLEET_SHARE = 0.25
"""Of the time, how much the search for fewer trucks may take."""

FLEET_TRIES = 5
"""In so many slices of that, each from a start of its own: what does not come soon hardly comes later."""

GIVE_UP_SHARE = 0.3

NONE_YET = 2**62
"""PyVRP tells a larger cost than this as long as it has no tours that keep all rules."""


class PyvrpSolver:
    """The better tours; how many rounds there are, and so the tours, depends on the time."""

    def __init__(self, elapsed: Elapsed, most_rounds: int | None = None, first: RoadSolver | None = None) -> None:
        """Stop by the seconds that `elapsed` tells, or after `most_rounds`: then the same seed gives the same tours.

        With `first` the search goes on from what another solver finds in half the time at most, and ends no dearer: a
        start at random finds little in a second. Not where trucks reload or the fewest are wanted.
        """
        self._elapsed = elapsed
        self._most_rounds = most_rounds
        self._first = first

    def solve(self, roads: Roads, seconds: float, seed: int) -> Tours:
        """Return the best tours found in so many seconds."""
        refuse_nonsense(roads)
        if not roads.jobs or not roads.trucks:
            return told(roads, [], "pyvrp")
        end_s = self._elapsed() + seconds
        if self._first is not None and not roads.reloads and not roads.fewest_trucks:
            return self._onward(roads, self._first.solve(roads, seconds / 2, seed), end_s, seed)
        best = None
        pieces = translate(roads, required=roads.fewest_trucks)
        if roads.fewest_trucks:
            best, data = self._fewest(pieces.data, FLEET_SHARE * seconds, seed)
            pieces = pieces._replace(data=data) if best is not None else translate(roads, required=False)
        found = self._search(pieces.data, end_s, seed)
        if not found.is_feasible():
            start = best if best is not None else Solution(pieces.data, list[list[int]]())
            found = self._search(pieces.data, end_s, seed, start=start)
        return told(roads, orders_of(roads, pieces, found), "pyvrp")

    def _onward(self, roads: Roads, known: Tours, end_s: float, seed: int) -> Tours:
        pieces = translate(roads, required=False)
        found = self._search(pieces.data, end_s, seed, start=solution_of(roads, pieces, known))
        tours = told(roads, orders_of(roads, pieces, found), "pyvrp")
        return tours if tours.fen <= known.fen else replace(known, solver="pyvrp")

    def _search(
        self, data: ProblemData, end_s: float, seed: int, *, start: Solution | None = None, first: bool = False
    ) -> Solution:
        """Search until time or rounds are over; with `first` until there are any tours that keep all rules.

        From a start drawn at random the search ends better than from given tours, if it finds any: without some after
        `GIVE_UP_SHARE` of the time it gives up.
        """
        rounds, begin_s = 0, self._elapsed()
        give_up_s = end_s if start or first else begin_s + GIVE_UP_SHARE * (end_s - begin_s)

        def stop(cost: float) -> bool:
            nonlocal rounds
            rounds += 1
            if self._most_rounds is not None and rounds > self._most_rounds:
                return True
            now_s = self._elapsed()
            return now_s >= end_s or (first if cost < NONE_YET else now_s >= give_up_s)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)  # it says that trucks are few, which we know
            priced = any(kind.fixed_cost for kind in data.vehicle_types())
            params = WIDE if first else DEAR if priced else FAST
            return solve(data, _Stop(stop), seed=seed, collect_stats=False, params=params, initial_solution=start).best

    def _fewest(self, data: ProblemData, seconds: float, seed: int) -> tuple[Solution | None, ProblemData]:
        """Take trucks away for as long as there are tours for all jobs; return those of the smallest fleet, and it."""
        best, smallest = None, data
        begin_s, tries = self._elapsed(), 0
        while tries < FLEET_TRIES and data.num_vehicles >= _least_trucks(data):
            end_s = min(begin_s + seconds, self._elapsed() + seconds / FLEET_TRIES)
            found = self._search(data, end_s, seed + tries, first=True)
            if found.is_feasible():
                best, smallest = found, _with_trucks(data, found.num_routes())
                if found.num_routes() == 1:
                    break
                data = _with_trucks(data, found.num_routes() - 1)
            else:
                tries += 1
        return best, smallest


class _Stop:
    """PyVRP's stopping criterion."""

    def __init__(self, stop: Callable[[float], bool]) -> None:
        self._stop = stop

    def __call__(self, best_cost: float) -> bool:
        return self._stop(best_cost)


def _with_trucks(data: ProblemData, many: int) -> ProblemData:
    return data.replace(vehicle_types=[data.vehicle_type(0).replace(num_available=many)])


def _least_trucks(data: ProblemData) -> int:
    """Return how many trucks the loads alone need; one, where goods leave a truck on its way."""
    room = data.vehicle_type(0).capacity
    if data.shipments() or data.vehicle_type(0).reload_depots:
        return 1
    sums = [[sum(sizes) for sizes in zip(*amounts, strict=True)] for amounts in _amounts(data)]
    least: int = max([1, *(-(-held // most) for one in sums for held, most in zip(one, room, strict=True) if most)])
    return least


def _amounts(data: ProblemData) -> list[list[list[int]]]:
    return [[client.delivery for client in data.clients()], [client.pickup for client in data.clients()]]
