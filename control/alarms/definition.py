"""Alarm definitions: the rationalised record of each alarm of a site, as `alarms.toml` says it.

Source: ISA-18.2 / IEC 62682, rationalisation: each alarm has a limit with its source, a consequence, an action, and a
priority that follows from them.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, PointId
from coldport.messages.alarm import Priority
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.priority import Severity, priority_of

DEFINITION_LIMIT = 1_000
"""Definitions of one site. EEMUA 191 calls a site with more alarms than an operator can learn ill designed."""

Delay = Annotated[float, Meta(ge=0, le=86_400)]


class Kind(StrEnum):
    """The condition: beyond a limit, without a usable value for too long, or open for too long."""

    HI = "HI"
    HIHI = "HIHI"
    LO = "LO"
    LOLO = "LOLO"
    STALE = "STALE"
    OPEN = "OPEN"


class Advice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence for the operator, in both field languages."""

    zh: Annotated[str, Meta(min_length=1, max_length=200)]
    en: Annotated[str, Meta(min_length=1, max_length=300)]


class Definition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One alarm, for every point of `quantity` in one zone class, in some zones, or for the points named.

    `limit` is in the unit of the quantity; for STALE it is seconds without a usable value; OPEN has none, its
    `on_delay_s` says how long open is too long. HI and HIHI are true above the limit and untrue again at or below limit
    minus deadband; LO and LOLO the other way round. A condition true for `on_delay_s` raises, untrue for `off_delay_s`
    clears, both counted in the time of the readings.

    `severity` is that of the consequence if nobody acts within `time_to_respond_s`; the priority follows from both.
    `owner` is whoever answers for the definition. `ccp` marks a critical control point (HACCP): its alarms want a
    comment and a corrective action. One that is not `shelvable` cannot be put aside; one that is to `latch` stays until
    it is reset, though its condition has returned.
    """

    id: Id
    version: Annotated[int, Meta(ge=1)]
    name: Text
    kind: Kind
    quantity: Quantity
    zone_class: ZoneClass | None = None
    zones: tuple[Id, ...] = ()
    points: tuple[Id, ...] = ()
    limit: float | None = None
    unit: str
    source: Annotated[str, Meta(min_length=1)]
    deadband: Annotated[float, Meta(ge=0)] = 0.0
    on_delay_s: Delay = 0.0
    off_delay_s: Delay = 0.0
    severity: Severity
    time_to_respond_s: Annotated[float, Meta(gt=0, le=604_800)]
    owner: Annotated[str, Meta(min_length=1, max_length=60)]
    ccp: bool = False
    shelvable: bool = True
    latch: bool = False
    consequence: Advice
    action: Advice

    @property
    def priority(self) -> Priority:
        """Return what follows from the severity of the consequence and the time to respond."""
        return priority_of(self.severity, self.time_to_respond_s)


class AlarmFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `alarms.toml`. `settle_s` after a start nothing is stale: every gateway gets time to report."""

    settle_s: Annotated[float, Meta(ge=0, le=3_600)] = 60.0
    alarms: Annotated[tuple[Definition, ...], Meta(max_length=DEFINITION_LIMIT)]


def points_of(definition: Definition, site: Site) -> list[Point]:
    """Return the points the definition watches, in the order of the site."""
    return [
        point
        for zone in site.zones
        for point in zone.points
        if point.quantity is definition.quantity and _selects(definition, zone, point)
    ]


def _selects(definition: Definition, zone: Zone, point: Point) -> bool:
    if definition.points:
        return point.id in definition.points
    if definition.zones:
        return zone.id in definition.zones
    return zone.zone_class is definition.zone_class


def faults(definition: Definition, site: Site) -> list[tuple[str, str]]:
    """Return what is wrong with a definition in this site, as (key, message); empty when it can be used."""
    found = [*_selector_faults(definition, site), *_condition_faults(definition)]
    if not found and not points_of(definition, site):
        found.append(("quantity", f"selects no point: none there measures {definition.quantity}"))
    return found


def _selector_faults(definition: Definition, site: Site) -> list[tuple[str, str]]:
    given = [key for key in ("zone_class", "zones", "points") if getattr(definition, key)]
    if len(given) != 1:
        return [(given[1] if given else "id", "give exactly one of zone_class, zones and points")]
    zones = {zone.id for zone in site.zones}
    points = site.points()
    found = [("zones", f"no zone {zone!r} in site.toml") for zone in definition.zones if zone not in zones]
    for name in definition.points:
        point = points.get(PointId(name))
        if point is None:
            found.append(("points", f"no point {name!r} in site.toml"))
        elif point.quantity is not definition.quantity:
            found.append(("points", f"{name!r} measures {point.quantity}, not {definition.quantity}"))
    return found


def _condition_faults(definition: Definition) -> list[tuple[str, str]]:
    kind = definition.kind
    unit = "s" if kind in (Kind.STALE, Kind.OPEN) else definition.quantity.unit
    found = []
    if definition.unit != unit:
        found.append(("unit", f"a {kind} alarm of {definition.quantity} is in {unit!r}"))
    if kind is Kind.OPEN:
        found += _unwanted(definition, ("limit", "deadband"))
        if definition.quantity is not Quantity.DOOR:
            found.append(("quantity", f"OPEN watches doors, not {definition.quantity}"))
    elif definition.limit is None:
        found.append(("limit", f"a {kind} alarm needs a limit"))
    elif kind is Kind.STALE:
        found += _unwanted(definition, ("deadband", "on_delay_s", "off_delay_s"))
        if definition.limit <= 0:
            found.append(("limit", "a STALE alarm needs a limit above 0 s"))
    if definition.quantity is Quantity.TAGS:
        found.append(("quantity", "tags come when goods come; nothing about them can be judged by a limit"))
    return found


def _unwanted(definition: Definition, keys: Sequence[str]) -> list[tuple[str, str]]:
    return [(key, f"means nothing for a {definition.kind} alarm") for key in keys if getattr(definition, key)]
