"""What a site is: its zones and the points in them. Every process reads the same `site.toml`.

A *point* says where a value lives on the floor; how it is fetched is `edge.toml`'s business, when it is an alarm is
`alarms.toml`'s.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

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

    @property
    def unit(self) -> str:
        """Return the unit as it is shown; empty for a door (0 closed, 1 open) and for tags."""
        return {"temperature": "°C", "humidity": "%RH", "mass": "kg"}.get(self.value, "")


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


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a value can be read.

    `every_s` is how often a value is expected; staleness is judged by it. `label` is what stands on the device itself.
    `recorded` says that `coldport replay` feeds it, and no line.
    """

    id: Id
    quantity: Quantity
    every_s: Annotated[float, Meta(gt=0, le=86_400)]
    label: Annotated[str, Meta(min_length=1, max_length=24)] | None = None
    recorded: bool = False


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room, a lane or any other part of the floor that people call by one name."""

    id: Id
    name: Text
    zone_class: ZoneClass
    temperature_c: Band | None = None
    humidity_percent: Band | None = None
    points: tuple[Point, ...] = ()


class Broker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the bus is. `embedded` lets `coldport up` start it; otherwise it must be there already.

    The password is never in a file: `COLDPORT_BROKER_PASSWORD`.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 18_830
    embedded: bool = True
    tls: bool = False
    username: str | None = None


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site as `site.toml` says it."""

    id: Id
    name: Text
    timezone: str
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    broker: Broker = Broker()

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
    problems = [*_repeats(file, site)]
    if len(site.points()) > POINT_LIMIT:
        problems.append(file.problem("$.zones", f"the site has more than {POINT_LIMIT} points"))
    if problems:
        raise SiteFileError(*problems)
    return site


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


def check(folder: Path) -> list[Problem]:
    """Return what is wrong with `site.toml`; registered under `coldport.checks`."""
    try:
        load_site(folder)
    except SiteFileError as error:
        return list(error.problems)
    return []
