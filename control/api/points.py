"""The site, its points' newest values, and their series."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime

from coldport.errors import NotFoundError
from coldport.ids import PointId
from coldport.site import Band, Point, Text, Zone
from control.access.party import Scope
from control.alarms.definition import Advice, Definition
from control.api.access.owners import THE_POINT, of_point
from control.api.access.policy import EACH_OF_THE_SITES, needs
from control.api.access.visitor import Visitor
from control.api.context import Context, InContext
from control.api.schemas import (
    BandView,
    BucketView,
    DefinitionView,
    LaneView,
    PointView,
    ReadingsView,
    SitePointView,
    SiteView,
    TextView,
    ZoneView,
)
from control.api.tiles import hold_s, is_stale
from control.ports import Bucket, Latest

BUCKET_LIMIT = 2000
"""Buckets of one answer: wider than any screen has pixels to draw them."""

SPAN_LIMIT = timedelta(days=400)
"""A year and its neighbour months; longer questions would read the whole store for one chart."""

router = APIRouter(prefix="/api/v1", tags=["points"])


@router.get("/site", dependencies=[needs(Scope.SITE_READ)])
def get_site(context: InContext) -> SiteView:
    """Say what the site is: zones, points, bands, alarm definitions, lanes."""
    site = context.desk.site
    return SiteView(
        id=site.id,
        name=_text(site.name),
        timezone=site.timezone,
        simulated=context.hub.simulated,
        zones=tuple(_zone(zone) for zone in site.zones),
        definitions=tuple(_definition(definition) for definition in context.definitions),
        lanes=_lanes(context),
    )


@router.get("/points")
async def get_points(
    context: InContext,
    visitor: Annotated[Visitor, needs(Scope.POINTS_READ, EACH_OF_THE_SITES)],
    zone: str | None = None,
) -> list[PointView]:
    """List every point with its newest value, in the order of the site file; of one zone if `zone` is given."""
    if zone is not None and context.hub.zone(zone) is None:
        raise NotFoundError(f"the site has no zone {zone!r}")
    now, latest = context.desk.now(), context.desk.latest()
    asked = ((place, point) for place, point in context.points.values() if zone in {None, place.id})
    return [
        _point(place, point, latest.get(PointId(point.id)), now)
        for place, point in await visitor.only(asked, lambda one: of_point(one[0], one[1].id))
    ]


@router.get("/points/{point}/readings", dependencies=[needs(Scope.POINTS_READ, THE_POINT)])
async def get_readings(
    context: InContext,
    point: str,
    start: Annotated[AwareDatetime | None, Query(alias="from", description="default: a day before `to`")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="default: now; excluded")] = None,
    buckets: Annotated[int, Query(ge=1, le=BUCKET_LIMIT)] = 288,
) -> ReadingsView:
    """Cut a point's series into equal buckets: least, mean and greatest value of each; gaps stay visible."""
    place = context.points.get(PointId(point))
    if place is None:
        raise NotFoundError(f"the site has no point {point!r}")
    end = end or context.desk.now()
    start = start or end - timedelta(days=1)
    check_span(start, end)
    series = await context.archive.buckets(PointId(point), start, end, buckets, hold_s(place[1]))
    return ReadingsView(
        point=point,
        unit=place[1].quantity.unit,
        start=start,
        end=end,
        bucket_s=(end - start).total_seconds() / buckets,
        buckets=tuple(_bucket(bucket) for bucket in series),
    )


def check_span(start: datetime, end: datetime) -> None:
    """Refuse a span that is empty or longer than `SPAN_LIMIT`, by the name of its place."""
    wrong = None
    if end <= start:
        wrong = ("query", "to"), "is not after `from`"
    elif end - start > SPAN_LIMIT:
        wrong = ("query", "from"), f"more than {SPAN_LIMIT.days} days before `to`"
    if wrong:
        raise RequestValidationError([{"loc": wrong[0], "msg": wrong[1], "type": "value_error"}])


def _lanes(context: Context) -> tuple[LaneView, ...]:
    lanes = context.desk.floor.lanes
    names = {zone.id: zone.name for zone in context.desk.site.zones}
    return tuple(
        LaneView(
            id=one.id,
            name=_text(names[one.zone]),
            places={verdict: _text(place) for verdict, place in one.places.items()},
        )
        for one in (lanes.settings if lanes is not None else ())
    )


def _text(text: Text | Advice) -> TextView:
    return TextView(zh=text.zh, en=text.en)


def _band(band: Band | None) -> BandView | None:
    return BandView(low=band.low, high=band.high) if band else None


def _zone(zone: Zone) -> ZoneView:
    return ZoneView(
        id=zone.id,
        name=_text(zone.name),
        zone_class=zone.zone_class,
        temperature_c=_band(zone.temperature_c),
        humidity_percent=_band(zone.humidity_percent),
        points=tuple(
            SitePointView(id=p.id, quantity=p.quantity, unit=p.quantity.unit, every_s=p.every_s, label=p.label)
            for p in zone.points
        ),
    )


def _definition(definition: Definition) -> DefinitionView:
    return DefinitionView(
        id=definition.id,
        name=_text(definition.name),
        kind=definition.kind,
        quantity=definition.quantity,
        priority=definition.priority,
        limit=definition.limit,
        unit=definition.unit,
        on_delay_s=definition.on_delay_s,
        source=definition.source,
        consequence=_text(definition.consequence),
        action=_text(definition.action),
    )


def _point(zone: Zone, point: Point, latest: Latest | None, now: datetime) -> PointView:
    return PointView(
        id=point.id,
        zone=zone.id,
        quantity=point.quantity,
        unit=point.quantity.unit,
        label=point.label,
        value=latest.value if latest else None,
        quality=latest.quality if latest else None,
        reason=latest.reason if latest else None,
        observed_at=latest.observed_at if latest else None,
        recorded_at=latest.recorded_at if latest else None,
        age_s=round((now - latest.observed_at).total_seconds(), 3) if latest else None,
        stale=is_stale(point, latest, now) if latest else True,
        stable=latest.stable if latest else None,
        epc=latest.epc if latest else None,
    )


def _bucket(bucket: Bucket) -> BucketView:
    return BucketView(
        start=bucket.start,
        count=bucket.count,
        bad=bucket.bad,
        covered_s=bucket.covered_s,
        min=bucket.minimum,
        mean=bucket.mean,
        max=bucket.maximum,
    )
