"""What a site is: its zones and the points in them. Every process reads the same `site.toml`.

A *point* says where a value lives on the floor; how it is fetched is `edge.toml`'s business, when it is an alarm is
`alarms.toml`'s.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

from coldport.ids import Id, PointId
from coldport.settings import Problem, SiteFile, SiteFileError, read

POINT_LIMIT = 10_000
"""Points of one site; a larger one is split, because a site is the unit of partition."""


class Quantity(StrEnum):
    """What a point measures, and with it the canonical unit of its value."""

    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    DOOR = "door"
    MASS = "mass"
    TAGS = "tags"
    RUNNING = "running"
    """A compressor or a fan: 0 stands, 1 runs."""
    DEFROST = "defrost"
    """An evaporator: 0 cools, 1 is being defrosted."""
    BEAM = "beam"
    """A light barrier: 0 clear, 1 broken."""
    POWER = "power"
    ENERGY = "energy"
    BATTERY = "battery"
    FILL = "fill"
    """How full a spool is."""
    CLOCK_OFFSET = "clock-offset"
    """How far a gateway's clock is ahead of control's."""
    LAMP = "lamp"
    """0 off, 1 on; each colour of a stack light is a point."""
    SIREN = "siren"
    DIVERTER = "diverter"
    """Which of its ways a diverter is set to; 0 is straight on."""
    SETPOINT = "setpoint"
    """The temperature that a controller is told to keep."""

    @property
    def unit(self) -> str:
        """Return the unit as it is shown; empty for what is counted or only on or off."""
        return _UNITS.get(self, "")

    @property
    def is_on_or_off(self) -> bool:
        """Whether it knows two states only: 0 and 1."""
        return self in (Quantity.DOOR, Quantity.RUNNING, Quantity.DEFROST, Quantity.BEAM, Quantity.LAMP, Quantity.SIREN)

    @property
    def is_output(self) -> bool:
        """Whether a command can put it to a value; its readings are what was read back."""
        return self in (Quantity.LAMP, Quantity.SIREN, Quantity.DIVERTER, Quantity.SETPOINT)


_UNITS = {
    Quantity.TEMPERATURE: "°C",
    Quantity.SETPOINT: "°C",
    Quantity.HUMIDITY: "%RH",
    Quantity.MASS: "kg",
    Quantity.POWER: "kW",
    Quantity.ENERGY: "kWh",
    Quantity.BATTERY: "%",
    Quantity.FILL: "%",
    Quantity.CLOCK_OFFSET: "s",
}


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name people read, in both field languages."""

    zh: Annotated[str, Meta(min_length=1, max_length=60)]
    en: Annotated[str, Meta(min_length=1, max_length=60)]


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The band in which a zone is kept, both ends included. An end that is absent is open."""

    low: float | None = None
    high: float | None = None


class ZoneClass(StrEnum):
    """Temperature class of a zone; the screens group by it."""

    FROZEN = "frozen"
    CHILLED = "chilled"
    TEA = "tea"
    CONSTANT = "constant"
    LANE = "lane"
    DOCK = "dock"
    VEHICLE = "vehicle"
    PLANT = "plant"
    """What keeps the site going: machine room, gateways, power."""


class Role(StrEnum):
    """What a temperature is of. Air is what the plant keeps; goods are judged by a product probe where there is one."""

    AIR = "air"
    PRODUCT = "product"


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a value can be read.

    `every_s` is how often a value is expected; staleness is judged by it. `label` is what stands on the device itself.
    `recorded` says that `coldport replay` feeds it, and no line. `role` is that of a temperature.
    """

    id: Id
    quantity: Quantity
    every_s: Annotated[float, Meta(gt=0, le=86_400)]
    label: Annotated[str, Meta(min_length=1, max_length=24)] | None = None
    recorded: bool = False
    role: Role = Role.AIR


Gln = Annotated[str, Meta(pattern="^[0-9]{13}$", description="GS1 Global Location Number, 13 digits")]


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room, a lane or any other part of the floor that people call by one name; `gln` as that of a site."""

    id: Id
    name: Text
    zone_class: ZoneClass
    temperature_c: Band | None = None
    humidity_percent: Band | None = None
    points: tuple[Point, ...] = ()
    gln: Gln | None = None


class Tls(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Certificates of the site's own authority, as `coldport edge enroll` makes them; paths are below the site folder.

    `{process}` stands for whoever connects: a gateway's id, `control`, `simulator`, `technician`; `broker` itself.
    """

    ca: str = "tls/ca.crt"
    certificate: str = "tls/{process}.crt"
    key: str = "tls/{process}.key"


class Broker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the bus is. `embedded` lets `coldport up` start it; otherwise it must be there already.

    The password is never in a file: `COLDPORT_BROKER_PASSWORD`. `tls = true` trusts the authorities of the system.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 18_830
    embedded: bool = True
    tls: bool | Tls = False
    username: str | None = None

    def seen_by(self, process: str) -> Self:
        """Return what `process` connects to: its own certificate and key are named."""
        if not isinstance(self.tls, Tls):
            return self
        paths = {name: path.replace("{process}", process) for name, path in msgspec.structs.asdict(self.tls).items()}
        return msgspec.structs.replace(self, tls=Tls(**paths))


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site as `site.toml` says it. `gln` is its GS1 location number, by which EPCIS events name its places."""

    id: Id
    name: Text
    timezone: str
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    broker: Broker = Broker()
    gln: Gln | None = None

    def points(self) -> dict[PointId, Point]:
        """Return every point of the site by its id, in the order of the file."""
        return {PointId(point.id): point for zone in self.zones for point in zone.points}


SITE_FILE = "site.toml"


def load_site(folder: Path) -> Site:
    """Read `site.toml` of a site folder.

    Raises:
        SiteFileError: It cannot be read, or a zone or point is named twice, or there are too many points.
    """
    file = read(folder / SITE_FILE)
    site = file.convert(Site)
    problems = [*_repeats(file, site), *_wrong_glns(file, site)]
    if len(site.points()) > POINT_LIMIT:
        problems.append(file.problem("$.zones", f"the site has more than {POINT_LIMIT} points"))
    if problems:
        raise SiteFileError(*problems)
    return msgspec.structs.replace(site, broker=_below(folder, site.broker))


def _below(folder: Path, broker: Broker) -> Broker:
    if not isinstance(broker.tls, Tls):
        return broker
    paths = {name: str(folder.absolute() / path) for name, path in msgspec.structs.asdict(broker.tls).items()}
    return msgspec.structs.replace(broker, tls=Tls(**paths))


def _repeats(file: SiteFile, site: Site) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for z, zone in enumerate(site.zones):
        if zone.id in seen:
            problems.append(file.problem(f"$.zones[{z}].id", f"zone {zone.id!r} is named twice"))
        seen.add(zone.id)
    for z, zone in enumerate(site.zones):
        for p, point in enumerate(zone.points):
            if point.id in seen:
                problems.append(file.problem(f"$.zones[{z}].points[{p}].id", f"{point.id!r} is named twice"))
            seen.add(point.id)
    return problems


def _wrong_glns(file: SiteFile, site: Site) -> list[Problem]:
    glns = [("$.gln", site.gln), *((f"$.zones[{z}].gln", zone.gln) for z, zone in enumerate(site.zones))]
    return [
        file.problem(where, f"the last digit of {gln!r} does not check: a digit was misread")
        for where, gln in glns
        if gln is not None and sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(gln)) % 10
    ]


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `site.toml`; registered under `coldport.checks`."""
    try:
        load_site(folder)
    except SiteFileError as error:
        return list(error.problems)
    return []
