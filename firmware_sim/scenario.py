"""`simulation.toml`: which devices stand on the floor of a site, what the rooms are like, and what happens when.

`docs/reference/site-files.md` is made from these structures.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, PointId
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Site, load_site
from firmware_sim.devices.conveyor import Belt
from firmware_sim.devices.probe import ProbeKind
from firmware_sim.devices.rfid_gate import Antennas
from firmware_sim.devices.room import RoomKind
from firmware_sim.devices.scale import Platform
from firmware_sim.faults import Fault, FaultKind
from firmware_sim.physics.weather import Weather
from firmware_sim.servers.profiles import Model

SIMULATION_FILE = "simulation.toml"
HAPPENING_LIMIT = 1000
DECIMALS_LIMIT = 5
"""The Toledo frame has no code for more decimals."""

Baud = Annotated[int, Meta(ge=1200, le=115_200)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
UnitNumber = Annotated[int, Meta(ge=1, le=247)]


class ProbePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probe: its room, where it hangs in it, and its unit number on the line. `id` is its label, as `c1-1`."""

    id: Id
    room: Id
    unit: UnitNumber
    offset_c: Annotated[float, Meta(ge=-5, le=5)] = 0.0


class ProbeLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A serial line with transmitters of one model."""

    id: Id
    model: Model
    baud: Annotated[int, Meta(ge=2400, le=9600)]
    probes: Annotated[tuple[ProbePlace, ...], Meta(min_length=1, max_length=247)]


class ContactModule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Modbus TCP module; its discrete inputs, from 0, are wired to these doors."""

    id: Id
    port: Port
    doors: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=64)]
    host: str = "127.0.0.1"
    unit: UnitNumber = 1


class RoomPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room: its zone, its kind, its door's point (or none), and when its coil is defrosted first."""

    zone: Id
    kind: Id
    first_defrost_s: Annotated[float, Meta(ge=0)]
    door: Id | None = None


class Dialect(StrEnum):
    """What a scale speaks."""

    MT_SICS = "mt-sics"
    TOLEDO_CONTINUOUS = "toledo-continuous"


class ScalePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scale of a lane, on a serial line of its own that has the scale's name."""

    id: Id
    dialect: Dialect
    platform: Platform
    baud: Baud = 9600


class GatePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gate of a lane: an LLRP reader."""

    id: Id
    port: Port
    antennas: Antennas
    host: str = "127.0.0.1"


class Lane(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A belt with a gate and a scale."""

    id: Id
    belt: Belt
    scale: ScalePlace
    gate: GatePlace


class Happening(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens `at_s` after the start, for `for_s`, and again `every_s` if that is given.

    Either a `door` opens, or a `fault` begins; both end by themselves.
    """

    at_s: Annotated[float, Meta(ge=0)]
    for_s: Annotated[float, Meta(gt=0)]
    every_s: Annotated[float, Meta(gt=0)] | None = None
    door: Id | None = None
    fault: Fault | None = None


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A simulated floor as `simulation.toml` says it."""

    weather: Weather
    room_kinds: dict[str, RoomKind]
    rooms: tuple[RoomPlace, ...] = ()
    probe: ProbeKind = ProbeKind()
    probe_lines: tuple[ProbeLine, ...] = ()
    contact_modules: tuple[ContactModule, ...] = ()
    lanes: tuple[Lane, ...] = ()
    timeline: Annotated[tuple[Happening, ...], Meta(max_length=HAPPENING_LIMIT)] = ()
    seed: int = 1

    def doors(self) -> list[str]:
        """Return the doors of all rooms, in the order of the file."""
        return [room.door for room in self.rooms if room.door is not None]


_SERIAL = frozenset({FaultKind.SPLIT, FaultKind.UNPLUGGED})
_MODBUS = frozenset({FaultKind.SILENCE, FaultKind.STUCK, FaultKind.EXCEPTION, FaultKind.SPLIT})
_SCALE = _SERIAL | {FaultKind.SILENCE, FaultKind.OVERLOAD, FaultKind.MOTION}


def possible_faults(scenario: Scenario) -> dict[str, frozenset[FaultKind]]:
    """Return what can be broken, and how."""
    possible = {line.id: _SERIAL | _MODBUS | {FaultKind.CRC, FaultKind.SENTINEL} for line in scenario.probe_lines}
    possible |= {module.id: _MODBUS for module in scenario.contact_modules}
    for lane in scenario.lanes:
        has_checksum = lane.scale.dialect is Dialect.TOLEDO_CONTINUOUS
        possible[lane.scale.id] = _SCALE | {FaultKind.CRC} if has_checksum else _SCALE
        possible[lane.gate.id] = frozenset({FaultKind.SILENCE, FaultKind.SPLIT, FaultKind.UNKNOWN_MESSAGE})
    return possible


def load_scenario(folder: Path) -> Scenario:
    """Read `simulation.toml` of a site folder, and hold it against `site.toml`.

    Raises:
        SiteFileError: One of them cannot be read, or they do not fit together; it carries every problem found.
    """
    file = read(folder / SIMULATION_FILE)
    scenario = file.convert(Scenario)
    problems = [*_misfits(file, scenario, load_site(folder)), *_impossible(file, scenario)]
    if problems:
        raise SiteFileError(*problems)
    return scenario


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `simulation.toml`. A site without one has no simulated devices, which is no problem."""
    if not (folder / SIMULATION_FILE).exists():
        return []
    try:
        load_scenario(folder)
    except SiteFileError as error:
        return list(error.problems)
    return []


def _misfits(file: SiteFile, scenario: Scenario, site: Site) -> Iterator[Problem]:
    """Find names that the site, or the rest of the file, does not know, and names that are there twice."""
    yield from _room_misfits(file, scenario, site)
    for n, line in enumerate(scenario.probe_lines):
        yield from _probe_misfits(file, n, line, {room.zone for room in scenario.rooms})
    for m, module in enumerate(scenario.contact_modules):
        for d, door in enumerate(module.doors):
            if door not in scenario.doors():
                yield file.problem(f"$.contact_modules[{m}].doors[{d}]", f"no room has the door {door!r}")
    for index, lane in enumerate(scenario.lanes):
        yield from _lane_misfits(file, index, lane)
    yield from _repeats(file, scenario)


def _lane_misfits(file: SiteFile, index: int, lane: Lane) -> Iterator[Problem]:
    """Find what no belt, tag or scale can be."""
    path, belt, platform = f"$.lanes[{index}]", lane.belt, lane.scale.platform
    if len(belt.company) + len(belt.item) != 13:
        yield file.problem(f"{path}.belt.item", "company prefix and item reference have 13 digits together")
    if belt.lightest_kg > belt.heaviest_kg:
        yield file.problem(f"{path}.belt.lightest_kg", "the lightest parcel is heavier than the heaviest")
    if platform.decimals > DECIMALS_LIMIT or platform.division_digit not in (1, 2, 5):
        yield file.problem(
            f"{path}.scale.platform.division_kg", "a division is 1, 2 or 5 in some place from 0.00001 kg"
        )


def _repeats(file: SiteFile, scenario: Scenario) -> Iterator[Problem]:
    """Find two devices of one name (world and faults know them by it), and two on one port."""
    named = [
        *((f"$.rooms[{r}].zone", room.zone) for r, room in enumerate(scenario.rooms)),
        *((f"$.rooms[{r}].door", room.door) for r, room in enumerate(scenario.rooms) if room.door is not None),
        *((f"$.probe_lines[{n}].id", line.id) for n, line in enumerate(scenario.probe_lines)),
        *(
            (f"$.probe_lines[{n}].probes[{p}].id", probe.id)
            for n, line in enumerate(scenario.probe_lines)
            for p, probe in enumerate(line.probes)
        ),
        *((f"$.contact_modules[{m}].id", module.id) for m, module in enumerate(scenario.contact_modules)),
        *((f"$.lanes[{index}].scale.id", lane.scale.id) for index, lane in enumerate(scenario.lanes)),
        *((f"$.lanes[{index}].gate.id", lane.gate.id) for index, lane in enumerate(scenario.lanes)),
        *((f"$.lanes[{index}].id", lane.id) for index, lane in enumerate(scenario.lanes)),
        *((f"$.contact_modules[{m}].port", f"port {known.port}") for m, known in enumerate(scenario.contact_modules)),
        *((f"$.lanes[{index}].gate.port", f"port {lane.gate.port}") for index, lane in enumerate(scenario.lanes)),
    ]
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield file.problem(path, f"{name!r} is named twice")
        seen.add(name)


def _room_misfits(file: SiteFile, scenario: Scenario, site: Site) -> Iterator[Problem]:
    zones, points = {zone.id for zone in site.zones}, site.points()
    for r, room in enumerate(scenario.rooms):
        if room.zone not in zones:
            yield file.problem(f"$.rooms[{r}].zone", f"the site has no zone {room.zone!r}")
        if room.kind not in scenario.room_kinds:
            yield file.problem(f"$.rooms[{r}].kind", f"no room_kinds.{room.kind} in this file")
        if room.door is not None and PointId(room.door) not in points:
            yield file.problem(f"$.rooms[{r}].door", f"the site has no point {room.door!r}")


def _probe_misfits(file: SiteFile, n: int, line: ProbeLine, rooms: set[str]) -> Iterator[Problem]:
    units: set[int] = set()
    for p, probe in enumerate(line.probes):
        path = f"$.probe_lines[{n}].probes[{p}]"
        if probe.room not in rooms:
            yield file.problem(f"{path}.room", f"there is no room {probe.room!r}")
        if probe.unit in units:
            yield file.problem(f"{path}.unit", f"unit {probe.unit} is there twice on {line.id}")
        units.add(probe.unit)


def _impossible(file: SiteFile, scenario: Scenario) -> Iterator[Problem]:
    """Find happenings that cannot happen."""
    doors, possible = scenario.doors(), possible_faults(scenario)
    for h, happening in enumerate(scenario.timeline):
        path = f"$.timeline[{h}]"
        door, fault = happening.door, happening.fault
        if (door is None) == (fault is None):
            yield file.problem(path, "a happening has either a door or a fault")
        if happening.every_s is not None and happening.every_s <= happening.for_s:
            yield file.problem(f"{path}.every_s", f"it would begin again before it is over ({happening.for_s} s)")
        if door is not None and door not in doors:
            yield file.problem(f"{path}.door", f"no room has the door {door!r}")
        if fault is not None and fault.kind not in possible.get(fault.target, ()):
            kinds = ", ".join(sorted(possible.get(fault.target, ()))) or "nothing: there is no such target"
            yield file.problem(f"{path}.fault", f"{fault.target!r} can have {kinds}")
