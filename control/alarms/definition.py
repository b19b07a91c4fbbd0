"""Alarm definitions: the rationalised record of each alarm of a site, as `alarms.toml` says it.

Source: ISA-18.2 / IEC 62682, rationalisation: each alarm has a limit with its source, a consequence, an action, and a
priority that follows from them.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.messages.alarm import Priority
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.mask import MaskRule
from control.alarms.priority import Severity, priority_of
from control.alarms.sensors import Sensor
from control.alarms.suppression import RULE_LIMIT, SuppressionRule

DEFINITION_LIMIT = 1_000
"""Definitions of one site. EEMUA 191 calls a site with more alarms than an operator can learn ill designed."""

POSITION_LIMIT = 500
"""Positions with several probes; a site has one to four a room."""

Delay = Annotated[float, Meta(ge=0, le=86_400)]
Window = Annotated[float, Meta(gt=0, le=2_678_400)]
"""Seconds, up to 31 days."""


class Kind(StrEnum):
    """The condition."""

    HI = "HI"
    HIHI = "HIHI"
    LO = "LO"
    LOLO = "LOLO"
    STALE = "STALE"
    """No usable value for `limit` seconds."""
    OPEN = "OPEN"
    """A door open for `on_delay_s`."""
    ON = "ON"
    """Anything else of two states, on for `on_delay_s`."""
    OFF = "OFF"
    CUMULATIVE_HI = "CUMULATIVE_HI"
    """Above `limit` for `allowed_s` in all, within `window_s`."""
    CUMULATIVE_LO = "CUMULATIVE_LO"
    RISE = "RISE"
    """Rising by more than `limit` a minute, over `window_s`; a few wild values do not matter."""
    FALL = "FALL"
    PREDICTED_HI = "PREDICTED_HI"
    """Going to pass `limit` in less than `within_s`, as the last `window_s` look."""
    PREDICTED_LO = "PREDICTED_LO"
    MKT = "MKT"
    """Mean kinetic temperature of the last `window_s` above `limit`."""
    STARTS = "STARTS"
    """Gone on, or opened, more than `limit` times within `window_s`."""
    RUN_SHARE = "RUN_SHARE"
    """On for more than `limit` percent of the last `window_s`."""
    DEW_POINT = "DEW_POINT"
    """The dew point, by a humidity and the temperature beside it, above `limit`."""
    DISAGREE = "DISAGREE"
    """The probes of a position more than `limit` apart."""
    DRIFT = "DRIFT"
    """Away from the median of the zone's other probes, as by `limit` for `on_delay_s`."""
    SPIKE = "SPIKE"
    """More than `limit` single wild values within `window_s`."""
    STUCK = "STUCK"
    """Within `limit` of one value for `on_delay_s`."""
    JUMP = "JUMP"
    """Changed faster than `limit` a minute, within `window_s`."""
    RANGE = "RANGE"
    """A value that a sensor of type `sensor` cannot give or gives for a fault; it is not judged by any other alarm."""
    CALIBRATION = "CALIBRATION"
    """Calibration due in `limit` days or less."""
    COMMAND = "COMMAND"
    """A command refused, failed, expired, or not read back within `limit` seconds."""
    TAMPERED = "TAMPERED"
    """A reading came again with another content."""
    RECALLED = "RECALLED"
    """Customs stopped a parcel that is beyond the gate already."""
    LOT_BUDGET = "LOT_BUDGET"
    """`limit` percent or more of a time out of range that a lot's product allows is used."""
    LOT_CHILLING = "LOT_CHILLING"
    """`limit` percent or more of the dose of cold that it allows."""
    LOT_LIFE = "LOT_LIFE"
    """Less than `limit` days of life left beyond what is planned for a lot."""


LEVELS = frozenset({Kind.HI, Kind.HIHI, Kind.LO, Kind.LOLO})
"""The kinds that compare the value itself, and on which the probes of a position vote."""

STATES = frozenset({Kind.OPEN, Kind.ON, Kind.OFF})
"""The kinds that watch what has two states."""

LOTS = frozenset({Kind.LOT_BUDGET, Kind.LOT_CHILLING, Kind.LOT_LIFE})
"""The kinds that watch the lots in the zones they select, and stand at the lot."""

APART = LOTS | {Kind.STALE, Kind.CALIBRATION, Kind.COMMAND, Kind.TAMPERED, Kind.RECALLED}
"""The kinds that no value decides."""


class Advice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sentence for the operator, in both field languages."""

    zh: Annotated[str, Meta(min_length=1, max_length=200)]
    en: Annotated[str, Meta(min_length=1, max_length=300)]


class Position(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in a zone with two or three probes of its own, which are judged as one; its alarms stand at the first.

    Of three the middle value counts, of two the worse: the higher against a high limit, the lower against a low one. A
    probe that gives no usable value is left out.
    """

    id: Id
    points: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=3)]


class Calibration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when the certificate of the sensor at a point is good; the day itself is too late."""

    point: Id
    due: date
    certificate: Annotated[str, Meta(min_length=1, max_length=60)]


class Definition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One alarm, for the points of `quantity` in a zone class or in zones, for positions, or for points named.

    What `limit` means, and which of the keys from `deadband` to `sensor` there may be, depends on the kind:
    docs/how-to/write-an-alarm.md. HI and HIHI are true above the limit and untrue again at or below limit minus
    deadband; LO and LOLO the other way round. A condition true for `on_delay_s` raises, untrue for `off_delay_s`
    clears, both counted in the time of the readings.

    One with a `profile`, `NAME@VERSION/LIMIT`, takes kind, quantity, limit, unit, source and windows from there and
    does not say them itself; delays and deadband it may.

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
    positions: tuple[Id, ...] = ()
    points: tuple[Id, ...] = ()
    profile: str | None = None
    limit: float | None = None
    unit: str
    source: Annotated[str, Meta(min_length=1)]
    deadband: Annotated[float, Meta(ge=0)] = 0.0
    on_delay_s: Delay = 0.0
    off_delay_s: Delay = 0.0
    window_s: Window | None = None
    allowed_s: Window | None = None
    within_s: Annotated[float, Meta(gt=0, le=86_400)] | None = None
    sensor: Sensor | None = None
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
    positions: Annotated[tuple[Position, ...], Meta(max_length=POSITION_LIMIT)] = ()
    masks: Annotated[tuple[MaskRule, ...], Meta(max_length=POSITION_LIMIT)] = ()
    calibrations: tuple[Calibration, ...] = ()
    suppressions: Annotated[tuple[SuppressionRule, ...], Meta(max_length=RULE_LIMIT)] = ()
    alarms: Annotated[tuple[Definition, ...], Meta(max_length=DEFINITION_LIMIT)]


def points_of(definition: Definition, site: Site, positions: Iterable[Position] = ()) -> list[Point]:
    """Return the points the definition watches, in the order of the site.

    Of a position that is the first one: there its alarms stand. A caller that gives no `positions` gets the points
    that are watched by their own values.
    """
    if definition.positions:
        firsts = {position.points[0] for position in positions if position.id in definition.positions}
        return [point for point in site.points().values() if point.id in firsts]
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
