"""OR-Tools routing: the measured third. Guided local search from the cheapest insertion; it has no dice either.

A collection or delivery is one node, anything else two. Prices are in thousandths of a fen, as for PyVRP.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.roads.answer import told
from routing.roads.model import FOREVER_S, Roads, Tours, Truck, refuse_nonsense
from routing.roads.port import is_collection, is_delivery, loads_first
from routing.roads.timing import Act, Order, with_rests

SEARCHED_FEN = 1_000
TRUCK_FEN = 10_000_000
"""What one more truck costs where the fewest are wanted."""


class Nodes(NamedTuple):
    """What each node is: first all visits, then the places where trucks start and end; and the nodes of each job."""

    visits: list[Act]
    depots: list[int]
    of_job: list[list[int]]
    trucks: list[Truck]

    @property
    def places(self) -> list[int]:
        """The place of each node."""
        return [*(act.stop.place for act in self.visits), *self.depots]

    def depot(self, place: int) -> int:
        """Return the node of a place where trucks start or end."""
        return len(self.visits) + self.depots.index(place)


def _nodes(roads: Roads) -> Nodes:
    visits: list[Act] = []
    of_job: list[list[int]] = []
    for job in roads.jobs:
        acts = [Act(job, "load"), Act(job, "unload")]
        if not roads.reloads and is_collection(roads, job):
            acts = acts[:1]
        elif not roads.reloads and is_delivery(roads, job):
            acts = acts[1:]
        of_job.append(list(range(len(visits), len(visits) + len(acts))))
        visits += acts
    depots = sorted({place for truck in roads.trucks for place in (truck.start, truck.end)})
    return Nodes(visits, depots, of_job, [truck for truck in roads.trucks for _ in range(truck.count)])


class Model(NamedTuple):
    """OR-Tools' two objects, and the problem they were made of."""

    roads: Roads
    nodes: Nodes
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel


class OrtoolsSolver:
    """Tours as OR-Tools finds them."""

    def solve(self, roads: Roads, seconds: float, seed: int) -> Tours:  # noqa: ARG002 - it has no dice
        """Return the best tours found in so many seconds."""
        refuse_nonsense(roads)
        if not roads.jobs or not roads.trucks:
            return told(roads, [], "ortools")
        nodes = _nodes(roads)
        starts, ends = zip(*((nodes.depot(truck.start), nodes.depot(truck.end)) for truck in nodes.trucks), strict=True)
        manager = pywrapcp.RoutingIndexManager(len(nodes.places), len(nodes.trucks), starts, ends)
        model = Model(roads, nodes, manager, pywrapcp.RoutingModel(manager))
        _add_prices(model)
        _add_times(model)
        _add_loads(model)
        _add_jobs(model)
        search = pywrapcp.DefaultRoutingSearchParameters()
        search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        search.time_limit.FromMilliseconds(max(1, round(seconds * 1_000)))
        found = model.routing.SolveWithParameters(search)
        orders: list[Order] = []
        if found is not None:
            orders = [(kind, list(_acts(model, found, truck))) for truck, kind in enumerate(nodes.trucks)]
        return told(roads, orders, "ortools")


def _add_prices(model: Model) -> None:
    roads, places = model.roads, model.nodes.places
    for truck in roads.trucks:
        ways = [[roads.metres[here][there] * truck.fen_per_km for there in places] for here in places]
        arcs = model.routing.RegisterTransitMatrix(ways)
        use_fen = truck.use_fen + (TRUCK_FEN if roads.fewest_trucks else 0)
        for number, kind in enumerate(model.nodes.trucks):
            if kind is truck:
                model.routing.SetArcCostEvaluatorOfVehicle(arcs, number)
                model.routing.SetFixedCostOfVehicle(use_fen * SEARCHED_FEN, number)


def _add_times(model: Model) -> None:
    """Time flows along a tour: work, way and waiting; windows, shift, and what an hour costs."""
    roads, nodes, routing = model.roads, model.nodes, model.routing
    works = [act.stop.service_s for act in nodes.visits] + [0] * len(nodes.depots)
    transits = {}
    for truck in roads.trucks:
        if truck.rest not in transits:
            ways = [
                [work + with_rests(roads.seconds[here][there], truck.rest) for there in nodes.places]
                for here, work in zip(nodes.places, works, strict=True)
            ]
            transits[truck.rest] = routing.RegisterTransitMatrix(ways)
    each = [transits[truck.rest] for truck in nodes.trucks]
    routing.AddDimensionWithVehicleTransits(each, FOREVER_S, FOREVER_S, False, "time")  # noqa: FBT003 - by place only
    time = routing.GetDimensionOrDie("time")
    for node, act in enumerate(nodes.visits):
        time.CumulVar(model.manager.NodeToIndex(node)).SetRange(act.stop.opens_s, act.stop.closes_s)
    for number, truck in enumerate(nodes.trucks):
        time.CumulVar(routing.Start(number)).SetRange(truck.opens_s, truck.closes_s)
        time.CumulVar(routing.End(number)).SetRange(truck.opens_s, truck.closes_s)
        time.SetSpanUpperBoundForVehicle(truck.longest_s, number)
        time.SetSpanCostCoefficientForVehicle(truck.fen_per_h * SEARCHED_FEN // 3_600, number)


def _add_loads(model: Model) -> None:
    """Mass, volume and pallets: more when loading, less when unloading; at first, all that is brought from there."""
    nodes, routing = model.nodes, model.routing
    rooms = [[truck.room[size] for truck in nodes.trucks] for size in range(3)]
    loaded = {act.job.id for act in nodes.visits if act.what == "load"}
    for size in range(3):
        changes = [act.job.amount[size] * (1 if act.what == "load" else -1) for act in nodes.visits]
        brought = [0 if act.job.id in loaded else act.job.amount[size] for act in nodes.visits]
        for values, name in ((changes, f"load-{size}"), (brought, f"brought-{size}")):
            index = routing.RegisterUnaryTransitVector(values + [0] * len(nodes.depots))
            routing.AddDimensionWithVehicleCapacity(index, 0, rooms[size], name.startswith("brought"), name)
        for number in range(len(nodes.trucks)):
            held = routing.GetDimensionOrDie(f"load-{size}").CumulVar(routing.Start(number))
            sum_brought = routing.GetDimensionOrDie(f"brought-{size}").CumulVar(routing.End(number))
            routing.solver().Add(held == sum_brought)


def _add_jobs(model: Model) -> None:
    """Let each job be done by one truck of its band, or stay at its price."""
    routing, solver = model.routing, model.routing.solver()
    time = routing.GetDimensionOrDie("time")
    for job, nodes in zip(model.roads.jobs, model.nodes.of_job, strict=True):
        indices = [model.manager.NodeToIndex(node) for node in nodes]
        able = [number for number, truck in enumerate(model.nodes.trucks) if job.band in truck.bands]
        for index in indices:
            routing.AddDisjunction([index], job.stay_fen * SEARCHED_FEN // len(indices))
            routing.VehicleVar(index).SetValues([-1, *able])
        if len(indices) == 2:
            routing.AddPickupAndDelivery(*indices)
            solver.Add(routing.VehicleVar(indices[0]) == routing.VehicleVar(indices[1]))
            solver.Add(time.CumulVar(indices[0]) <= time.CumulVar(indices[1]))


def _acts(model: Model, found: pywrapcp.Assignment, truck: int) -> Iterator[Act]:
    """Give the visits of a tour: what is brought is loaded first, what is fetched unloaded last."""
    acts = []
    index = found.Value(model.routing.NextVar(model.routing.Start(truck)))
    while not model.routing.IsEnd(index):
        acts.append(model.nodes.visits[model.manager.IndexToNode(index)])
        index = found.Value(model.routing.NextVar(index))
    loaded = {act.job.id for act in acts if act.what == "load"}
    unloaded = {act.job.id for act in acts if act.what == "unload"}
    yield from loads_first(act.job for act in acts if act.job.id not in loaded)
    yield from acts
    yield from (Act(act.job, "unload") for act in acts if act.job.id not in unloaded)
