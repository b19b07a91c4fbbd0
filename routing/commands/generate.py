"""`coldport plan generate`: a seeded instance on a network, to try the planner with."""

import argparse
import sys
from pathlib import Path
from typing import Any

from coldport.errors import RefusedError
from routing.generate import CONSIGNMENT_LIMIT, generate
from routing.instance_file import write
from routing.network_folder import load_network


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `generate` to `coldport plan`."""
    parser = verbs.add_parser(
        "generate",
        help="make an instance with seeded demand on a network",
        description="The same network, number and seed make the same instance, byte for byte.",
    )
    parser.add_argument("--network", type=Path, default=Path("config/networks/xiangtan"), help="network folder")
    parser.add_argument("--consignments", type=int, required=True, metavar="N", help=f"at most {CONSIGNMENT_LIMIT}")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another demand for another number (1)")
    parser.add_argument("--out", type=Path, required=True, metavar="INSTANCE", help="file, .json or .json.gz")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    network = load_network(arguments.network)
    try:
        instance = generate(network, arguments.consignments, arguments.seed)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    write(arguments.out, instance)
    count = len(instance.consignments)
    sys.stdout.write(f"{arguments.out}: {count} consignments, {len(instance.services)} dated services\n")
    return 0
