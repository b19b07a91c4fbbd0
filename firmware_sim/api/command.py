"""`coldport sim fault`: breaks and repairs devices of a simulation that runs, over its own HTTP."""

import argparse
import http.client
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coldport.errors import RefusedError, UnavailableError
from firmware_sim.api.routes import ROOT
from firmware_sim.api.server import HOST
from firmware_sim.faults import FaultKind
from firmware_sim.scenario import SIMULATION_FILE, load_scenario

TIMEOUT_S = 5.0


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `fault` to `coldport sim`."""
    fault = commands.add_parser(
        "fault",
        help="break a simulated device while it runs, or repair it",
        description="Breaks something in the simulation that runs from SITE. Without a TARGET it lists what can be "
        "broken, and what is broken now.",
    )
    fault.add_argument("target", metavar="TARGET", nargs="?", help="a device or a line, as cold-a")
    fault.add_argument(
        "kind", metavar="KIND", nargs="?", choices=[str(kind) for kind in FaultKind], help="what to break"
    )
    fault.add_argument("--site", type=Path, required=True, help="site folder, as config/sites/xiangtan")
    fault.add_argument("--unit", type=int, help="one unit on the line, or one antenna; all of them without")
    fault.add_argument("--for", dest="for_s", type=float, metavar="S", help="repair it after so many seconds")
    fault.add_argument(
        "--with",
        dest="parameters",
        metavar="NAME=VALUE",
        type=_parameter,
        action="append",
        default=[],
        help="a parameter of the fault, as code=6; may be given again",
    )
    fault.add_argument("--off", action="store_true", help="repair it")
    fault.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the simulation; return the exit code."""
    api = load_scenario(arguments.site).api
    if api is None:
        raise RefusedError(f"{arguments.site / SIMULATION_FILE} has no [api] with a port")
    if arguments.target is None:
        _list(_asked(api.port, "GET", "targets")["targets"])
        return 0
    if arguments.kind is None:
        _list([_asked(api.port, "GET", f"targets/{quote(arguments.target)}")])
        return 0
    unit = "" if arguments.unit is None else f"/units/{arguments.unit}"
    path = f"targets/{quote(arguments.target)}{unit}/faults/{arguments.kind}"
    if arguments.off:
        _asked(api.port, "DELETE", path)
        return 0
    lasting = {} if arguments.for_s is None else {"for_s": arguments.for_s}
    sys.stdout.write(f"{json.dumps(_asked(api.port, 'PUT', path, {**dict(arguments.parameters), **lasting}))}\n")
    return 0


def _asked(port: int, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
    try:
        connection.request(method, f"{ROOT}/{path}", None if body is None else json.dumps(body))
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(f"no simulation answers at {HOST}:{port}; is it running? ({error})") from error
    finally:
        connection.close()
    told: dict[str, Any] = json.loads(content) if content else {}
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise RefusedError(told.get("detail", response.reason))
    return told


def _list(targets: list[dict[str, Any]]) -> None:
    for one in targets:
        broken = ", ".join(_shown(fault) for fault in one["broken"])
        sys.stdout.write(f"{one['target']}{f'  BROKEN: {broken}' if broken else ''}\n")
        sys.stdout.write(f"    {' '.join(one['possible'])}\n")
        if one["units"]:
            sys.stdout.write(f"    units {' '.join(map(str, one['units']))}\n")


def _shown(fault: Mapping[str, Any]) -> str:
    details = " ".join(f"{name}={value}" for name, value in fault.items() if name not in ("kind", "target"))
    return f"{fault['kind']} ({details})" if details else str(fault["kind"])


def _parameter(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    try:
        number = float(value) if separator else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE with a number")
    return name, int(number) if number.is_integer() else number
