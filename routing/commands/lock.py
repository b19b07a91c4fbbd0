"""`coldport plan lock`: hold of a plan what a planner wants kept, or let it go again."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from coldport.errors import NotFoundError, RefusedError
from coldport.ids import Id
from routing.instance_check import problems
from routing.instance_file import read_instance, read_plan, write
from routing.locks import refuse_conflicts, told
from routing.model import Instance, Lock, Mode
from routing.result import Plan


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `lock` to `coldport plan`."""
    parser = verbs.add_parser(
        "lock",
        help="hold consignments, legs, bookings or modes as they are",
        description="Writes the instance with more locks, or fewer. Without any to add or remove it lists those there "
        "are. Locks that cannot hold together are named, and nothing is written.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("--plan", type=Path, metavar="PLAN", help="the plan that --consignment holds on to")
    parser.add_argument("--consignment", action="append", default=[], metavar="C", help="goes just as in PLAN")
    parser.add_argument("--leg", action="append", nargs=2, default=[], metavar=("C", "SERVICE"), help="C uses SERVICE")
    parser.add_argument(
        "--booking", action="append", nargs=3, default=[], metavar=("SERVICE", "OFFER", "N"), help="N units are booked"
    )
    parser.add_argument(
        "--mode", action="append", nargs=2, default=[], metavar=("C", "MODE"), help="C goes by such modes alone"
    )
    parser.add_argument(
        "--remove", action="append", default=[], metavar="NAME", help="locks of a consignment, or bookings of a service"
    )
    parser.add_argument("--out", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance = read_instance(arguments.instance)
    plan = read_plan(arguments.plan) if arguments.plan else None
    kept = tuple(_left(instance, arguments.remove))
    new = [*_as_planned(plan, arguments.consignment), *_asked(arguments)]
    locks = tuple(dict.fromkeys((*kept, *new)))
    locked = msgspec.structs.replace(instance, locks=locks)
    wrong = problems(locked)
    if wrong:
        raise RefusedError("\n".join(str(one) for one in wrong))
    refuse_conflicts(locked)
    if arguments.out:
        write(arguments.out, locked)
    elif locks != instance.locks:
        raise RefusedError("--out INSTANCE is missing: where to write the locks")
    sys.stdout.write("".join(f"{told(lock)}\n" for lock in locks) + f"{len(locks)} locks\n")
    return 0


def _left(instance: Instance, remove: list[Id]) -> Iterator[Lock]:
    """Yield the locks that stay.

    Raises:
        NotFoundError: Nothing is locked under a name.
    """
    for name in remove:
        if all(name not in (lock.consignment, lock.service) for lock in instance.locks):
            raise NotFoundError(f"--remove: nothing is locked for {name!r}")
    for lock in instance.locks:
        if (lock.consignment or lock.service) not in remove:
            yield lock


def _as_planned(plan: Plan | None, names: list[Id]) -> Iterator[Lock]:
    if names and plan is None:
        raise RefusedError("--consignment: --plan PLAN is missing: as in which plan")
    for name in names:
        ways = (
            {tuple(leg.service for leg in one.legs) for one in plan.routes if one.consignment == name} if plan else {}
        )
        if len(ways) != 1:
            said = "goes in parts: lock its legs" if ways else "has no route in the plan"
            raise RefusedError(f"--consignment: {name} {said}")
        yield Lock(consignment=name, path=next(iter(ways)))


def _asked(arguments: argparse.Namespace) -> Iterator[Lock]:
    for name, service in arguments.leg:
        yield Lock(consignment=name, use=service)
    for service, offer, units in arguments.booking:
        if not units.isdecimal() or int(units) == 0:
            raise RefusedError(f"--booking: {units!r} is no number of units")
        yield Lock(service=service, offer=offer, units=int(units))
    modes: dict[Id, list[Mode]] = {}
    for name, mode in arguments.mode:
        if mode not in list(Mode):
            raise RefusedError(f"--mode: {mode!r} is none of {', '.join(Mode)}")
        modes.setdefault(name, []).append(Mode(mode))
    for name, some in modes.items():
        yield Lock(consignment=name, modes=tuple(some))
