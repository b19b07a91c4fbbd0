"""From entries of the journal to events: a fold, for some entries name only what moved and not where it was.

The mapping is that of the reference `customs-and-traceability` 4.2. Not told: what is only on paper (documents,
accounts, passes drawn up), scans and images (the lane's word tells of them), tags, legs, and outputs.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from msgspec import Struct, field

from coldport.messages.alarm import Alarm, Disposition
from coldport.site import Quantity, Site
from control.entries import Content, Entry, Transitioned
from control.exposure.custody import LotMoved, LotReceived, LotShipped
from control.inspection.gate.acts import GatePassed, PassCancelled, PassDrawn, VehicleWeighed
from control.inspection.lane.acts import Judged
from control.inspection.parcels.acts import (
    ParcelMoved,
    ParcelRecalled,
    ParcelReceived,
    Tallied,
    VehicleMoved,
    VehicleStep,
)
from control.inspection.parcels.rules import Step
from control.inspection.stock.acts import BinSet, StockCounted, StockLotNamed, StockMoved
from control.tracing import parcels, stock
from control.tracing.names import Names
from control.tracing.told import Stay, Told, goods, mass, objects

REMEMBERED_LIMIT = 200_000
"""Things of one kind that are remembered, as many as parcels may be open; the oldest is forgotten, and then told of
with less."""

Value = TypeVar("Value")


class LotAt(Struct, frozen=True):
    """Where a lot is, and since when."""

    zone: str
    since: datetime


class Vehicle(Struct, frozen=True):
    """What a pass is of."""

    plate: str
    inbound: bool


class TracerState(Struct):
    """What the fold remembers; alarms by their id: what was told of each last."""

    lots: dict[str, LotAt] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    bins: dict[str, str] = field(default_factory=dict)
    loaded: dict[str, str] = field(default_factory=dict)
    passes: dict[str, Vehicle] = field(default_factory=dict)
    alarms: dict[str, str] = field(default_factory=dict)


class Tracer:
    """The fold of one site."""

    def __init__(self, site: Site, breaches: Collection[str] = (), state: TracerState | None = None) -> None:
        """Go on from `state`, which becomes the tracer's own; `breaches` are alarms at a limit of a temperature."""
        self._breaches = frozenset(breaches)
        self.names = Names(site)
        self.state = state if state is not None else TracerState()
        self._zone_of = {
            point.id: zone.id for zone in site.zones for point in zone.points if point.quantity is Quantity.TEMPERATURE
        }

    def take(self, entry: Entry) -> list[Told]:
        """Take in an entry, each once and in order; return what is to be told of it."""
        content = entry.content
        found = chain(self._parcels(content), self._stock(content), self._gate(content), self._lots(content))
        return [
            Told(at=told.at, fields=told.fields, stay=told.stay, number=entry.number, index=place)
            for place, told in enumerate(found)
        ]

    def _parcels(self, content: Content) -> Iterator[Told]:
        match content:
            case ParcelReceived():
                yield from parcels.received(content, self.names)
            case Tallied():
                yield from parcels.tallied(content, self.names)
            case Judged():
                yield from parcels.judged(content, self.names)
            case ParcelRecalled():
                yield from parcels.recalled(content, self.names)
            case ParcelMoved():
                vehicle = self.state.loaded.pop(content.logistics_no, None)
                if content.step is Step.LOAD and content.into is not None:
                    _remember(self.state.loaded, content.logistics_no, content.into)
                yield from parcels.moved(content, self.names, vehicle)
            case VehicleMoved():
                if content.step is VehicleStep.GATE_OUT:
                    loaded = self.state.loaded
                    self.state.loaded = {name: on for name, on in loaded.items() if on != content.vehicle}
                yield from parcels.vehicle_moved(content, self.names)
            case _:
                pass

    def _stock(self, content: Content) -> Iterator[Told]:
        state = self.state
        match content:
            case BinSet():
                _remember(state.bins, content.bin, content.zone)
            case StockLotNamed():
                _remember(state.units, content.lot, content.unit)
            case StockMoved():
                zone = state.bins.get(content.to_bin or content.bin)
                yield from stock.moved(content, self.names, state.units.get(content.lot), zone)
            case StockCounted():
                unit, zone = state.units.get(content.lot), state.bins.get(content.bin)
                yield from stock.counted(content, self.names, unit, zone)
            case _:
                pass

    def _gate(self, content: Content) -> Iterator[Told]:
        passes = self.state.passes
        match content:
            case PassDrawn():
                _remember(passes, content.number, Vehicle(content.plate, content.inbound))
            case PassCancelled():
                passes.pop(content.number, None)
            case VehicleWeighed(collected_kg=float(kilograms)) if kilograms > 0:
                epcs = [self.names.unit("vehicle", content.plate)]
                yield objects(content.at, epcs, "inspecting", **self._at_gate(content.number), **mass(kilograms))
            case GatePassed():
                vehicle = passes.pop(content.number, None)
                if vehicle is not None:
                    step, after = ("arriving", "in_progress") if vehicle.inbound else ("departing", "in_transit")
                    epcs = [self.names.unit("vehicle", vehicle.plate)]
                    yield objects(content.at, epcs, step, after, **self._at_gate(content.number))
            case _:
                pass

    def _at_gate(self, number: str) -> dict[str, Any]:
        transaction = {"bizTransaction": self.names.of("pass", number)}
        return {"readPoint": {"id": self.names.place("gate")}, "bizTransactionList": [transaction]}

    def _lots(self, content: Content) -> Iterator[Told]:
        match content:
            case LotReceived():
                _remember(self.state.lots, content.lot, LotAt(content.zone, content.at))
                yield self._lot(content, "receiving", "in_progress", content.zone)
            case LotMoved():
                stay = self._left(content)
                _remember(self.state.lots, content.lot, LotAt(content.zone, content.at))
                yield self._lot(content, "storing", "in_progress", content.zone, stay)
            case LotShipped():
                yield self._lot(content, "shipping", "in_transit", None, self._left(content))
            case Transitioned():
                yield from self._alarm(content.alarm)
            case _:
                pass

    def _left(self, act: LotMoved | LotShipped) -> Stay | None:
        was = self.state.lots.pop(act.lot, None)
        return Stay(zone=was.zone, since=was.since, until=act.at) if was is not None else None

    def _lot(
        self,
        act: LotReceived | LotMoved | LotShipped,
        step: str,
        disposition: str,
        zone: str | None,
        stay: Stay | None = None,
    ) -> Told:
        where = {"bizLocation": {"id": self.names.place(zone)}} if zone is not None else {}
        told = goods(act.at, [self._class(act.lot)], step, disposition, **where)
        return Told(at=told.at, fields=told.fields, stay=stay)

    def _class(self, lot: str) -> dict[str, str]:
        return {"epcClass": self.names.of("lot", lot)}

    def _alarm(self, alarm: Alarm) -> Iterator[Told]:
        """Tell of a temperature alarm over lots: that it occurred, that it returned, what became of the goods.

        An alarm is no judgement of goods; a persistent disposition follows only from what a person decided.
        """
        zone = self._zone_of.get(alarm.point)
        lots = [self._class(name) for name, lot in self.state.lots.items() if lot.zone == zone]
        stage = _stage(alarm)
        before = self.state.alarms.get(alarm.id, "")
        if stage <= before or zone is None or alarm.definition not in self._breaches:
            return
        _remember(self.state.alarms, alarm.id, stage)
        if not lots:
            return
        place = {"bizLocation": {"id": self.names.place(zone)}, "coldport:alarm": alarm.id}
        if not before:
            yield goods(alarm.occurred_at, lots, "sensor_reporting", **place, **self._report(alarm, breached=True))
        if before < "2" <= stage and alarm.returned_at is not None:
            yield goods(alarm.returned_at, lots, "sensor_reporting", **place, **self._report(alarm, breached=False))
        if stage == "3" and alarm.confirmed_at is not None:
            good = alarm.disposition in (Disposition.RELEASE, Disposition.NONE_AFFECTED)
            lasting = {} if good else {"persistentDisposition": {"set": ["needs_replacement"]}}
            word = "conformant" if good else "non_conformant"
            yield goods(alarm.confirmed_at, lots, "inspecting", word, **place, **lasting)

    def _report(self, alarm: Alarm, *, breached: bool) -> dict[str, Any]:
        report: dict[str, Any] = {"type": "Temperature", "deviceID": self.names.of("point", alarm.point)}
        if breached:
            report |= {"exception": "ALARM_CONDITION"}
            if alarm.value is not None:
                report |= {"value": alarm.value, "uom": "CEL"}
        return {"readPoint": {"id": self.names.place(alarm.point)}, "sensorElementList": [{"sensorReport": [report]}]}


def _stage(alarm: Alarm) -> str:
    if alarm.confirmed_at is not None and alarm.disposition is not None:
        return "3"
    return "2" if alarm.returned_at is not None else "1"


def _remember(known: dict[str, Value], name: str, value: Value) -> None:
    known.pop(name, None)
    known[name] = value
    if len(known) > REMEMBERED_LIMIT:
        del known[next(iter(known))]
