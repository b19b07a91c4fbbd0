"""From the bytes of a document or of one event to events that can be kept, or to what is wrong with them; and back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from control.traceability.event import Event, Found, from_micros, index
from control.traceability.fault import Fault, InvalidError, Report
from control.traceability.fields import document_faults, event_faults, prefixes_of, refuse
from control.traceability.namespaces import declared
from control.traceability.vocabulary import STANDARD_CONTEXT

EVENTS_LIMIT = 2_000
"""Events of one document: at 3,000 a second they take less than a second."""

LIST = "/epcisBody/eventList"


class Taken(msgspec.Struct, frozen=True):
    """What a document holds: its valid events, and the faults of the others."""

    events: tuple[Event, ...]
    faults: tuple[Fault, ...]


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    event_list: list[msgspec.Raw]


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    context: msgspec.Raw = msgspec.field(name="@context")
    epcis_body: _Body


_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
_as_document = msgspec.json.Decoder(_Document).decode


def read_document(body: bytes) -> Taken:
    """Read a capture document.

    Raises:
        InvalidError: It is no JSON, or anything but its events is wrong: nothing of it can be taken.
    """
    document = _json(body)
    prefixes = prefixes_of(document.get("@context") if isinstance(document, dict) else None)
    refuse(document_faults(document, prefixes))
    events = document["epcisBody"]["eventList"]
    if not isinstance(events, list):
        raise InvalidError([Fault(pointer=LIST, reason="wrong-type", detail="a list is wanted")])
    if len(events) > EVENTS_LIMIT:
        told = f"{len(events)} events; a document may have {EVENTS_LIMIT}"
        raise InvalidError([Fault(pointer=LIST, reason="too-many", detail=told)])
    raw = _as_document(body)
    context = bytes(raw.context)
    taken: list[Event] = []
    report = Report()
    for place, (event, given) in enumerate(zip(events, raw.epcis_body.event_list, strict=True)):
        found = event_faults(event, f"{LIST}/{place}", prefixes).faults
        if found:
            report.faults += found
        else:
            taken.append(index(event, context, bytes(given)))
    return Taken(tuple(taken), tuple(report.faults))


def read_event(body: bytes) -> Event:
    """Read a single event, which declares its own `@context`.

    Raises:
        InvalidError: It is no JSON or no valid event.
    """
    event = _json(body)
    context = event.get("@context", STANDARD_CONTEXT) if isinstance(event, dict) else STANDARD_CONTEXT
    refuse(event_faults(event, "", prefixes_of(context)))
    return index(event, msgspec.json.encode(context), body)


def write_event(found: Found, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return an event as it was given, with its id and when it was recorded.

    `prefixes` are those of the document it goes into: those of its own that mean something else there, or nothing, it
    brings along.
    """
    recorded = msgspec.json.encode(_utc(from_micros(found.recorded_at)))
    event = _decode(found.body)
    body = found.body.strip()
    if "recordTime" in event:
        del event["recordTime"]
        body = msgspec.json.encode(event)
    extra = [b'"recordTime":' + recorded]
    if "eventID" not in event:
        extra.append(b'"eventID":' + msgspec.json.encode(found.event_id))
    if "@context" not in event:
        own = declared(_decode(found.context))
        if prefixes is None or any(prefixes.get(name) != uri for name, uri in own.items()):
            extra.append(b'"@context":' + msgspec.json.encode([STANDARD_CONTEXT, own]))
    return b"{" + b",".join(extra) + b"," + body[1:]


def write_result(
    found: Sequence[Found], *, query: str | None = None, subscription: str | None = None, at: datetime
) -> bytes:
    """Return an EPCISQueryDocument with events in the order given."""
    prefixes: dict[str, str] = {}
    for one in found:
        prefixes = {**declared(_decode(one.context)), **prefixes}
    events = b",".join(write_event(one, prefixes) for one in found)
    names = [b'"queryName":' + msgspec.json.encode(query or "SimpleEventQuery")]
    if subscription:
        names.append(b'"subscriptionID":' + msgspec.json.encode(subscription))
    context = msgspec.json.encode([STANDARD_CONTEXT, *([prefixes] if prefixes else [])])
    created = msgspec.json.encode(_utc(at))
    return (
        b'{"@context":' + context + b',"type":"EPCISQueryDocument","schemaVersion":"2.0","creationDate":' + created
        + b',"epcisBody":{"queryResults":{' + b",".join(names)
        + b',"resultsBody":{"eventList":[' + events + b"]}}}}"
    )  # fmt: skip


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything until it is checked
    try:
        return _decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidError([Fault(pointer="", reason="not-json", detail=f"this is not JSON: {error}")]) from error
