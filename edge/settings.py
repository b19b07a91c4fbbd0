"""Reads `edge.toml` and the profiles it names, and holds them against `site.toml`.

Every point is fed by one value, of its own quantity. The checks of each kind of line are in `edge.checks`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Quantity, Site, load_site
from edge.checks.checker import Checker
from edge.checks.modbus import modbus_problems
from edge.checks.reader import reader_problems
from edge.checks.scale import scale_problems
from edge.checks.stand_in import stand_in_problems
from edge.checks.vendor import uplink_problems
from edge.lines.gateway import EdgeSettings, Line, Profile
from edge.lines.modbus import ModbusRtuLine, ModbusTcpLine
from edge.lines.scale import ScaleLine
from edge.lines.vendor import UplinkLine
from edge.profiles import load_profile, profile_path

EDGE_FILE = "edge.toml"


@dataclass(frozen=True, slots=True)
class Wiring:
    """A gateway's settings, and the profiles they name, by name."""

    settings: EdgeSettings
    profiles: Mapping[str, Profile]


def load_edge(folder: Path, site: Site) -> Wiring:
    """Read `edge.toml` of a site folder, and the profiles it names.

    Raises:
        SiteFileError: One of them cannot be read, or they do not fit together or with the site. A point that nobody
            feeds is no error here: a site may have several gateways, and is brought up line by line.
    """
    file, wiring = _read(folder)
    problems = list(_problems(_checker(file, wiring, site), wiring.settings))
    if problems:
        raise SiteFileError(*problems)
    return wiring


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `edge.toml`, unfed points included; registered under `coldport.checks`.

    A site whose points are all recorded needs none.
    """
    try:
        site = load_site(folder)
    except SiteFileError:
        return []  # `coldport.site` reports its own file
    lines_wanted = {name for name, point in site.points().items() if not point.recorded}
    if not (folder / EDGE_FILE).exists() and not lines_wanted:
        return []
    try:
        file, wiring = _read(folder)
    except SiteFileError as error:
        return list(error.problems)
    checker = _checker(file, wiring, site)
    problems = list(_problems(checker, wiring.settings))
    unfed = [point for point in site.points() if point in lines_wanted - set(checker.fed)]
    return problems + [file.problem("$.lines", f"no line feeds the point {point!r}", warning=True) for point in unfed]


def _read(folder: Path) -> tuple[SiteFile, Wiring]:
    file = read(folder / EDGE_FILE)
    settings = file.convert(EdgeSettings)
    names = {name for line in settings.lines for name in profile_names(line)}
    paths = {name: path for name in sorted(names) if (path := profile_path(folder, name)) is not None}
    return file, Wiring(settings, {name: load_profile(path) for name, path in paths.items()})


def profile_names(line: Line) -> Iterator[str]:
    """Yield the profiles that a line names; one twice, if two devices are of it."""
    if isinstance(line, ModbusRtuLine | ModbusTcpLine | UplinkLine):
        yield from (device.profile for device in line.devices)
    else:
        yield line.profile


def _checker(file: SiteFile, wiring: Wiring, site: Site) -> Checker:
    return Checker(file, site.points(), wiring.profiles)


def _problems(checker: Checker, settings: EdgeSettings) -> Iterator[Problem]:
    """Yield every problem, in the order of the file; the checker then knows the points that have a source."""
    for index, line in enumerate(settings.lines):
        at = f"$.lines[{index}]"
        yield from checker.name(f"{at}.id", line.id)
        if isinstance(line, ModbusRtuLine | ModbusTcpLine):
            yield from modbus_problems(checker, at, line)
        elif isinstance(line, ScaleLine):
            yield from scale_problems(checker, at, line)
        elif isinstance(line, UplinkLine):
            yield from uplink_problems(checker, at, line)
        else:
            yield from reader_problems(checker, at, line)
    for key, point, quantity in (
        ("spool", settings.gateway_points.spool, Quantity.FILL),
        ("clock", settings.gateway_points.clock, Quantity.CLOCK_OFFSET),
    ):
        if point is not None:
            yield from checker.feed(f"$.gateway_points.{key}", point, quantity)
    if settings.stand_in is not None:
        yield from stand_in_problems(checker, settings.stand_in)
