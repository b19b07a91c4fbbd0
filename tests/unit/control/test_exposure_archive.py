"""Exposure over a historian: measured by the hour, remembered, and measured anew when late samples come."""

from datetime import UTC, datetime, timedelta

import pytest

from coldport.errors import NotFoundError
from coldport.ids import PointId
from coldport.messages.observation import Quality
from coldport.site import Point, Quantity, Role, Site, Text, Zone, ZoneClass
from control import exposure_archive
from control.alarms.definition import Calibration
from control.exposure.custody import LotMoved, LotReceived
from control.exposure.lots import Lots
from control.exposure.product import Product
from control.exposure.rules import ExposureRules
from control.exposure.shelf_life import Exponential
from control.exposure_archive import ExposureArchive
from control.historian.memory import MemoryHistorian
from control.ports import Sample

START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
NAME = Text(zh="鱼", en="Fish")
FISH = Product(
    id="fish",
    version=1,
    name=NAME,
    exposure=ExposureRules(
        shelf_life=Exponential(reference_c=0, life_d=10, valid_from_c=-2, valid_to_c=20, source="site rule", per_k=0.1)
    ),
)


def room(zone: str) -> Zone:
    points = ((f"{zone}-1", Quantity.TEMPERATURE), (f"{zone}-2", Quantity.TEMPERATURE), (f"{zone}-door", Quantity.DOOR))
    return Zone(
        id=zone,
        name=NAME,
        zone_class=ZoneClass.CHILLED,
        points=tuple(Point(id=name, quantity=quantity, every_s=60) for name, quantity in points),
    )


SITE = Site(
    id="s",
    name=NAME,
    timezone="Asia/Shanghai",
    zones=(room("c1"), room("c2"), Zone(id="yard", name=NAME, zone_class=ZoneClass.DOCK)),
)


class Counting(MemoryHistorian):
    """Counts how often it is asked."""

    asked = 0

    def samples(self, point, start, end):
        self.asked += 1
        return super().samples(point, start, end)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def constant(point: str, at_c: float, minutes: range) -> list[Sample]:
    return [Sample(PointId(point), at(minute), at_c, Quality.GOOD) for minute in minutes]


def lot_in(zone: str, *moves: LotMoved):
    lots = Lots()
    lots.take(LotReceived(lot="l1", product="fish", product_version=1, zone=zone, at=START, by="Li"))
    for move in moves:
        lots.take(move)
    return lots.find("l1")


@pytest.fixture
def historian() -> Counting:
    return Counting()


@pytest.fixture
def archive(historian) -> ExposureArchive:
    return ExposureArchive(SITE, {("fish", 1): FISH}, historian)


def test_a_lot_inherits_the_worst_of_its_zone_and_then_of_the_next(archive, historian) -> None:
    historian.write(
        1,
        [
            *constant("c1-1", 1.0, range(60)),
            *constant("c1-2", 2.0, range(60)),
            *constant("c2-1", 5.0, range(60, 120)),
            *constant("c2-2", 4.0, range(60, 120)),
            *constant("c1-door", 1.0, range(60)),
        ],
    )
    lot = lot_in("c1", LotMoved(lot="l1", zone="c2", at=at(60), by="Li"))

    found = archive.assess(lot, at(120))

    assert found.verdict.mean_c == pytest.approx(3.5)
    assert (found.exposure.statistics.minimum, found.exposure.statistics.maximum) == (1.0, 5.0)
    assert found.verdict.coverage == 1.0


def test_hours_are_measured_once(archive, historian) -> None:
    historian.write(1, constant("c1-1", 1.0, range(180)))
    archive.assess(lot_in("c1"), at(180))
    asked = historian.asked

    archive.assess(lot_in("c1"), at(180))
    assert historian.asked == asked == 2 * 4

    archive.assess(lot_in("c1"), at(181))
    assert historian.asked == asked + 2


def test_late_samples_are_taken_in(archive, historian) -> None:
    historian.write(1, constant("c1-1", 1.0, range(180)))
    before = archive.assess(lot_in("c1"), at(180))
    late = constant("c1-2", 9.0, range(60, 62))

    historian.write(2, late)
    archive.changed([*late, Sample(PointId("c1-door"), at(0), 1.0, Quality.GOOD)])

    after = archive.assess(lot_in("c1"), at(180))
    fresh = ExposureArchive(SITE, archive.products, historian).assess(lot_in("c1"), at(180))
    assert before.exposure.statistics.maximum == 1.0
    assert after == fresh
    assert after.exposure.statistics.maximum == 9.0


def test_a_late_sample_is_held_into_the_next_hour(archive, historian) -> None:
    lot = lot_in("c1")
    archive.assess(lot, at(60))
    late = [Sample(PointId("c1-1"), at(29), 9.0, Quality.GOOD)]  # 08:59, held until 09:02

    historian.write(1, late)
    archive.changed(late)

    assert archive.assess(lot, at(60)).exposure.statistics.good_ms == 0
    assert archive.assess(lot, at(60)).exposure.statistics.substituted_ms == 3 * 60_000


def test_what_was_being_measured_while_samples_came_is_not_remembered(archive, historian) -> None:
    lot = lot_in("c1")
    late = [Sample(PointId("c1-1"), at(1), 9.0, Quality.GOOD)]

    class Racing(Counting):
        def samples(self, point, start, end):
            found = super().samples(point, start, end)
            if self.asked == 2:
                self.write(1, late)
                archive.changed(late)
            return found

    archive._historian = Racing()

    assert archive.assess(lot, at(20)).exposure.statistics.known_ms == 0
    assert archive.assess(lot, at(20)).exposure.statistics.known_ms == 3 * 60_000


def test_air_stands_in_while_the_product_probe_is_silent(historian) -> None:
    probe = Point(id="c3-core", quantity=Quantity.TEMPERATURE, every_s=60, role=Role.PRODUCT)
    zone = Zone(id="c3", name=NAME, zone_class=ZoneClass.CHILLED, points=(*room("c3").points, probe))
    site = Site(id="s", name=NAME, timezone="Asia/Shanghai", zones=(zone,))
    historian.write(1, [*constant("c3-core", 1.0, range(30)), *constant("c3-1", 9.0, range(60))])

    found = ExposureArchive(site, {("fish", 1): FISH}, historian).assess(lot_in("c3"), at(60)).exposure.statistics

    assert (found.good_ms, found.substituted_ms) == (32 * 60_000, 28 * 60_000)
    assert (found.minimum, found.maximum) == (1.0, 9.0)


def test_a_whole_day_is_one_question_for_each_point(archive, historian) -> None:
    historian.write(1, constant("c1-1", 1.0, range(0, 4 * 24 * 60, 2)))
    morning = (15 * 60) + 30  # to midnight, in minutes

    assert archive.assess(lot_in("c1"), at(morning + 2 * 24 * 60)).exposure.statistics.coverage == 1.0
    assert historian.asked == 2 * (16 + 2)


def test_a_fast_point_is_read_in_pieces(archive, historian, monkeypatch) -> None:
    monkeypatch.setattr(exposure_archive, "PIECE", 10)
    historian.write(1, constant("c1-1", 1.0, range(30)))

    assert archive.assess(lot_in("c1"), at(30)).exposure.statistics.known_ms == 30 * 60_000
    assert historian.asked == 2 * 4  # 33 minutes with what is held into them, ten at a time


def test_a_zone_without_probes_says_nothing(archive) -> None:
    found = archive.assess(lot_in("yard"), at(60))

    assert (found.verdict.coverage, found.exposure.statistics.unknown_ms) == (0.0, 3_600_000)
    assert archive.points("no-such-zone") == ()


def test_hours_beyond_the_limit_are_forgotten(archive, historian, monkeypatch) -> None:
    monkeypatch.setattr(exposure_archive, "PART_LIMIT", 2)
    archive.assess(lot_in("c1"), at(240))

    assert len(archive._parts) == 2
    assert archive.assess(lot_in("c1"), at(240)).exposure.statistics.unknown_ms == 4 * 3_600_000


def test_a_product_that_is_gone_is_said(historian) -> None:
    with pytest.raises(NotFoundError):
        ExposureArchive(SITE, {}, historian).assess(lot_in("c1"), at(60))


def test_what_an_uncalibrated_probe_says_is_known_and_uncertain(historian) -> None:
    historian.write(1, [*constant("c1-1", 1.0, range(60)), *constant("c1-2", 1.0, range(60))])
    expired = [Calibration(point=name, due=at(0).date(), certificate="C-1") for name in ("c1-1", "c1-2")]
    archive = ExposureArchive(SITE, {("fish", 1): FISH}, historian, expired)

    found = archive.assess(lot_in("c1"), at(60)).exposure.statistics
    assert (found.good_ms, found.uncertain_ms) == (0, 3_600_000)
