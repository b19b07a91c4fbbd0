"""One event as it is kept: the bytes as they were given, and beside them what it is found by.

The bytes are the truth: an event has fields of anybody's, in an order of their own, and comes back as it came. What is
typed is only the index: identifiers as canonical Digital Links, words as URIs, moments in microseconds.
"""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from control.traceability.event_hash import event_hash
from control.traceability.identifiers import matched
from control.traceability.namespaces import declared, expanded
from control.traceability.rules import moment
from control.traceability.vocabulary import BIZ_STEPS, DISPOSITIONS, STANDARD_PREFIXES, TRANSACTIONS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

VALUES = ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue")
"""The numbers of a sensor report that can be asked for."""


class Term(msgspec.Struct, frozen=True):
    """One word an event is found by: its kind (`epc`, `bizStep`, ...) and its matched form."""

    kind: str
    value: str


class Measured(msgspec.Struct, frozen=True):
    """One number of a sensor report."""

    field: str
    uom: str
    number: float


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A valid event and what it is found by. `body` and `context` are JSON; moments are microseconds since 1970 in UTC.

    `event_id` is the given one, or else the hash. `fingerprint` is equal for equal content: the hash, and of a
    declaration of error its declaration too.
    """

    event_id: str
    fingerprint: str
    is_declaration: bool
    at: int
    terms: tuple[Term, ...]
    measured: tuple[Measured, ...]
    context: bytes
    body: bytes


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the store. Records are numbered 1, 2, 3 without a gap, in the order of their record times."""

    record: int
    recorded_at: int
    event_id: str
    at: int
    context: bytes
    body: bytes


def micros(at: datetime) -> int:
    """Return a moment as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """Return the moment of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


def index(event: Mapping[str, Any], context: bytes, body: bytes) -> Event:
    """Return a valid event as it is kept."""
    outer = msgspec.json.decode(context)
    prefixes = {**STANDARD_PREFIXES, **declared(outer), **declared(event.get("@context"))}
    name = event_hash(event, outer)
    declaration = event.get("errorDeclaration")
    at = moment(event["eventTime"])
    assert at is not None  # noqa: S101 - the event is valid; for the type checker
    event_id = event.get("eventID", name)
    return Event(
        event_id=event_id,
        fingerprint=name if declaration is None else f"{name}#{_digest(declaration)}",
        is_declaration=declaration is not None,
        at=micros(at),
        terms=tuple({Term(kind, value): None for kind, value in _terms(event, event_id, prefixes)}),
        measured=tuple(_measured(event)),
        context=context,
        body=body,
    )


def word(kind: str, value: str, prefixes: Mapping[str, str] = STANDARD_PREFIXES) -> str:
    """Return what a value of some kind is matched by."""
    value = expanded(value, prefixes)
    if kind == "bizStep":
        return BIZ_STEPS.uri(value)
    if kind in {"disposition", "set", "unset"}:
        return DISPOSITIONS.uri(value)
    return matched(value)


def transaction_kind(kind: str, prefixes: Mapping[str, str] = STANDARD_PREFIXES) -> str:
    """Return the kind of term of a business transaction of a type; a transaction without a type has the empty one."""
    return f"transaction:{TRANSACTIONS.uri(expanded(kind, prefixes))}"


def _digest(part: object) -> str:
    return hashlib.sha256(msgspec.json.encode(part, order="sorted")).hexdigest()[:16]


_EPCS = (
    ("epcList", "epc"), ("childEPCs", "epc"), ("inputEPCList", "input"), ("outputEPCList", "output"),
)  # fmt: skip
_CLASSES = (
    ("quantityList", "class"), ("childQuantityList", "class"), ("inputQuantityList", "input-class"),
    ("outputQuantityList", "output-class"),
)  # fmt: skip


def _terms(event: Mapping[str, Any], event_id: str, prefixes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "id", event_id
    yield "type", event["type"]
    for kind, value in itertools.chain(_single(event), _listed(event)):
        yield kind, word(kind, value, prefixes)
    for one in event.get("bizTransactionList", ()):
        yield transaction_kind(one.get("type", ""), prefixes), word("", one["bizTransaction"], prefixes)


def _single(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("action", "bizStep", "disposition", "transformationID"):
        if field in event:
            yield field, event[field]
    for field in ("readPoint", "bizLocation"):
        if field in event:
            yield field, event[field]["id"]
    if "parentID" in event:
        yield "parent", event["parentID"]


def _listed(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, kind in _EPCS:
        for epc in event.get(field, ()):
            yield kind, epc
    for field, kind in _CLASSES:
        for quantity in event.get(field, ()):
            yield kind, quantity["epcClass"]
    for kind in ("set", "unset"):
        for disposition in event.get("persistentDisposition", {}).get(kind, ()):
            yield kind, disposition


def _measured(event: Mapping[str, Any]) -> Iterator[Measured]:
    for sensor in event.get("sensorElementList", ()):
        for report in sensor["sensorReport"]:
            for field in VALUES:
                if field in report:
                    yield Measured(field, report.get("uom", ""), float(report[field]))
