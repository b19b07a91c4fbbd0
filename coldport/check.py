"""`coldport check SITE`: every file of a site, before anything starts.

An entry of the group `coldport.checks` is a function from the site folder to the problems in the file it reads.
"""

import argparse
import json
import sys
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from coldport.settings import Problem, SiteFileError


def problems(folder: Path) -> list[Problem]:
    """Return what every installed package finds wrong with the site, in the order of file and line."""
    found: set[Problem] = set()
    for entry in entry_points(group="coldport.checks"):
        found.update(entry.load()(folder))
    return sorted(found)


def refuse_broken(folder: Path) -> None:
    """Raise SiteFileError with everything that is wrong; return when nothing is, or nothing worse than a warning."""
    found = [problem for problem in problems(folder) if not problem.warning]
    if found:
        raise SiteFileError(*found)


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport check`."""
    command = commands.add_parser("check", help="validate every file of a site", description=__doc__)
    command.add_argument("site", type=Path, metavar="SITE", help="folder with site.toml and the other files")
    command.add_argument("--json", action="store_true", help="print the problems as a JSON list")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = problems(arguments.site)
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(problem) for problem in found], ensure_ascii=False) + "\n")
    elif found:
        sys.stdout.write("".join(f"{problem}\n" for problem in found))
    else:
        files = sorted(path.name for path in arguments.site.glob("*.toml"))
        sys.stdout.write(f"{arguments.site}: nothing wrong in {', '.join(files)}\n")
    return 1 if any(not problem.warning for problem in found) else 0
