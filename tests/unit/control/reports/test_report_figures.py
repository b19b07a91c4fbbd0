"""The figures of a report, held against what was put into the journal."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Quality
from coldport.site import Point, Quantity
from control.alarms.definition import Calibration
from control.reports import collect
from control.reports.figures import point_figures
from control.reports.series import Series

START = datetime(2026, 7, 4, tzinfo=UTC)
END = START + timedelta(days=1)
HOUR = timedelta(hours=1)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.fixture
def zone(report_of):
    return report_of("room").report


def point_of(report, name):
    return next(point for point in report.points if point.point == name)


def limit_of(report, name, subject):
    return next(one for one in report.limits if (one.limit_id, one.subject) == (name, subject))


def test_extremes_and_means_are_those_of_known_time(zone):
    point = point_of(zone, "p-1")

    assert (point.minimum, point.minimum_at, point.maximum, point.maximum_at) == (5.0, START, 9.0, at(300))
    # 60 of 1,382 known minutes were at 9 degrees: the last sample before the gap is held for two more minutes.
    assert point.known_s == 1382 * 60
    assert point.mean == round((1322 * 5 + 60 * 9) / 1382, 2)


def test_v11_trip_and_duration_are_what_loggers_print(zone):
    # TempSen glossary: n points, interval d: trip (n-1)d, duration n d.
    point = point_of(zone, "p-1")

    assert (point.samples, point.trip_s, point.duration_s) == (1380, 1379 * 60, 1380 * 60)


def test_a_gap_is_stated_and_its_time_is_in_no_statistic(zone):
    point = point_of(zone, "p-1")

    assert [(gap.start, gap.end) for gap in point.gaps] == [(at(902), at(960))]
    assert (point.gap_count, point.unknown_s, point.coverage) == (1, 58 * 60, round(1382 / 1440, 4))


@pytest.mark.parametrize(("days", "uncertain"), [(0, True), (-400, True), (1, False)])
def test_what_is_read_after_the_certificate_of_a_sensor_ended_is_uncertain_and_said_so(report_of, days, uncertain):
    due = at(0).date() + timedelta(days=days)
    made = report_of("room", calibrations=[Calibration(point="p-1", due=due, certificate="C-1")])
    point = point_of(made.report, "p-1")

    assert (point.uncertain_s, point.known_s) == (point.known_s if uncertain else 0, 1382 * 60)
    if uncertain:
        span = point.uncalibrated
        assert (span.start, span.end, span.reason, span.count) == (at(0), at(1440), "calibration-expired", 1380)
    else:
        assert point.uncalibrated is None
    assert point_of(made.report, "p-2").uncalibrated is None


def test_bad_readings_are_one_span_with_their_reason_and_unknown_time(zone):
    point = point_of(zone, "p-2")

    assert (point.bad, point.gap_count) == (5, 2)
    assert [(bad.start, bad.end, bad.reason, bad.count) for bad in point.bad_spans] == [
        (at(600), at(605), "no-answer", 5)
    ]


def test_a_mean_kinetic_temperature_stands_between_mean_and_maximum_and_not_for_frozen(zone, report_of):
    point = point_of(zone, "p-1")
    [frozen] = report_of("cold").report.points

    assert point.mean < point.kinetic_c < point.maximum
    assert (frozen.kinetic_c, frozen.no_kinetic) == (None, "frozen")
    assert point_of(zone, "p-h").no_kinetic is None


def test_below_95_percent_coverage_there_is_no_kinetic_mean(report_of):
    point = point_of(report_of("room", START + 14 * HOUR, START + 17 * HOUR).report, "p-1")

    assert (point.kinetic_c, point.no_kinetic) == (None, "coverage")


def test_a_limit_is_violated_when_what_is_beyond_is_as_long_as_allowed(zone, report_of):
    limit = limit_of(zone, "hi", "p-1")
    short = limit_of(report_of("room", at(290), at(309)).report, "hi", "p-1")
    equal = limit_of(report_of("room", at(290), at(310)).report, "hi", "p-1")

    assert (limit.events, limit.beyond_s, limit.longest_s, limit.first_at) == (1, 3600, 3600, at(300))
    assert (limit.violated, short.violated, equal.violated) == (True, False, True)
    assert (limit.counting, limit.allowed_s, limit.source) == ("single", 600, "GB/T 24616-2019")


def test_a_value_at_the_limit_is_not_beyond_it(zone):
    limit = limit_of(zone, "hihi", "p-1")

    assert (limit.events, limit.beyond_s, limit.violated, limit.allowed_s) == (0, 0, False, 0)


def test_conditions_without_a_limit_of_values_are_no_limits_of_the_report(zone):
    assert {limit.limit_id for limit in zone.limits} == {"hi", "hihi", "lo"}


def test_excursions_are_those_of_the_record_view(zone):
    first = zone.excursions[0]

    assert (zone.excursion_count, first.definition, first.version, first.point) == (2, "hi", 2, "p-1")
    assert (first.onset, first.raised_at, first.returned_at, first.worst) == (at(300), at(310), at(360), 9.0)


def test_doors_and_starts_within_the_span_are_marked(zone):
    assert [(mark.kind, mark.start, mark.end) for mark in zone.marks] == [("door", at(300), at(320))]


def test_signatures_have_a_name_a_time_a_meaning_and_what_they_are_about(zone):
    said = [(one.by, one.meaning, one.about, one.comment) for one in zone.signatures]

    assert said == [
        ("赵", "shelve", "hi.p-2", "cleaning"),
        ("钱", "approved", "hi.p-2", None),
        ("王芳", "acknowledged", "hi.p-1.1", "seen"),
        ("王芳", "decision-release", "hi.p-1.1", "door closed 已关门"),
    ]


def test_the_source_of_the_readings_is_named_with_its_clock(zone):
    [source] = zone.sources

    assert (source.gateway, source.readings, source.clock_offset_s) == ("gw", 1380 * 4, -0.25)
    assert zone.tampered == 1


def test_a_lot_has_the_budgets_of_its_product_and_its_own_time(report_of):
    report = report_of("lot-1", None, None).report

    assert (report.kind, report.start, report.end) == ("lot", START, END)
    budget = limit_of(report, "warm", "lot-1")
    assert (budget.counting, budget.beyond_s, budget.violated) == ("cumulative", 3600, True)
    assert report.lot.kinetic_c == pytest.approx(5.31, abs=0.1)
    assert [one.meaning for one in report.signatures] == [
        "received",
        "shelve",
        "approved",
        "acknowledged",
        "decision-release",
        "shipped",
    ]


def test_a_part_of_a_lots_time_says_what_that_part_did(report_of):
    report = report_of("lot-1", at(0), at(300)).report

    assert limit_of(report, "warm", "lot-1").events == 0
    assert (report.lot.mean_c, report.lot.remaining_d) == (5.0, None)


@pytest.mark.parametrize(
    ("subject", "start", "end", "error"),
    [
        ("nowhere", START, END, NotFoundError),
        ("room", None, END, RefusedError),
        ("room", END, START, RefusedError),
        ("room", START, END + timedelta(days=5), RefusedError),
    ],
)
def test_what_cannot_be_reported_is_refused(report_of, subject, start, end, error):
    with pytest.raises(error):
        report_of(subject, start, end)


def test_a_report_has_a_limit_of_readings(report_of, monkeypatch):
    monkeypatch.setattr(collect, "READING_LIMIT", 4 * 1380)
    assert report_of("room").report.points

    monkeypatch.setattr(collect, "READING_LIMIT", 4 * 1380 - 1)
    with pytest.raises(RefusedError, match="shorter span"):
        report_of("room")


def test_readings_in_any_order_and_twice_give_the_same_figures():
    point = Point(id="p", quantity=Quantity.TEMPERATURE, every_s=10)
    readings = [(second * 1000, float(second % 7), Quality.GOOD, None) for second in range(0, 7200, 10)]
    readings[5] = (50_000, None, Quality.BAD, "no-answer")
    readings[9] = (90_000, 3.0, Quality.UNCERTAIN, None)
    in_order, shuffled = Series(point), Series(point)
    for reading in readings:
        in_order.add(*reading)
    for reading in [*readings[::2], *readings[::-1]]:
        shuffled.add(*reading)
    for series in (in_order, shuffled):
        series.sort()

    figures = [point_figures(one, "z", 5_000, 7_000_000, frozen=False) for one in (in_order, shuffled)]

    assert len(in_order) == len(shuffled)
    assert figures[0] == figures[1]
    assert figures[0].uncertain_s == 10
