"""The key data elements (KDE) of critical tracking events (CTE) under 21 CFR part 1 subpart S, out of EPCIS events.

The sections: harvest and cooling 1.1325, initial packing 1.1330, first land-based receiving 1.1335, shipping 1.1340,
receiving 1.1345, transformation 1.1350. Which business step stands for which event is our reading, not the rule's.
What an event does not say stays empty: an empty cell is to be asked for, and never made up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from control.traceability.identifiers import HOST, matched

Happened = Mapping[str, Any]
"""An event as it was given, with its `eventID`."""

Describe = Callable[[str], str]
"""From the name of a lot (a Digital Link, or a name of this site) to what the goods are; empty when not known."""


class Row(NamedTuple):
    """One traceability lot in one critical tracking event. The sections name the KDE as shipping (1.1340(a)) does.

    `role`: of a transformation what went in and what came out are rows of their own with one `event_id`; any other lot
    is `lot`. `event_time` is UTC, `date` the day where it happened.
    """

    cte: str
    section: str
    role: str
    traceability_lot_code: str
    product_description: str
    quantity: float | None
    unit_of_measure: str
    date: str
    event_time: datetime
    location: str
    previous_source: str
    subsequent_recipient: str
    lot_code_source: str
    reference_document_type: str
    reference_document_number: str
    event_id: str


_STEPS: Mapping[str, tuple[str, str]] = {
    "harvesting": ("harvesting", "1.1325(a)"),
    "cooling": ("cooling", "1.1325(b)"),
    "initial_packing": ("initial packing", "1.1330"),
    "first_land_based_receiving": ("first land-based receiving", "1.1335"),
    "shipping": ("shipping", "1.1340"),
    "departing": ("shipping", "1.1340"),
    "receiving": ("receiving", "1.1345"),
    "arriving": ("receiving", "1.1345"),
    "accepting": ("receiving", "1.1345"),
}
_PACKED = frozenset({"packing", "commissioning"})
"""Initial packing when a lot begins with it: an ObjectEvent with action ADD."""
_ORDER = (
    "harvesting", "cooling", "initial packing", "first land-based receiving", "shipping", "receiving", "transformation",
)  # fmt: skip
_ASSIGNS = frozenset({"initial packing", "first land-based receiving", "transformation"})
"""Events in which a traceability lot code is assigned (1.1320): their place is the code's source."""


def rows(events: Iterable[Happened], describe: Describe, lot: str | None = None) -> list[Row]:
    """Return the rows of events, in the order of time, and of one lot if it is named.

    An event that was declared an error is left out, and its declaration with it. The source of a lot code is taken from
    the event that assigned it, if that is among `events`.
    """
    given = list(events)
    wrong = {one["eventID"] for one in given if "errorDeclaration" in one}
    told = sorted((one for one in given if one["eventID"] not in wrong and critical(one)), key=_order)
    sources: dict[str, str] = {}
    found: list[Row] = []
    for event in told:
        for row, name in _rows(event, describe, sources):
            if lot is None or matched(lot) == name:
                found.append(row)
    return found


def critical(event: Happened) -> tuple[str, str] | None:
    """Return which critical tracking event it is, and its section; None when it is none."""
    word = last_word(event.get("bizStep", ""))
    if word in _STEPS:
        return _STEPS[word]
    if event["type"] == "TransformationEvent":
        return ("transformation", "1.1350")
    if event["type"] == "ObjectEvent" and event["action"] == "ADD" and word in _PACKED:
        return ("initial packing", "1.1330")
    return None


def last_word(uri: str) -> str:
    """Return the last word of a URI, or a word itself.

    >>> last_word("https://ref.gs1.org/cbv/BizStep-packing"), last_word("https://farm.example/voc#Cooling")
    ('packing', 'cooling')
    """
    return uri.replace("/", ":").replace("#", ":").rpartition(":")[2].rpartition("-")[2].casefold()


def _order(event: Happened) -> tuple[datetime, int, str]:
    cte = critical(event)
    at = datetime.fromisoformat(event["eventTime"])
    return at, _ORDER.index(cte[0]) if cte else 0, event["eventID"]


def _rows(event: Happened, describe: Describe, sources: dict[str, str]) -> Iterator[tuple[Row, str]]:
    cte = critical(event)
    assert cte is not None  # noqa: S101 - asked before; for the type checker
    at = datetime.fromisoformat(event["eventTime"])
    here = _place(event)
    documents = event.get("bizTransactionList", ())
    for role, name, quantity, unit in _lots(event):
        if cte[0] in _ASSIGNS and role != "input":
            sources[name] = here
        yield (
            Row(
                cte=cte[0],
                section=f"21 CFR {cte[1]}",
                role=role,
                traceability_lot_code=_code(name),
                product_description=describe(name),
                quantity=quantity,
                unit_of_measure=unit,
                date=event["eventTime"][:10],
                event_time=at.astimezone(UTC),
                location=here,
                previous_source=_parties(event, "sourceList", "source"),
                subsequent_recipient=_parties(event, "destinationList", "destination"),
                lot_code_source=sources.get(name, ""),
                reference_document_type="; ".join(last_word(one.get("type", "")) for one in documents),
                reference_document_number="; ".join(one["bizTransaction"] for one in documents),
                event_id=event["eventID"],
            ),
            name,
        )


_QUANTITIES = (("quantityList", "lot"), ("inputQuantityList", "input"), ("outputQuantityList", "output"))
_EPCS = (("epcList", "lot"), ("inputEPCList", "input"), ("outputEPCList", "output"))


def _lots(event: Happened) -> Iterator[tuple[str, str, float | None, str]]:
    """Yield role, lot, quantity and unit; single things are counted under the lot that their Digital Link names."""
    for field, role in _QUANTITIES:
        for one in event.get(field, ()):
            yield role, matched(one["epcClass"]), one.get("quantity"), one.get("uom", "")
    for field, role in _EPCS:
        counts: dict[str, int] = {}
        for epc in event.get(field, ()):
            name = _lot_of(epc)
            if name is not None:
                counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            yield role, name, float(count), "EA"


def _lot_of(epc: str) -> str | None:
    """Return the lot that a Digital Link of one thing names beside its serial number."""
    before, sign, serial = epc.partition("/21/")
    return matched(before) if sign and serial and "/10/" in before else None


def _code(name: str) -> str:
    """Return a lot as it is written: GTIN and lot of a Digital Link, the last part of a name of this site.

    >>> _code("https://id.gs1.org/01/06901234567892/10/L1"), _code("urn:coldport:centre:lot:a1")
    ('(01)06901234567892(10)L1', 'a1')
    """
    if name.startswith(f"{HOST}/01/") and "/10/" in name:
        gtin, _, lot = name.removeprefix(f"{HOST}/01/").partition("/10/")
        return f"(01){gtin}(10){lot}"
    return name.rpartition(":")[2] if name.startswith("urn:coldport:") else name


def _place(event: Happened) -> str:
    return next((event[field]["id"] for field in ("bizLocation", "readPoint") if field in event), "")


def _parties(event: Happened, field: str, name: str) -> str:
    return "; ".join(one[name] for one in event.get(field, ()))
