"""What is wrong with alarm definitions in a site, said before anything is judged by them."""

from collections.abc import Iterator

from coldport.ids import PointId
from coldport.site import Point, Quantity, Site, ZoneClass
from control.alarms.definition import LEVELS, LOTS, STATES, AlarmFile, Definition, Kind, Position, points_of
from control.alarms.mask import Cause, MaskRule
from control.alarms.measures.count import COUNT_LIMIT
from control.alarms.needs import KEYS, NEEDS
from control.alarms.suppression_checks import rule_faults
from control.alarms.surroundings import BLENDED, groups

Fault = tuple[str, str]
"""A key, and what is wrong with its value."""

FROZEN_C = 0.0
"""A mean kinetic temperature of less has no meaning: ice does not follow the rate law (USP <1079.2>)."""


def faults(definition: Definition, site: Site, alarms: AlarmFile) -> list[Fault]:
    """Return what is wrong with a definition in this site; empty when it can be used."""
    found = [*_selector(definition, site, alarms), *_keys(definition), *_quantity(definition), *_figures(definition)]
    if definition.kind in LOTS:
        found += _lots(definition)
    if not found:
        found += _watched(definition, site, alarms)
    return found


def file_faults(alarms: AlarmFile, site: Site) -> Iterator[Fault]:
    """Give what is wrong with positions, masks, calibrations and rules; the keys are paths in the file."""
    for kind, names in (("positions", [p.id for p in alarms.positions]), ("masks", [m.id for m in alarms.masks])):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield f"{kind}[{index}].id", f"{name!r} is named twice"
    for index, position in enumerate(alarms.positions):
        for message in _position(position, site):
            yield f"positions[{index}].points", message
    for index, mask in enumerate(alarms.masks):
        for key, message in _mask(mask, alarms, site):
            yield f"masks[{index}].{key}", message
    for index, calibration in enumerate(alarms.calibrations):
        if calibration.point not in site.points():
            yield f"calibrations[{index}].point", f"no point {calibration.point!r} in site.toml"
    yield from rule_faults(alarms.suppressions, {definition.id: definition for definition in alarms.alarms})


def _position(position: Position, site: Site) -> Iterator[str]:
    points = site.points()
    zone_of = {point.id: zone.id for zone in site.zones for point in zone.points}
    unknown = [name for name in position.points if name not in zone_of]
    if unknown:
        yield f"no point {unknown[0]!r} in site.toml"
        return
    probes = [points[PointId(name)] for name in position.points]
    if len({(probe.quantity, probe.role, zone_of[probe.id]) for probe in probes}) > 1:
        yield "the probes of a position measure the same, in one zone"
    if len(set(position.points)) < len(position.points):
        yield "a probe is named twice"


def _selector(definition: Definition, site: Site, alarms: AlarmFile) -> Iterator[Fault]:
    given = [key for key in ("zone_class", "zones", "positions", "points") if getattr(definition, key)]
    if len(given) != 1:
        yield given[1] if given else "id", "give exactly one of zone_class, zones, positions and points"
        return
    zones = {zone.id for zone in site.zones}
    positions = {position.id for position in alarms.positions}
    points = site.points()
    yield from (("zones", f"no zone {zone!r} in site.toml") for zone in definition.zones if zone not in zones)
    yield from (("positions", f"no position {one!r}") for one in definition.positions if one not in positions)
    for name in definition.points:
        point = points.get(PointId(name))
        if point is None:
            yield "points", f"no point {name!r} in site.toml"
        elif point.quantity is not definition.quantity:
            yield "points", f"{name!r} measures {point.quantity}, not {definition.quantity}"
    if definition.positions and definition.kind not in LEVELS | {Kind.DISAGREE}:
        yield "positions", f"a {definition.kind} alarm watches single points"
    if definition.kind is Kind.DISAGREE and not definition.positions:
        yield given[0], "a DISAGREE alarm watches positions"


def _keys(definition: Definition) -> Iterator[Fault]:
    kind, needs = definition.kind, NEEDS[definition.kind]
    unit = definition.quantity.unit if needs.unit is None else needs.unit
    if needs.per_minute:
        unit = f"{unit}/min"
    if definition.unit != unit:
        yield "unit", f"a {kind} alarm of {definition.quantity} is in {unit!r}"
    for key in KEYS:
        value = getattr(definition, key)
        if key in needs.must and not (value or (key == "limit" and value is not None)):
            yield key, f"a {kind} alarm needs {key}" if key != "limit" else f"a {kind} alarm needs a limit"
        elif value and key not in needs.must | needs.may:
            yield key, f"means nothing for a {kind} alarm"


def _quantity(definition: Definition) -> Iterator[Fault]:
    kind, quantity = definition.kind, definition.quantity
    if quantity is Quantity.TAGS:
        yield "quantity", "tags come when goods come; nothing about them can be judged by a limit"
    elif kind is Kind.OPEN and quantity is not Quantity.DOOR:
        yield "quantity", f"OPEN watches doors, not {quantity}"
    elif kind in STATES | {Kind.STARTS, Kind.RUN_SHARE} and not quantity.is_on_or_off:
        yield "quantity", f"{kind} watches what is on or off, not {quantity}"
    elif kind is Kind.DEW_POINT and quantity is not Quantity.HUMIDITY:
        yield "quantity", f"DEW_POINT watches humidity, not {quantity}"
    elif kind is Kind.MKT and quantity is not Quantity.TEMPERATURE:
        yield "quantity", f"MKT watches temperature, not {quantity}"
    elif kind is Kind.COMMAND and not quantity.is_output:
        yield "quantity", f"COMMAND watches outputs, not {quantity}"
    elif kind is Kind.RECALLED and quantity is not Quantity.MASS:
        yield "quantity", f"RECALLED watches the parcels that scales weigh, not {quantity}"


def _figures(definition: Definition) -> Iterator[Fault]:
    kind, limit = definition.kind, definition.limit
    if kind in (Kind.STALE, Kind.COMMAND, Kind.DRIFT) and limit is not None and limit <= 0:
        yield "limit", f"a {kind} alarm needs a limit above 0 {definition.unit}"
    if kind in (Kind.STARTS, Kind.SPIKE) and limit is not None and not 0 <= limit < COUNT_LIMIT:
        yield "limit", f"a {kind} alarm counts from 0 to {COUNT_LIMIT - 1}"
    if kind is Kind.MKT and (definition.zone_class is ZoneClass.FROZEN or (limit is not None and limit < FROZEN_C)):
        yield "kind", "a mean kinetic temperature means nothing for frozen goods"
    if definition.allowed_s and definition.window_s and definition.allowed_s > definition.window_s:
        yield "allowed_s", "is longer than the window"
    if definition.sensor and (definition.sensor == "humidity") is not (definition.quantity is Quantity.HUMIDITY):
        yield "sensor", f"a {definition.sensor} does not measure {definition.quantity}"


def _lots(definition: Definition) -> Iterator[Fault]:
    if definition.points or definition.positions:
        yield "points" if definition.points else "positions", f"a {definition.kind} alarm watches the lots in zones"
    if definition.quantity is not Quantity.TEMPERATURE:
        yield "quantity", f"{definition.kind} watches what temperature does to lots, not {definition.quantity}"
    if definition.kind is not Kind.LOT_LIFE and definition.limit is not None and definition.limit <= 0:
        yield "limit", f"a {definition.kind} alarm needs a limit above 0 %"


def _watched(definition: Definition, site: Site, alarms: AlarmFile) -> Iterator[Fault]:
    points = points_of(definition, site, alarms.positions)
    zones = {zone.id: zone for zone in site.zones}
    if not points:
        yield "quantity", f"selects no point: none there measures {definition.quantity}"
    elif definition.positions and any(point.quantity is not definition.quantity for point in points):
        yield "positions", f"not all of them measure {definition.quantity}"
    elif definition.kind in BLENDED and len(list(groups(definition, site, alarms))) < len(points):
        needed = {
            Kind.DRIFT: "two other probes of its kind in its zone",
            Kind.DEW_POINT: "one air temperature beside it, of the same label or alone in its zone",
        }
        yield "kind", f"each point needs {needed.get(definition.kind, 'its position')}"
    if definition.kind is Kind.MKT and any(
        zones[name].zone_class is ZoneClass.FROZEN for name in definition.zones if name in zones
    ):
        yield "kind", "a mean kinetic temperature means nothing for frozen goods"


def _mask(mask: MaskRule, alarms: AlarmFile, site: Site) -> Iterator[Fault]:
    """Give what is wrong with a mask: it must end, and that its cause lasts must be an alarm of its own."""
    zones, points = {zone.id for zone in site.zones}, site.points()
    yield from (("zones", f"no zone {name!r} in site.toml") for name in mask.zones if name not in zones)
    if mask.cause is Cause.LOAD:
        if mask.points:
            yield "points", "a load is told by the lots of the zone, not by points"
    elif not mask.points:
        yield "points", f"a {mask.cause} mask needs the points that tell of it"
    if mask.cause in (Cause.LOAD, Cause.START_UP) and not 0 < mask.recovery_s <= mask.cap_s:
        yield "recovery_s", f"a {mask.cause} mask lasts recovery_s, which is at most cap_s"
    overruns = {
        point.id: definition.on_delay_s
        for definition in alarms.alarms
        if definition.kind in (Kind.OPEN, Kind.ON)
        for point in points_of(definition, site)
    }
    for name in mask.points:
        point = points.get(PointId(name))
        if point is None:
            yield "points", f"no point {name!r} in site.toml"
        else:
            yield from _cause(mask, point, overruns)


def _cause(mask: MaskRule, point: Point, overruns: dict[str, float]) -> Iterator[Fault]:
    if not point.quantity.is_on_or_off:
        yield "points", f"{point.id!r} measures {point.quantity}, which is not on or off"
    elif mask.cause is not Cause.START_UP and overruns.get(point.id, mask.cap_s + 1) > mask.cap_s:
        yield "points", f"needs an OPEN or ON alarm of {point.id!r} within cap_s: too long must be an alarm of its own"
