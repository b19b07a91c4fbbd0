"""What can be asked of events: the query parameters of EPCIS 2.0 (section 8.2.7.1) that this store answers.

A list of values stands separated by commas or as a parameter repeated; in a named query it is a JSON list. A value
that ends in `*` means all that begin so. Different parameters must all hold; of the values of one, any.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from coldport.errors import MalformedError
from control.traceability.event import VALUES, Event, Term, micros, transaction_kind, word
from control.traceability.identifiers import canonical
from control.traceability.rules import moment
from control.traceability.vocabulary import ACTIONS, EVENT_TYPES

VALUES_LIMIT = 100
"""Values of one parameter: each is a search of its own."""

PER_PAGE, PER_PAGE_LIMIT = 30, 1_000


class QueryError(MalformedError):
    """A parameter that is not understood."""

    code = "query-parameter"


class Order(StrEnum):
    """What events are put in order by."""

    EVENT_TIME = "eventTime"
    RECORD_TIME = "recordTime"


class Wanted(msgspec.Struct, frozen=True):
    """Some term must be of one of these kinds, with one of these values; one that ends in `*` is a beginning."""

    kinds: tuple[str, ...]
    values: tuple[str, ...]

    def fits(self, terms: Iterable[Term]) -> bool:
        """Say whether one of `terms` is wanted."""
        return any(term.kind in self.kinds and any(_like(value, term.value) for value in self.values) for term in terms)


class Compared(msgspec.Struct, frozen=True):
    """Some number of a sensor report, of these fields and in this unit, must compare so."""

    fields: tuple[str, ...]
    uom: str
    sign: str
    number: float

    def fits(self, event: Event) -> bool:
        """Say whether the event has such a number."""
        return any(
            one.field in self.fields and one.uom == self.uom and SIGNS[self.sign](one.number, self.number)
            for one in event.measured
        )


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. Times are microseconds: `from` is in, `until` is not."""

    wanted: tuple[Wanted, ...] = ()
    compared: tuple[Compared, ...] = ()
    event_from: int | None = None
    event_until: int | None = None
    record_from: int | None = None
    record_until: int | None = None
    declarations: bool | None = None
    order: Order = Order.EVENT_TIME
    descending: bool = False
    per_page: int = PER_PAGE
    at_most: int | None = None
    refuse_above: int | None = None


SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    "GE": lambda a, b: a >= b,
    "GT": lambda a, b: a > b,
    "LE": lambda a, b: a <= b,
    "LT": lambda a, b: a < b,
    "EQ": lambda a, b: a == b,
}

_ANY_EPC = ("epc", "parent", "input", "output")
_ANY_CLASS = ("class", "input-class", "output-class")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "eventType": ("type",),
    "EQ_action": ("action",),
    "EQ_bizStep": ("bizStep",),
    "EQ_disposition": ("disposition",),
    "EQ_persistentDisposition_set": ("set",),
    "EQ_persistentDisposition_unset": ("unset",),
    "EQ_readPoint": ("readPoint",),
    "WD_readPoint": ("readPoint",),
    "EQ_bizLocation": ("bizLocation",),
    "WD_bizLocation": ("bizLocation",),
    "EQ_eventID": ("id",),
    "EQ_transformationID": ("transformationID",),
    "MATCH_epc": ("epc",),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("input",),
    "MATCH_outputEPC": ("output",),
    "MATCH_anyEPC": _ANY_EPC,
    "MATCH_epcClass": ("class",),
    "MATCH_inputEPCClass": ("input-class",),
    "MATCH_outputEPCClass": ("output-class",),
    "MATCH_anyEPCClass": _ANY_CLASS,
}
_TIMES: Mapping[str, str] = {
    "GE_eventTime": "event_from",
    "LT_eventTime": "event_until",
    "GE_recordTime": "record_from",
    "LT_recordTime": "record_until",
}
_COUNTS: Mapping[str, tuple[str, int]] = {
    "perPage": ("per_page", PER_PAGE_LIMIT),
    "eventCountLimit": ("at_most", 1_000_000),
    "maxEventCount": ("refuse_above", 1_000_000),
}
_CHOICES: Mapping[str, frozenset[str]] = {"eventType": EVENT_TYPES, "EQ_action": ACTIONS}

Given = str | int | float | bool | Sequence[str]


def parse(given: Mapping[str, Given]) -> Query:
    """Return the query of parameters by name.

    Raises:
        QueryError: A parameter is unknown, or its value is not what it takes.
    """
    wanted: list[Wanted] = []
    compared: list[Compared] = []
    rest: dict[str, int | bool | Order] = {}
    for name, value in given.items():
        if name in _WORDS:
            wanted.append(Wanted(_WORDS[name], _values(name, value)))
        elif name.startswith("EQ_bizTransaction_"):
            kind = transaction_kind(name.removeprefix("EQ_bizTransaction_"))
            wanted.append(Wanted((kind,), tuple(word("", one) for one in _list(name, value))))
        elif name in _TIMES:
            rest[_TIMES[name]] = micros(_moment(name, value))
        elif name in _COUNTS:
            rest[_COUNTS[name][0]] = _count(name, value)
        elif name in _FLAGS:
            key, choices = _FLAGS[name]
            rest[key] = _choice(name, str(value), choices)
        else:
            compared.append(_comparison(name, value))
    if ("record_from" in rest or "record_until" in rest) and "order" not in rest:
        rest["order"] = Order.RECORD_TIME
    if "at_most" in rest and "refuse_above" in rest:
        raise QueryError("eventCountLimit and maxEventCount exclude each other")
    return msgspec.convert({**rest, "wanted": wanted, "compared": compared}, Query, from_attributes=True)


def matches(query: Query, event: Event, recorded_at: int) -> bool:
    """Say whether an event is one that is asked for: the meaning of a query, which the stores must give."""
    return (
        _within(event.at, query.event_from, query.event_until)
        and _within(recorded_at, query.record_from, query.record_until)
        and (query.declarations is None or query.declarations == event.is_declaration)
        and all(wanted.fits(event.terms) for wanted in query.wanted)
        and all(compared.fits(event) for compared in query.compared)
    )


def _within(value: int, start: int | None, end: int | None) -> bool:
    return (start is None or value >= start) and (end is None or value < end)


def _like(wanted: str, value: str) -> bool:
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


_FLAGS: Mapping[str, tuple[str, Mapping[str, bool | Order]]] = {
    "EXISTS_errorDeclaration": ("declarations", {"true": True, "false": False, "True": True, "False": False}),
    "orderBy": ("order", {order.value: order for order in Order}),
    "orderDirection": ("descending", {"ASC": False, "DESC": True}),
}


def _choice(name: str, value: str, choices: Mapping[str, bool | Order]) -> bool | Order:
    if value not in choices:
        raise QueryError(f"{name}: {value!r} is none of {', '.join(choices)}")
    return choices[value]


def _list(name: str, value: Given) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, Sequence) else [str(value)]
    if not parts or not all(isinstance(part, str) and part for part in parts) or len(parts) > VALUES_LIMIT:
        raise QueryError(f"{name}: 1 to {VALUES_LIMIT} texts are wanted")
    return parts


def _values(name: str, value: Given) -> tuple[str, ...]:
    kind = _WORDS[name][0]
    values: list[str] = []
    for part in _list(name, value):
        if part not in _CHOICES.get(name, (part,)):
            raise QueryError(f"{name}: {part!r} is none of {', '.join(sorted(_CHOICES[name]))}")
        if name.startswith("MATCH_") and "*" in part:
            values += _beginnings(name, part)
            continue
        values.append(word(kind, part) if kind not in {"id", "type", "action"} else part)
        if name.startswith("WD_"):
            values.append(f"{values[-1]}/*")
    return tuple(values)


def _beginnings(name: str, pattern: str) -> list[str]:
    """Return what the identifiers of a pattern begin with: all serial numbers of one class."""
    if not pattern.startswith("urn:"):
        if pattern.count("*") == 1 and pattern.endswith("*"):
            return [pattern]
        raise QueryError(f"{name}: a star stands at the end of {pattern!r} or nowhere")
    link = canonical(pattern)
    if link is None:
        raise QueryError(f"{name}: of {pattern!r} only the serial number may be left open")
    return [link if name.endswith("Class") else f"{link}/*" if "/01/" in link or "/8006/" in link else f"{link}*"]


def _moment(name: str, value: Given) -> datetime:
    at = moment(value) if isinstance(value, str) else None
    if at is None:
        raise QueryError(f"{name}: {value!r} is not a moment with its offset from UTC (RFC 3339)")
    return at


def _count(name: str, value: Given) -> int:
    most = _COUNTS[name][1]
    try:
        count = int(str(value))
    except ValueError:
        count = 0
    if not 1 <= count <= most:
        raise QueryError(f"{name}: a number from 1 to {most} is wanted")
    return count


def _comparison(name: str, value: Given) -> Compared:
    sign, _, rest = name.partition("_")
    field, _, uom = rest.partition("_")
    if sign not in SIGNS or field not in VALUES or not uom:
        raise QueryError(f"{name}: no such parameter here")
    try:
        return Compared((field,), uom, sign, float(str(value)))
    except ValueError as error:
        raise QueryError(f"{name}: a number is wanted") from error
