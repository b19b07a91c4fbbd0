"""`coldport plan solve`: the best plan in so many seconds, and how good it is proved to be."""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from coldport.clock import SystemClock
from routing.commands.money import cny, parts, quality
from routing.instance_file import read_instance, read_plan, write
from routing.locks import refuse_conflicts
from routing.planner import plan
from routing.result import Plan
from routing.search import Progress
from routing.service_first import plan as plan_for_service

LONGEST_S = 86_400.0
TELL_EVERY_S = 1.0
"""How often progress is told on a terminal."""


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `solve` to `coldport plan`."""
    parser = verbs.add_parser(
        "solve",
        help="plan an instance",
        description="Searches for SECONDS and proves a bound. Progress goes to the error stream, the result to PLAN. "
        "Ctrl-C ends the run without a plan; the plan that was in PLAN before stands.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("--seconds", type=seconds_given, default=30.0, metavar="N", help="time for all of it (30)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the search's dice (0)")
    parser.add_argument("--start", type=Path, metavar="PLAN", help="a plan to begin with")
    parser.add_argument(
        "--split", action="store_true", help="send goods that may be split in parts where it is cheaper"
    )
    parser.add_argument(
        "--first",
        choices=("money", "service"),
        default="money",
        help="what comes first (money); service: fewest that stay, then least lateness, then money",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("--json", action="store_true", help="print the result, and progress line by line, as JSON")
    parser.set_defaults(run=_run)


def seconds_given(text: str) -> float:
    """Return a time limit as it was given on the command line."""
    seconds = float(text)
    if not math.isfinite(seconds) or not 0 < seconds <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"expected more than 0 and at most {LONGEST_S:.0f}")
    return seconds


def _run(arguments: argparse.Namespace) -> int:
    instance = read_instance(arguments.instance)
    refuse_conflicts(instance)
    start = read_plan(arguments.start) if arguments.start else None
    watch = Teller(as_json=arguments.json)
    terms = {"seed": arguments.seed, "split": arguments.split}
    solve = plan_for_service if arguments.first == "service" else plan
    found = solve(instance, arguments.seconds, SystemClock(), start=start, watch=watch.hear, **terms)
    write(arguments.out, found)
    if arguments.json:
        sys.stdout.write(json.dumps(_summary(found)) + "\n")
    else:
        sys.stdout.write("\n".join(_text(found)) + "\n")
    return 0


class Teller:
    """Writes a line of progress a second: the best price so far, and how good it is proved to be by then."""

    def __init__(self, *, as_json: bool) -> None:
        self._told_s = 0.0
        self._as_json = as_json

    def hear(self, progress: Progress) -> bool:
        """Tell of a search that goes on."""
        if progress.elapsed_s - self._told_s >= TELL_EVERY_S:
            self._told_s = progress.elapsed_s
            sys.stderr.write((_json_line if self._as_json else _line)(progress) + "\n")
        return True


def _line(progress: Progress) -> str:
    gap = "" if progress.gap is None else f"  at most {100 * progress.gap:.2f} % too dear"
    return f"{progress.elapsed_s:6.1f} s  {cny(progress.cost_fen):>18} CNY  {progress.turns} turns{gap}"


def _json_line(progress: Progress) -> str:
    told = {
        "elapsed_s": round(progress.elapsed_s, 1),
        "turns": progress.turns,
        "cost_fen": progress.cost_fen,
        "bound_fen": progress.bound_fen,
        "gap": progress.gap,
    }
    return json.dumps(told)


def _text(found: Plan) -> list[str]:
    total = found.cost.total
    lines = [f"{name:<10} {cny(fen):>18}" for name, fen in parts(found.cost)]
    lines += [f"{'total':<10} {cny(total):>18}  CNY; {quality(found)}"]
    lines += [f"{'CO2e':<10} {found.cost.co2e_g / 1_000_000:>18,.2f}  t"]
    return [*lines, f"{len(found.routes)} routes, {len(found.bookings)} bookings, {len(found.unplanned)} stay"]


def _summary(found: Plan) -> dict[str, object]:
    return {
        "instance": found.instance,
        "solver": found.solver,
        "seed": found.seed,
        "cost_fen": found.cost.total,
        "bound_fen": found.bound_fen,
        "gap": found.gap,
        "parts_fen": dict(parts(found.cost)),
        "co2e_g": found.cost.co2e_g,
        "routes": len(found.routes),
        "unplanned": len(found.unplanned),
    }
