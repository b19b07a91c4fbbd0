"""Reads `edge.toml` and holds it against `site.toml`: every point is fed by one value, of its own quantity."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coldport.ids import PointId
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Point, Quantity, Site, load_site
from edge.lines import (
    SPOOL,
    EdgeSettings,
    LlrpLine,
    ModbusDevice,
    ModbusLine,
    ModbusRtuLine,
    ModbusTcpLine,
    RegisterValue,
)
from edge.protocols.modbus import BIT_LIMIT, REGISTER_LIMIT
from edge.protocols.modbus_rtu import UNITS

EDGE_FILE = "edge.toml"


def load_edge(folder: Path, site: Site) -> EdgeSettings:
    """Read `edge.toml` of a site folder.

    Raises:
        SiteFileError: It cannot be read, or does not fit together or with the site. A point that nobody feeds is no
            error here: a site may have several gateways, and is brought up line by line.
    """
    file, settings = _read(folder)
    problems = list(_Checker(file, settings, site.points()).problems())
    if problems:
        raise SiteFileError(*problems)
    return settings


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
        file, settings = _read(folder)
    except SiteFileError as error:
        return list(error.problems)
    checker = _Checker(file, settings, site.points())
    problems = list(checker.problems())
    unfed = [point for point in site.points() if point in lines_wanted - set(checker.fed)]
    return problems + [file.problem("$.lines", f"no line feeds the point {point!r}", warning=True) for point in unfed]


def _read(folder: Path) -> tuple[SiteFile, EdgeSettings]:
    file = read(folder / EDGE_FILE)
    return file, file.convert(EdgeSettings)


@dataclass
class _Checker:
    file: SiteFile
    settings: EdgeSettings
    points: dict[PointId, Point]
    fed: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=lambda: {SPOOL})

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in the order of the file; `fed` then holds the points that have a source."""
        for name, profile in self.settings.profiles.items():
            if not profile.values or (profile.registers and profile.inputs):
                wanted = "inputs" if profile.function.function.reads_bits else "registers"
                yield self._problem(f"$.profiles.{name}", f"a profile read by {profile.function} has {wanted} only")
        for index, line in enumerate(self.settings.lines):
            at = f"$.lines[{index}]"
            yield from self._name(f"{at}.id", line.id)
            if not isinstance(line, ModbusTcpLine | LlrpLine) and (line.serial is None) == (line.tcp is None):
                yield self._problem(at, f"line {line.id!r} needs either `serial` or `tcp`")
            if isinstance(line, ModbusRtuLine | ModbusTcpLine):
                yield from self._devices(at, line)
            else:
                quantity = Quantity.TAGS if isinstance(line, LlrpLine) else Quantity.MASS
                yield from self._feed(f"{at}.point", line.point, quantity)

    def _devices(self, at: str, line: ModbusLine) -> Iterator[Problem]:
        units: set[int] = set()
        for index, device in enumerate(line.devices):
            here = f"{at}.devices[{index}]"
            yield from self._name(f"{here}.id", device.id)
            if device.unit in units:
                yield self._problem(f"{here}.unit", f"unit {device.unit} is on the line twice")
            if isinstance(line, ModbusRtuLine) and device.unit not in UNITS:
                yield self._problem(f"{here}.unit", f"a unit on a serial line is 1 to 247, not {device.unit}")
            units.add(device.unit)
            yield from self._values(here, device)

    def _values(self, at: str, device: ModbusDevice) -> Iterator[Problem]:
        profile = self.settings.profiles.get(device.profile)
        if profile is None:
            yield self._problem(f"{at}.profile", f"there is no profile {device.profile!r}")
            return
        for name, point in device.points.items():
            value = profile.values.get(name)
            if value is None:
                known = ", ".join(profile.values)
                yield self._problem(f"{at}.points.{name}", f"profile {device.profile!r} has no {name!r}, only: {known}")
            else:
                yield from self._feed(f"{at}.points.{name}", point, value.quantity)
        wanted = [profile.values[name] for name in device.points if name in profile.values]
        limit = BIT_LIMIT if profile.function.function.reads_bits else REGISTER_LIMIT
        ends = [v.address + (v.type.registers if isinstance(v, RegisterValue) else 1) for v in wanted]
        if wanted and not max(ends) - min(v.address for v in wanted) <= limit:
            yield self._problem(f"{at}.points", f"the values lie more than {limit} apart: give them to two devices")

    def _feed(self, at: str, point: str, quantity: Quantity) -> Iterator[Problem]:
        known = self.points.get(PointId(point))
        if known is None:
            yield self._problem(at, f"site.toml has no point {point!r}")
        elif known.quantity is not quantity:
            yield self._problem(at, f"{point!r} is a point of {known.quantity}, this value is {quantity}")
        if point in self.fed:
            yield self._problem(at, f"{point!r} is fed twice")
        self.fed.add(point)

    def _name(self, at: str, name: str) -> Iterator[Problem]:
        if name in self.names:
            yield self._problem(at, f"{name!r} is taken: lines, devices and the spool share one set of names")
        self.names.add(name)

    def _problem(self, path: str, message: str) -> Problem:
        return self.file.problem(path, message)
