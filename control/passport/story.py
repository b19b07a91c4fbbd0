"""What EPCIS events tell of one thing from the harvest to the border, reduced to what anybody may know.

What is told: the step, when, and whether it was at this site. Not told: of whom, how much, for which waybill or
declaration, at which foreign place, for which reason. A hold is between a shipper and customs; only a release that
stands is told, and what people decided about goods that must not be used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from control.passport.code import Item
from control.traceability.fsma204 import last_word
from control.traceability.identifiers import HOST, matched

Happened = Mapping[str, Any]
"""An event as it was given."""


class Told(StrEnum):
    """The steps that a passport tells."""

    HARVESTED = "harvested"
    COOLED = "cooled"
    PACKED = "packed"
    RECEIVED = "received"
    STORED = "stored"
    INSPECTED = "inspected"
    RELEASED = "released"
    LOADED = "loaded"
    SHIPPED = "shipped"
    SOLD = "sold"


STEPS: Mapping[str, Told] = {
    "harvesting": Told.HARVESTED,
    "cooling": Told.COOLED,
    "commissioning": Told.PACKED,
    "packing": Told.PACKED,
    "receiving": Told.RECEIVED,
    "accepting": Told.RECEIVED,
    "arriving": Told.RECEIVED,
    "storing": Told.STORED,
    "inspecting": Told.INSPECTED,
    "customs_releasing": Told.RELEASED,
    "loading": Told.LOADED,
    "shipping": Told.SHIPPED,
    "departing": Told.SHIPPED,
    "retail_selling": Told.SOLD,
}
"""By the last word of a step: harvest and cooling have none in CBV 2.0, so each company has a URI of its own."""

_BAD = frozenset({"needs_replacement", "recalled", "destroyed", "disposed"})
_EPCS = ("childEPCs", "inputEPCList", "outputEPCList")
_CLASSES = ("childQuantityList", "inputQuantityList", "outputQuantityList")


class Window(Struct, frozen=True):
    """From when on, and until before when, what is told of a name is told of the thing; None: always."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime) -> bool:
        """Whether a moment lies within."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


class Step(Struct, frozen=True, kw_only=True):
    """One step; `here` when it was at this site."""

    told: Told
    at: datetime
    here: bool


class Story(Struct, frozen=True, kw_only=True):
    """All that is told. `released_at` is None when customs has not released it, or took that back."""

    steps: tuple[Step, ...] = ()
    released_at: datetime | None = None
    withdrawn: bool = False


def names_of(item: Item | None, lot: str | None) -> frozenset[str]:
    """Return what events call a thing: itself, its lot by GTIN, and its lot (a name of this site)."""
    links = [f"{HOST}/01/{item.gtin}/21/{item.serial}", f"{HOST}/01/{item.gtin}/10/{item.lot}"] if item else []
    return frozenset([*map(matched, links), *([lot] if lot is not None else [])])


def related(events: Iterable[Happened], name: str, window: Window) -> dict[str, Window]:
    """Return what a thing was in (a bag, a parcel, a vehicle) and made of, and when; `name` is one of its names."""
    found: dict[str, Window] = {}
    for event in sorted(events, key=_at):
        at = _at(event)
        if not window.has(at):
            continue
        if event["type"] == "AggregationEvent" and "parentID" in event and name in _named(event, "child"):
            parent = matched(event["parentID"])
            if event["action"] == "ADD":
                found[parent] = Window(at, window.until)
            elif event["action"] == "DELETE" and parent in found:
                found[parent] = Window(found[parent].since, at)
        elif event["type"] == "TransformationEvent" and name in _named(event, "output"):
            found |= {one: Window(window.since, at) for one in _named(event, "input") if one != name}
    return found


def this_trip(events: Iterable[Happened], window: Window) -> Window:
    """Return the window of a bag or vehicle, ended when it is loaded anew after it went away."""
    gone = False
    for event in sorted(events, key=_at):
        if not window.has(_at(event)):
            continue
        if STEPS.get(last_word(event.get("bizStep", ""))) is Told.SHIPPED:
            gone = True
        elif gone and event["type"] == "AggregationEvent" and event["action"] == "ADD":
            return Window(window.since, _at(event))
    return window


def tell(events: Mapping[str, tuple[Window, Sequence[Happened]]], here: Callable[[str], bool]) -> Story:
    """Return the story of a thing: by each name of it, or of what it was in, the events of that name and the window.

    An event that was declared an error is not told. Of a step that follows itself, at this site or away, only the first
    is told. `here` knows the places of this site.
    """
    seen = {_id(event): event for window, some in events.values() for event in some if window.has(_at(event))}
    wrong = {_id(event) for _, some in events.values() for event in some if "errorDeclaration" in event}
    steps: list[Step] = []
    released_at, withdrawn = None, False
    for event in sorted((one for name, one in seen.items() if name not in wrong), key=_at):
        word = last_word(event.get("bizStep", ""))
        if word in STEPS:
            step = Step(told=STEPS[word], at=_at(event), here=_is_here(event, here))
            if not steps or (steps[-1].told, steps[-1].here) != (step.told, step.here):
                steps.append(step)
        lasting = event.get("persistentDisposition", {})
        was_set = {*map(last_word, lasting.get("set", ()))}
        if word == "customs_releasing":
            released_at = _at(event)
        elif was_set & {"unavailable"}:
            released_at = None
        if (was_set | {last_word(event.get("disposition", ""))}) & _BAD:
            withdrawn = True
        elif _BAD & {*map(last_word, lasting.get("unset", ()))}:
            withdrawn = False
    kept = (one for one in steps if one.told is not Told.RELEASED or released_at is not None)
    return Story(steps=tuple(kept), released_at=released_at, withdrawn=withdrawn)


def _id(event: Happened) -> str:
    return str(event["eventID"])


def _at(event: Happened) -> datetime:
    return datetime.fromisoformat(event["eventTime"])


def _named(event: Happened, part: str) -> frozenset[str]:
    epcs = [one for field in _EPCS if field.startswith(part) for one in event.get(field, ())]
    classes = [one["epcClass"] for field in _CLASSES if field.startswith(part) for one in event.get(field, ())]
    return frozenset(map(matched, [*epcs, *classes]))


def _is_here(event: Happened, here: Callable[[str], bool]) -> bool:
    return any(here(event[field]["id"]) for field in ("readPoint", "bizLocation") if field in event)
