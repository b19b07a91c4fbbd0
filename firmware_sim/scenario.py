"""`simulation.toml`: which devices stand on the floor of a site, what the rooms are like, and what happens when.

`docs/reference/site-files.md` is made from these structures. A kind of thing is a module in `places` and a line here.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.settings import Problem, SiteFile, SiteFileError, read
from coldport.site import Site, load_site
from firmware_sim.devices.probe import ProbeKind
from firmware_sim.devices.room import RoomKind
from firmware_sim.faults import Breakable, Fault
from firmware_sim.physics.weather import Weather
from firmware_sim.places.contacts import ContactModule
from firmware_sim.places.controllers import ControllerLine
from firmware_sim.places.customs import CustomsPlace
from firmware_sim.places.docks import DockGatePlace
from firmware_sim.places.lanes import Lane
from firmware_sim.places.lora import LoraNetwork
from firmware_sim.places.meters import MeterPlace
from firmware_sim.places.outputs import OutputModule
from firmware_sim.places.place import Around, Place, Port, port_name
from firmware_sim.places.probes import ProbeLine
from firmware_sim.places.rooms import RoomPlace
from firmware_sim.places.shippers import Shipper
from firmware_sim.places.trucks import TruckPlace
from firmware_sim.places.zigbee import ZigbeeNetwork

SIMULATION_FILE = "simulation.toml"
HAPPENING_LIMIT = 1000


class Happening(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens `at_s` after the start, for `for_s`, and again `every_s` if that is given.

    Either a `door` opens, or a `fault` begins; both end by themselves.
    """

    at_s: Annotated[float, Meta(ge=0)]
    for_s: Annotated[float, Meta(gt=0)]
    every_s: Annotated[float, Meta(gt=0)] | None = None
    door: Id | None = None
    fault: Fault | None = None


class Api(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where faults and doors can be worked while the simulation runs: HTTP on this machine alone, below `/sim/v1`."""

    port: Port


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A simulated floor as `simulation.toml` says it."""

    weather: Weather
    room_kinds: dict[str, RoomKind]
    rooms: tuple[RoomPlace, ...] = ()
    trucks: tuple[TruckPlace, ...] = ()
    probe: ProbeKind = ProbeKind()
    probe_lines: tuple[ProbeLine, ...] = ()
    controller_lines: tuple[ControllerLine, ...] = ()
    meters: tuple[MeterPlace, ...] = ()
    contact_modules: tuple[ContactModule, ...] = ()
    output_modules: tuple[OutputModule, ...] = ()
    lora_networks: tuple[LoraNetwork, ...] = ()
    zigbee_networks: tuple[ZigbeeNetwork, ...] = ()
    lanes: tuple[Lane, ...] = ()
    dock_gates: tuple[DockGatePlace, ...] = ()
    shippers: tuple[Shipper, ...] = ()
    customs: CustomsPlace | None = None
    timeline: Annotated[tuple[Happening, ...], Meta(max_length=HAPPENING_LIMIT)] = ()
    seed: int = 1
    api: Api | None = None

    def places(self) -> Iterator[tuple[str, Place]]:
        """Yield everything on the floor with the path that leads to it, in the order in which it is built."""
        lists: dict[str, Sequence[Place]] = {
            "rooms": self.rooms,
            "trucks": self.trucks,
            "probe_lines": self.probe_lines,
            "controller_lines": self.controller_lines,
            "meters": self.meters,
            "contact_modules": self.contact_modules,
            "output_modules": self.output_modules,
            "lora_networks": self.lora_networks,
            "zigbee_networks": self.zigbee_networks,
            "lanes": self.lanes,
            "dock_gates": self.dock_gates,
            "shippers": self.shippers,
        }
        for name, places in lists.items():
            for n, place in enumerate(places):
                yield f"$.{name}[{n}]", place
        if self.customs is not None:
            yield "$.customs", self.customs

    def signals(self) -> frozenset[str]:
        """Return what the places offer to each other."""
        return frozenset(signal for _, place in self.places() for signal in place.signals())


def possible_faults(scenario: Scenario) -> dict[str, Breakable]:
    """Return what can be broken, and how."""
    return {target: menu for _, place in scenario.places() for target, menu in place.faults().items()}


def refusal(possible: Mapping[str, Breakable], fault: Fault) -> str | None:
    """Return why there cannot be such a fault; None when there can."""
    if fault.target not in possible:
        return f"there is no such target as {fault.target!r}"
    return possible[fault.target].refusal(fault)


def load_scenario(folder: Path) -> Scenario:
    """Read `simulation.toml` of a site folder, and hold it against `site.toml`.

    Raises:
        SiteFileError: One of them cannot be read, or they do not fit together; it carries every problem found.
    """
    file = read(folder / SIMULATION_FILE)
    scenario = file.convert(Scenario)
    problems = [
        *_misfits(file, scenario, load_site(folder)),
        *_repeats(file, scenario),
        *impossible(file, scenario),
    ]
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
    """Find names that the site, or the rest of the file, does not know, and what cannot be."""
    around = Around(site, scenario.room_kinds, scenario.signals())
    for path, place in scenario.places():
        for misfit in place.misfits(around):
            yield file.problem(path + misfit.key, misfit.message)


def _repeats(file: SiteFile, scenario: Scenario) -> Iterator[Problem]:
    """Find two things of one name, and two on one port."""
    seen = {port_name(scenario.api.port)} if scenario.api is not None else set[str]()
    for path, place in scenario.places():
        for key, name in place.names():
            if name in seen:
                yield file.problem(path + key, f"{name!r} is named twice")
            seen.add(name)


def impossible(file: SiteFile, scenario: Scenario) -> Iterator[Problem]:
    """Find happenings that cannot happen."""
    signals, possible = scenario.signals(), possible_faults(scenario)
    for h, happening in enumerate(scenario.timeline):
        path = f"$.timeline[{h}]"
        door, fault = happening.door, happening.fault
        if (door is None) == (fault is None):
            yield file.problem(path, "a happening has either a door or a fault")
        if happening.every_s is not None and happening.every_s <= happening.for_s:
            yield file.problem(f"{path}.every_s", f"it would begin again before it is over ({happening.for_s} s)")
        if door is not None and f"{door}.opening" not in signals:
            yield file.problem(f"{path}.door", f"no room has the door {door!r}")
        refused = None if fault is None else refusal(possible, fault)
        if refused is not None:
            yield file.problem(f"{path}.fault", refused)
