"""Makes the report of a zone or a lot out of the journal and the site's files."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from coldport.errors import NotFoundError, RefusedError
from coldport.site import Quantity, Site, Text, Zone, ZoneClass
from control.alarms.calibration import expiries
from control.alarms.definition import Calibration, Definition, points_of
from control.exposure import exposure
from control.exposure.assessment import Assessment, Custody, assess
from control.exposure.budget import Use
from control.exposure.exposure import Exposure
from control.exposure.lots import Lot
from control.exposure.product import Product
from control.exposure.rules import ExposureRules
from control.exposure.timeline import unknown, worst
from control.historian.buckets import milliseconds, moment
from control.journal.reader import JournalReader
from control.products import Products, find_product
from control.reports.collect import LATE, Facts, collect, find_lots
from control.reports.document import (
    FORM,
    ExcursionLine,
    LimitFigures,
    LotFigures,
    Mark,
    Occurrence,
    PointFigures,
    Report,
    Source,
    Stay,
)
from control.reports.figures import excursions, held, limit_budgets, limit_figures, point_figures, rounded, used
from control.reports.series import Series, hours
from control.reports.signatures import signatures

EXCURSION_LIMIT = 100
MARK_LIMIT = 100
"""Excursions, and marks, listed in one report; how many there are is said in any case."""

MEASURED = (Quantity.TEMPERATURE, Quantity.HUMIDITY)
MARKED = (Quantity.DOOR, Quantity.DEFROST)
"""What explains a temperature: 1 is open, or on."""


class Request(NamedTuple):
    """What is asked for. `start` and `end` may be left out for a lot: from its receipt until it left, or now."""

    subject: str
    start: datetime | None
    end: datetime | None
    made_at: datetime
    made_by: str | None
    software: str


class Books(NamedTuple):
    """Where a report looks things up."""

    site: Site
    definitions: Sequence[Definition]
    products: Products
    journal: JournalReader
    calibrations: Sequence[Calibration] = ()


class Made(NamedTuple):
    """A report, and the series behind it for its chart."""

    report: Report
    series: dict[str, Series]


def make(books: Books, request: Request) -> Made:
    """Return the report of a zone, or of a lot.

    Raises:
        NotFoundError: The site has neither a zone nor a lot of that name, or no longer the lot's product.
        RefusedError: The span is empty, not over yet, or too long.
        UnavailableError: The journal cannot be read.
    """
    zone = next((zone for zone in books.site.zones if zone.id == request.subject), None)
    lot = None if zone else find_lots(books.journal).find(request.subject)
    product = find_product(books.products, lot.product, lot.product_version) if lot else None
    start, end = _span(request, lot)
    stays = _stays(books.site, zone, lot, start, end)
    zones = [each for each in books.site.zones if each.id in {stay.zone for stay in stays}]
    points = [point for each in zones for point in each.points if point.quantity in (*MEASURED, *MARKED)]
    facts = collect(books.journal, points, start, end, expiries(books.calibrations))
    limits, lot_figures = _limits(books, facts, stays), None
    if lot and product:
        lot_figures, budgets = _lot(lot, product, stays, facts, zones, (start, end))
        limits = [*budgets, *limits]
    lines = [*_excursions(books, facts, stays)]
    marks = [*_marks(facts, stays, start, end)]
    report = Report(
        form=FORM,
        kind="lot" if lot else "zone",
        subject=request.subject,
        name=product.name if product else zone.name if zone else Text(zh=request.subject, en=request.subject),
        site=books.site.id,
        site_name=books.site.name,
        timezone=books.site.timezone,
        start=start,
        end=end,
        made_at=request.made_at,
        made_by=request.made_by,
        software=request.software,
        recorded_until=min(end + LATE, request.made_at),
        stays=tuple(stays),
        points=tuple(_points(facts, stays, zones)),
        limits=tuple(limits),
        excursion_count=len(lines),
        excursions=tuple(lines[:EXCURSION_LIMIT]),
        mark_count=len(marks),
        marks=tuple(marks[:MARK_LIMIT]),
        occurrences=tuple(_occurrences(facts)),
        signatures=tuple(signatures(facts.acts, facts.alarms, lot.id if lot else None)),
        sources=tuple(_sources(facts)),
        tampered=facts.tampered,
        lot=lot_figures,
    )
    return Made(report, facts.series)


def _span(request: Request, lot: Lot | None) -> tuple[datetime, datetime]:
    start = request.start or (lot.received_at if lot else None)
    end = request.end or (lot.shipped_at or request.made_at if lot else None)
    if start is None or end is None:
        raise RefusedError("the report of a zone needs --from and --to")
    if lot:
        start, end = max(start, lot.received_at), min(end, lot.shipped_at or end)
    if start >= end:
        raise RefusedError("the span is empty: --from is not before --to, or the lot was not here then")
    if end > request.made_at:
        raise RefusedError(f"the span is not over yet: it is {request.made_at.isoformat(timespec='seconds')}")
    return start, end


def _stays(site: Site, zone: Zone | None, lot: Lot | None, start: datetime, end: datetime) -> list[Stay]:
    if zone:
        return [Stay(zone=zone.id, name=zone.name, since=start, until=end)]
    names = {each.id: each.name for each in site.zones}
    stays = []
    for stay in lot.stays if lot else ():
        since, until = max(stay.since, start), min(stay.until or end, end)
        if since < until:
            if stay.zone not in names:
                raise NotFoundError(f"the site no longer has the zone {stay.zone!r}, where the lot was")
            stays.append(Stay(zone=stay.zone, name=names[stay.zone], since=since, until=until))
    return stays


def _each(facts: Facts, stays: Sequence[Stay], zones: Sequence[Zone]) -> Iterator[tuple[Zone, Series, int, int]]:
    """Yield each measured point of each stay with the span of the stay."""
    for stay in stays:
        zone = next(zone for zone in zones if zone.id == stay.zone)
        for point in zone.points:
            if point.quantity in MEASURED:
                yield zone, facts.series[point.id], milliseconds(stay.since), milliseconds(stay.until)


def _points(facts: Facts, stays: Sequence[Stay], zones: Sequence[Zone]) -> Iterator[PointFigures]:
    for zone, series, start_ms, end_ms in _each(facts, stays, zones):
        yield point_figures(series, zone.id, start_ms, end_ms, frozen=zone.zone_class is ZoneClass.FROZEN)


def _limits(books: Books, facts: Facts, stays: Sequence[Stay]) -> list[LimitFigures]:
    found = []
    for _, series, start_ms, end_ms in _each(facts, stays, books.site.zones):
        point = series.point
        mine = [definition for definition in books.definitions if point in points_of(definition, books.site)]
        watched = list(limit_budgets(mine, point))
        uses = used(held(series, start_ms, end_ms), [limit for _, limit in watched]) if watched else []
        for (definition, limit), use in zip(watched, uses, strict=True):
            found.append(limit_figures(limit, use, subject=point.id, unit=definition.unit, name=definition.name))
    return found


def _excursions(books: Books, facts: Facts, stays: Sequence[Stay]) -> Iterator[ExcursionLine]:
    for _, series, start_ms, end_ms in _each(facts, stays, books.site.zones):
        mine = [definition for definition in books.definitions if series.point in points_of(definition, books.site)]
        yield from excursions(series, mine, start_ms, end_ms)


def _lot(
    lot: Lot,
    product: Product,
    stays: Sequence[Stay],
    facts: Facts,
    zones: Sequence[Zone],
    span: tuple[datetime, datetime],
) -> tuple[LotFigures, list[LimitFigures]]:
    rules = product.exposure
    measured = _measure(facts, zones, rules)
    if span == (lot.received_at, lot.shipped_at or span[1]):
        judged = assess(lot, rules, span[1], measured)
    else:  # a part of its time here: what was before, and what it has left, is not said
        total = Exposure()
        for stay in stays:
            total = exposure.join(total, measured(Custody(stay.zone, stay.since, stay.until)))
        judged = Assessment(lot=lot, until=span[1], exposure=total, verdict=exposure.judge(total, rules))
    verdict = judged.verdict
    figures = LotFigures(
        product=product.id,
        version=product.version,
        coverage=round(verdict.coverage, 4),
        mean_c=rounded(verdict.mean_c),
        kinetic_c=rounded(verdict.kinetic_c),
        kinetic_limit_c=rules.kinetic.limit_c if rules.kinetic else None,
        no_kinetic=verdict.not_evaluable.value if verdict.not_evaluable else None,
        life_lost=None if verdict.life_lost is None else round(verdict.life_lost, 4),
        remaining_d=rounded(judged.remaining_d),
        chilling_spent=None if verdict.chilling_spent is None else round(verdict.chilling_spent, 4),
    )
    uses = judged.exposure.uses
    return figures, [limit_figures(each, uses.get(each.id, Use()), subject=lot.id, unit="°C") for each in rules.budgets]


def _measure(facts: Facts, zones: Sequence[Zone], rules: ExposureRules) -> Callable[[Custody], Exposure]:
    """Return what measures a custody by the warmest and the coldest of the zone's temperatures."""
    by_zone = {
        zone.id: [facts.series[point.id] for point in zone.points if point.quantity is Quantity.TEMPERATURE]
        for zone in zones
    }

    def measured(stay: Custody) -> Exposure:
        total = Exposure()
        for from_ms, to_ms in hours(milliseconds(stay.since), milliseconds(stay.until)):
            known = [series.held(from_ms, to_ms) for series in by_zone[stay.zone]]
            total = exposure.join(total, exposure.measure(worst(known) if known else [unknown(from_ms, to_ms)], rules))
        return total

    return measured


def _marks(facts: Facts, stays: Sequence[Stay], start: datetime, end: datetime) -> Iterator[Mark]:
    found = [Mark(kind="start", point=None, start=at, end=at) for at in facts.starts if start <= at < end]
    since, until = milliseconds(stays[0].since), milliseconds(stays[-1].until)
    for series in facts.series.values():
        if series.point.quantity not in MARKED:
            continue
        for from_ms, to_ms in _on(series, since, until):
            kind = series.point.quantity.value
            found.append(Mark(kind=kind, point=series.point.id, start=moment(from_ms), end=moment(to_ms)))
    yield from sorted(found, key=lambda mark: (mark.start, mark.kind, mark.point or ""))


def _on(series: Series, since_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
    """Yield from when to when a door was open, or a defrost was on."""
    begun: tuple[int, int] | None = None
    for hour in held(series, since_ms, until_ms):
        for stretch in hour:
            if stretch.grade is None or stretch.warm < 1:
                continue
            if begun and begun[1] == stretch.start_ms:
                begun = (begun[0], stretch.end_ms)
                continue
            if begun:
                yield begun
            begun = (stretch.start_ms, stretch.end_ms)
    if begun:
        yield begun


def _occurrences(facts: Facts) -> Iterator[Occurrence]:
    for alarm in sorted(facts.alarms.values(), key=lambda alarm: (alarm.occurred_at, alarm.id)):
        yield Occurrence(
            alarm=alarm.id,
            point=alarm.point,
            priority=alarm.priority.value,
            state=alarm.state.value,
            occurred_at=alarm.occurred_at,
            returned_at=alarm.returned_at,
            historical=alarm.historical,
        )


def _sources(facts: Facts) -> Iterator[Source]:
    for (gateway, boot_id), delivered in sorted(facts.sources.items()):
        yield Source(
            gateway=gateway,
            boot_id=boot_id,
            first_seq=delivered.first_seq,
            last_seq=delivered.last_seq,
            readings=delivered.readings,
            clock_offset_s=round(-delivered.least_delay_s, 3),
        )
