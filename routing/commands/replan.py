"""`coldport plan replan`: what can be done after a train was cancelled, a truck is late, goods got warm."""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from coldport.clock import SystemClock
from coldport.errors import MalformedError, RefusedError
from routing.commands.money import cny
from routing.commands.solve import seconds_given
from routing.disruption import Cancelled, Disruption, Late
from routing.instance_file import PlanningFileError, read_instance, read_plan, write
from routing.model import Instance, Seconds
from routing.replan import STABILITY_FEN, Replanned, Terms, options
from routing.standing import Aftermath, Standing

HOUR_S = 3_600
EVENTS_LIMIT = 1_000
"""Things that happened at once; after more of them a plan from scratch is the better question."""


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `replan` to `coldport plan`."""
    parser = verbs.add_parser(
        "replan",
        help="what can be done after a disruption",
        description="Freezes what has left; tells a first plan at once, in which only those hit move; writes into "
        "FOLDER the instance as it is then and a plan for each option. "
        "What can happen and how it is written: docs/how-to/plan-consignments.md.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="the plan that is under way")
    parser.add_argument("--now", required=True, metavar="TIME", help="moment, as 2026-06-10T08:00+08:00")
    parser.add_argument("--cancel", action="append", default=[], metavar="SERVICE", help="a service does not run")
    parser.add_argument("--late", action="append", nargs=2, default=[], metavar=("SERVICE", "HOURS"), help="is late")
    parser.add_argument("--events", type=Path, metavar="FILE", help="JSON list of whatever else happened")
    parser.add_argument("--freeze-hours", type=float, default=0.0, metavar="H", help="keep what departs within H (0)")
    parser.add_argument(
        "--stability",
        type=float,
        default=STABILITY_FEN / 100,
        metavar="CNY",
        help="price of moving a consignment (300)",
    )
    parser.add_argument(
        "--most-moved",
        type=_count,
        metavar="N",
        help="offer nothing that moves more than N not hit (1 in 20, at least 5)",
    )
    parser.add_argument(
        "--unrestricted", action="store_true", help="search as long again as if moving cost nothing, to compare"
    )
    parser.add_argument("--seconds", type=seconds_given, default=5.0, metavar="N", help="time for the search (5)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the search's dice (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder for the options")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance, plan = read_instance(arguments.instance), read_plan(arguments.plan)
    if plan.instance != instance.id:
        raise RefusedError(f"{arguments.plan}: answers {plan.instance}, not {instance.id}")
    terms = Terms(
        seconds=arguments.seconds,
        freeze_s=round(arguments.freeze_hours * HOUR_S),
        stability_fen=round(arguments.stability * 100),
        most_moved=arguments.most_moved,
        unrestricted=arguments.unrestricted,
        seed=arguments.seed,
    )
    now_s, clock = _since_start(instance, arguments.now), SystemClock()
    begun_s = clock.monotonic_s()
    standing = Standing(instance, plan)
    asked_s = clock.monotonic_s()
    after = standing.after(_happened(arguments), now_s, freeze_s=terms.freeze_s, seed=terms.seed)
    told_s = clock.monotonic_s()
    sys.stdout.write("\n".join(_first(after)) + "\n")
    sys.stdout.write(
        f"first plan {(told_s - asked_s) * 1_000:.0f} ms after asking; network made in {asked_s - begun_s:.1f} s\n"
    )
    sys.stdout.flush()
    found = options(after, clock, terms)
    _write(arguments.out, found)
    sys.stdout.write("\n".join(_text(after, found)) + "\n")
    sys.stdout.write(f"{clock.monotonic_s() - begun_s:.1f} s in all\n")
    return 0


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("expected 0 or more")
    return count


def _since_start(instance: Instance, text: str) -> Seconds:
    try:
        seconds = (datetime.fromisoformat(text) - instance.start).total_seconds()
    except (ValueError, TypeError) as error:
        raise RefusedError(f"--now: {text!r} is no moment with its zone, such as 2026-06-10T08:00+08:00") from error
    if seconds < instance.now_s:
        raise RefusedError(f"--now: {text} is before the moment that {instance.id} is planned at")
    return round(seconds)


def _happened(arguments: argparse.Namespace) -> list[Disruption]:
    happened: list[Disruption] = [Cancelled(service=name) for name in arguments.cancel]
    try:
        happened += [Late(service=name, by_s=round(float(hours) * HOUR_S)) for name, hours in arguments.late]
    except ValueError as error:
        raise RefusedError(f"--late: {error}") from error
    if arguments.events:
        happened += _events(arguments.events)
    if not 0 < len(happened) <= EVENTS_LIMIT:
        raise RefusedError(f"{len(happened)} things happened, expected 1 to {EVENTS_LIMIT}: --cancel, --late, --events")
    return happened


def _events(path: Path) -> list[Disruption]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Disruption])
    except OSError as error:
        raise PlanningFileError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise MalformedError(f"{path}: {error}") from error


def _write(folder: Path, found: Replanned) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise PlanningFileError(f"{folder}: cannot be made: {error.strerror}") from error
    write(folder / "instance.json", found.instance)
    for option in found.options:
        write(folder / f"{option.name}.json", option.plan)


def _first(after: Aftermath) -> list[str]:
    lines = [f"{len(after.hit)} consignments are hit: {', '.join(after.hit) or 'none'}"]
    if after.released:
        names = ", ".join(sorted({lock.consignment or lock.service or "" for lock in after.released}))
        lines.append(f"locks that cannot hold any more, and are released: {names}")
    if after.stranded:
        lines.append(f"stranded, and planned as if they had not left: {', '.join(after.stranded)}")
    dearer = cny(after.plan.cost.total - after.before.cost.total)
    return [*lines, f"repair: only those hit move, {len(after.plan.unplanned)} stay, dearer by {dearer} CNY"]


def _text(after: Aftermath, found: Replanned) -> list[str]:
    """Return the options as a table, each against the plan before, the repaired one, and the unrestricted one."""
    free = found.unrestricted
    head = f"{'option':<12} {'dearer by CNY':>16} {'than repair':>14}"
    if free is not None:
        head += f" {'than unrestricted':>18}"
    lines = [f"{head} {'moved':>6} {'stay':>5}"]
    for option in (*found.options, *(() if free is None else (free,))):
        cost = option.plan.cost.total
        line = f"{option.name:<12} {cny(cost - after.before.cost.total):>16} {cny(cost - after.plan.cost.total):>14}"
        if free is not None:
            line += f" {cny(cost - free.plan.cost.total):>18}"
        lines.append(f"{line} {len(option.moved):>6} {len(option.plan.unplanned):>5}")
    return lines
