"""`coldport doctor`: is this machine fit for a site, and what to do where it is not.

An entry of the group `coldport.diagnoses` is a function from the site folder and the data folder to findings, so each
package looks after its own surroundings (serial ports, databases).
"""

import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from coldport import broker
from coldport.clock import SystemClock
from coldport.errors import RefusedError
from coldport.site import Site, load_site

LEAST_FREE_BYTES = 2 * 1024**3
"""A month of readings of the example site is about 0.3 GB in the journal; 2 GB leaves room to notice and act."""

EARLIEST_YEAR = 2025
"""A clock before this was never set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `todo` says what to do about a warning or a fault."""

    subject: str
    state: Literal["ok", "warning", "fault"]
    said: str
    todo: str = ""


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add `coldport doctor`."""
    command = commands.add_parser("doctor", help="is this machine fit for a site?", description=__doc__)
    command.add_argument("site", type=Path, metavar="SITE", nargs="?", help="also look at what this site needs")
    command.add_argument("--data", type=Path, metavar="DIR", help="its data folder (default: var/<site id>)")
    command.add_argument("--json", action="store_true", help="print the findings as a JSON list")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    site = load_site(arguments.site) if arguments.site else None
    data = arguments.data or Path("var") / (site.id if site else "site")
    findings = [*_machine(data), *_bus(site)]
    if arguments.site:
        for entry in sorted(entry_points(group="coldport.diagnoses"), key=lambda entry: entry.name):
            findings += entry.load()(arguments.site, data)
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False) + "\n")
    else:
        Console().print(_table(findings))
    return 1 if any(finding.state == "fault" for finding in findings) else 0


def _table(findings: Iterable[Finding]) -> Table:
    table = Table("what", "state", "found", "what to do")
    colours = {"ok": "", "warning": "yellow", "fault": "bold red"}
    for finding in findings:
        table.add_row(finding.subject, finding.state, finding.said, finding.todo, style=colours[finding.state])
    return table


def _machine(data: Path) -> Iterable[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(subject="Python", state="ok", said=f"{version} at {sys.executable}")
    there = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    enough = free >= LEAST_FREE_BYTES
    yield Finding(
        subject="disk",
        state="ok" if enough else "warning",
        said=f"{free / 1024**3:.1f} GB free at {there}",
        todo="" if enough else "free some space, or give another folder with --data",
    )
    yield _clock()
    yield _fonts()


def _clock() -> Finding:
    now = SystemClock().now()
    if now.year < EARLIEST_YEAR:
        return Finding(subject="clock", state="fault", said=f"it shows {now:%Y-%m-%d %H:%M} UTC", todo="set the clock")
    synchronised = _output("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if synchronised == "no":
        todo = "start a time service (systemd-timesyncd, chrony)"
        return Finding(
            subject="clock", state="warning", said=f"{now:%Y-%m-%d %H:%M:%S} UTC, not disciplined", todo=todo
        )
    said = "disciplined by a time service" if synchronised == "yes" else "whether it is disciplined is unknown here"
    return Finding(subject="clock", state="ok", said=f"{now:%Y-%m-%d %H:%M:%S} UTC, {said}")


def _fonts() -> Finding:
    fonts = _output("fc-list", ":lang=zh", "family")
    if fonts is None:
        return Finding(
            subject="fonts", state="ok", said="fontconfig is not here; only a screen on this machine needs it"
        )
    if not fonts:
        todo = "install a Chinese font, for example fonts-noto-cjk, on every machine with a screen"
        return Finding(subject="fonts", state="warning", said="no Chinese font", todo=todo)
    return Finding(subject="fonts", state="ok", said=fonts.splitlines()[0])


def _bus(site: Site | None) -> Iterable[Finding]:
    try:
        yield Finding(subject="broker program", state="ok", said=str(broker.executable()))
    except RefusedError as error:
        yield Finding(subject="broker program", state="fault", said="not found", todo=str(error))
    if site is None:
        return
    address = f"{site.broker.host}:{site.broker.port}"
    with socket.socket() as probe:
        probe.settimeout(1.0)
        answers = probe.connect_ex((site.broker.host, site.broker.port)) == 0
    if answers or site.broker.embedded:
        said = "answers" if answers else "free: `coldport up` will start the broker there"
        yield Finding(subject="broker", state="ok", said=f"{address} {said}")
    else:
        yield Finding(subject="broker", state="fault", said=f"{address} does not answer", todo="start the broker")


def _output(*command: str) -> str | None:
    """Return what a program of the machine prints, or None where there is no such program or it fails."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - fixed names
        return done.stdout.strip()
    return None
