"""`coldport plan compare`: two plans of one instance side by side."""

import argparse
import sys
from pathlib import Path
from typing import Any

from routing.commands.money import cny, parts, quality
from routing.export import comparison_sheets
from routing.instance_file import read_instance, read_plan
from routing.workbook import write_workbook


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `compare` to `coldport plan`."""
    parser = verbs.add_parser(
        "compare",
        help="put two plans of an instance side by side",
        description="Prints the parts of the cost side by side; with --out also who goes another way, as Excel.",
    )
    parser.add_argument("instance", type=Path, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.add_argument("first", type=Path, metavar="A", help="a plan")
    parser.add_argument("second", type=Path, metavar="B", help="another plan")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the comparison as .xlsx")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    instance = read_instance(arguments.instance)
    first, second = read_plan(arguments.first), read_plan(arguments.second)
    sheets = comparison_sheets(instance, first, second)
    if arguments.out:
        write_workbook(arguments.out, sheets)
    one, other = dict(parts(first.cost)), dict(parts(second.cost))
    for name in dict.fromkeys([*one, *other]):
        sys.stdout.write(_line(name, one.get(name, 0), other.get(name, 0)))
    sys.stdout.write(_line("total", first.cost.total, second.cost.total))
    sys.stdout.write(f"A: {quality(first)}\nB: {quality(second)}\n")
    sys.stdout.write(f"{len(sheets['Changed']) - 1} consignments go another way\n")
    return 0


def _line(name: str, first: int, second: int) -> str:
    sign = "+" if second >= first else "-"
    return f"{name:<10} {cny(first):>18} {cny(second):>18}  {sign}{cny(abs(second - first))}\n"
