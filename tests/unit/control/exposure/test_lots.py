"""Lots: what may be said of them, where they were when, and what that comes to."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.errors import NotFoundError, RefusedError
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.exposure import exposure, lots
from control.exposure.assessment import Custody, assess, custody, summary
from control.exposure.budget import Budget, Counting
from control.exposure.chilling import Chilling
from control.exposure.custody import (
    ExposureStatement,
    LotAssessed,
    LotMoved,
    LotReceived,
    LotShipped,
    Plan,
    is_sealed,
    sealed,
)
from control.exposure.exposure import Exposure, measure
from control.exposure.lots import Lots
from control.exposure.product import digest
from control.exposure.rules import ExposureRules
from control.exposure.shelf_life import Exponential
from control.exposure.timeline import Grade, Stretch

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=30)
NAME = Text(zh="站", en="Site")
SITE = Site(
    id="s",
    name=NAME,
    timezone="Asia/Shanghai",
    zones=tuple(
        Zone(
            id=zone,
            name=NAME,
            zone_class=ZoneClass.CHILLED,
            points=(Point(id=f"{zone}-1", quantity=Quantity.TEMPERATURE, every_s=60),),
        )
        for zone in ("c1", "c2")
    ),
)
RULES = ExposureRules(
    shelf_life=Exponential(reference_c=5, life_d=20, valid_from_c=0, valid_to_c=25, source="site rule", per_k=0.1),
    budgets=(Budget(id="over-8", above_c=8, counting=Counting.CUMULATIVE, allowed_s=86_400, source="site rule"),),
    chilling=Chilling(lowest_safe_c=2, allowed_degree_h=100, source="site rule"),
)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def received(at: float = 0, **changes) -> LotReceived:
    fields = {"lot": "l1", "product": "salmon", "product_version": 1, "zone": "c1", "at": day(at), "by": "Li"}
    return LotReceived(**(fields | changes))


def moved(at: float, zone: str = "c2") -> LotMoved:
    return LotMoved(lot="l1", zone=zone, at=day(at), by="Li")


def shipped(at: float, lot: str = "l1") -> LotShipped:
    return LotShipped(lot=lot, at=day(at), by="Li")


def known(*acts) -> Lots:
    found = Lots()
    for act in acts:
        found.check(act, NOW, SITE)
        found.take(act)
    return found


def constant(at_c: float):
    """What any custody does at one temperature."""

    def measured(stay: Custody) -> Exposure:
        start_ms, end_ms = (round(moment.timestamp() * 1000) for moment in stay[1:])
        return measure([Stretch(start_ms, end_ms, at_c, at_c, Grade.GOOD)], RULES)

    return measured


def stated(since: float = -10, until: float = -2, at_c: float = 5, **changes) -> ExposureStatement:
    there = constant(at_c)(Custody("elsewhere", day(since), day(until)))
    fields = {
        "lot": "l1",
        "product": "salmon",
        "product_version": 1,
        "rules": digest(RULES),
        "site": "changsha-1",
        "since": day(since),
        "until": day(until),
        "signed_by": "Wang",
        "signed_at": day(until),
        "exposure": there,
    }
    return sealed(ExposureStatement(**(fields | changes)))


def test_a_lot_is_in_one_zone_after_the_other_until_it_leaves() -> None:
    lot = known(received(), moved(2), moved(3, "c1"), shipped(5)).find("l1")

    assert [(stay.zone, stay.since, stay.until) for stay in lot.stays] == [
        ("c1", day(0), day(2)),
        ("c2", day(2), day(3)),
        ("c1", day(3), day(5)),
    ]
    assert (lot.received_at, lot.shipped_at) == (day(0), day(5))


def test_custody_ends_at_the_moment_asked_for() -> None:
    lot = known(received(), moved(2)).find("l1")

    assert list(custody(lot, day(1))) == [Custody("c1", day(0), day(1))]
    assert list(custody(lot, day(4))) == [Custody("c1", day(0), day(2)), Custody("c2", day(2), day(4))]
    assert list(custody(lot, day(0))) == []


@pytest.mark.parametrize(
    ("before", "act", "error"),
    [
        ((), moved(1), NotFoundError),
        ((), received(zone="x"), NotFoundError),
        ((), received(31), RefusedError),
        ((), received(lot="c1-1"), RefusedError),
        ((received(),), received(), RefusedError),
        ((), received(made_at=day(1)), RefusedError),
        ((received(),), moved(0), RefusedError),
        ((received(),), moved(1, "c1"), RefusedError),
        ((received(),), moved(1, "x"), NotFoundError),
        ((received(), shipped(2)), moved(3), RefusedError),
        ((received(), shipped(2)), shipped(3), RefusedError),
    ],
)
def test_what_cannot_have_happened_is_refused(before, act, error) -> None:
    there = known(*before)

    with pytest.raises(error):
        there.check(act, NOW, SITE)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(stated(lot="l2"), id="another lot"),
        pytest.param(stated(product_version=2), id="another version"),
        pytest.param(stated(until=1), id="ends after the lot came"),
        pytest.param(stated(signed_by="Wang", exposure=Exposure()), id="not of the time it names"),
        pytest.param(msgspec.structs.replace(stated(), signed_by="Zhou"), id="changed after it was sealed"),
    ],
)
def test_a_statement_that_does_not_fit_is_refused(statement) -> None:
    with pytest.raises(RefusedError):
        known(received(earlier=statement))


def test_a_sealed_statement_survives_the_wire() -> None:
    again = msgspec.json.decode(msgspec.json.encode(stated()), type=ExposureStatement)

    assert is_sealed(again)
    assert again == stated()


@pytest.mark.parametrize("key", ["good_ms", "fraction"])
def test_a_statement_cannot_make_goods_younger(key) -> None:
    said = msgspec.json.encode(stated()).replace(f'"{key}":'.encode(), f'"{key}":-'.encode())

    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(said, type=ExposureStatement)


def test_limits_of_lots_and_stays(monkeypatch) -> None:
    monkeypatch.setattr(lots, "LOT_LIMIT", 1)
    monkeypatch.setattr(lots, "STAY_LIMIT", 2)
    monkeypatch.setattr(lots, "SHIPPED_LIMIT", 1)
    there = known(received(), moved(1))

    with pytest.raises(RefusedError):
        there.check(moved(2, "c1"), NOW, SITE)
    with pytest.raises(RefusedError):
        there.check(received(lot="l2"), NOW, SITE)
    for act in (shipped(2), received(2, lot="l2"), shipped(3, "l2")):
        there.check(act, NOW, SITE)
        there.take(act)
    assert list(there.by_id) == ["l2"]


def test_remaining_life_is_what_the_record_leaves() -> None:
    lot = known(received(plan=Plan(at_c=5, transit_d=3, buffer_d=4))).find("l1")

    found = assess(lot, RULES, day(8), constant(5))

    assert found.verdict.life_lost == pytest.approx(0.4)
    assert found.remaining_d == pytest.approx(12)
    assert found.margin_d == pytest.approx(5)
    assert (found.at_c, found.assumed_lost) == (5, 0)


def test_warm_days_take_more_and_a_colder_plan_gives_more() -> None:
    lot = known(received(plan=Plan(at_c=0, transit_d=3))).find("l1")
    warm = assess(lot, RULES, day(4), constant(9))
    cool = assess(lot, RULES, day(4), constant(5))

    assert warm.remaining_d < cool.remaining_d
    assert cool.remaining_d == pytest.approx(16 * 2.718281828**0.5)


def test_time_nobody_recorded_ages_goods_as_at_the_reference() -> None:
    lot = known(received(made_at=day(-6))).find("l1")

    found = assess(lot, RULES, day(4), constant(5))

    assert found.verdict.life_lost == pytest.approx(0.2)
    assert found.assumed_lost == pytest.approx(0.3)
    assert found.remaining_d == pytest.approx(10)
    assert found.margin_d is None


def test_an_expiry_date_is_kept_whatever_the_record_says() -> None:
    lot = known(received(expires_at=day(6))).find("l1")

    assert assess(lot, RULES, day(4), constant(5)).remaining_d == 2
    assert assess(lot, RULES, day(7), constant(5)).remaining_d == 0


def test_a_lot_inherits_what_another_site_stated_and_the_way_between_is_unknown() -> None:
    lot = known(received(earlier=stated(), made_at=day(-11))).find("l1")

    found = assess(lot, RULES, day(4), constant(5))

    assert found.exposure.statistics.good_ms == 12 * 86_400_000
    assert found.exposure.statistics.unknown_ms == 2 * 86_400_000
    assert found.verdict.coverage == pytest.approx(12 / 14)
    assert found.verdict.life_lost == pytest.approx(12 / 20)
    assert found.assumed_lost == pytest.approx(3 / 20)  # two days between the sites, one before the first


def test_two_sites_give_what_one_would_have_given() -> None:
    at_once = assess(known(received(-10)).find("l1"), RULES, day(4), constant(9))
    there = stated(until=0, at_c=9)
    here = assess(known(received(earlier=there)).find("l1"), RULES, day(4), constant(9))

    assert here.exposure.uses == at_once.exposure.uses
    assert here.exposure.statistics.good_ms == at_once.exposure.statistics.good_ms
    assert here.remaining_d == pytest.approx(at_once.remaining_d)


def test_a_shipped_lot_is_judged_up_to_when_it_left() -> None:
    lot = known(received(), shipped(2)).find("l1")

    assert assess(lot, RULES, day(9), constant(5)).until == day(2)


def test_without_a_law_there_is_no_remaining_life() -> None:
    lot = known(received(plan=Plan(at_c=5, transit_d=1))).find("l1")

    found = assess(lot, ExposureRules(), day(1), constant(5))

    assert (found.remaining_d, found.margin_d, found.assumed_lost) == (None, None, None)
    assert summary(found) == LotAssessed(lot="l1", zone="c1", at=day(1), coverage=1.0)


def test_the_values_that_alarms_of_a_lot_judge() -> None:
    lot = known(received(plan=Plan(at_c=5, transit_d=1))).find("l1")

    warm, cold = assess(lot, RULES, day(0.5), constant(9)), assess(lot, RULES, day(1), constant(0))

    assert (summary(warm).budget_percent, summary(warm).chilling_percent) == (50, 0)
    assert summary(cold).chilling_percent == pytest.approx(48)
    assert summary(cold).margin_d == cold.margin_d


def test_the_digest_of_rules_changes_with_any_figure() -> None:
    law = msgspec.structs.replace(RULES.shelf_life, life_d=21)

    assert digest(RULES) == digest(msgspec.structs.replace(RULES))
    assert digest(msgspec.structs.replace(RULES, shelf_life=law)) != digest(RULES)
    assert exposure.judge(Exposure(), RULES).coverage == 0


def test_time_that_nobody_recorded_is_counted_in_whole_milliseconds() -> None:
    act = msgspec.structs.replace(received(earlier=stated()), at=day(0) + timedelta(microseconds=1_900))
    total = assess(known(act).find("l1"), RULES, day(1), constant(5)).exposure.statistics

    assert total.unknown_ms == 2 * 86_400_000 + 1
    assert isinstance(total.unknown_ms, int)
    made = received(made_at=day(0) - timedelta(microseconds=1_900))
    assert assess(known(made).find("l1"), RULES, day(1), constant(5)).assumed_lost == 1 / (20 * 86_400_000)


def test_goods_made_when_they_came_lost_nothing_before() -> None:
    assert assess(known(received(made_at=day(0))).find("l1"), RULES, day(1), constant(5)).assumed_lost == 0


def test_goods_made_when_they_came_and_a_statement_of_no_time_are_in_order() -> None:
    known(received(made_at=day(0)))
    known(received(earlier=stated(since=0, until=0)))


def test_a_statement_is_of_its_time_in_whole_milliseconds() -> None:
    until = day(-2) + timedelta(microseconds=300)
    whole = stated()
    odd = sealed(msgspec.structs.replace(whole, until=until))

    assert known(received(earlier=odd)).find("l1").earlier == odd


def test_lots_in_the_house_are_never_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(lots, "SHIPPED_LIMIT", 1)
    there = known(received(), received(lot="l2"), received(lot="l3"))

    assert there.take(shipped(1, "l2")) == there.find("l2")
    there.take(shipped(2, "l3"))

    assert list(there.by_id) == ["l1", "l3"]
