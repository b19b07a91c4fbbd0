"""What the sensors of a zone said while something was there, as EPCIS sensor elements: min, mean, max and coverage."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from coldport.ids import PointId
from coldport.site import Point, Quantity, Role, Site
from control.ports import Bucket
from control.tracing.names import Names
from control.tracing.told import Stay

HOLD_INTERVALS = 3
"""Intervals of a point that a sample stands for, as everywhere in the historian."""


class Series(Protocol):
    """What is asked of the historian."""

    def buckets(self, point: PointId, start: datetime, end: datetime, count: int, *, hold_s: float) -> Sequence[Bucket]:
        """Return statistics; see `control.ports.Historian`."""
        ...


def sensors(stay: Stay, site: Site, series: Series) -> list[Mapping[str, Any]]:
    """Return an element for each temperature point of the zone that knew something; may block.

    Where a zone has probes in goods, only they are told; air is what the plant keeps. `coldport:coverage` is the share
    of the stay for which the value was known.

    Raises:
        UnavailableError: The historian is away.
        RefusedError: The stay holds more samples than the historian looks at.
    """
    names = Names(site)
    long_s = (stay.until - stay.since).total_seconds()
    if long_s < 1:
        return []
    elements = []
    for point in _points(stay.zone, site):
        [bucket] = series.buckets(PointId(point.id), stay.since, stay.until, 1, hold_s=HOLD_INTERVALS * point.every_s)
        if bucket.count:
            elements.append(_element(bucket, long_s, names.of("point", point.id)))
    return elements


def _element(bucket: Bucket, long_s: float, device: str) -> Mapping[str, Any]:
    report = {
        "type": "Temperature",
        "minValue": bucket.minimum,
        "meanValue": bucket.mean,
        "maxValue": bucket.maximum,
        "uom": "CEL",
        "coldport:coverage": round(min(1.0, bucket.covered_s / long_s), 4),
    }
    when = {"startTime": bucket.start.isoformat(), "endTime": bucket.end.isoformat()}
    return {"sensorMetadata": {**when, "deviceID": device}, "sensorReport": [report]}


def _points(zone_id: str, site: Site) -> list[Point]:
    found = [
        point
        for zone in site.zones
        if zone.id == zone_id
        for point in zone.points
        if point.quantity is Quantity.TEMPERATURE
    ]
    return [point for point in found if point.role is Role.PRODUCT] or found
