"""Parcels, their lanes and the vehicles they leave on, as events.

What a lane says is two events: it was weighed and looked at, and what that came to. Who was not there is told without a
place: `mismatch_quantity` of what lists name and did not come, `mismatch_instance` of what came and no list names.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from control.inspection.lane.acts import Judged
from control.inspection.lane.verdict import Verdict
from control.inspection.parcels.acts import (
    ParcelMoved,
    ParcelRecalled,
    ParcelReceived,
    Tallied,
    VehicleMoved,
    VehicleStep,
)
from control.inspection.parcels.rules import AWAY, Step
from control.tracing.names import CUSTOMS_RELEASING, Names, tag
from control.tracing.told import AVAILABLE, UNAVAILABLE, Told, family, mass, objects

_RELEASE = (CUSTOMS_RELEASING, "conformant", AVAILABLE)
_HOLD = ("holding", "unavailable", UNAVAILABLE)
_ALONE: Mapping[Step, tuple[str, str, Mapping[str, Any]]] = {
    Step.OPEN: ("inspecting", "in_progress", {}),
    Step.RELEASE: _RELEASE,
    Step.RECTIFY: _HOLD,
    Step.DETAIN: ("holding", "non_conformant", UNAVAILABLE),
    Step.RETURN: ("shipping", "returned", {}),
}
"""What happens to a parcel by itself. Sending it over a lane again is told by what the lane says."""
_VERDICTS = {Verdict.RELEASE: _RELEASE, Verdict.HOLD: _HOLD, Verdict.INSPECT: _HOLD}


def received(act: ParcelReceived, names: Names) -> Iterator[Told]:
    """Tell of a parcel at the dock."""
    disposition = "damaged" if act.damaged else "in_progress"
    yield objects(act.at, [_parcel(act.logistics_no, names)], "receiving", disposition, **_here(names, "dock"))


def tallied(act: Tallied, names: Names) -> Iterator[Told]:
    """Tell how a bill came out."""
    bill = {"bizTransactionList": [{"type": "bol", "bizTransaction": names.of("bill", act.bill)}]}
    for disposition, parcels in (("mismatch_quantity", act.missing), ("mismatch_instance", act.extra)):
        if parcels:
            epcs = [_parcel(name, names) for name in parcels]
            yield objects(act.at, epcs, "receiving", disposition, **bill)
    if not act.missing and not act.extra:
        fields = {"type": "TransactionEvent", "action": "OBSERVE", "bizStep": "receiving", **bill}
        yield Told(at=act.at, fields={**fields, "disposition": "completeness_verified"})


def judged(act: Judged, names: Names) -> Iterator[Told]:
    """Tell what a lane measured, and what that came to. What has neither parcel nor tag nor weight is not told."""
    epcs = [_parcel(act.logistics_no, names)] if act.logistics_no is not None else [tag(epc) for epc in act.epcs]
    weight = mass(act.measured_kg) if act.measured_kg is not None else {}
    reasons = {"coldport:reason": [one.why.value for one in act.reasons]}
    here = _here(names, act.lane)
    if epcs or weight:
        yield objects(act.at, epcs, "inspecting", "in_progress", **here, **weight, **reasons)
    if epcs and act.verdict in _VERDICTS:
        step, disposition, lasting = _VERDICTS[act.verdict]
        yield objects(act.at, epcs, step, disposition, **here, **lasting, **reasons)


def recalled(act: ParcelRecalled, names: Names) -> Iterator[Told]:
    """Tell that customs stopped a parcel it had released; of one that is away, where it is nobody can say."""
    here = {} if act.state in AWAY else _here(names)
    yield objects(act.at, [_parcel(act.logistics_no, names)], *_HOLD[:2], **here, **UNAVAILABLE)


def moved(act: ParcelMoved, names: Names, vehicle: str | None) -> Iterator[Told]:
    """Tell what people did with a parcel; `vehicle` is what it is on, if that is known."""
    parcel = _parcel(act.logistics_no, names)
    here = _here(names)
    if act.step in _ALONE:
        step, disposition, lasting = _ALONE[act.step]
        yield objects(act.at, [parcel], step, disposition, **here, **lasting)
    elif act.step is Step.BAG and act.into is not None:
        bag = names.unit("bag", act.into)
        yield family(act.at, "ADD", bag, [parcel], bizStep="packing", disposition="in_progress", **here)
    elif act.step is Step.LOAD and act.into is not None:
        on = names.unit("vehicle", act.into)
        yield family(act.at, "ADD", on, [parcel], bizStep="loading", disposition="in_progress", **here)
    elif act.step is Step.UNLOAD and vehicle is not None:
        off = names.unit("vehicle", vehicle)
        yield family(act.at, "DELETE", off, [parcel], bizStep="unloading", disposition="in_progress", **here)


def vehicle_moved(act: VehicleMoved, names: Names) -> Iterator[Told]:
    """Tell of seals, of the gate, and of the border."""
    vehicle = names.unit("vehicle", act.vehicle)
    match act.step:
        case VehicleStep.SEAL:
            closed = {"bizStep": "loading", "disposition": "container_closed", **_here(names)}
            yield (
                _sealed(act, vehicle, "ADD", closed, names)
                if act.seals
                else objects(act.at, [vehicle], "loading", "container_closed", **_here(names))
            )
        case VehicleStep.UNSEAL:
            opened = {"bizStep": "removing", "disposition": "container_open", **_here(names)}
            yield _sealed(act, vehicle, "DELETE", opened, names)
        case VehicleStep.GATE_OUT:
            yield objects(act.at, [vehicle], "departing", "in_transit", readPoint={"id": names.place("gate")})
        case VehicleStep.DEPART:
            yield objects(act.at, [vehicle], "shipping", "in_transit")


def _sealed(act: VehicleMoved, vehicle: str, action: str, fields: Mapping[str, Any], names: Names) -> Told:
    seals = [names.of("seal", seal) for seal in dict.fromkeys(act.seals)]
    children = {"childEPCs": seals} if seals else {}
    said = {"type": "AssociationEvent", "action": action, "parentID": vehicle, **children}
    return Told(at=act.at, fields={**said, **fields})


def _parcel(logistics_no: str, names: Names) -> str:
    return names.unit("parcel", logistics_no)


def _here(names: Names, at: str | None = None) -> Mapping[str, Any]:
    where = {"bizLocation": {"id": names.place()}}
    return {"readPoint": {"id": names.place(at)}, **where} if at is not None else where
