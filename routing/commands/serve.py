"""`coldport plan serve`: the planner as a service of a site."""

import argparse
from pathlib import Path
from typing import Any


def register(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add `serve` to `coldport plan`."""
    parser = verbs.add_parser(
        "serve",
        help="run the planner as a service until Ctrl-C",
        description="Takes jobs over HTTP, does them in processes of their own, keeps plans in DATA/planner. Jobs that "
        "run when it ends go on at the next start. How to use it: docs/how-to/run-the-planner-as-a-service.md.",
    )
    parser.add_argument("site", type=Path, metavar="SITE", help="folder with planner.toml")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="data folder of the site")
    parser.add_argument("--port", type=int, help="port on loopback (default: planner.toml)")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from routing.service import run  # noqa: PLC0415 - what speaks HTTP takes half a second to import

    run(arguments.site, arguments.data, arguments.port)
    return 0
