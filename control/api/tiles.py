"""What a tile shows: the newest observations of a zone to a few figures. Pure.

A room is judged by its worst probe, because a mean hides the one corner that thaws. "Worst" is the value furthest from
the middle of the room's band; with one end open it is the value nearest to, or furthest beyond, the other end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from coldport.ids import PointId
from coldport.messages.observation import Quality
from coldport.site import Band, Point, Quantity, Zone
from control.ports import Latest

STALE_INTERVALS = 3
"""A value is no longer known after three of its point's intervals without a new one."""

STALE_LEAST_S = 5.0
"""Below this a late poll of a busy line would make tiles flicker."""


class Door(IntEnum):
    """What the door contacts of a room say together; one open door opens the room."""

    CLOSED = 0
    OPEN = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class RoomTile:
    """Figures of a room. A value is None when no probe of it can be trusted now; `missing` counts such probes."""

    temperature_c: float | None
    humidity_percent: float | None
    door: Door | None
    missing: int


@dataclass(frozen=True, slots=True)
class LaneTile:
    """Figures of a lane: the scale's mass with `reason` where there is none, and the newest tag of the gate."""

    mass_kg: float | None
    stable: bool
    reason: str | None
    epc: str | None
    epc_at: datetime | None


def hold_s(point: Point) -> float:
    """Return for how long an observation of the point stands for its value."""
    return max(STALE_INTERVALS * point.every_s, STALE_LEAST_S)


def is_stale(point: Point, latest: Latest, now: datetime) -> bool:
    """Return whether an observation is too old to be shown as the present. Tags come when they come: never."""
    if point.quantity is Quantity.TAGS:
        return False
    return (now - latest.observed_at).total_seconds() > hold_s(point)


def known_value(point: Point, latest: Latest | None, now: datetime) -> float | None:
    """Return the value of a point that may be shown as the present one, or None."""
    if latest is None or latest.quality is Quality.BAD or is_stale(point, latest, now):
        return None
    return latest.value


def worst(values: Sequence[float], band: Band | None) -> float | None:
    """Return the value that lies worst to the band; the highest where there is no band, None where there is no value.

    >>> worst([3.0, 5.5, 6.1], Band(low=2.0, high=8.0))
    3.0
    >>> worst([3.0, 5.5, 6.1], Band(high=10.0))
    6.1
    """
    if not values:
        return None
    if band is None or band.low is None:
        return max(values)
    if band.high is None:
        return min(values)
    middle = (band.low + band.high) / 2
    return max(values, key=lambda value: abs(value - middle))


def room_tile(zone: Zone, latest: Mapping[PointId, Latest], now: datetime) -> RoomTile:
    """Return what the tile of a room shows at `now`."""
    values: dict[Quantity, list[float]] = {quantity: [] for quantity in Quantity}
    missing = 0
    doors = 0
    for point in zone.points:
        value = known_value(point, latest.get(PointId(point.id)), now)
        doors += point.quantity is Quantity.DOOR
        if value is not None:
            values[point.quantity].append(value)
        elif point.quantity is Quantity.TEMPERATURE:
            missing += 1
    return RoomTile(
        temperature_c=worst(values[Quantity.TEMPERATURE], zone.temperature_c),
        humidity_percent=worst(values[Quantity.HUMIDITY], zone.humidity_percent) if zone.humidity_percent else None,
        door=_door(values[Quantity.DOOR], doors),
        missing=missing,
    )


def _door(values: Sequence[float], doors: int) -> Door | None:
    if doors == 0:
        return None
    if any(value >= 0.5 for value in values):
        return Door.OPEN
    return Door.CLOSED if len(values) == doors else Door.UNKNOWN


def lane_tile(zone: Zone, latest: Mapping[PointId, Latest], now: datetime) -> LaneTile:
    """Return what the tile of a lane shows at `now`: its first scale, and the newest tag of all its gates."""
    scales = [point for point in zone.points if point.quantity is Quantity.MASS]
    scale = latest.get(PointId(scales[0].id)) if scales else None
    mass_kg = known_value(scales[0], scale, now) if scales else None
    gates = [latest[PointId(p.id)] for p in zone.points if p.quantity is Quantity.TAGS and PointId(p.id) in latest]
    tag = max(gates, key=lambda one: one.observed_at, default=None)
    return LaneTile(
        mass_kg=mass_kg,
        stable=bool(scale and scale.stable and mass_kg is not None),
        reason=None if mass_kg is not None else ((scale and scale.reason) or "no-data"),
        epc=tag.epc if tag else None,
        epc_at=tag.observed_at if tag and tag.epc else None,
    )
