"""The fields of the five event types and of a document, each with its rule.

Source: EPCIS 2.0.1 section 7.4 and its JSON schema.
`persistentDisposition` is allowed in all five types, as 2.0.1 has it (2.0.0: in two). `certificationInfo` is one URI
or several: the objects that some tools write there are not of the standard.
"""

from collections.abc import Callable, Mapping
from typing import Any

from control.traceability import rules
from control.traceability.fault import InvalidError, Report, below
from control.traceability.namespaces import Prefixes, declared
from control.traceability.rules import Around, Rule, list_of, object_of, one_of, uri, word_of
from control.traceability.vocabulary import (
    ACTIONS,
    BIZ_STEPS,
    COMPONENTS,
    DISPOSITIONS,
    ERROR_REASONS,
    EVENT_TYPES,
    EXCEPTIONS,
    MEASUREMENTS,
    PARTIES,
    STANDARD_PREFIXES,
    TRANSACTIONS,
)

_EPCS = list_of(uri, unique=True)
_QUANTITIES = list_of(
    object_of(
        {"epcClass": uri, "quantity": rules.number, "uom": rules.unit}, required=("epcClass",), open_to_others=False
    )
)
_PLACE = object_of({"id": uri}, required=("id",))
_DEVICE: Mapping[str, Rule] = {
    "time": rules.time,
    "deviceID": uri,
    "deviceMetadata": uri,
    "rawData": uri,
    "dataProcessingMethod": uri,
    "bizRules": uri,
}
_SENSOR_REPORT_FIELDS = object_of(
    {
        **_DEVICE,
        "type": word_of(MEASUREMENTS),
        "exception": word_of(EXCEPTIONS),
        "microorganism": uri,
        "chemicalSubstance": uri,
        "component": word_of(COMPONENTS),
        "coordinateReferenceSystem": uri,
        "stringValue": rules.text,
        "booleanValue": rules.truth,
        "hexBinaryValue": rules.hex_binary,
        "uriValue": uri,
        "uom": rules.unit,
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), rules.number),
    },
    required=("type",),
)


def _sensor_report(value: object, at: str, around: Around) -> None:
    _SENSOR_REPORT_FIELDS(value, at, around)
    rules.unit_fits(value, at, around)


_SENSOR = object_of(
    {
        "sensorMetadata": object_of({**_DEVICE, "startTime": rules.time, "endTime": rules.time}),
        "sensorReport": list_of(_sensor_report, least=1),
    },
    required=("sensorReport",),
)


def _typed(name: str, types: Rule, required: tuple[str, ...]) -> Rule:
    return list_of(object_of({"type": types, name: uri}, required=required, open_to_others=False))


_COMMON: Mapping[str, Rule] = {
    "@context": rules.context,
    "type": one_of(EVENT_TYPES),
    "eventTime": rules.time,
    "recordTime": rules.time,
    "eventTimeZoneOffset": rules.offset,
    "eventID": uri,
    "certificationInfo": rules.either_of(uri, list_of(uri)),
    "errorDeclaration": object_of(
        {"declarationTime": rules.time, "reason": word_of(ERROR_REASONS), "correctiveEventIDs": list_of(uri)},
        required=("declarationTime",),
    ),
    "bizStep": word_of(BIZ_STEPS),
    "disposition": word_of(DISPOSITIONS),
    "persistentDisposition": object_of(
        {"set": list_of(word_of(DISPOSITIONS)), "unset": list_of(word_of(DISPOSITIONS))}, open_to_others=False
    ),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _typed("bizTransaction", word_of(TRANSACTIONS), ("bizTransaction",)),
    "sourceList": _typed("source", word_of(PARTIES), ("type", "source")),
    "destinationList": _typed("destination", word_of(PARTIES), ("type", "destination")),
    "sensorElementList": list_of(_SENSOR),
}
_ACTION: Mapping[str, Rule] = {"action": one_of(ACTIONS)}
_ILMD: Mapping[str, Rule] = {"ilmd": object_of({})}
_FAMILY: Mapping[str, Rule] = {"parentID": uri, "childEPCs": _EPCS, "childQuantityList": _QUANTITIES}


def _event(own: Mapping[str, Rule], *required: str) -> Rule:
    return object_of({**_COMMON, **own}, required=("eventTime", "eventTimeZoneOffset", *required))


_EVENT_OF: Mapping[str, Rule] = {
    "ObjectEvent": _event({**_ACTION, **_ILMD, "epcList": _EPCS, "quantityList": _QUANTITIES}, "action"),
    "AggregationEvent": _event({**_ACTION, **_FAMILY}, "action"),
    "AssociationEvent": _event({**_ACTION, **_FAMILY}, "action", "parentID"),
    "TransactionEvent": _event(
        {**_ACTION, "parentID": uri, "epcList": _EPCS, "quantityList": _QUANTITIES}, "action", "bizTransactionList"
    ),
    "TransformationEvent": _event(
        {
            **_ILMD,
            "transformationID": uri,
            "inputEPCList": _EPCS,
            "inputQuantityList": _QUANTITIES,
            "outputEPCList": _EPCS,
            "outputQuantityList": _QUANTITIES,
        }
    ),
}


def _object_event(event: dict[str, Any]) -> str | None:
    if "epcList" in event or event.get("quantityList") or (event.get("sensorElementList") and "readPoint" in event):
        return None
    return "an ObjectEvent has an epcList, a quantityList, or a sensorElementList and a readPoint"


def _family(event: dict[str, Any]) -> str | None:
    if event.get("action") in {"ADD", "OBSERVE"} and not (event.get("childEPCs") or event.get("childQuantityList")):
        return "without children it can only be DELETE"
    if event.get("action") in {"ADD", "DELETE"} and "parentID" not in event:
        return "without a parentID it can only be OBSERVE"
    return None


def _transaction(event: dict[str, Any]) -> str | None:
    if event.get("bizTransactionList") == []:
        return "a TransactionEvent names its transaction"
    return None


def _transformation(event: dict[str, Any]) -> str | None:
    inputs = event.get("inputEPCList") or event.get("inputQuantityList")
    outputs = event.get("outputEPCList") or event.get("outputQuantityList")
    if (inputs and outputs) or ("transformationID" in event and (inputs or outputs)):
        return None
    return "a TransformationEvent has inputs and outputs, or a transformationID and one of them"


_WHAT_OF: Mapping[str, Callable[[dict[str, Any]], str | None]] = {
    "ObjectEvent": _object_event,
    "AggregationEvent": _family,
    "AssociationEvent": _family,
    "TransactionEvent": _transaction,
    "TransformationEvent": _transformation,
}


def _bare_event(event: object, at: str, around: Around) -> None:
    if not isinstance(event, dict):
        around.report.add(at, "wrong-type", "an event is an object")
        return
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in EVENT_TYPES:
        if "type" in event:
            _COMMON["type"](kind, below(at, "type"), around)
        else:
            around.report.add(at, "missing", "type is missing")
        return
    _EVENT_OF[kind](event, at, around)
    lacking = _WHAT_OF[kind](event)
    if lacking:
        around.report.add(at, "missing", lacking)
    if kind == "ObjectEvent" and "ilmd" in event and event.get("action") != "ADD":
        around.report.add(below(at, "ilmd"), "not-allowed", "only ADD may say ilmd: the object begins there")


check_event = rules.with_context(_bare_event)

_DOCUMENT = object_of(
    {
        "@context": rules.context,
        "id": uri,
        "type": one_of(("EPCISDocument",)),
        "schemaVersion": one_of(("2.0",)),
        "creationDate": rules.time,
        "instanceIdentifier": rules.text,
        "sender": rules.text,
        "receiver": rules.text,
        "epcisHeader": object_of({"epcisMasterData": object_of({"vocabularyList": list_of(object_of({}))})}),
        "epcisBody": object_of({"eventList": lambda *_: None}, required=("eventList",)),
    },
    required=("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
)


def document_faults(document: object, prefixes: Prefixes) -> Report:
    """Check all of a document but its events."""
    report = Report()
    _DOCUMENT(document, "", Around(report, prefixes))
    return report


def event_faults(event: object, at: str, prefixes: Prefixes) -> Report:
    """Check one event that stands at `at`."""
    report = Report()
    check_event(event, at, Around(report, prefixes))
    return report


def prefixes_of(context: object) -> dict[str, str]:
    """Return the prefixes that hold under an `@context`, those of GS1 among them."""
    return {**STANDARD_PREFIXES, **declared(context)}


def refuse(report: Report) -> None:
    """Raise what was found.

    Raises:
        InvalidError: There is a fault.
    """
    if report.faults:
        raise InvalidError(report.faults)
