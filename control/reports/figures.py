"""From readings to the figures of a report.

The statistics are those of `control.exposure`, the excursions those of the record view; none is computed here anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from coldport.site import Point, Quantity, Text
from control.alarms.calibration import EXPIRED
from control.alarms.definition import Definition, Kind
from control.alarms.record.fold import Fold
from control.alarms.record.spans import Excursion
from control.exposure import budget, kinetic, statistics
from control.exposure.budget import Budget, Counting, Use
from control.exposure.kinetic import LEAST_COVERAGE, KineticSum, NotEvaluable
from control.exposure.statistics import Statistics
from control.exposure.timeline import Stretch
from control.exposure.trip import Trip
from control.historian.buckets import milliseconds, moment
from control.reports.document import ExcursionLine, LimitFigures, PointFigures, Span
from control.reports.series import BadReading, Series, hours

SPAN_LIMIT = 40
"""Gaps, and bad spans, listed of one point; how many there are is said in any case."""

HIGH = (Kind.HI, Kind.HIHI)
LOW = (Kind.LO, Kind.LOLO)


def point_figures(series: Series, zone: str, start_ms: int, end_ms: int, *, frozen: bool) -> PointFigures:
    """Return the figures of one point. A mean kinetic temperature is for temperatures that are not frozen."""
    point = series.point
    of_temperature = point.quantity is Quantity.TEMPERATURE
    total, warmth = Statistics(), KineticSum()
    gaps: list[tuple[int, int]] = []
    for stretches in held(series, start_ms, end_ms):
        total = statistics.join(total, statistics.measure(stretches))
        if of_temperature:
            warmth = kinetic.join(warmth, kinetic.measure(stretches))
        _note_gaps(gaps, stretches)
    edges = series.edges(start_ms, end_ms)
    trip = Trip(edges[2] if edges else 0, point.every_s)
    reason = _no_kinetic(total, frozen=frozen) if of_temperature else None
    bad = series.bad(start_ms, end_ms)
    return PointFigures(
        point=point.id,
        label=point.label,
        zone=zone,
        quantity=point.quantity.value,
        unit=point.quantity.unit,
        interval_s=point.every_s,
        samples=trip.points,
        bad=len(bad),
        trip_s=trip.length_s,
        duration_s=trip.duration_s,
        first=moment(edges[0]) if edges else None,
        last=moment(edges[1]) if edges else None,
        minimum=rounded(total.minimum),
        minimum_at=_moment(total.minimum_at_ms),
        maximum=rounded(total.maximum),
        maximum_at=_moment(total.maximum_at_ms),
        mean=rounded(total.mean),
        kinetic_c=rounded(kinetic.temperature_c(warmth, total)) if of_temperature and not reason else None,
        no_kinetic=reason,
        coverage=round(total.coverage, 4),
        known_s=total.known_ms / 1000,
        uncertain_s=total.uncertain_ms / 1000,
        unknown_s=total.unknown_ms / 1000,
        gap_count=len(gaps),
        gaps=tuple(Span(start=moment(a), end=moment(b)) for a, b in gaps[:SPAN_LIMIT]),
        bad_spans=tuple(_bad_spans(bad, round(point.every_s * 1000), end_ms))[:SPAN_LIMIT],
        uncalibrated=_uncalibrated(series, start_ms, end_ms),
    )


def limit_budgets(definitions: Iterable[Definition], point: Point) -> Iterator[tuple[Definition, Budget]]:
    """Yield the limits that watch a point as budgets: a delay is what may be beyond at a stretch."""
    for definition in definitions:
        limit = definition.limit
        if definition.quantity is not point.quantity or limit is None or definition.kind not in (*HIGH, *LOW):
            continue
        yield (
            definition,
            Budget(
                id=definition.id,
                above_c=limit if definition.kind in HIGH else None,
                below_c=limit if definition.kind in LOW else None,
                counting=Counting.SINGLE,
                allowed_s=max(definition.on_delay_s, 0.001),
                source=definition.source,
            ),
        )


def used(hours_held: Iterable[Sequence[Stretch]], limits: Sequence[Budget]) -> list[Use]:
    """Return what of hours that follow each other was beyond each of some limits."""
    totals = [Use()] * len(limits)
    for hour in hours_held:
        totals = [budget.join(total, budget.measure(hour, limit)) for total, limit in zip(totals, limits, strict=True)]
    return totals


def limit_figures(limit: Budget, use: Use, *, subject: str, unit: str, name: Text | None = None) -> LimitFigures:
    """Return what is reported of one limit."""
    allowed_s = limit.allowed_s if limit.allowed_s > 0.001 else 0.0
    return LimitFigures(
        limit_id=limit.id,
        name=name,
        subject=subject,
        above=limit.above_c,
        below=limit.below_c,
        unit=unit,
        source=limit.source,
        counting=limit.counting.value,
        allowed_s=allowed_s,
        events=use.events,
        beyond_s=use.beyond_ms / 1000,
        longest_s=use.longest_ms / 1000,
        first_at=_moment(use.first_ms),
        violated=use.events > 0 and use.share(limit) >= 1,
    )


def excursions(series: Series, definitions: Sequence[Definition], start_ms: int, end_ms: int) -> list[ExcursionLine]:
    """Return what held for its delay, in the order it ended, open ones last."""
    fold = Fold(series.point, definitions)
    for at_ms, value, _ in series.between(start_ms, end_ms):
        fold.take(moment(at_ms), value)
    return [_line(one) for one in (*fold.excursions, *fold.open())]


def held(series: Series, start_ms: int, end_ms: int) -> Iterator[list[Stretch]]:
    """Yield what is known of each hour."""
    for from_ms, to_ms in hours(start_ms, end_ms):
        yield series.held(from_ms, to_ms)


def rounded(value: float | None) -> float | None:
    """Return a value as it is reported."""
    return None if value is None else round(value, 2)


def _no_kinetic(total: Statistics, *, frozen: bool) -> str | None:
    if frozen:
        return NotEvaluable.FROZEN.value
    return NotEvaluable.COVERAGE.value if total.coverage < LEAST_COVERAGE else None


def _note_gaps(gaps: list[tuple[int, int]], stretches: Iterable[Stretch]) -> None:
    for stretch in stretches:
        if stretch.grade is not None:
            continue
        if gaps and gaps[-1][1] == stretch.start_ms:
            gaps[-1] = (gaps[-1][0], stretch.end_ms)
        else:
            gaps.append((stretch.start_ms, stretch.end_ms))


def _bad_spans(bad: Sequence[BadReading], every_ms: int, end_ms: int) -> Iterator[Span]:
    """Yield readings that failed one after the other, for the same reason, as one span."""
    first = 0
    for index, one in enumerate(bad):
        following = bad[index + 1] if index + 1 < len(bad) else None
        if following and following.reason == one.reason and following.at_ms - one.at_ms <= 2 * every_ms:
            continue
        until = moment(min(one.at_ms + every_ms, end_ms))
        yield Span(start=moment(bad[first].at_ms), end=until, reason=one.reason, count=index - first + 1)
        first = index + 1


def _uncalibrated(series: Series, start_ms: int, end_ms: int) -> Span | None:
    """Return the time without a valid certificate and its readings, if there was any."""
    if series.expires is None or (from_ms := max(start_ms, milliseconds(series.expires))) >= end_ms:
        return None
    edges = series.edges(from_ms, end_ms)
    return Span(start=moment(from_ms), end=moment(end_ms), reason=EXPIRED, count=edges[2] if edges else 0)


def _line(one: Excursion) -> ExcursionLine:
    return ExcursionLine(
        definition=one.definition,
        version=one.version,
        point=one.point,
        onset=one.onset,
        raised_at=one.raised_at,
        returned_at=one.returned_at,
        worst=round(one.worst, 2),
        worst_at=one.worst_at,
        known_s=one.known_s,
        unknown_s=one.unknown_s,
        gaps=one.gaps,
    )


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else moment(at_ms)
