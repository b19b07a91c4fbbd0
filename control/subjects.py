"""What an entry is about: lots, alarms, parcels, passes, passports.

The journal keeps an index of it, so that all that was ever said of one of them is read without reading everything.

A subject is `kind:name`. What gateways observed, and time, are about nothing: there is far too much of it, and points
have the historian.
"""

from collections.abc import Callable, Mapping
from typing import get_args

from control.entries import Acknowledged, Acted, Content, Transitioned
from control.inspection.documents.acts import Declared
from control.inspection.gate.acts import GateAct, GateJudged
from control.passport.acts import PassportIssued
from control.passport.passports import name_of

FIELDS: Mapping[str, str] = {
    "lot": "lot",
    "logistics_no": "parcel",
    "lane": "lane",
    "leg": "leg",
    "inbound": "inbound",
    "order": "order",
    "passport": "passport",
}
"""Which field names a subject of which kind, in whatever entry it stands."""

_Names = Callable[[Content], tuple[str, ...]]


def _by_field(kind: type) -> _Names | None:
    fields = [(field, FIELDS[field]) for field in kind.__struct_fields__ if field in FIELDS]  # type: ignore[attr-defined]
    if not fields:
        return None

    def names(content: Content) -> tuple[str, ...]:
        return tuple(f"{of}:{name}" for field, of in fields if (name := getattr(content, field)) is not None)

    return names


_NAMES: dict[type, _Names] = {kind: names for kind in get_args(Content) if (names := _by_field(kind)) is not None}


def subjects(content: Content) -> tuple[str, ...]:
    """Return what an entry is about; most are about nothing or one thing."""
    if isinstance(content, Acknowledged | Acted):
        return (f"alarm:{content.alarm}",)
    if isinstance(content, Transitioned):
        return (f"alarm:{content.alarm.id}",)
    if isinstance(content, Declared):
        document = content.document
        parcels = [document.text("logistics_no"), *(line.get("logistics_no", "") for line in document.lines)]
        return tuple(f"parcel:{name}" for name in dict.fromkeys(parcels) if name)
    if isinstance(content, GateAct | GateJudged):
        return (f"pass:{content.number}",)
    if isinstance(content, PassportIssued):
        return (f"passport:{name_of(content)}", *((f"lot:{content.lot}",) if content.lot is not None else ()))
    names = _NAMES.get(type(content))
    return names(content) if names is not None else ()
