"""`coldport sim corpus`: writes a corpus to a file."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from coldport.settings import read
from firmware_sim.corpus.gate import gate_lines
from firmware_sim.corpus.loads import LoadSettings, loads_lines
from firmware_sim.devices.dock.settings import Dock

COUNT_LIMIT = 1_000_000
"""A hundred times the corpus the project measures itself by; its file has some 15 GB."""


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `corpus` to `coldport sim`."""
    corpus = commands.add_parser(
        "corpus",
        help="write what readers and scales told, with the truth beside it",
        description="Writes a seeded corpus as JSON lines, to measure by whoever judges reads and weights. "
        "Same seed and settings, same bytes. What stands in it: docs/reference/corpus.md.",
    )
    corpus.add_argument("subject", choices=("gate", "loads"), help="episodes at a dock gate, or loads on scales")
    corpus.add_argument("--count", type=_count, default=10_000, help="how many episodes or loads (10000)")
    corpus.add_argument("--seed", type=int, default=1, help="another seed, another history (1)")
    corpus.add_argument(
        "--settings", type=Path, metavar="FILE", help="TOML with settings that differ from the defaults"
    )
    corpus.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    corpus.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the file; return the exit code."""
    with arguments.out.open("wb") as file:
        file.writelines(line + b"\n" for line in _lines(arguments))
    return 0


def _lines(arguments: argparse.Namespace) -> Iterator[bytes]:
    settings: Path | None = arguments.settings
    if arguments.subject == "gate":
        dock = Dock() if settings is None else read(settings).convert(Dock)
        return gate_lines(dock, arguments.seed, arguments.count)
    scales = LoadSettings() if settings is None else read(settings).convert(LoadSettings)
    return loads_lines(scales, arguments.seed, arguments.count)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= COUNT_LIMIT:
        raise argparse.ArgumentTypeError(f"a count is from 1 to {COUNT_LIMIT}")
    return count
