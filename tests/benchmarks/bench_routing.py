"""Prints, as a Markdown table, what the planner's heuristic makes of hub instances on the Xiangtan network, and with
`--proofs` what the whole planner proves of them. `--bounds 120` has a time of its own for bounds, after the plan's;
`--beside` gives the arc program to HiGHS for as long as the search had.

`make bench-routing` runs the sizes of SIZES with the seconds that the targets give each; `PART=0.1` runs a tenth of
them. Compiling is done before, and told apart. Exit code 1 when a plan breaks a rule or comes late.
"""

import argparse
import os
import platform
import resource
import sys
from collections import Counter
from pathlib import Path
from statistics import mean
from time import perf_counter

from coldport.clock import SystemClock
from routing.construct import construct
from routing.disruption import Cancelled
from routing.draft import draft
from routing.exact.blocks import block_bound
from routing.exact.coarse import coarse_bound
from routing.exact.optimum import optimum
from routing.exact.relaxation import relaxed
from routing.generate import generate
from routing.itineraries import itineraries
from routing.model import Instance, Mode
from routing.network_folder import load_network
from routing.planner import plan as solve
from routing.result import Plan
from routing.search import Effort, search
from routing.solver import Backend
from routing.standing import Standing
from routing.validate import check

SECONDS = {10: 5, 30: 10, 100: 60, 300: 60, 1_000: 60, 3_000: 90, 10_000: 120}
PROOF_S = {10: 10, 30: 30}
FIRST_S = {10: 1, 30: 1, 100: 1, 300: 1, 1_000: 1, 3_000: 4, 10_000: 4}
XIANGTAN = Path(__file__).parents[2] / "config/networks/xiangtan"
M_CNY = 1e8  # fen
TEN_DAYS_S = 10 * 86_400
COARSE_MOST, ARCS_MOST = 1_000, 100
"""Consignments up to which a bound of the coarse program, and of the arc program, is asked for."""
BESIDE_MOST = 1_000
"""Consignments up to which the arc program is built: at ten thousand it takes 14 GB."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def machine() -> str:
    """Return what the figures were taken on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def valid(instance: Instance, plan: Plan) -> Plan:
    """Return the plan, or end the run: a figure of a plan that breaks a rule is none."""
    broken = check(instance, plan)
    if broken:
        sys.exit(f"{instance.id}: {broken[0]}")
    return plan


def warm_up() -> float:
    """Run everything once on a few consignments; return the seconds: they are the compiler's, or those of its cache."""
    begun = perf_counter()
    instance = generate(load_network(XIANGTAN), 10, 1)
    plan = search(instance, Effort(turns=10), SystemClock())
    again = search(instance, Effort(turns=10), SystemClock(), start=plan)
    itineraries(draft(instance), again.routes[0].consignment, 5)
    return perf_counter() - begun


def repair_ms(instance: Instance, plan: Plan) -> float:
    """Return how long the first plan takes after the fullest train that leaves after ten days was cancelled."""
    trains = {one.id for one in instance.services if one.mode is Mode.RAIL and one.departs_s > TEN_DAYS_S}
    riders = Counter(leg.service for route in plan.routes for leg in route.legs if leg.service in trains)
    cancelled = [Cancelled(service=name) for name, _ in riders.most_common(1)]
    standing = Standing(instance, plan)
    standing.after(cancelled, TEN_DAYS_S)
    begun = perf_counter()
    standing.after(cancelled, TEN_DAYS_S)
    return (perf_counter() - begun) * 1_000


def row(size: int, seeds: list[int], part: float) -> tuple[str, bool]:
    """Return the line of one size, and whether its times were held."""
    seconds = SECONDS.get(size, 60) * part
    firsts, greedy, costs, asked, repaired, stays, turns, took = [], [], [], [], [], [], [], []
    for seed in seeds:
        instance = generate(load_network(XIANGTAN), size, seed)
        begun = perf_counter()
        under_way = draft(instance, seed)
        construct(under_way)
        first = under_way.as_plan("construct")
        firsts.append(perf_counter() - begun)
        greedy.append(valid(instance, first).cost.total / M_CNY)
        seen = [0]
        begun = perf_counter()

        def watch(progress, seen=seen):
            seen[0] = progress.turns
            return True

        plan = search(instance, Effort(seconds=seconds), SystemClock(), seed=seed, watch=watch)
        took.append(perf_counter() - begun)
        costs.append(valid(instance, plan).cost.total / M_CNY)
        stays.append(len(plan.unplanned))
        turns.append(seen[0])
        under_way.seat(plan)
        begun = perf_counter()
        itineraries(under_way, instance.consignments[0].id, 5)
        asked.append((perf_counter() - begun) * 1_000)
        repaired.append(repair_ms(instance, plan))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    cells = [
        f"{size:,}",
        f"{max(firsts):.2f}",
        " ".join(f"{cost:.4f}" for cost in greedy),
        f"{seconds:g}",
        " ".join(f"{cost:.4f}" for cost in costs),
        f"{100 * (1 - mean(costs) / mean(greedy)):.1f} %",
        " ".join(str(stay) for stay in stays),
        f"{mean(turns):,.0f}",
        f"{max(asked):.0f}",
        f"{max(repaired):.0f}",
        f"{memory:.0f}",
    ]
    held = max(firsts) <= FIRST_S.get(size, 4) and max(took) <= 1.1 * seconds + 0.5
    return f"| {' | '.join(cells)} |", held


def proof(size: int, seed: int, part: float) -> tuple[str, bool]:
    """Return the line of one instance solved and bounded by the whole planner, and whether its time was held."""
    seconds = PROOF_S.get(size, 60) * part
    instance = generate(load_network(XIANGTAN), size, seed)
    begun = perf_counter()
    found = solve(instance, seconds, SystemClock(), seed=seed, split=True)
    took = perf_counter() - begun
    bound = (found.bound_fen or 0) / M_CNY
    gap = f"{100 * (found.gap or 0):.3f} %"
    cells = [
        f"{size:,}",
        str(seed),
        f"{seconds:g}",
        f"{found.cost.total / M_CNY:.4f}",
        f"{bound:.4f}",
        gap,
        f"{took:.1f}",
    ]
    return f"| {' | '.join(cells)} |", took <= 1.1 * seconds + 0.5


def proofs(sizes: list[int], seeds: list[int], part: float) -> int:
    """Print what is proved; return 1 when a plan came late."""
    say("| Consignments | Seed | Given, s | Plan, M CNY | Bound, M CNY | Gap | Took, s |")
    say("|---:|---:|---:|---:|---:|---:|---:|")
    late = False
    for size in sizes:
        for seed in seeds:
            line, held = proof(size, seed, part)
            say(line)
            late |= not held
    return 1 if late else 0


def best_bound(instance: Instance, plan: Plan, seconds: float) -> int:
    """Return the best bound of the programs that suit the size, in fen, each given so many seconds."""
    clock, under_way = SystemClock(), draft(instance)
    network, problem = under_way.network, under_way.problem
    ends = perf_counter() + seconds
    bound, prices = relaxed(network, problem, plan.cost.total, lambda: perf_counter() < ends)
    bounds = [bound]
    if len(instance.consignments) <= COARSE_MOST:
        bounds.append(coarse_bound(network, problem, seconds, clock))
        bounds.append(block_bound(network, problem, prices, seconds, clock))
    if len(instance.consignments) <= ARCS_MOST:
        bounds.append(optimum(network, seconds, clock, backend=Backend.HIGHS, start=plan).bound_fen)
    return max(bound for bound in bounds if bound is not None)


def bounded(size: int, seeds: list[int], part: float, bound_s: float) -> str:
    """Return the line of one size: plans of the whole planner, and the bound of the first seed's instance."""
    seconds = SECONDS.get(size, 60) * part
    instance = generate(load_network(XIANGTAN), size, 1)
    plans = [valid(instance, solve(instance, seconds, SystemClock(), seed=seed, split=True)) for seed in seeds]
    costs = [plan.cost.total / M_CNY for plan in plans]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    begun = perf_counter()
    found = [best_bound(instance, min(plans, key=lambda one: one.cost.total), bound_s) / M_CNY]
    took = perf_counter() - begun
    found += [(plan.bound_fen or 0) / M_CNY for plan in plans]
    cells = [
        f"{size:,}",
        f"{seconds:g}",
        " ".join(f"{cost:.4f}" for cost in costs),
        f"{100 * (max(costs) / min(costs) - 1):.2f} %",
        f"{memory:.0f}",
        f"{max(found):.4f}",
        f"{took:.0f}",
        " ".join(f"{100 * (1 - max(found) / cost):.2f} %" for cost in costs),
    ]
    return f"| {' | '.join(cells)} |"


def bounds(sizes: list[int], seeds: list[int], part: float, bound_s: float) -> int:
    """Print plans of several seeds for one instance of each size, and what bounds prove of them."""
    say("| Consignments | Given, s | Plans, M CNY | Spread | Memory, MB | Bound, M CNY | Its time, s | Gap |")
    say("|---:|---:|---|---:|---:|---:|---:|---|")
    for size in sizes:
        say(bounded(size, seeds if size <= COARSE_MOST else seeds[:1], part, bound_s))
    return 0


def beside(sizes: list[int], part: float) -> int:
    """Print what the search, the arc program by HiGHS in the same time and the first plan cost."""
    say("| Consignments | Given, s | Search, M CNY | Arc program, M CNY | Greedy, M CNY | Search is cheaper by |")
    say("|---:|---:|---:|---:|---:|---:|")
    for size in (one for one in sizes if one <= BESIDE_MOST):
        seconds = SECONDS.get(size, 60) * part
        instance = generate(load_network(XIANGTAN), size, 1)
        under_way = draft(instance, 1)
        construct(under_way)
        greedy = valid(instance, under_way.as_plan("construct")).cost.total / M_CNY
        ours = valid(instance, search(instance, Effort(seconds=seconds), SystemClock(), seed=1)).cost.total / M_CNY
        other = optimum(under_way.network, seconds, SystemClock(), backend=Backend.HIGHS).plan
        theirs = None if other is None else valid(instance, other).cost.total / M_CNY
        by = "-" if theirs is None else f"{100 * (1 - ours / theirs):.1f} %"
        arcs = "none found" if theirs is None else f"{theirs:.4f}"
        say(f"| {size:,} | {seconds:g} | {ours:.4f} | {arcs} | {greedy:.4f} | {by} |")
    return 0


def main() -> int:
    """Print the table; return 1 when a first plan or a whole search came late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(str(size) for size in SECONDS))
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--part", type=float, default=1.0, help="part of each size's seconds")
    parser.add_argument("--proofs", action="store_true", help="solve and bound, goods in parts where that is cheaper")
    parser.add_argument("--bounds", type=float, metavar="SECONDS", help="plans, and bounds in a time of their own")
    parser.add_argument("--beside", action="store_true", help="the arc program by HiGHS, in the search's time")
    given = parser.parse_args()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    say(f"Machine: {machine()}. Compiling, or reading what was compiled: {warm_up():.1f} s.\n")
    sizes = sorted(int(size) for size in given.sizes.split(","))
    if given.proofs:
        return proofs(sizes, seeds, given.part)
    if given.bounds is not None:
        return bounds(sizes, seeds, given.part, given.bounds)
    if given.beside:
        return beside(sizes, given.part)
    say(
        "| Consignments | First plan, s | Greedy, M CNY | Search, s | Search, M CNY | Cheaper by | Stay | Turns"
        " | Five routes, ms | Repair, ms | Memory, MB |"
    )
    say("|---:|---:|---|---:|---|---:|---|---:|---:|---:|---:|")
    late = False
    for size in sizes:
        line, held = row(size, seeds if size < 3_000 else seeds[:1], given.part)
        say(line)
        late |= not held
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
