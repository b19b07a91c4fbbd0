"""`coldport plan check`: what the judge says of a plan, whoever made it."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from routing.commands.money import cny
from routing.instance_file import read_instance, read_plan
from routing.locks import conflicts
from routing.validate import check


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `check` to `coldport plan`."""
    parser = verbs.add_parser(
        "check",
        help="hold a plan against every rule and price it anew",
        description="Exit code 0 when the plan keeps every rule and costs what it says, 1 when it does not.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("--json", action="store_true", help="print the violations as a JSON list")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance, plan = read_instance(arguments.instance), read_plan(arguments.plan)
    found = check(instance, plan)
    if arguments.json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(found)) + "\n")
    elif found:
        sys.stdout.write("".join(f"{one.rule}: {one.subject}: {one.text}\n" for one in found))
        sys.stdout.write("".join(f"locks cannot hold: {one}\n" for one in conflicts(instance)))
    else:
        sys.stdout.write(f"{arguments.plan}: keeps every rule, {cny(plan.cost.total)} CNY\n")
    return 1 if found else 0
