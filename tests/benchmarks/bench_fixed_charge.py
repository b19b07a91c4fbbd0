"""Print what the arc program proves on the public Canad instances, and what the heuristic finds without it.

python tests/benchmarks/bench_fixed_charge.py [FOLDER] [SECONDS]
"""

import os
import platform
import sys
from pathlib import Path

from coldport.clock import SystemClock
from routing.fixed_charge import heuristic, price, prove
from routing.fixed_charge_file import read_fixed_charge

OPTIMA = {"r04.1": 31_730, "c33": 423_848, "c41": 429_398, "c35": 371_475, "c43": 464_509}
HEURISTIC_SECONDS = float(os.environ.get("COLDPORT_SECONDS", "30"))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "shared/data/routing/canad"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    clock = SystemClock()
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, seed 0\n\n")
    sys.stdout.write("| instance | known optimum | proved | bound | seconds | heuristic | above, % |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    for name, optimum in OPTIMA.items():
        instance = read_fixed_charge(folder / f"{name}.dow")
        begun_s = clock.monotonic_s()
        proof = prove(instance, seconds)
        took_s = clock.monotonic_s() - begun_s
        found = heuristic(instance, HEURISTIC_SECONDS, clock)
        assert proof is not None
        assert proof.bound is not None
        assert found is not None
        cost, other = price(instance, proof.flows), price(instance, found.flows)
        above = 100 * (other / optimum - 1)
        sys.stdout.write(
            f"| {name} | {optimum:,} | {cost:,.0f} | {proof.bound:,.0f} | {took_s:.1f} | {other:,.0f} | {above:.2f} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
