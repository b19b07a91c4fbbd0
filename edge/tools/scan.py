"""`coldport edge scan`: which units a Modbus line has, and what they could be. It never writes."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from coldport.errors import RefusedError, UnavailableError
from edge.lines.modbus import ModbusLine, ModbusProfile
from edge.ports import LinkDownError, Master
from edge.profiles import CATALOGUE, load_profile
from edge.sources.modbus import master_of
from edge.tools.units import Fit, UnitReader, answers
from edge.tools.visit import AWAY, Grounds

WARNING = """\
A scan talks to addresses that may belong to devices nobody wrote down. It only reads (functions 1 to 4), but a device
that was being set up, or a second master on the line, can be disturbed. The agent must not read this line meanwhile.
"""

TIMEOUT_S = 0.1
"""For each question, beside the time of its bytes: transmitters answer within 50 ms; `--timeout` for slow ones."""


def scan(grounds: Grounds, arguments: argparse.Namespace) -> int:
    """Print the units that answer and the device types that fit them; return 0, or 1 when no unit answers.

    Raises:
        NotFoundError: There is no such line.
        RefusedError: It is no Modbus line, or another program holds it.
        UnavailableError: The line is not there.
    """
    line = msgspec.structs.replace(grounds.modbus_line(arguments.name), timeout_s=arguments.timeout)
    sys.stderr.write(WARNING)
    master = master_of(line, grounds.around(lambda _event: None))
    try:
        found = asyncio.run(_scan(master, arguments.units, catalogue(arguments.site)))
    except LinkDownError as error:
        if error.reason == "occupied":
            raise RefusedError(f"{line.id}: {AWAY}") from error
        raise UnavailableError(f"{line.id}: {error}") from error
    if arguments.json:
        units = [{"unit": unit, "fits": [_plain(fit) for fit in fits]} for unit, fits in found.items()]
        sys.stdout.write(json.dumps({"line": line.id, "units": units}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{text}\n" for text in _lines(line, found, len(arguments.units))))
    return 0 if found else 1


def catalogue(folder: Path) -> dict[str, ModbusProfile]:
    """Return the Modbus device types of the site and of the catalogue, by name; the site's own win."""
    files = [*sorted(CATALOGUE.glob("*.toml")), *sorted((folder / "profiles").glob("*.toml"))]
    profiles = {file.stem: load_profile(file) for file in files}
    return {name: profile for name, profile in profiles.items() if isinstance(profile, ModbusProfile)}


async def _scan(master: Master, units: list[int], profiles: Mapping[str, ModbusProfile]) -> dict[int, list[Fit]]:
    from rich.console import Console  # noqa: PLC0415 - an agent has this module too, and never scans

    await master.open()
    try:
        found: list[int] = []
        with Console(stderr=True).status("") as status:
            for unit in units:
                status.update(f"unit {unit} of {units[-1]}, {len(found)} answer")
                if await answers(master, unit):
                    found.append(unit)
        return {unit: await UnitReader(master, unit).fits(profiles) for unit in found}
    finally:
        await master.close()


def _plain(fit: Fit) -> dict[str, object]:
    return {"profile": fit.profile, "title": fit.title, "values": dict(fit.values)}


def _lines(line: ModbusLine, found: Mapping[int, list[Fit]], asked: int) -> Iterator[str]:
    known = {device.unit: device for device in line.devices}
    yield f"{len(found)} of {asked} units answer on {line.id}"
    for unit, fits in found.items():
        device = known.get(unit)
        yield f"unit {unit}: " + (f"{device.id}, {device.profile} in edge.toml" if device else "not in edge.toml")
        for fit in fits:
            values = ", ".join(f"{name} {value:g}" for name, value in fit.values.items())
            yield f"    could be {fit.profile} ({fit.title}): {values}"
        if not fits:
            yield "    no device type of the catalogue fits: write one (docs/how-to/add-a-device.md)"
    missing = [device for device in line.devices if device.unit not in found]
    yield from (f"unit {device.unit}: {device.id} of edge.toml did not answer, or was not asked" for device in missing)
