"""Alarms of lots: on their boundaries, by zone, through restarts, and from readings to the alarm."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from coldport.clock import ManualClock
from coldport.errors import NotFoundError
from coldport.ids import PointId
from coldport.messages.alarm import AlarmState
from coldport.messages.observation import Quality
from coldport.site import Point, Quantity, Text, ZoneClass
from control.alarms.checks import faults
from control.alarms.definition import AlarmFile, Kind
from control.alarms.engine import Engine
from control.entries import Started
from control.exposure.budget import Budget, Counting
from control.exposure.custody import LotAssessed, LotMoved, LotReceived, LotShipped, LotStated, Plan
from control.exposure.product import Product
from control.exposure.rules import ExposureRules
from control.exposure.shelf_life import Exponential
from control.exposure_archive import ExposureArchive
from control.followers.historian import HistorianFollower
from control.followers.lots import LotFollower
from control.historian.memory import MemoryHistorian
from control.journal.memory import MemoryJournal
from control.ports import Sample
from control.service import Service

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
PROBE = Point(id="p", quantity=Quantity.TEMPERATURE, every_s=60)


@pytest.fixture
def lots_of(definition):
    """A function that makes a definition about the lots of the one room."""

    def make(kind: Kind, limit: float, **changes):
        unit = "d" if kind is Kind.LOT_LIFE else "%"
        return definition(**({"kind": kind, "limit": limit, "unit": unit, "points": (), "zones": ("z",)} | changes))

    return make


def assessed(minute: float = 0, lot: str = "l1", **figures) -> LotAssessed:
    at = START + timedelta(minutes=minute)
    return LotAssessed(**({"lot": lot, "zone": "z", "at": at, "coverage": 1.0} | figures))


def moved(engine: Engine, *contents) -> list[tuple[str, AlarmState, float]]:
    return [
        (alarm.point, alarm.state, alarm.value)
        for content in contents
        for alarm in engine.apply(content, content.at, 1)
    ]


@pytest.mark.parametrize(
    ("kind", "limit", "key", "not_yet", "now"),
    [
        pytest.param(Kind.LOT_BUDGET, 50, "budget_percent", 49.9, 50.0, id="half of a budget is half of it"),
        pytest.param(Kind.LOT_BUDGET, 100, "budget_percent", 99.9, 100.0, id="all of a budget"),
        pytest.param(Kind.LOT_CHILLING, 80, "chilling_percent", 79.9, 80.0, id="dose of cold"),
        pytest.param(Kind.LOT_LIFE, 2, "margin_d", 2.0, 1.9, id="two days are enough where two are wanted"),
        pytest.param(Kind.LOT_LIFE, 0, "margin_d", 0.0, -0.1, id="just enough life is enough"),
    ],
)
def test_a_lot_alarm_on_its_boundary(one_room, lots_of, kind, limit, key, not_yet, now) -> None:
    engine = Engine(one_room(PROBE), AlarmFile(alarms=(lots_of(kind, limit),)))

    assert moved(engine, assessed(0, **{key: not_yet})) == []
    assert moved(engine, assessed(1, **{key: now})) == [("l1", AlarmState.UNACKNOWLEDGED, now)]
    assert moved(engine, assessed(2, **{key: now})) == []
    assert [state for _, state, _ in moved(engine, assessed(3, **{key: not_yet}))] == [
        AlarmState.RETURNED_UNACKNOWLEDGED
    ]


def test_lots_have_alarms_of_their_own_and_products_without_the_rule_none(one_room, lots_of) -> None:
    engine = Engine(one_room(PROBE), AlarmFile(alarms=(lots_of(Kind.LOT_BUDGET, 50),)))

    found = moved(engine, assessed(budget_percent=60.0), assessed(lot="l2", budget_percent=70.0), assessed(lot="l3"))

    assert [lot for lot, _, _ in found] == ["l1", "l2"]


def test_an_alarm_watches_the_lots_of_its_zones(one_room, lots_of) -> None:
    by_class = lots_of(Kind.LOT_BUDGET, 50, id="by-class", zones=(), zone_class=ZoneClass.CHILLED)
    elsewhere = lots_of(Kind.LOT_BUDGET, 50, id="elsewhere", zones=(), zone_class=ZoneClass.FROZEN)
    engine = Engine(one_room(PROBE), AlarmFile(alarms=(by_class, elsewhere)))

    assert len(moved(engine, assessed(budget_percent=60.0))) == 1
    assert len(moved(engine, assessed(1, zone="outside", budget_percent=60.0))) == 1  # it left the zone: returned


def test_a_lot_that_leaves_takes_its_alarms_along(one_room, lots_of) -> None:
    engine = Engine(one_room(PROBE), AlarmFile(alarms=(lots_of(Kind.LOT_BUDGET, 50),)))
    shipped = LotShipped(lot="l1", at=START + timedelta(hours=1), by="Li")

    found = moved(engine, assessed(budget_percent=60.0), shipped, shipped)

    assert [state for _, state, _ in found] == [AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED]


def test_a_definition_that_is_gone_ends_its_alarms_at_the_next_start(one_room, lots_of) -> None:
    definition = lots_of(Kind.LOT_BUDGET, 50)
    engine = Engine(one_room(PROBE), AlarmFile(alarms=(definition,)))
    moved(engine, assessed(budget_percent=60.0))
    again = Engine(one_room(PROBE), AlarmFile(alarms=(definition,)), engine.state)
    assert moved(again, Started(at=START)) == []

    without = Engine(one_room(PROBE), AlarmFile(alarms=()), again.state)

    assert [state for _, state, _ in moved(without, Started(at=START))] == [AlarmState.RETURNED_UNACKNOWLEDGED]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"zones": (), "points": ("p",)}, "points"),
        ({"quantity": Quantity.HUMIDITY}, "quantity"),
        ({"limit": 0.0}, "limit"),
        ({"unit": "°C"}, "unit"),
        ({"deadband": 1.0}, "deadband"),
    ],
)
def test_a_lot_alarm_that_makes_no_sense_is_refused(one_room, lots_of, changes, key) -> None:
    definition = lots_of(**({"kind": Kind.LOT_BUDGET, "limit": 50.0} | changes))

    assert key in [place for place, _ in faults(definition, one_room(PROBE), AlarmFile(alarms=(definition,)))]


class House:
    """A room, its historian and its journal, and the lots in it."""

    def __init__(self, site, alarms: AlarmFile) -> None:
        rules = ExposureRules(
            shelf_life=Exponential(
                reference_c=5, life_d=10, valid_from_c=0, valid_to_c=25, source="site rule", per_k=0.1
            ),
            budgets=(
                Budget(id="over-8", above_c=8, counting=Counting.CUMULATIVE, allowed_s=3_600, source="site rule"),
            ),
        )
        product = Product(id="fish", version=1, name=Text(zh="鱼", en="Fish"), exposure=rules)
        self.site, self.alarms = site, alarms
        self.clock = ManualClock(START)
        self.journal = MemoryJournal()
        self.historian = MemoryHistorian()
        self.exposures = ExposureArchive(site, {("fish", 1): product}, self.historian)
        self.start()

    def start(self) -> None:
        self.service = Service(self.site, self.alarms, self.journal, self.clock)
        self.historian_follower = HistorianFollower(self.journal, self.historian, self.clock)
        self.historian_follower.is_current = True
        self.follower = LotFollower(self.service, self.exposures, self.historian_follower, self.clock)

    async def pass_minutes(self, minutes: int, at_c: float) -> None:
        start = self.clock.now()
        samples = [
            Sample(PointId("p"), start + timedelta(minutes=minute), at_c, Quality.GOOD) for minute in range(minutes)
        ]
        self.historian.write(self.historian.applied() + 1, samples)
        self.exposures.changed(samples)
        await self.clock.advance(minutes * 60)

    async def assess(self) -> list[tuple[str, str, AlarmState]]:
        before = self.journal.last()
        await self.follower.assess()
        alarms = [entry.content.alarm for entry in self.journal.read(before, 100) if hasattr(entry.content, "alarm")]
        return [(alarm.definition, alarm.point, alarm.state) for alarm in alarms]


@pytest.fixture
def house(one_room, lots_of) -> House:
    budget = lots_of(Kind.LOT_BUDGET, 50, id="budget-half")
    life = lots_of(Kind.LOT_LIFE, 0, id="life-short")
    return House(one_room(PROBE), AlarmFile(alarms=(budget, life)))


def receive(house: House, **changes) -> None:
    fields = {"lot": "l1", "product": "fish", "product_version": 1, "zone": "z", "at": house.clock.now(), "by": "Li"}
    house.service.take_lot(LotReceived(**(fields | changes)))


async def test_half_a_budget_used_is_an_alarm_and_it_is_raised_once(house) -> None:
    receive(house)
    await house.pass_minutes(29, 9.0)
    assert await house.assess() == []

    await house.pass_minutes(1, 9.0)
    assert await house.assess() == [("budget-half", "l1", AlarmState.UNACKNOWLEDGED)]

    await house.pass_minutes(1, 9.0)
    last = house.journal.last()
    assert await house.assess() == []
    assert house.journal.last() == last  # what moves nothing is not kept


async def test_a_restart_between_two_assessments_changes_nothing(house) -> None:
    receive(house)
    await house.pass_minutes(30, 9.0)
    await house.assess()
    house.service.save()

    for _ in range(2):  # from the snapshot, and from the whole journal
        house.start()
        assert [lot.id for lot in house.service.lots()] == ["l1"]
        assert await house.assess() == []
        house.journal._snapshot = None


async def test_while_the_historian_catches_up_nothing_is_assessed(house) -> None:
    receive(house)
    await house.pass_minutes(60, 9.0)
    house.historian_follower.is_current = False
    assert await house.assess() == []

    house.historian_follower.is_current = True
    assert len(await house.assess()) == 1


async def test_too_little_life_left_for_the_journey_is_an_alarm(house) -> None:
    receive(house, plan=Plan(at_c=5, transit_d=9.5, buffer_d=0.49))
    await house.pass_minutes(10, 5.0)
    assert await house.assess() == []

    await house.pass_minutes(10, 5.0)
    assert await house.assess() == [("life-short", "l1", AlarmState.UNACKNOWLEDGED)]


async def test_readings_that_come_late_raise_what_they_show(house) -> None:
    receive(house)
    await house.pass_minutes(60, 5.0)
    assert await house.assess() == []
    late = [Sample(PointId("p"), START + timedelta(minutes=minute), 20.0, Quality.GOOD) for minute in range(30)]

    house.historian.write(house.historian.applied() + 1, late)
    house.exposures.changed(late)

    assert await house.assess() == [("budget-half", "l1", AlarmState.UNACKNOWLEDGED)]


async def test_a_lot_that_left_or_whose_product_is_gone_is_not_assessed(house, caplog) -> None:
    receive(house)
    receive(house, lot="l2", product="meat")
    await house.pass_minutes(10, 9.0)
    house.service.take_lot(LotShipped(lot="l1", at=house.clock.now(), by="Li"))
    await house.pass_minutes(50, 9.0)

    assert await house.assess() == []
    assert await house.assess() == []
    assert [record.message for record in caplog.records] == [
        "its lots are not judged: the site has no product 'meat' of version 1"
    ]


async def test_it_waits_a_minute_between_two_rounds(house) -> None:
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        rounds += 1

    house.follower.assess = count
    running = asyncio.create_task(house.follower.step())
    await house.clock.advance(59)
    assert (rounds, running.done()) == (1, False)

    await house.clock.advance(1)
    assert running.done()


async def test_lots_are_followed_through_the_journal(house) -> None:
    receive(house)
    await house.pass_minutes(5, 5.0)
    with pytest.raises(NotFoundError):
        house.service.take_lot(LotMoved(lot="l1", zone="nowhere", at=house.clock.now(), by="Li"))
    house.service.state_lot(LotStated(lot="l1", at=house.clock.now(), by="Li", hash="0" * 64))

    kinds = [type(entry.content).__name__ for entry in house.journal.read(0, 10)]
    assert kinds == ["Started", "LotReceived", "LotStated"]
    assert house.service.lot("l1").received_at == START
