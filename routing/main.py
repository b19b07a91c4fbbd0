"""`coldport plan`: the planner on the command line."""

import argparse

from routing.commands import check, compare, explain, generate, lists, load, lock, pareto, replan, roads, serve, solve


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `plan` to the command line."""
    plan = subparsers.add_parser(
        "plan",
        help="book consignments onto flights, trains, trucks and ships",
        description="Plans consignments on a timetable. Start here: docs/how-to/plan-consignments.md.",
    )
    verbs = plan.add_subparsers(required=True, metavar="COMMAND")
    for command in (generate, solve, check, explain, lock, replan, pareto, compare, lists, load, roads, serve):
        command.register(verbs)
