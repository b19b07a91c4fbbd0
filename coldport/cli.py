"""The `coldport` command. Each package adds its subcommands by entry point: processes still meet only in the contract.

An entry of the group `coldport.commands` has the name of its command: a function that takes the subparsers and adds its
own; each parser sets `run`, a function of the parsed arguments that returns an exit code: 0 done, 1 found something
wrong, 2 could not start. Only the command that is called is loaded: solvers and databases take seconds to import.
"""

import argparse
import signal
import sys
from importlib.metadata import entry_points
from typing import NoReturn

from coldport.errors import ColdportError

COULD_NOT_START = 2
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line and says how to get help."""

    def error(self, message: str) -> NoReturn:
        """Print one line and end with exit code 2."""
        sys.stderr.write(f"coldport: {message} (see: {self.prog} --help)\n")
        sys.exit(COULD_NOT_START)


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Build the parser with the subcommand of this name, or with all that are installed, in alphabetical order."""
    root = Parser(
        prog="coldport",
        description="Cold-chain warehouse and inspection centre: run a site, check it, look into it.",
        epilog="Start here: coldport up config/sites/xiangtan",
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    installed = sorted(entry_points(group="coldport.commands"), key=lambda entry: entry.name)
    for entry in [entry for entry in installed if entry.name == command] or installed:
        entry.load()(commands)
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    parsed = parser(words[0] if words else None).parse_args(words)
    # A child of `coldport up` is ended by SIGTERM; it unwinds as Ctrl-C does, so that files and lines are closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except ColdportError as error:
        sys.stderr.write("".join(f"coldport: {line}\n" for line in str(error).splitlines()))
        return COULD_NOT_START
