"""A passport tells the steps of the thing itself, of what it was in while it was in it, and nothing that is private."""

import asyncio
from datetime import UTC, datetime

import msgspec

from coldport.site import Point, Quantity
from control.api.passport.trace import is_here, story_of
from control.passport.acts import PassportIssued
from control.passport.code import Item
from control.passport.story import Told
from control.traceability.event import index
from control.traceability.memory import MemoryTraces

ITEM = Item(gtin="06901234567892", lot="L1", serial="7")
THING = "https://id.gs1.org/01/06901234567892/21/7"
LOT = "https://id.gs1.org/01/06901234567892/10/L1"
PARCEL, TRUCK = "urn:coldport:test-1:parcel:E1", "urn:coldport:test-1:vehicle:T1"
HERE = {"bizLocation": {"id": "urn:coldport:test-1"}}


def event(hour: int, kind: str, step: str, **fields) -> dict:
    at = f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00+08:00"
    return {"type": kind, "eventTime": at, "eventTimeZoneOffset": "+08:00", "bizStep": step, **fields}


def seen(hour: int, step: str, *epcs: str, **fields) -> dict:
    return event(hour, "ObjectEvent", step, action="OBSERVE", epcList=list(epcs), **fields)


def of_lot(hour: int, step: str, lot: str = LOT, action: str = "OBSERVE", **fields) -> dict:
    return event(hour, "ObjectEvent", step, action=action, quantityList=[{"epcClass": lot}], **fields)


def into(hour: int, parent: str, *children: str, action: str = "ADD") -> dict:
    return event(hour, "AggregationEvent", "packing", action=action, parentID=parent, childEPCs=list(children))


def told(one_room, *events: dict, lot: str | None = None):
    site = msgspec.structs.replace(one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1)), id="test-1")
    issued = PassportIssued(item=ITEM, lot=lot, product="p", grower="g", at=datetime(2026, 1, 1, tzinfo=UTC), by="li")

    async def ask():
        traces = MemoryTraces()
        context = msgspec.json.encode(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])
        indexed = [index(one, context, msgspec.json.encode(one)) for one in events]
        await traces.capture(indexed, 1, whole=True)
        return await story_of(issued, site, traces)

    return asyncio.run(ask())


def steps(story) -> list[str]:
    return [step.told for step in story.steps]


def test_a_thing_is_told_from_the_harvest_to_the_border(one_room):
    harvest = of_lot(1, "https://farm.example/voc/harvesting", action="ADD")
    cooled = of_lot(2, "https://farm.example/voc#Cooling")
    received = of_lot(5, "receiving", "urn:coldport:test-1:lot:a1", **HERE)
    released = seen(9, "urn:coldport:voc:bizstep:customs_releasing", PARCEL, **HERE)
    gone = seen(12, "departing", TRUCK, readPoint={"id": "urn:coldport:test-1:place:gate"})
    all_of_it = (harvest, cooled, received, into(7, PARCEL, THING), released, into(10, TRUCK, PARCEL), gone)
    story = told(one_room, *all_of_it, lot="a1")
    assert steps(story) == ["harvested", "cooled", "received", "packed", "released", "packed", "shipped"]
    assert [step.here for step in story.steps] == [False, False, True, False, True, False, True]
    assert story.released_at == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert not story.withdrawn


def test_what_a_parcel_did_before_and_after_it_held_the_thing_is_not_told(one_room):
    story = told(
        one_room,
        seen(1, "receiving", PARCEL),
        into(2, PARCEL, THING),
        seen(3, "loading", PARCEL),
        into(4, PARCEL, THING, action="DELETE"),
        seen(5, "shipping", PARCEL),
    )
    assert steps(story) == ["packed", "loaded", "packed"]


def test_a_truck_that_is_loaded_anew_tells_of_its_next_trip_no_more(one_room):
    story = told(
        one_room,
        into(1, TRUCK, THING),
        seen(2, "departing", TRUCK),
        seen(3, "arriving", TRUCK),
        into(30, TRUCK, "urn:coldport:test-1:parcel:other"),
        seen(31, "loading", TRUCK),
    )
    assert steps(story) == ["packed", "shipped", "received"]


def test_a_hold_is_nobodys_business_and_takes_a_release_back(one_room):
    hold = {"persistentDisposition": {"set": ["unavailable"]}}
    release = seen(2, "urn:coldport:voc:bizstep:customs_releasing", THING)
    story = told(one_room, seen(1, "holding", THING, **hold), release, seen(3, "holding", THING, **hold))
    assert (steps(story), story.released_at) == ([], None)
    assert told(one_room, seen(1, "holding", THING, **hold), release).released_at is not None


def test_goods_that_must_not_be_used_are_told_until_somebody_takes_that_back(one_room):
    bad = of_lot(1, "inspecting", persistentDisposition={"set": ["needs_replacement"]})
    good = of_lot(2, "inspecting", persistentDisposition={"unset": ["needs_replacement"]})
    assert told(one_room, bad).withdrawn
    assert not told(one_room, bad, good).withdrawn
    assert told(one_room, of_lot(1, "holding", disposition="https://ref.gs1.org/cbv/Disp-recalled")).withdrawn


def test_an_event_that_was_declared_an_error_is_not_told(one_room):
    wrong = {**seen(1, "receiving", THING), "eventID": "urn:uuid:1"}
    declared = {**wrong, "errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z"}}
    assert steps(told(one_room, wrong, seen(2, "shipping", THING))) == [Told.RECEIVED, Told.SHIPPED]
    assert steps(told(one_room, wrong, declared, seen(2, "shipping", THING))) == [Told.SHIPPED]


def test_what_goods_were_made_of_tells_up_to_then(one_room):
    field = "https://id.gs1.org/01/06901234567892/10/FIELD"
    made = {"inputQuantityList": [{"epcClass": field}], "outputQuantityList": [{"epcClass": LOT}]}
    story = told(
        one_room,
        of_lot(1, "https://farm.example/harvesting", field, action="ADD"),
        event(2, "TransformationEvent", "packing", **made),
        of_lot(3, "shipping", field),
    )
    assert steps(story) == ["harvested", "packed"]


def test_steps_that_follow_themselves_are_told_once(one_room):
    assert steps(told(one_room, *(of_lot(hour, "storing") for hour in range(4)))) == ["stored"]


def test_a_bag_in_itself_ends(one_room):
    story = told(one_room, into(1, PARCEL, THING), into(2, TRUCK, PARCEL), into(3, PARCEL, TRUCK))
    assert steps(story) == ["packed"]


def test_a_place_is_here_by_its_name_or_by_gln_and_not_by_its_beginning(one_room):
    site = msgspec.structs.replace(
        one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=1)), id="test-1", gln="4012345000054"
    )
    here = ("urn:coldport:test-1", "urn:coldport:test-1:place:gate", "https://id.gs1.org/414/4012345000054/254/b1")
    assert all(is_here(site, place) for place in here)
    assert not any(is_here(site, place) for place in ("urn:coldport:test-10:place:gate", "https://farm.example"))
