"""What the live stream says: snapshots, deltas, the probes of one room. Pure; codes and figures, no sentences.

A frame is one JSON object, short because a wall of 200 rooms gets up to four a second:

    {"kind": "snapshot", "seq": 7, "at": ms, "build": "..", "rooms": [row..], "lanes": [row..], "alarms": [..],
     "links": [..], "simulated": false}
    {"kind": "delta", "seq": 8, "at": ms, "rooms": [changed rows], ...}    a key is left out when nothing changed
    {"kind": "room", "at": ms, "zone": "f1", "points": [[id, value, quality, reason, age_s]..]}

    room row: [zone index, temperature, missing probes or null, door or null, humidity or null], no nulls at the end
    alarm:    {id, definition, point, state, priority, occurred_at ms, and what there is of value, returned_at,
               acknowledged_by, suppression, until, waits_for, marks,
               unseen: [gap start, gap end, found at, others]}
    lane row: [zone index, mass, stable 0/1, reason or null, epc or null, tag seen at ms or null]

The zone index counts the zones of `/api/v1/site`. Values are rounded to what is shown (0.1 degC, 0.1 %RH; a mass to
1 g), so that noise below a digit costs nothing. A delta has the `seq` of the frame before it + 1; a
client that sees another one asks anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from coldport.ids import PointId
from coldport.messages.alarm import Alarm, AlarmState
from coldport.messages.status import LinkState, LinkStatus, Presence
from coldport.site import Point, Quantity, Zone, ZoneClass
from control.api.tiles import is_stale, lane_tile, room_tile
from control.ports import Latest

Row = tuple[Any, ...]

_MARKS = ("first_out", "no_data", "must_confirm", "historical")
"""What the alarm list says of an occurrence in a word each."""

_DECIMALS = {Quantity.MASS: 3}


def _rounded(value: float | None, decimals: int = 1) -> float | None:
    # Adding 0.0 turns -0.0 into 0.0: a room does not stand at "minus nought".
    return None if value is None else round(value, decimals) + 0.0


def milliseconds(moment: datetime) -> int:
    """Return a moment as browsers count: milliseconds since 1970 in UTC."""
    return round(moment.timestamp() * 1000)


def zone_row(index: int, zone: Zone, latest: Mapping[PointId, Latest], now: datetime) -> Row:
    """Return the row of a zone; its class says whether it is one of a lane or of a room."""
    if zone.zone_class is ZoneClass.LANE:
        lane = lane_tile(zone, latest, now)
        seen_at = milliseconds(lane.epc_at) if lane.epc_at else None
        return (index, _rounded(lane.mass_kg, 3), int(lane.stable), lane.reason, lane.epc, seen_at)
    room = room_tile(zone, latest, now)
    row: list[Any] = [index, _rounded(room.temperature_c), room.missing or None]
    row += [room.door.value if room.door else None, _rounded(room.humidity_percent)]  # a closed door is 0
    while len(row) > 2 and row[-1] is None:
        row.pop()
    return tuple(row)


def point_row(point: Point, latest: Latest | None, now: datetime) -> Row:
    """Return one probe: id, value, `good`, `uncertain`, `bad`, `stale` or `none`, reason, age in seconds."""
    if latest is None:
        return (point.id, None, "none", None, None)
    age_s = round((now - latest.observed_at).total_seconds(), 1)
    stale = is_stale(point, latest, now)
    value = None if stale else _rounded(latest.value, _DECIMALS.get(point.quantity, 1))
    return (point.id, value, "stale" if stale else latest.quality.value, latest.reason, age_s)


def room_frame(zone: Zone, latest: Mapping[PointId, Latest], now: datetime) -> str:
    """Return the frame with every point of one zone."""
    points = [point_row(point, latest.get(PointId(point.id)), now) for point in zone.points]
    return _text({"kind": "room", "at": milliseconds(now), "zone": zone.id, "points": points})


def alarm_row(alarm: Alarm) -> dict[str, Any]:
    """Return an occurrence with its codes; what it means is in the definitions of `/api/v1/site`."""
    row: dict[str, Any] = {
        "id": alarm.id,
        "definition": alarm.definition,
        "point": alarm.point,
        "state": alarm.state.value,
        "priority": alarm.priority.value,
        "occurred_at": milliseconds(alarm.occurred_at),
    }
    if alarm.value is not None:
        row["value"] = _rounded(alarm.value)
    if alarm.returned_at is not None:
        row["returned_at"] = milliseconds(alarm.returned_at)
    if alarm.acknowledged_by is not None:
        row["acknowledged_by"] = alarm.acknowledged_by
    if alarm.suppressed is not None:
        row["suppression"] = alarm.suppressed.kind.value
        if alarm.suppressed.until is not None:
            row["until"] = milliseconds(alarm.suppressed.until)
    if alarm.unseen is not None:
        gap = (alarm.unseen.gap_start, alarm.unseen.gap_end, alarm.unseen.found_at)
        row["unseen"] = [*map(milliseconds, gap), alarm.unseen.others]
    if not alarm.is_active and alarm.state is AlarmState.ACKNOWLEDGED:
        row["waits_for"] = "reset" if alarm.latched else "confirm"
    marks = [name for name in _MARKS if getattr(alarm, name)]
    if alarm.superseded_by is not None and alarm.is_active:
        marks.append("superseded")
    if marks:
        row["marks"] = marks
    return row


def link_row(link: LinkStatus) -> Row:
    """Return a line or device: gateway, link, device or null, up or down, reason or null."""
    return (link.gateway, link.link, link.device, link.state.value, link.reason)


def absent_row(process: Presence) -> Row:
    """Return a process that has gone as the line of that name, down: what it served is out of reach."""
    return (process.process, process.process, None, LinkState.DOWN.value, "offline")


def snapshot_frame(
    seq: int, now: datetime, build: str, rows: Sequence[Row], lanes: frozenset[int], rest: dict[str, Any]
) -> str:
    """Return the frame that needs no other before it. `lanes` are the zone indexes whose rows are lane rows."""
    head = {"kind": "snapshot", "seq": seq, "at": milliseconds(now), "build": build}
    return _text({**head, **_split(rows, lanes), **rest})


def delta_frame(seq: int, now: datetime, rows: Sequence[Row], lanes: frozenset[int], rest: dict[str, Any]) -> str:
    """Return the frame with what changed since the one before; with nothing in it, it still says "I live"."""
    changed = {key: value for key, value in {**_split(rows, lanes), **rest}.items() if value != []}
    return _text({"kind": "delta", "seq": seq, "at": milliseconds(now), **changed})


def _split(rows: Sequence[Row], lanes: frozenset[int]) -> dict[str, list[Row]]:
    return {
        "rooms": [row for row in rows if row[0] not in lanes],
        "lanes": [row for row in rows if row[0] in lanes],
    }


def _text(frame: dict[str, Any]) -> str:
    return msgspec.json.encode(frame).decode()
