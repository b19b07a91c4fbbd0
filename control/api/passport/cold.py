"""What is known of the temperatures of a lot while it was in this house, cut into the columns of a curve."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from coldport.ids import PointId
from coldport.site import Point, Role, Site, Zone
from control.alarms.watch import HOLD_INTERVALS
from control.api.passport.curve import COLUMNS, Column, Curve
from control.exposure.lots import Lot, Stay
from control.exposure_archive import representatives
from control.ports import Bucket

READINGS = 2
"""Readings that a column is long, at least: in a finer one there would be none, though the value is known."""

Buckets = Callable[[PointId, datetime, datetime, int, float], Sequence[Bucket]]
"""Statistics of a point: from, until, how many, how long a sample stands; see `control.ports.Historian`. May block."""


def curve_of(lot: Lot, until: datetime, site: Site, buckets: Buckets) -> Curve:
    """Return the curve of a lot up to `until`, or to when it left; may block.

    Goods are told by the probes among them, and by the air where there are none or they say nothing. The limits are
    those that the zone is kept within.

    Raises:
        UnavailableError: The historian is away.
        RefusedError: It is asked for more samples than it looks at.
    """
    end = min(lot.shipped_at or until, until)
    whole_s = (end - lot.received_at).total_seconds()
    zones = {zone.id: zone for zone in site.zones}
    columns: list[Column] = []
    for stay in lot.stays:
        stay_end = min(stay.until or end, end)
        length_s = (stay_end - stay.since).total_seconds()
        if length_s >= 1:
            count = max(1, round(COLUMNS * length_s / whole_s))
            columns += _columns(stay, stay_end, count, zones.get(stay.zone), buckets)
    return Curve(columns)


def _columns(stay: Stay, end: datetime, count: int, zone: Zone | None, buckets: Buckets) -> Iterator[Column]:
    points = representatives(zone) if zone is not None else ()
    finest_s = READINGS * max((point.every_s for point in points), default=1.0)
    count = max(1, min(count, int((end - stay.since).total_seconds() / finest_s)))
    goods = _known([point for point in points if point.role is Role.PRODUCT], stay.since, end, count, buckets)
    air = _known([point for point in points if point.role is not Role.PRODUCT], stay.since, end, count, buckets)
    band = zone.temperature_c if zone is not None else None
    least, most = (band.low, band.high) if band is not None else (None, None)
    width = (end - stay.since) / count
    for place in range(count):
        low, high = goods.get(place) or air.get(place) or (None, None)
        start = stay.since + width * place
        yield Column(start, end if place == count - 1 else start + width, low, high, least, most)


def _known(
    points: Sequence[Point], start: datetime, end: datetime, count: int, buckets: Buckets
) -> dict[int, tuple[float, float]]:
    """Return the lowest and the highest value by the place of the column; a column that knew nothing is not there."""
    found: dict[int, tuple[float, float]] = {}
    for point in points:
        series = buckets(PointId(point.id), start, end, count, HOLD_INTERVALS * point.every_s)
        for place, one in enumerate(series):
            if one.minimum is not None and one.maximum is not None:
                low, high = found.get(place, (one.minimum, one.maximum))
                found[place] = (min(low, one.minimum), max(high, one.maximum))
    return found
