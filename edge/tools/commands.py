"""The verbs of `coldport edge` for whoever stands at a line: read, listen, scan, zero, tare."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from coldport.clock import Clock, SystemClock
from coldport.site import Site, load_site
from edge.lines.scale import Key
from edge.ports import Links
from edge.settings import load_edge
from edge.tools.keys import press
from edge.tools.listen import listen
from edge.tools.read import read
from edge.tools.scan import TIMEOUT_S, scan
from edge.tools.units import allowed, ranges
from edge.tools.visit import Grounds

MakeLinks = Callable[[Site, str, Path, Clock], Links]
"""Makes the links of a visit: of a site, its gateway, its data folder."""

HIGHEST_UNIT = 247
"""Of a serial line (serial line V1.02, 2.2)."""


def register_tools(verbs: "argparse._SubParsersAction[Any]", make_links: MakeLinks) -> None:
    """Add the verbs to `coldport edge`."""

    def add(
        name: str, what: str, text: str, run: Callable[[Grounds, argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=text)
        parser.add_argument("site", type=Path, metavar="SITE", help="site folder, such as config/sites/xiangtan")
        parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: var/<site id>)")
        parser.set_defaults(run=lambda arguments: run(_grounds(arguments, make_links), arguments))
        return parser

    one = add(
        "read",
        "read one point straight from its device",
        "Reads one fresh value straight from its device, with the frames and how it was made. No agent may hold the "
        "line. Exit code: 0, 1 when the value is bad.",
        read,
    )
    one.add_argument("point", metavar="POINT", help="the point, such as f1-1-temperature")
    one.add_argument("--within", type=_seconds, default=10.0, metavar="S", help="give up after so long; default 10")
    one.add_argument("--json", action="store_true", help="print it as JSON")
    ear = add(
        "listen",
        "show the frames of a line or device with their meaning",
        "Reads a line as the agent would and shows every frame, both ways, with what it means and what becomes of it.",
        listen,
    )
    ear.add_argument("name", metavar="DEVICE|LINE", help="a line, or a device on it")
    ear.add_argument("--seconds", type=_seconds, default=10.0, metavar="N", help="for how long; default 10")
    ear.add_argument("--json", action="store_true", help="a JSON object a line")
    search = add(
        "scan",
        "find the units of a Modbus line",
        "Asks every unit of a Modbus line and says which device types fit those that answer. It only reads "
        "(functions 1 to 4). It may disturb a device that is being set up. Exit code: 0, 1 when no unit answers.",
        scan,
    )
    search.add_argument("name", metavar="LINE", help="a Modbus line of edge.toml")
    search.add_argument(
        "--units", type=_units, default="1-247", metavar="RANGES", help="such as 1-20,31; default 1-247"
    )
    search.add_argument(
        "--timeout", type=_seconds, default=TIMEOUT_S, metavar="S", help="for each; default %(default)s"
    )
    search.add_argument("--json", action="store_true", help="print it as JSON")
    for key in (Key.ZERO, Key.TARE):
        button = add(
            key.value,
            f"press the {key} key of a scale",
            f"Presses the {key} key of a scale and looks whether the scale shows it. Exit code: 0 done, 3 refused, "
            "4 not verified.",
            partial(press, key=key),
        )
        button.add_argument("name", metavar="LINE", help="the line of the scale")
        button.add_argument("--by", required=True, metavar="NAME", help="who presses it")


def _grounds(arguments: argparse.Namespace, make_links: MakeLinks) -> Grounds:
    site = load_site(arguments.site)
    wiring = load_edge(arguments.site, site)
    clock = SystemClock()
    data = (arguments.data or Path("var") / site.id).absolute()
    links = make_links(site, wiring.settings.gateway, data, clock)
    return Grounds(site=site, wiring=wiring, links=links, clock=clock)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _units(text: str) -> list[int]:
    try:
        return allowed(ranges(text), HIGHEST_UNIT)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 1-20,31 with units 1 to {HIGHEST_UNIT}") from error
