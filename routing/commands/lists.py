"""`coldport plan lists`: a plan as Excel: the whole of it, and what to book with each carrier."""

import argparse
import sys
from pathlib import Path
from typing import Any

from routing.export import booking_lists, plan_sheets
from routing.instance_file import read_instance, read_plan
from routing.workbook import write_workbook


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `lists` to `coldport plan`."""
    parser = verbs.add_parser(
        "lists",
        help="write a plan and its booking lists as Excel",
        description="Sheets for cost, routes, what stays and what is booked, and one for each carrier.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("plan", type=Path, metavar="PLAN", help="file, .json or .json.gz")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file, .xlsx")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance, plan = read_instance(arguments.instance), read_plan(arguments.plan)
    carriers = booking_lists(instance, plan)
    write_workbook(arguments.out, plan_sheets(instance, plan) | carriers)
    sys.stdout.write(f"{arguments.out}: {len(carriers)} carriers, {len(plan.bookings)} bookings\n")
    return 0
