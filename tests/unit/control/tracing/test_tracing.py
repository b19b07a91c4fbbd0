"""What happens on the floor is told as EPCIS events: valid, each once, and the same whenever it is told again."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.clock import ManualClock
from coldport.errors import UnavailableError
from coldport.ids import PointId
from coldport.messages.alarm import Alarm, AlarmState, Disposition, Priority
from coldport.messages.observation import Quality
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.entries import Content, Entry, Transitioned
from control.exposure.custody import LotMoved, LotReceived, LotShipped
from control.followers.traces import SAVE_S, SHELF, Historical, TraceFollower
from control.historian.memory import MemoryHistorian
from control.inspection.clearance import Clearance
from control.inspection.gate.acts import GateAct, GatePassed, PassDrawn, PassKind
from control.inspection.gate.weighbridge import Masses
from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict, Why, reason
from control.inspection.parcels.acts import ParcelAct, ParcelMoved, ParcelRecalled, Tallied, VehicleMoved, VehicleStep
from control.inspection.parcels.rules import Step
from control.inspection.stock.acts import StockAct, StockLotNamed, StockMoved
from control.inspection.stock.rules import Verb
from control.journal.memory import MemoryJournal
from control.ports import Sample
from control.traceability.document import read_event
from control.traceability.fields import event_faults, prefixes_of
from control.traceability.memory import MemoryTraces
from control.tracing.names import CUSTOMS_RELEASING, Names
from control.tracing.stock import STEPS
from control.tracing.told import CONTEXT, written
from control.tracing.tracer import Tracer

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def site(gln: str | None = None) -> Site:
    probe = Point(id="cold-1-t", quantity=Quantity.TEMPERATURE, every_s=60)
    zones = tuple(
        Zone(id=name, name=Text(zh="库", en="Room"), zone_class=ZoneClass.CHILLED, points=points)
        for name, points in (("cold-1", (probe,)), ("cold-2", ()))
    )
    return Site(id="centre", name=Text(zh="站", en="Centre"), timezone="Asia/Shanghai", zones=zones, gln=gln)


def told(*contents: Content, gln: str | None = None) -> list[dict]:
    tracer = Tracer(site(gln), ("too-warm",))
    events = []
    for number, content in enumerate(contents, 1):
        entry = Entry(number, NOON, content)
        events += [json.loads(written(one, tracer.names).body) for one in tracer.take(entry)]
    return events


def minute(count: int) -> datetime:
    return NOON + timedelta(minutes=count)


def alarm(**fields) -> Transitioned:
    fixed = {"definition": "too-warm", "point": "cold-1-t", "occurrence": 1, "priority": Priority.HIGH}
    state = {"id": "too-warm.cold-1-t.1", "state": AlarmState.UNACKNOWLEDGED, "occurred_at": minute(5), "transition": 1}
    return Transitioned(alarm=Alarm(**{**fixed, **state, "value": 9.5, **fields}))


RECEIVED = LotReceived(lot="a1", product="peony", product_version=1, zone="cold-1", at=NOON, by="li")

MOMENTS = st.integers(0, 3_000_000_000_000_000).map(
    lambda count: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=count)
)
ACTS = st.one_of(
    *(
        st.builds(kind, at=MOMENTS)
        for group in (ParcelAct, GateAct, StockAct)
        for kind in get_args(group)
        if kind is not StockMoved
    ),
    st.builds(StockMoved, at=MOMENTS, quantity=st.decimals(min_value=0, max_value=10**12, places=3)),
    st.builds(Tallied, at=MOMENTS),
    st.builds(ParcelRecalled, at=MOMENTS),
    st.builds(
        Judged,
        at=MOMENTS,
        drawn=st.none(),
        measured_kg=st.none() | st.floats(0, 1e6),
        logistics_no=st.none() | st.text(min_size=1, max_size=80),
        reasons=st.just(()),
    ),
    st.builds(LotMoved, at=MOMENTS, lot=st.just("a1"), zone=st.sampled_from(("cold-1", "cold-2"))),
    st.builds(LotShipped, at=MOMENTS, lot=st.just("a1")),
    st.just(RECEIVED),
    st.just(alarm()),
)


@pytest.mark.parametrize("gln", [None, "4012345000054"])
@settings(max_examples=150, deadline=None)
@given(contents=st.lists(ACTS, max_size=8))
def test_every_event_passes_our_own_validation_and_its_id_is_its_own(gln, contents) -> None:
    prefixes = prefixes_of(json.loads(CONTEXT))
    events = told(*contents, gln=gln)

    assert [
        event_faults(event, "", prefixes).faults for event in events if event_faults(event, "", prefixes).faults
    ] == []
    assert len({event["eventID"] for event in events}) == len(events)
    assert events == told(*contents, gln=gln)
    for event in events:
        read_event(json.dumps({**event, "@context": json.loads(CONTEXT)}).encode())


def test_nothing_can_be_done_with_stock_that_is_not_told() -> None:
    assert set(STEPS) == set(Verb)


def test_a_moment_is_told_in_the_time_of_the_site() -> None:
    [event] = told(RECEIVED)
    assert (event["eventTime"], event["eventTimeZoneOffset"]) == ("2026-03-01T12:00:00+08:00", "+08:00")


def test_a_lane_tells_what_it_measured_and_what_that_came_to() -> None:
    said = Judged(
        id="j", presentation="p", lane="lane-1", at=NOON, verdict=Verdict.RELEASE, reasons=(reason(Why.CLEARED),),
        rules=1, logistics_no="SF1", measured_kg=1.25, clearance=Clearance.RELEASED,
    )  # fmt: skip
    seen, released = told(said)
    assert seen["bizStep"] == "inspecting"
    assert seen["sensorElementList"][0]["sensorReport"] == [{"type": "Mass", "value": 1.25, "uom": "KGM"}]
    assert (released["bizStep"], released["disposition"]) == (CUSTOMS_RELEASING, "conformant")
    assert released["persistentDisposition"] == {"unset": ["unavailable"]}


@pytest.mark.parametrize("verdict", [Verdict.WAIT, Verdict.RECHECK])
def test_a_lane_that_has_not_decided_tells_of_no_release_and_no_hold(verdict) -> None:
    said = Judged(
        id="j", presentation="p", lane="lane-1", at=NOON, verdict=verdict, reasons=(), rules=1, logistics_no="SF1"
    )
    assert [event["bizStep"] for event in told(said)] == ["inspecting"]


def test_a_parcel_is_taken_off_the_vehicle_that_it_was_put_on() -> None:
    def moved(step: Step, **fields) -> ParcelMoved:
        return ParcelMoved(logistics_no="SF1", step=step, at=NOON, by="li", **fields)

    on, off = told(moved(Step.LOAD, into="A12345"), moved(Step.UNLOAD, reason="wrong"))
    assert (on["action"], off["action"]) == ("ADD", "DELETE")
    assert on["parentID"] == off["parentID"]


def test_a_seal_is_bound_to_its_vehicle() -> None:
    [event] = told(VehicleMoved(vehicle="A12345", step=VehicleStep.SEAL, at=NOON, by="li", seals=("S1", "S2")))
    assert (event["type"], event["disposition"]) == ("AssociationEvent", "container_closed")
    assert event["childEPCs"] == ["urn:coldport:centre:seal:S1", "urn:coldport:centre:seal:S2"]


def test_a_bag_with_an_sscc_is_named_by_it() -> None:
    bagged = ParcelMoved(logistics_no="SF1", step=Step.BAG, at=NOON, by="li", into="106141412345678908")
    assert told(bagged)[0]["parentID"] == "https://id.gs1.org/00/106141412345678908"


def test_places_are_named_by_the_gln_of_the_site_with_an_extension() -> None:
    [event] = told(RECEIVED, gln="4012345000054")
    assert event["bizLocation"]["id"] == "https://id.gs1.org/414/4012345000054/254/cold-1"


def test_a_zone_with_a_gln_of_its_own_is_named_by_it() -> None:
    plain = site("4012345000054")
    zone = Zone(id="z", name=Text(zh="库", en="Room"), zone_class=ZoneClass.TEA, gln="6901234000009")
    names = Names(Site(id="s", name=plain.name, timezone="UTC", zones=(zone,), gln=plain.gln))
    assert names.place("z") == "https://id.gs1.org/414/6901234000009"


def test_a_quantity_in_a_unit_that_epcis_cannot_say_is_told_in_our_own_words() -> None:
    def named(unit: str) -> list[dict]:
        return told(
            StockLotNamed(
                lot="b1", item="tea", unit=unit, owner="x", temperature_class=ZoneClass.TEA, at=NOON, by="li"
            ),
            StockMoved(verb=Verb.RECEIVE, lot="b1", quantity=Decimal("2.5"), bin="r1", at=NOON, by="li"),
        )

    assert named("035")[0]["quantityList"][0] == {
        "epcClass": "urn:coldport:centre:lot:b1", "quantity": 2.5, "uom": "KGM"
    }  # fmt: skip
    [event] = named("054")
    assert (event["coldport:quantity"], event["coldport:unit"]) == ("2.5", "054")
    assert "quantity" not in event["quantityList"][0]


def test_a_vehicle_that_passes_the_gate_is_told_by_its_plate() -> None:
    drawn = PassDrawn(
        number="P1", kind=PassKind.EMPTY, inbound=True, plate="粤B12345", at=NOON, by="li",
        masses=Masses(vehicle_kg=8_000.0),
    )  # fmt: skip
    [event] = told(drawn, GatePassed(number="P1", at=minute(1)))
    assert event["bizStep"] == "arriving"


def test_an_alarm_is_told_of_the_lots_in_its_zone_when_it_occurs_and_when_it_returns() -> None:
    events = told(
        RECEIVED,
        alarm(),
        alarm(acknowledged_at=minute(6), transition=2),
        alarm(returned_at=minute(9), transition=3),
        alarm(returned_at=minute(9), transition=4, comment="seen"),
    )[1:]
    assert [event["eventTime"][11:16] for event in events] == ["12:05", "12:09"]
    report = events[0]["sensorElementList"][0]["sensorReport"][0]
    assert (report["exception"], report["value"]) == ("ALARM_CONDITION", 9.5)
    assert "persistentDisposition" not in events[0]


def test_only_what_a_person_decided_marks_goods_as_to_be_replaced() -> None:
    decided = {"returned_at": minute(9), "confirmed_at": minute(20), "transition": 3}
    destroyed = told(RECEIVED, alarm(), alarm(disposition=Disposition.DESTROY, **decided))[-1]
    assert destroyed["persistentDisposition"] == {"set": ["needs_replacement"]}
    assert "persistentDisposition" not in told(RECEIVED, alarm(), alarm(disposition=Disposition.RELEASE, **decided))[-1]


def test_an_alarm_over_an_empty_room_or_of_another_kind_is_not_told() -> None:
    assert told(alarm()) == []
    assert len(told(RECEIVED, alarm(definition="stale"))) == 1


class Rig:
    """A follower with everything in memory."""

    def __init__(self) -> None:
        self.journal, self.historian, self.traces = MemoryJournal(), MemoryHistorian(), MemoryTraces()
        self.clock = ManualClock(minute(60))
        self.is_current = True
        self.start()

    def start(self) -> None:
        historian = Historical(self.historian, lambda: self.is_current)
        parts = (self.journal, historian, self.traces, self.clock)
        self.follower = TraceFollower(site(), ("too-warm",), *parts)

    async def events(self) -> list[dict]:
        return [json.loads(found.body) for found in await self.traces.since(0, 1_000)]


async def test_what_a_lot_went_through_in_a_zone_is_told_when_it_leaves() -> None:
    rig = Rig()
    point = PointId("cold-1-t")
    rig.historian.write(1, [Sample(point, minute(n), 2.0 + n, Quality.GOOD) for n in range(4)])
    rig.journal.append(NOON, [RECEIVED, LotMoved(lot="a1", zone="cold-2", at=minute(4), by="li")])
    await rig.follower.catch_up()
    [element] = (await rig.events())[1]["sensorElementList"]
    report = element["sensorReport"][0]
    assert (report["minValue"], report["meanValue"], report["maxValue"], report["uom"]) == (2.0, 3.5, 5.0, "CEL")
    assert report["coldport:coverage"] == 1.0


async def test_after_a_fall_nothing_is_told_twice_and_nothing_is_missing() -> None:
    rig = Rig()
    rig.journal.append(NOON, [RECEIVED, LotMoved(lot="a1", zone="cold-2", at=minute(4), by="li")])
    await rig.follower.catch_up()
    rig.start()
    rig.journal.append(NOON, [LotShipped(lot="a1", at=minute(9), by="li")])
    await rig.follower.catch_up()
    assert [event["bizStep"] for event in await rig.events()] == ["receiving", "storing", "shipping"]


async def test_it_goes_on_from_its_mark_and_remembers_where_a_lot_was() -> None:
    rig = Rig()
    rig.journal.append(NOON, [RECEIVED])
    await rig.clock.advance(SAVE_S)
    await rig.follower.catch_up()
    assert list(await rig.traces.kept(SHELF)) == ["mark"]
    rig.start()
    rig.historian.write(1, [Sample(PointId("cold-1-t"), minute(1), 2.0, Quality.GOOD)])
    rig.journal.append(NOON, [LotShipped(lot="a1", at=minute(9), by="li")])
    await rig.follower.catch_up()
    assert (await rig.events())[-1]["sensorElementList"]


async def test_told_from_the_beginning_again_the_store_is_the_same() -> None:
    rig = Rig()
    rig.journal.append(NOON, [RECEIVED, LotShipped(lot="a1", at=minute(9), by="li")])
    await rig.follower.catch_up()
    before = await rig.events()
    await rig.traces.drop(SHELF, "mark")
    rig.start()
    await rig.follower.catch_up()
    assert await rig.events() == before


async def test_what_a_lot_went_through_waits_for_the_historian() -> None:
    rig = Rig()
    rig.historian.write(1, [Sample(PointId("cold-1-t"), minute(1), 2.0, Quality.GOOD)])
    rig.journal.append(NOON, [RECEIVED, LotShipped(lot="a1", at=minute(9), by="li")])
    rig.is_current = False
    with pytest.raises(UnavailableError):
        await rig.follower.catch_up()
    rig.is_current = True
    await rig.follower.catch_up()
    assert (await rig.events())[-1]["sensorElementList"]
