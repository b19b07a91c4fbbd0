"""The hash of an event's content, by which anybody names the same event alike.

It is the "EPCIS event hash ID" of CBV 2.0 section 8.9. The event is written as one text: the standard fields in a
fixed order, each `name=value`, lists sorted, moments in UTC to the millisecond, identifiers as canonical Digital
Links, words as URIs; then what is nobody's standard, sorted.
`recordTime`, `eventID` and
`errorDeclaration` are left out, so a declaration of error has the hash of the event that it takes back.

Where the standard's text and GS1's reference program differ, this follows the program, for hashes are of use only when
they are equal: transactions, sources and destinations stand after the sensor data with their type first, truth is
written `True`, every text that reads as a number is written as one. It does not follow it where the program misses a
rule: prefixes that an event declares for itself count like those of its document, and a transaction without a type
does not make it fall.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any, NamedTuple

from control.traceability.identifiers import matched
from control.traceability.namespaces import declared, expanded
from control.traceability.rules import moment
from control.traceability.vocabulary import (
    BIZ_STEPS,
    COMPONENTS,
    DISPOSITIONS,
    EXCEPTIONS,
    MEASUREMENTS,
    PARTIES,
    TRANSACTIONS,
    Words,
)


class Node(NamedTuple):
    """A field of the written form: name, value (may be empty), fields within."""

    name: str
    value: str
    within: "list[Node]"


class Spec(NamedTuple):
    """A field in the fixed order, and the order within it."""

    name: str
    within: "tuple[Spec, ...]"


def _in_order(*names: "str | Spec") -> tuple[Spec, ...]:
    return tuple(name if isinstance(name, Spec) else Spec(name, ()) for name in names)


def _list(name: str, item: str, *within: "str | Spec") -> Spec:
    return Spec(name, (Spec(item, _in_order(*within)),))


_QUANTITY = ("epcClass", "quantity", "uom")
_DEVICE = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
_ORDER = _in_order(
    "eventTime",
    "eventTimeZoneOffset",
    "certificationInfo",
    "parentID",
    _list("epcList", "epc"),
    _list("inputEPCList", "epc"),
    _list("childEPCs", "epc"),
    _list("quantityList", "quantityElement", *_QUANTITY),
    _list("childQuantityList", "quantityElement", *_QUANTITY),
    _list("inputQuantityList", "quantityElement", *_QUANTITY),
    _list("outputEPCList", "epc"),
    _list("outputQuantityList", "quantityElement", *_QUANTITY),
    "action",
    "transformationID",
    "bizStep",
    "disposition",
    Spec("persistentDisposition", _in_order("set", "unset")),
    Spec("readPoint", _in_order("id")),
    Spec("bizLocation", _in_order("id")),
    _list(
        "sensorElementList",
        "sensorElement",
        Spec("sensorMetadata", _in_order("time", "startTime", "endTime", *_DEVICE, "bizRules")),
        Spec(
            "sensorReport",
            _in_order(
                "type",
                "exception",
                *_DEVICE,
                "time",
                "microorganism",
                "chemicalSubstance",
                "value",
                "component",
                "stringValue",
                "booleanValue",
                "hexBinaryValue",
                "uriValue",
                "minValue",
                "maxValue",
                "meanValue",
                "sDev",
                "percRank",
                "percValue",
                "uom",
                "coordinateReferenceSystem",
            ),
        ),
    ),
)

_LEFT_OUT = frozenset(("type", "recordTime", "eventID", "errorDeclaration", "@context"))
_COMMENTS = frozenset(("rdfs:comment", "comment"))
_ITEM_OF = {
    "epcList": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "childEPCs": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
}
_TYPED = frozenset(("bizTransactionList", "sourceList", "destinationList"))

_WORDS: Mapping[tuple[str, str], Words] = {
    ("", "bizStep"): BIZ_STEPS,
    ("", "disposition"): DISPOSITIONS,
    ("persistentDisposition", "set"): DISPOSITIONS,
    ("persistentDisposition", "unset"): DISPOSITIONS,
    ("bizTransactionList", "type"): TRANSACTIONS,
    ("sourceList", "type"): PARTIES,
    ("destinationList", "type"): PARTIES,
    ("sensorReport", "type"): MEASUREMENTS,
    ("sensorReport", "exception"): EXCEPTIONS,
    ("sensorReport", "component"): COMPONENTS,
}
"""By the object a field is in and its name, the list its bare words are of."""

_OLD_STEMS = tuple(
    (words.old_stem, words.stem) for words in (BIZ_STEPS, DISPOSITIONS, TRANSACTIONS, PARTIES) if words.old_stem
)


def event_hash(event: Mapping[str, Any], context: object) -> str:
    """Return the hash of a valid event as an `ni` URI (RFC 6920), given the `@context` of its document."""
    digest = hashlib.sha256(pre_hash(event, context).encode(errors="surrogatepass")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], context: object) -> str:
    """Return the text that is hashed."""
    prefixes = {**declared(context), **declared(event.get("@context"))}
    nodes = _nodes({key: value for key, value in event.items() if key not in _LEFT_OUT}, "", prefixes)
    written, rest = _ordered(nodes, _ORDER, top=True)
    return f"eventType={event['type']}{written}{_sorted(rest)}"


def _nodes(part: Mapping[str, Any], inside: str, prefixes: Mapping[str, str]) -> list[Node]:
    nodes: list[Node] = []
    for key, value in part.items():
        if key in _COMMENTS:
            continue
        prefix, colon, name = key.partition(":")
        full = f"{{{prefixes[prefix]}}}{name}" if colon and prefix in prefixes else key
        if isinstance(value, list):
            nodes += _from_list(full, key, value, inside, prefixes)
        else:
            nodes.append(_node(full, key, value, inside, prefixes))
    return nodes


def _from_list(name: str, key: str, values: Sequence[Any], inside: str, prefixes: Mapping[str, str]) -> list[Node]:
    if not values:
        return []
    if key in _TYPED:
        return [Node(name, "", [_pair(key, value, prefixes) for value in values])]
    item = _ITEM_OF.get(key) or (name.removesuffix("List") if name.endswith("List") else None)
    if item is None:
        return [_node(name, key, value, inside, prefixes) for value in values]
    return [Node(name, "", [_node(item, item, value, key, prefixes) for value in values])]


def _pair(key: str, value: Mapping[str, Any], prefixes: Mapping[str, str]) -> Node:
    """Return a transaction, source or destination: its type, then what it is."""
    name = key.removesuffix("List")
    parts = [_node(field, field, value[field], key, prefixes) for field in ("type", name) if field in value]
    return Node("".join(_whole(part) for part in parts), "", [])


def _node(name: str, key: str, value: object, inside: str, prefixes: Mapping[str, str]) -> Node:
    if isinstance(value, dict):
        return Node(name, "", _nodes(value, key, prefixes))
    if isinstance(value, list):  # a list in a list
        return Node(name, "", [_node("", "", one, key, prefixes) for one in value])
    text = expanded(value, prefixes) if isinstance(value, str) else str(value)
    words = _WORDS.get((inside, key))
    return Node(name, words.uri(text) if words else text, [])


def _ordered(nodes: list[Node], order: tuple[Spec, ...], *, top: bool = False) -> tuple[str, list[Node]]:
    """Return the fields in their order as text, and those that have no place in it."""
    extensions = [] if top or len(nodes) < 2 else [node for node in nodes if _is_extension(node)]
    written: list[str] = []
    rest = [node for node in nodes if node not in extensions]
    for name, within in order:
        texts: list[str] = []
        kept: list[Node] = []
        for node in rest:
            if node.name != name:
                kept.append(node)
                continue
            inner, left = _ordered(node.within, within) if within else ("", node.within)
            value = _value(node)
            if value or inner:
                texts.append(f"{name}{value}{inner}")
            if left:
                kept.append(Node(name, node.value, left))
        rest = kept
        written += sorted(texts)
    if extensions:
        written.append(_sorted(extensions))
    return "".join(written), rest


def _is_extension(node: Node) -> bool:
    return node.name.startswith("{") and "/}" in node.name


def _value(node: Node) -> str:
    text = node.value.strip()
    if not text:
        return ""
    name = node.name.lower()
    return f"={_utc(text) if 'time' in name and 'offset' not in name else _canonical(text)}"


def _sorted(nodes: Sequence[Node]) -> str:
    return "".join(sorted(_whole(node) for node in nodes))


def _whole(node: Node) -> str:
    text = node.value.strip()
    return f"{node.name}{f'={_canonical(text)}' if text else ''}{_sorted(node.within)}"


def _canonical(text: str) -> str:
    for old, new in _OLD_STEMS:
        text = text.replace(old, new)
    return matched(_as_number(text))


_NUMERIC = re.compile(r"\s*[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?\s*")


def _as_number(text: str) -> str:
    if not _NUMERIC.fullmatch(text):
        return text
    try:
        value = float(text)
        return str(int(value)) if value == int(value) else str(value)
    except (ValueError, OverflowError):
        return text


def _utc(text: str) -> str:
    at = moment(text)
    if at is None:
        return text
    utc = at.astimezone(UTC)
    utc += timedelta(microseconds=round(utc.microsecond, -3) - utc.microsecond)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
