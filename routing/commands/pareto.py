"""`coldport plan pareto`: plans that trade money for less CO2e or less lateness, none better than another in all."""

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from coldport.clock import SystemClock
from routing.commands.money import cny, quality
from routing.commands.solve import seconds_given
from routing.instance_file import PlanningFileError, read_instance, write
from routing.pareto import EXACT_LIMIT, Axis, Front, Terms, front, point, searches
from routing.planner import plan
from routing.pricing import HOUR_S, MILLION, Tables
from routing.search import Effort

FIRST_SHARE = 0.3
"""Of the time, for the first plan and its bound."""
EXACT_SHARE = 0.5
"""Of what is left, for exact runs, where the instance is small enough for them."""
MOST_POINTS = 50


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `pareto` to `coldport plan`."""
    parser = verbs.add_parser(
        "pareto",
        help="plans that trade money for less CO2e or lateness",
        description="Makes the cheapest plan, then for caps on CO2e and lateness the cheapest within each. Prints "
        "those of which none is better than another in all; writes them and their list, front.json, to FOLDER.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("--seconds", type=seconds_given, default=120.0, metavar="N", help="time for all of it (120)")
    parser.add_argument("--points", type=_points, default=9, metavar="N", help="plans at most for each of them (9)")
    parser.add_argument("--by", choices=(*Axis, "both"), default="both", help="what money is traded for (both)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the search's dice (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="gets the plans and front.json")
    parser.set_defaults(run=_run)


def _points(text: str) -> int:
    points = int(text)
    if not 2 <= points <= MOST_POINTS:
        raise argparse.ArgumentTypeError(f"expected 2 to {MOST_POINTS}")
    return points


def _run(arguments: argparse.Namespace) -> int:
    instance, clock = read_instance(arguments.instance), SystemClock()
    by = tuple(Axis) if arguments.by == "both" else (Axis(arguments.by),)
    _make(arguments.out)
    first = plan(instance, arguments.seconds * FIRST_SHARE, clock, seed=arguments.seed)
    count, left_s = searches(by, arguments.points), arguments.seconds * (1 - FIRST_SHARE)
    exact = EXACT_SHARE if len(instance.consignments) <= EXACT_LIMIT else 0.0
    terms = Terms(
        by=by,
        points=arguments.points,
        effort=Effort(seconds=left_s * (1 - exact) / count),
        exact_s=left_s * exact * 2 / count,
        seed=arguments.seed,
    )
    plans = front(instance, first, terms, clock, lambda done: _tell(done, count))
    tables = Tables(instance)
    points = tuple(point(tables, one, f"plan-{number}.json") for number, one in enumerate(plans, start=1))
    for one, found in zip(points, plans, strict=True):
        bounded = msgspec.structs.replace(found, bound_fen=first.bound_fen)
        write(arguments.out / one.plan, bounded)
    write(arguments.out / "front.json", Front(instance=instance.id, by=by, points=points, bound_fen=first.bound_fen))
    for one in points:
        late = f"{one.late_s / HOUR_S:>9,.1f} h late"
        sys.stdout.write(
            f"{one.plan:<13} {cny(one.cost_fen):>18} CNY {one.co2e_g / MILLION:>10,.2f} t CO2e {late}"
            f" {one.unplanned:>4} stay\n"
        )
    sys.stdout.write(f"{points[0].plan}: {quality(msgspec.structs.replace(plans[0], bound_fen=first.bound_fen))}\n")
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanningFileError(f"{folder}: cannot be made: {error.strerror}") from error


def _tell(done: int, count: int) -> None:
    sys.stderr.write(f"{done} of at most {count} searches\n")
