"""Stock as events: so much of a lot, at a bin."""

from collections.abc import Iterator, Mapping
from typing import Any

from control.inspection.stock.acts import StockCounted, StockMoved
from control.inspection.stock.rules import Verb
from control.tracing.names import Names
from control.tracing.told import Told, goods

STEPS: Mapping[Verb, tuple[str, str]] = {
    Verb.RECEIVE: ("receiving", "in_progress"),
    Verb.PUT_AWAY: ("storing", "sellable_not_accessible"),
    Verb.MOVE: ("storing", "sellable_not_accessible"),
    Verb.RESERVE: ("reserving", "reserved"),
    Verb.UNRESERVE: ("storing", "sellable_not_accessible"),
    Verb.PICK: ("picking", "in_progress"),
    Verb.PUT_BACK: ("storing", "sellable_not_accessible"),
    Verb.PACK: ("packing", "in_progress"),
    Verb.UNPACK: ("unpacking", "in_progress"),
    Verb.SHIP: ("shipping", "in_transit"),
    Verb.QUARANTINE: ("holding", "non_sellable_other"),
    Verb.QUARANTINE_ARRIVED: ("holding", "non_sellable_other"),
    Verb.QUARANTINE_RESERVED: ("holding", "non_sellable_other"),
    Verb.QUARANTINE_PICKED: ("holding", "non_sellable_other"),
    Verb.MOVE_QUARANTINED: ("storing", "non_sellable_other"),
    Verb.CLEAR: ("inspecting", "conformant"),
    Verb.SUSPEND: ("holding", "unavailable"),
    Verb.RESUME: ("storing", "sellable_not_accessible"),
    Verb.DESTROY: ("destroying", "destroyed"),
    Verb.ADJUST_UP: ("cycle_counting", "mismatch_quantity"),
    Verb.ADJUST_DOWN: ("cycle_counting", "mismatch_quantity"),
}
"""No persistent disposition: it would be of the lot, and what is moved is a part of it."""
_GONE = frozenset({Verb.DESTROY})
MEASURED = {"035": "KGM", "036": "GRM", "070": "TNE", "095": "LTR"}
"""Customs' unit codes (计量单位) that have a code of UN/ECE Recommendation 20."""
COUNTED = frozenset(("001", "003", "006", "007", "008", "010", "011", "012"))
"""Customs' unit codes of whole pieces: EPCIS counts without a unit. Of any other the quantity is in our own words."""


def moved(act: StockMoved, names: Names, unit: str | None, zone: str | None) -> Iterator[Told]:
    """Tell of a movement; `unit` is customs' code of the lot's, `zone` where the bin stands, if that is known."""
    step, disposition = STEPS[act.verb]
    quantity, said = _quantity(act.lot, act.quantity, unit, names)
    place = names.place(act.to_bin or act.bin)
    location = names.place(zone)
    told = goods(act.at, [quantity], step, disposition, readPoint={"id": place}, bizLocation={"id": location}, **said)
    if act.verb not in _GONE:
        yield told
        return
    fields = {name: value for name, value in told.fields.items() if name != "bizLocation"}
    yield Told(at=told.at, fields={**fields, "action": "DELETE"})


def counted(act: StockCounted, names: Names, unit: str | None, zone: str | None) -> Iterator[Told]:
    """Tell what was counted in a bin."""
    quantity, said = _quantity(act.lot, act.counted, unit, names)
    where = {"readPoint": {"id": names.place(act.bin)}, "bizLocation": {"id": names.place(zone)}}
    yield goods(act.at, [quantity], "cycle_counting", **where, **said)


def _quantity(
    lot: str, quantity: object, unit: str | None, names: Names
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    named = {"epcClass": names.of("lot", lot)}
    if unit in MEASURED:
        return {**named, "quantity": float(str(quantity)), "uom": MEASURED[unit]}, {}
    if unit in COUNTED:
        return {**named, "quantity": float(str(quantity))}, {}
    return named, {"coldport:quantity": str(quantity), **({} if unit is None else {"coldport:unit": unit})}
