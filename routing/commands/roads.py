"""`coldport plan roads`: which truck fetches what from which park, for the goods of a plan."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from coldport.clock import SystemClock
from routing.commands.money import cny, moment
from routing.commands.solve import seconds_given
from routing.instance_file import read_instance, read_plan
from routing.model import Instance
from routing.roads.check import check
from routing.roads.collection import Collection, collection
from routing.roads.fleet import read_fleet
from routing.roads.model import Tour, Tours
from routing.roads.ortools_solver import OrtoolsSolver
from routing.roads.port import RoadSolver
from routing.roads.pyvrp_solver import PyvrpSolver
from routing.roads.tours_file import Toured, write_tours
from routing.roads.vroom_solver import AT_ONCE, TO_GO_ON, VroomSolver

TRUCKS = Path("config/networks/xiangtan/trucks.toml")


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `roads` to `coldport plan`."""
    parser = verbs.add_parser(
        "roads",
        help="plan the trucks that collect a plan's goods from the parks",
        description="Replaces the first legs by road to the hub, booked on the timetable's trucks, by tours of a fleet "
        "of one's own. Exit code 1 when something is fetched by no truck. More: docs/how-to/collect-from-parks.md.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("--trucks", type=Path, default=TRUCKS, metavar="FILE", help="the fleet and its hours")
    parser.add_argument(
        "--solver", choices=("pyvrp", "vroom", "ortools"), default="pyvrp",
        help="pyvrp: best; vroom: at once, to try what if; ortools: to compare (pyvrp)",
    )  # fmt: skip
    parser.add_argument("--seconds", type=seconds_given, default=10.0, metavar="N", help="for the search, at most (10)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the search's dice (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="TOURS", help="file, .json")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance = read_instance(arguments.instance)
    found = collection(instance, read_plan(arguments.plan), read_fleet(arguments.trucks))
    solver = _solver(arguments.solver)
    tours = solver.solve(found.roads, arguments.seconds, arguments.seed)
    faults = check(found.roads, tours)
    if faults:
        raise AssertionError(f"the judge refuses tours of {tours.solver}: {faults[0].text}")
    toured = Toured(instance=instance.id, start=instance.start, places=found.places, roads=found.roads, tours=tours)
    write_tours(arguments.out, toured)
    sys.stdout.write("".join(f"{line}\n" for line in _text(instance, found, tours)))
    return 1 if tours.stays else 0


def _solver(name: str) -> RoadSolver:
    if name == "vroom":
        return VroomSolver(AT_ONCE)
    return PyvrpSolver(SystemClock().monotonic_s, first=VroomSolver(TO_GO_ON)) if name == "pyvrp" else OrtoolsSolver()


def _text(instance: Instance, found: Collection, tours: Tours) -> Iterator[str]:
    numbers: Counter[str] = Counter()
    for tour in sorted(tours.tours, key=lambda tour: (tour.starts_s, tour.truck)):
        numbers[tour.truck] += 1
        yield from _tour(instance, found, tour, numbers[tour.truck])
    for stays in tours.stays:
        yield f"stays: {stays.job}: {stays.reason}"
    staying_fen = sum(job.stay_fen for job in found.roads.jobs if job.id in {one.job for one in tours.stays})
    yield (
        f"{len(found.roads.jobs)} jobs, {len(tours.tours)} tours, {tours.metres / 1_000:,.0f} km, "
        f"{cny(tours.fen - staying_fen)} CNY by {tours.solver}; {len(tours.stays)} stay"
    )
    yield f"the plan's own trucks for these goods: {cny(found.timetable_fen)} CNY"


def _tour(instance: Instance, found: Collection, tour: Tour, number: int) -> Iterator[str]:
    """Give what a truck does: its times and load, and each stop with what is loaded there."""
    jobs = {job.id: job for job in found.roads.jobs}
    loads = [visit for visit in tour.visits if visit.act == "load"]
    stops = [(jobs[one.job].load if one.act == "load" else jobs[one.job].unload).place for one in tour.visits]
    way = [found.roads.hub, *stops, found.roads.hub]
    metres = sum(found.roads.metres[here][there] for here, there in pairwise(way))
    driven_s = sum(found.roads.seconds[here][there] for here, there in pairwise(way))
    rested_s = tour.rested_s + sum(visit.rested_s for visit in tour.visits)
    pallets, mass_g = (sum(getattr(jobs[visit.job], size) for visit in loads) for size in ("pallets", "mass_g"))
    yield (
        f"{tour.truck} #{number}  {moment(instance, tour.starts_s)} > {moment(instance, tour.ends_s)}  "
        f"{metres / 1_000:,.0f} km, {driven_s / 3_600:.1f} h at the wheel, {rested_s // 60} min of rest, "
        f"{pallets} pallets, {mass_g / 1_000:,.0f} kg"
    )
    for visit in loads:
        job = jobs[visit.job]
        yield (
            f"  {moment(instance, visit.begins_s)}  {found.places[job.load.place]}: {job.id}, {job.pallets} pallets, "
            f"{job.band}; at the hub by {moment(instance, job.unload.closes_s + job.unload.service_s)}"
        )
