"""The floor behind control's service: what is declared, seen and answered becomes one verdict, on record once."""

import tomllib
from datetime import datetime, timedelta

import msgspec
import pytest
from declarations import AGENT, declared, exported
from lane_floor import EPC, LANE, NOON, after, passage, weighing

from coldport.clock import ManualClock
from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Batch
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.definition import AlarmFile
from control.entries import Ticked, Transitioned
from control.inspection.documents.acts import Receipted
from control.inspection.documents.receipts import CustomsReceipt
from control.inspection.lane.acts import Judged, TagBound
from control.inspection.lane.verdict import Verdict
from control.inspection.parcels.acts import ParcelMoved, ParcelRecalled, VehicleMoved, VehicleStep
from control.inspection.parcels.rules import ParcelState, Step
from control.inspection.settings import InspectionFile
from control.journal.memory import MemoryJournal
from control.memory import Inspection
from control.notify.follow import NotifyFollower
from control.notify.outbox_memory import MemoryOutbox
from control.notify.settings import NotifyFile
from control.notify.texts import Texts, catalogue
from control.service import Service

RECALLED = {
    "id": "recalled",
    "version": 1,
    "name": {"zh": "已出卡口被追回", "en": "Recalled beyond the gate"},
    "kind": "RECALLED",
    "quantity": "mass",
    "zone_class": "lane",
    "unit": "",
    "source": "test",
    "severity": "severe",
    "time_to_respond_s": 600,
    "owner": "inspection shift",
    "consequence": {"zh": "货物已离场", "en": "The goods are away"},
    "action": {"zh": "联系承运人", "en": "Call the carrier"},
}
NOTIFY = """
language = "en"
channels = [{ kind = "log", id = "log" }]
recipients = [{ id = "wang", name = "Wang", addresses = { log = "" } }]
roles = [{ id = "duty", recipients = ["wang"] }]
policies = [{ id = "all", steps = [{ after_s = 0, roles = ["duty"] }] }]
"""
BOOT = "0" * 32
PARCEL = "E1"


def site() -> Site:
    points = (
        Point(id="gate", quantity=Quantity.TAGS, every_s=1),
        Point(id="scale", quantity=Quantity.MASS, every_s=1),
    )
    name = Text(zh="一号线", en="Lane 1")
    zone = Zone(id="lane-1", name=name, zone_class=ZoneClass.LANE, points=points)
    return Site(id="s", name=name, timezone="Asia/Shanghai", zones=(zone,))


class House:
    """Control of a site with one lane, and what happens to one parcel."""

    def __init__(self, *definitions: dict) -> None:
        self.alarms = msgspec.convert({"alarms": definitions}, AlarmFile)
        self.clock = ManualClock(NOON - timedelta(minutes=1))
        self.journal = MemoryJournal()
        self.service = self.started()
        self.seq = 0

    def started(self) -> Service:
        file = InspectionFile(lanes=(LANE,))
        return Service(site(), self.alarms, self.journal, self.clock, Inspection(file))

    def until(self, moment: datetime) -> None:
        self.clock._elapsed_s = (moment - self.clock._start).total_seconds()

    def declare(self) -> None:
        for document in exported().values():
            self.service.record(declared(document))
        self.service.record(TagBound(epc=EPC, logistics_no=PARCEL, at=self.clock.now(), by="wang"))

    def customs(self, status: str, second: int) -> list[type]:
        keys = {"guid": "B" * 36, "agent_code": AGENT["agent_code"], "cop_no": "XC1"}
        receipt = CustomsReceipt(type="604", keys=keys, status=status, time=f"202603021200{second:02}000", info="x")
        said = Receipted(receipt=receipt, at=self.clock.now(), by="line")
        return [type(content) for content in self.service.record(said)]

    def observe(self, *observations) -> None:
        numbered = []
        for one in observations:
            self.seq += 1
            numbered.append(msgspec.structs.replace(one, seq=self.seq))
        self.service.take([Batch(gateway="g", boot_id=BOOT, observations=tuple(numbered))])

    def run(self, kg: float = 0.8, again_s: float = 0.0) -> None:
        """Let the parcel go over the lane, once more `again_s` later."""
        self.until(after(again_s - 5))
        self.observe(passage(at_s=again_s - 5))
        self.until(after(again_s + 0.6))
        self.observe(weighing(at_s=again_s, kg=kg, number=1 + int(again_s)))
        self.until(after(again_s + 0.75))
        self.service.tick()

    def verdicts(self) -> list[Verdict]:
        return [entry.content.verdict for entry in self.journal.entries if isinstance(entry.content, Judged)]

    def state(self) -> ParcelState:
        return self.service.floor.parcels.find(PARCEL).state


@pytest.fixture
def house() -> House:
    return House()


def test_a_parcel_that_customs_released_and_weighs_what_was_declared_is_released(house):
    house.declare()
    house.customs("800", 1)
    house.run()
    assert house.verdicts() == [Verdict.RELEASE]
    assert house.state() is ParcelState.RELEASED


@pytest.mark.parametrize(
    ("status", "kg", "verdict"),
    [
        ("500", 0.8, Verdict.INSPECT),
        ("100", 0.8, Verdict.HOLD),
        ("399", 0.8, Verdict.WAIT),
        ("800", 2.0, Verdict.INSPECT),
    ],
)
def test_a_parcel_that_is_not_released_or_not_what_was_declared_is_not_let_go(house, status, kg, verdict):
    house.declare()
    house.customs(status, 1)
    house.run(kg)
    assert house.verdicts() == [verdict]


def test_a_parcel_nobody_declared_is_held(house):
    house.service.record(TagBound(epc=EPC, logistics_no="unknown", at=house.clock.now(), by="wang"))
    house.run()
    assert house.verdicts() == [Verdict.HOLD]


def test_a_parcel_that_waited_for_customs_is_released_when_it_comes_round_again(house):
    house.declare()
    house.customs("399", 1)
    house.run()
    house.customs("800", 2)
    house.run(again_s=30)
    assert house.verdicts() == [Verdict.WAIT, Verdict.RELEASE]


def test_a_parcel_that_was_let_go_before_the_lanes_remember_is_held(house):
    house.declare()
    house.customs("800", 1)
    house.run()
    house.service.floor.lanes.state.parcels.standing.clear()
    house.run(again_s=30)
    assert house.verdicts() == [Verdict.RELEASE, Verdict.HOLD]


def test_the_verdict_is_due_when_nothing_more_came_for_as_long_as_the_lane_settles(house):
    house.declare()
    house.customs("800", 1)
    house.until(after(-5))
    house.observe(passage())
    house.until(after(0.6))
    house.observe(weighing(kg=0.8))
    assert house.service.due_in_s() == pytest.approx(LANE.settle_s)
    house.until(after(0.59 + LANE.settle_s))
    house.service.tick()
    assert house.verdicts() == []
    house.until(after(0.6 + LANE.settle_s))
    house.service.tick()
    assert house.verdicts() == [Verdict.RELEASE]
    assert house.service.due_in_s() == float("inf")


def test_a_recall_of_customs_takes_a_released_parcel_back(house):
    house.declare()
    house.customs("800", 1)
    house.run()
    assert house.customs("500", 2) == [ParcelRecalled, Judged]
    assert house.verdicts() == [Verdict.RELEASE, Verdict.INSPECT]
    assert house.state() is ParcelState.HELD


def test_a_recall_of_a_loaded_parcel_is_told(house):
    house.declare()
    house.customs("800", 1)
    house.run()
    load = ParcelMoved(logistics_no=PARCEL, step=Step.LOAD, into="V1", at=house.clock.now(), by="li")
    house.service.record(load)
    assert ParcelRecalled in house.customs("500", 2)
    assert house.service.floor.parcels.blocked("V1") == [PARCEL]


async def test_of_a_parcel_that_is_recalled_when_it_is_away_people_are_told_once():
    house = House(RECALLED)
    settings = msgspec.convert(tomllib.loads(NOTIFY), NotifyFile)
    definitions, outbox = house.alarms.alarms, MemoryOutbox()
    texts = Texts(site(), definitions, settings, catalogue("en"))
    await NotifyFollower(site(), settings, texts, house.service, outbox).look(house.clock)
    house.declare()
    house.customs("800", 1)
    house.run()
    for act in (
        ParcelMoved(logistics_no=PARCEL, step=Step.LOAD, into="V1", at=house.clock.now(), by="li"),
        VehicleMoved(vehicle="V1", step=VehicleStep.SEAL, seals=("S1",), at=house.clock.now(), by="li"),
        VehicleMoved(vehicle="V1", step=VehicleStep.GATE_OUT, at=house.clock.now(), by="li"),
    ):
        house.service.record(act)
    assert house.customs("502", 2)[:3] == [ParcelRecalled, Transitioned, Transitioned]
    numbers = [one.content.alarm.transition for one in house.journal.entries if isinstance(one.content, Transitioned)]
    assert [type(house.journal.entries[number - 1].content) for number in numbers] == [Transitioned, Transitioned]
    for service in (house.service, house.started()):
        await NotifyFollower(site(), settings, texts, service, outbox).look(house.clock)
        (alarm,) = service.alarms()
        assert (alarm.point, alarm.state) == ("e1", "returned-unacknowledged")
    (told,) = await outbox.records(9)
    assert "recalled.e1.1" in told.key


def test_a_weight_that_comes_after_control_was_away_is_of_the_tag_that_came_before(house):
    house.declare()
    house.customs("800", 1)
    house.until(after(-5))
    house.observe(passage())
    house.until(after(25))  # control falls, and is away for longer than anybody waits for a weight
    house.service = house.started()
    house.service.tick()
    assert house.verdicts() == []
    house.observe(weighing(kg=0.8))
    house.until(after(25.1))
    house.service.tick()
    assert house.verdicts() == [Verdict.RELEASE]
    assert house.started().due_in_s() == float("inf")


def test_a_tag_whose_weight_does_not_come_after_control_was_away_is_held_in_the_end(house):
    house.declare()
    house.until(after(-5))
    house.observe(passage())
    house.until(after(25))
    house.service = house.started()
    house.until(after(25 + LANE.gate_before_s[1] + LANE.patience_s))
    house.service.tick()
    assert house.verdicts() == [Verdict.HOLD]


def test_all_that_was_said_of_a_parcel_is_found(house):
    house.declare()
    house.customs("800", 1)
    house.run()
    kinds = {type(entry.content).__name__ for entry in house.service.about(f"parcel:{PARCEL}", 100)}
    assert kinds == {"Declared", "TagBound", "Judged"}


def test_what_contradicts_the_record_is_refused_and_leaves_no_entry(house):
    house.declare()
    last = house.journal.last()
    with pytest.raises(NotFoundError):
        house.service.record(ParcelMoved(logistics_no="none", step=Step.LINE, at=house.clock.now(), by="li"))
    with pytest.raises(RefusedError, match="has not come yet"):
        house.service.record(ParcelMoved(logistics_no=PARCEL, step=Step.LINE, at=after(99), by="li"))
    assert house.journal.last() == last


def test_several_acts_are_on_record_in_one_transaction_each_with_what_follows_from_it(house):
    papers = [declared(document) for document in exported().values()]
    last = house.journal.last()
    assert house.service.record(*papers) == []
    assert [entry.content for entry in house.journal.entries[last:]] == papers
    assert len({entry.recorded_at for entry in house.journal.entries[last:]}) == 1
    assert house.started().floor.documents.state() == house.service.floor.documents.state()


def test_of_several_acts_of_which_one_cannot_be_none_is_on_record(house):
    last = house.journal.last()
    bad = ParcelMoved(logistics_no="none", step=Step.LINE, at=house.clock.now(), by="li")
    with pytest.raises(NotFoundError):
        house.service.record(declared(exported()["order"]), bad)
    assert house.journal.last() == last
    assert house.service.floor.documents.state().documents == {}


def whole(house: House) -> None:
    house.declare()
    house.customs("399", 1)
    house.customs("800", 2)
    house.run()
    house.customs("500", 3)


def test_control_that_falls_after_any_entry_gives_no_parcel_two_verdicts_and_loses_none(house):
    whole(house)
    written = house.journal.entries
    for fallen in range(1, len(written)):
        again = House()
        again.until(house.clock.now())
        again.journal.entries = list(written[:fallen])
        again.service = again.started()
        again.service.tick()
        judged = [entry.content for entry in again.journal.entries if isinstance(entry.content, Judged)]
        assert len({one.id for one in judged}) == len(judged)
        has_weighed = any("weighing" in repr(type(one)).lower() for one in _observations(written[:fallen]))
        assert bool(judged) == has_weighed


def _observations(entries):
    return [one for entry in entries for one in getattr(entry.content, "observations", ())]


def test_a_snapshot_goes_on_where_the_floor_was(house):
    whole(house)
    house.service.save()
    again = house.started()
    house.service.floor.wake(house.clock.now())  # when it started is all that differs
    fresh = msgspec.msgpack.encode(house.service.floor.state())
    assert msgspec.msgpack.encode(again.floor.state()) == fresh
    assert not any(isinstance(entry.content, Ticked) for entry in house.journal.entries[-1:])
