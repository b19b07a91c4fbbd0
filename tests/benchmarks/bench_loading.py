"""Print how full the containers of Bischoff and Ratcliff 1995 are loaded, each box wholly on what is below it.

python tests/benchmarks/bench_loading.py [FOLDER] [--seconds N] [--first N] [--seed S]

As many are loaded side by side as `--processes` says. The volume is summed again from the corners of the boxes, and the
judge of loads (`routing.loading.check`) looks for overlaps, turns, support, and what does not lie inside.
"""

import argparse
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from coldport.clock import SystemClock
from routing.loading.check import check
from routing.loading.load import load
from routing.loading.model import Box, Cargo, Unit
from routing.loading.public import read_cargo

GROUPS = {1: 3, 3: 8, 5: 12}
"""The sets, and how many kinds of boxes an instance of each has."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(__file__).parents[3] / "shared/data/routing/loading"
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--first", type=int, default=10, help="of each set, so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    sys.stdout.write(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}, seed {given.seed}; {given.seconds:g} s each, {given.processes} at a time\n\n"
    )
    sys.stdout.write(
        "| set | kinds | containers | mean volume, % | least, % | most, % | faults |\n|---|--:" + "|--:" * 5 + "|\n"
    )
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn"), initializer=_warm) as pool:
        for group, kinds in GROUPS.items():
            files = [given.folder / f"set_{group}/{number}.json" for number in range(1, given.first + 1)]
            many = len(files)
            found = list(pool.map(_filled, files, [given.seconds] * many, [given.seed] * many))
            full = [100 * volume for volume, _ in found]
            faults = sum(faults for _, faults in found)
            mean = sum(full) / many
            sys.stdout.write(
                f"| BR{group} | {kinds} | {many} | {mean:.2f} | {min(full):.2f} | {max(full):.2f} | {faults} |\n"
            )
            sys.stdout.flush()


def _warm() -> None:
    """Have the kernel compiled, or its machine code loaded, before any time counts."""
    box = Box(id="box", x_mm=10, y_mm=10, z_mm=10, mass_g=0, count=1)
    unit = Unit(id="unit", x_mm=25, y_mm=15, z_mm=15, mass_g=1)
    load(Cargo(boxes=(box,), units=(unit,)), 1, 0, lambda: 0.0, 1)


def _filled(file: Path, seconds: float, seed: int) -> tuple[float, int]:
    """Load one container; return the part of its volume that boxes fill, and the faults the judge finds."""
    cargo = read_cargo(file.read_bytes())
    plan = load(cargo, seconds, seed, SystemClock().monotonic_s)
    unit = cargo.units[0]
    filled = sum(one.along_mm * one.across_mm * one.up_mm for loaded in plan.loads for one in loaded.boxes)
    return filled / (unit.x_mm * unit.y_mm * unit.z_mm), len(check(cargo, plan))


if __name__ == "__main__":
    main()
