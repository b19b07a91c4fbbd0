"""One thing to be told: an event without what every event has, and the stay in a cold zone that it should tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from control.traceability.event import Event, index
from control.traceability.vocabulary import STANDARD_CONTEXT
from control.tracing.names import WORDS, Names

CONTEXT = msgspec.json.encode([STANDARD_CONTEXT, {"coldport": WORDS}])

UNAVAILABLE = {"persistentDisposition": {"set": ["unavailable"]}}
AVAILABLE = {"persistentDisposition": {"unset": ["unavailable"]}}


class Stay(Struct, frozen=True, kw_only=True):
    """Something was in `zone` from `since` to `until`."""

    zone: str
    since: datetime
    until: datetime


class Told(Struct, frozen=True, kw_only=True):
    """An event that happened at `at`; `number` and `index` are those of its journal entry and within it."""

    at: datetime
    fields: Mapping[str, Any]
    stay: Stay | None = None
    number: int = 0
    index: int = 0


def objects(at: datetime, epcs: Sequence[str], step: str, disposition: str | None = None, /, **fields: object) -> Told:
    """Return an event that things were seen."""
    said = {"type": "ObjectEvent", "action": "OBSERVE", "epcList": list(dict.fromkeys(epcs)), "bizStep": step}
    return Told(at=at, fields={**said, **_disposition(disposition), **fields})


def family(at: datetime, action: str, parent: str, children: Sequence[str], /, **fields: object) -> Told:
    """Return an event that things went into a bag or a vehicle, or came out of it."""
    said = {
        "type": "AggregationEvent",
        "action": action,
        "parentID": parent,
        "childEPCs": list(dict.fromkeys(children)),
    }
    return Told(at=at, fields={**said, **fields})


def goods(
    at: datetime,
    quantities: Sequence[Mapping[str, Any]],
    step: str,
    disposition: str | None = None,
    /,
    **fields: object,
) -> Told:
    """Return an event that so much of lots was seen."""
    said = {"type": "ObjectEvent", "action": "OBSERVE", "quantityList": list(quantities), "bizStep": step}
    return Told(at=at, fields={**said, **_disposition(disposition), **fields})


def mass(kilograms: float) -> Mapping[str, Any]:
    """Return the field that says what was weighed."""
    return {"sensorElementList": [{"sensorReport": [{"type": "Mass", "value": kilograms, "uom": "KGM"}]}]}


def written(told: Told, names: Names, sensors: Sequence[Mapping[str, Any]] = ()) -> Event:
    """Return the event, with what the sensors of its stay said."""
    event: dict[str, Any] = {
        **told.fields,
        **names.when(told.at),
        "eventID": names.event_id(told.number, told.index),
        "coldport:journalEntry": told.number,
    }
    if sensors:
        event["sensorElementList"] = [*event.get("sensorElementList", ()), *sensors]
    return index(event, CONTEXT, msgspec.json.encode(event))


def _disposition(word: str | None) -> Mapping[str, str]:
    return {} if word is None else {"disposition": word}
