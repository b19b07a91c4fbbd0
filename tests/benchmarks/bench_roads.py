"""Print the public road instances beside their best known values: PyVRP, VROOM and OR-Tools, each given the same time.

python tests/benchmarks/bench_roads.py [FOLDER] [--seconds N] [--seed S] [--only NAME ...] [--own-time]

Vehicles and distance are counted as the publishers do, from the places alone; the judge finds no fault in any answer.
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path
from typing import NamedTuple

from coldport.clock import SystemClock
from routing.roads.check import check
from routing.roads.ortools_solver import OrtoolsSolver
from routing.roads.port import Elapsed, RoadSolver
from routing.roads.public import Public, read_pairs, read_windows, value
from routing.roads.pyvrp_solver import PyvrpSolver
from routing.roads.vroom_solver import VroomSolver


class Known(NamedTuple):
    """The best known value (rogalski-wmii-uni-lodz-pl/vrp-benchmarks, 2024-02-02): vehicles first, then distance."""

    file: str
    vehicles: int
    distance: float
    within: float
    """How much longer than the best known the distance may be, as a part of it."""


KNOWN = {
    "lr101": Known("pdptw/lr101.txt", 19, 1_650.80, 0.0),
    "lrc201": Known("pdptw/lrc201.txt", 4, 1_406.94, 0.0),
    "c1_2_1": Known("vrptw/c1_2_1.txt", 20, 2_704.57, 0.0),
    "r1_2_1": Known("vrptw/r1_2_1.txt", 20, 4_784.11, 0.02),
    "rc1_2_1": Known("vrptw/rc1_2_1.txt", 18, 3_602.80, 0.02),
}
HALF_OF_THE_LAST_DIGIT = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[3] / "shared/data/routing")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=KNOWN, default=list(KNOWN))
    parser.add_argument("--own-time", action="store_true", help="PyVRP by processor time: as on a machine for itself")
    given = parser.parse_args()
    clock = SystemClock()
    elapsed: Elapsed = time.process_time if given.own_time else clock.monotonic_s
    solvers: dict[str, RoadSolver] = {
        "PyVRP": PyvrpSolver(elapsed),
        "VROOM": VroomSolver(),
        "OR-Tools": OrtoolsSolver(),
    }
    sys.stdout.write(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}, {given.seconds:g} s, seed {given.seed}\n\n"
    )
    heads = [f"{name}; s" for name in solvers]
    sys.stdout.write(
        "| instance | best known | " + " | ".join(heads) + " | PyVRP reaches it |\n|---|---" + "|--:" * 3 + "|---|\n"
    )
    for name in given.only:
        known = KNOWN[name]
        text = (given.folder / known.file).read_text()
        public = read_pairs(text) if known.file.startswith("pdptw") else read_windows(text)
        cells, reached = [], False
        for solver_name, solver in solvers.items():
            begun_s = clock.monotonic_s()
            vehicles, distance = _judged(public, solver, given.seconds, given.seed)
            cells.append(f"{vehicles} / {distance:,.2f}; {clock.monotonic_s() - begun_s:.1f}")
            if solver_name == "PyVRP":
                most = known.distance * (1 + known.within) + HALF_OF_THE_LAST_DIGIT
                reached = (vehicles, distance) <= (known.vehicles, most)
        best = f"{known.vehicles} / {known.distance:,.2f}"
        said = f"{'yes' if reached else 'no'}{f', within {known.within:.0%}' if known.within else ''}"
        sys.stdout.write(f"| {name} | {best} | {' | '.join(cells)} | {said} |\n")
        sys.stdout.flush()


def _judged(public: Public, solver: RoadSolver, seconds: float, seed: int) -> tuple[int, float]:
    tours = solver.solve(public.roads, seconds, seed)
    faults = check(public.roads, tours)
    assert not faults, faults[0]
    assert not tours.stays, tours.stays[0]
    return value(public, tours)


if __name__ == "__main__":
    main()
