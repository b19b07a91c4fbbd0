import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control.traceability.fields import document_faults, event_faults, prefixes_of

FIRST = "/epcisBody/eventList/0"


def faults(document):
    prefixes = prefixes_of(document.get("@context"))
    found = list(document_faults(document, prefixes).faults)
    for place, event in enumerate(document["epcisBody"]["eventList"]):
        found += event_faults(event, f"/epcisBody/eventList/{place}", prefixes).faults
    return found


def follow(document, pointer):
    """Return what stands at a pointer (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def test_every_valid_document_of_the_collection_is_without_a_fault(public) -> None:
    assert {name: faults(document) for name, document in public("valid").items() if faults(document)} == {}


def test_every_invalid_document_is_refused_at_a_place_that_is_there(public) -> None:
    for name, document in public("invalid").items():
        found = faults(document)
        assert found, name
        for fault in found:
            follow(document, fault.pointer)


@pytest.mark.parametrize(
    ("name", "pointer", "reason"),
    [
        ("Combination_of_events_with_missing_mandatory_fields", FIRST, "missing"),
        ("Combination_of_non_standard_bizStep_and_disposition", f"{FIRST}/bizStep", "not-in-vocabulary"),
        ("ObjectEvent_with_ilmd_field_without_namespace", f"{FIRST}/ilmd/materialType", "unknown-field"),
        ("ObjectEvent_with_invalid_certificationInfo", f"{FIRST}/certificationInfo/0", "wrong-type"),
        ("ObjectEvent_with_non_standard_bizStep", f"{FIRST}/bizStep", "not-in-vocabulary"),
        ("ObjectEvent_with_non_standard_disposition", f"{FIRST}/disposition", "not-in-vocabulary"),
        ("ObjectEvent_with_unknown_field_in_quantityList", f"{FIRST}/quantityList/0/weight", "unknown-field"),
        ("ObjectEvent_without_identifier_list", FIRST, "missing"),
    ],
)
def test_an_invalid_document_is_refused_for_what_its_name_says(public, name, pointer, reason) -> None:
    first = faults(public("invalid")[name])[0]

    assert (first.pointer, first.reason) == (pointer, reason)


def event(**fields):
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sscc:4012345.0000000333"],
        "action": "OBSERVE",
        **fields,
    }


def temperature(**fields):
    report = {"type": "Temperature", "value": 4.5, "uom": "CEL", **fields}
    return {"sensorElementList": [{"sensorReport": [report]}]}


SENSOR = "/sensorElementList/0/sensorReport/0"


@pytest.mark.parametrize(
    ("wrong", "pointer", "reason"),
    [
        (event(type="QuantityEvent"), "/type", "not-in-vocabulary"),
        (event(action="observe"), "/action", "not-in-vocabulary"),
        (event(eventTime="2026-03-01 08:00"), "/eventTime", "not-a-time"),
        (event(eventTime="2026-02-30T08:00:00Z"), "/eventTime", "not-a-time"),
        (event(eventTimeZoneOffset="+15:00"), "/eventTimeZoneOffset", "not-an-offset"),
        (event(epcList=["a b"]), "/epcList/0", "not-a-uri"),
        (event(epcList=["urn:a:b", "urn:a:b"]), "/epcList/1", "repeated"),
        (event(readPoint="urn:a:b"), "/readPoint", "wrong-type"),
        (event(readPoint={}), "/readPoint", "missing"),
        (event(bizStep="urn:epcglobal:cbv:bizstep:transforming"), "/bizStep", "not-in-vocabulary"),
        (event(bizStep="cbv:BizStep-transforming"), "/bizStep", "not-in-vocabulary"),
        (event(ilmd={"cbvmda:lotNumber": "1"}), "/ilmd", "not-allowed"),
        (event(colour="red"), "/colour", "unknown-field"),
        (event(**{"shop:colour": "red"}), "/shop:colour", "prefix-not-declared"),
        (event(errorDeclaration={"reason": "did_not_occur"}), "/errorDeclaration", "missing"),
        (event(persistentDisposition={"set": ["gone"]}), "/persistentDisposition/set/0", "not-in-vocabulary"),
        (event(**temperature(uom="KGM")), f"{SENSOR}/uom", "unit-does-not-fit"),
        (event(**temperature(uom="°C")), f"{SENSOR}/uom", "not-a-unit"),
        (event(**temperature(value="4.5")), f"{SENSOR}/value", "wrong-type"),
        (event(**temperature(type="Molar_concentration")), f"{SENSOR}/type", "not-in-vocabulary"),
        (event(**temperature(type="EffectiveDoseRate")), f"{SENSOR}/type", "not-in-vocabulary"),
        (event(**temperature(exception="ALARM")), f"{SENSOR}/exception", "not-in-vocabulary"),
        (event(type="AggregationEvent"), "/epcList", "unknown-field"),
        (event(type="TransactionEvent"), "", "missing"),
        (event(**{"a/b~c": 1}), "/a~1b~0c", "unknown-field"),
        ([], "", "wrong-type"),
        ({}, "", "missing"),
    ],
)
def test_a_fault_is_told_where_it_is(wrong, pointer, reason) -> None:
    found = event_faults(wrong, "", prefixes_of([])).faults

    assert (pointer, reason) in [(fault.pointer, fault.reason) for fault in found]
    follow(wrong, pointer)


def test_a_bare_reading_of_a_room_is_an_event() -> None:
    room = event(**temperature(), readPoint={"id": "urn:epc:id:sgln:4012345.00005.0"})
    del room["epcList"]

    assert event_faults(room, "", prefixes_of([])).faults == []


def test_a_prefix_may_be_declared_by_the_event_itself() -> None:
    declared = event(**{"@context": [{"shop": "https://shop.example/"}], "shop:colour": "red"})

    assert event_faults(declared, "", prefixes_of([])).faults == []


def test_hundred_faults_are_told_and_no_more() -> None:
    assert len(event_faults(event(epcList=["a b"] * 200), "", prefixes_of([])).faults) == 100


@settings(max_examples=200)
@given(st.data())
def test_whatever_is_spoiled_is_told_at_a_place_that_is_there(data) -> None:
    spoiled = copy.deepcopy(
        event(
            **temperature(component="x"),
            readPoint={"id": "urn:epc:id:sgln:4012345.00005.0"},
            quantityList=[{"epcClass": "urn:a:b", "quantity": 1.5, "uom": "KGM"}],
            sourceList=[{"type": "location", "source": "urn:a:b"}],
            bizStep="packing",
        )
    )
    part = spoiled
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        if not isinstance(part[key], dict | list) or data.draw(st.booleans()):
            part[key] = data.draw(st.sampled_from([None, 7, "x y", [], {}, [[]], {"a": 1}]))
            break
        part = part[key]

    for fault in event_faults(spoiled, "", prefixes_of([])).faults:
        follow(spoiled, fault.pointer)
