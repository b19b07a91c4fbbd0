"""Every parcel on the floor and where it stands, and the vehicles that take them away: a fold of acts.

What customs says and what documents name is asked for (`Papers`), not kept here. So a parcel can be loaded only while
customs has released it, a vehicle sealed or let out only while that is true of everything on it, and a recall reaches a
parcel wherever it stands: before it is loaded it is held again, on a vehicle it keeps the vehicle here, and when it is
away people are told.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec import Struct, field

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.observation import Moment
from control.inspection.clearance import Clearance
from control.inspection.parcels.acts import (
    ParcelAct,
    ParcelMoved,
    ParcelRecalled,
    ParcelReceived,
    Tallied,
    TallyClosed,
    VehicleMoved,
    VehicleStep,
)
from control.inspection.parcels.rules import (
    AWAY,
    OVER,
    RECALLS,
    RELEASED_ONLY,
    RULES,
    TWO_PERSONS,
    WITH_REASON,
    Fate,
    ParcelState,
    Step,
)
from control.inspection.persons import check_said

PARCEL_LIMIT = 200_000
"""Parcels on the floor: a day and a half of the busiest centre known."""
OVER_LIMIT = 50_000
"""Parcels whose way has ended and that are still shown; the journal has the rest."""
VEHICLE_LIMIT = 2_000
"""Vehicles that are loaded, sealed or on their way."""

_VEHICLE_FATES: Mapping[VehicleStep, Fate] = {
    VehicleStep.SEAL: Fate.SEALED,
    VehicleStep.UNSEAL: Fate.UNSEALED,
    VehicleStep.GATE_OUT: Fate.GATED_OUT,
    VehicleStep.DEPART: Fate.DEPARTED,
}
_BAGGED = frozenset(
    {
        ParcelState.BAGGED,
        ParcelState.LOADED,
        ParcelState.SEALED,
        ParcelState.GATED_OUT,
        ParcelState.DEPARTED,
        ParcelState.CLOSED,
    }
)
"""Where a parcel may be in a bag; taken back, it is out of it."""

_VEHICLE_FROM: Mapping[VehicleStep, ParcelState] = {
    VehicleStep.SEAL: ParcelState.LOADED,
    VehicleStep.UNSEAL: ParcelState.SEALED,
    VehicleStep.GATE_OUT: ParcelState.SEALED,
    VehicleStep.DEPART: ParcelState.GATED_OUT,
}


class Papers(Protocol):
    """What documents and customs say, now."""

    def clearance(self, logistics_no: str) -> Clearance:
        """Return what customs says of a parcel."""
        ...

    def listed(self, bill: str) -> Collection[str]:
        """Return the parcels that the lists of a bill name."""
        ...

    def is_listed(self, logistics_no: str) -> bool:
        """Whether any list names a parcel."""
        ...


class Parcel(Struct, frozen=True, kw_only=True):
    """A parcel as it stands, since when, and what it is in.

    `stopped`: a lane's verdict on it was changed after it was loaded; it keeps its vehicle here until it is off it.
    """

    logistics_no: str
    state: ParcelState
    received_at: Moment
    since: Moment
    damaged: bool = False
    bag: str | None = None
    vehicle: str | None = None
    stopped: bool = False


class Vehicle(Struct, frozen=True, kw_only=True):
    """A vehicle that is being loaded or further on; all its parcels are in the same state."""

    id: str
    state: ParcelState = ParcelState.LOADED
    parcels: tuple[str, ...] = ()
    seals: tuple[str, ...] = ()


class ParcelsState(Struct):
    """What a snapshot holds; `over` names those whose way has ended, the last one last."""

    parcels: dict[str, Parcel] = field(default_factory=dict)
    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)


class Parcels:
    """The parcels of one site, by their numbers, in the order in which they came."""

    def __init__(self, papers: Papers, state: ParcelsState | None = None) -> None:
        """Ask `papers`, and go on from `state`, which becomes the parcels' own."""
        self._papers = papers
        self.state = state if state is not None else ParcelsState()

    def find(self, logistics_no: str) -> Parcel:
        """Return a parcel; raises NotFoundError."""
        found = self.state.parcels.get(logistics_no)
        if found is None:
            raise NotFoundError(f"parcel {logistics_no!r} has not been received")
        return found

    def vehicle(self, vehicle: str) -> Vehicle:
        """Return a vehicle; raises NotFoundError."""
        found = self.state.vehicles.get(vehicle)
        if found is None:
            raise NotFoundError(f"nothing was loaded into {vehicle!r}")
        return found

    def check(self, act: ParcelAct) -> None:
        """Raise when `act` cannot have happened; raises NotFoundError or RefusedError."""
        match act:
            case ParcelReceived():
                self._check_received(act)
            case ParcelMoved():
                self._check_moved(self.find(act.logistics_no), act)
            case VehicleMoved():
                self._check_vehicle(self.vehicle(act.vehicle), act)
            case TallyClosed():
                if not self._papers.listed(act.bill):
                    raise NotFoundError(f"no list (607, 507) names bill {act.bill!r}")

    def take(self, act: ParcelAct) -> list[Tallied]:
        """Take in what happened, as the journal has it; return what follows from it."""
        match act:
            case ParcelReceived():
                self.state.parcels[act.logistics_no] = Parcel(
                    logistics_no=act.logistics_no,
                    state=ParcelState.RECEIVED,
                    received_at=act.at,
                    since=act.at,
                    damaged=act.damaged,
                )
            case ParcelMoved():
                self._take_moved(act)
            case VehicleMoved():
                self._take_vehicle(act)
            case TallyClosed():
                return [self._tally(act)]
        return []

    def tallied(self, tallied: Tallied) -> None:
        """Take in how a bill came out."""
        for name in tallied.extra:
            self._meet(name, Fate.TALLIED_EXTRA, tallied.at)

    def judged(self, logistics_no: str, fate: Fate, at: datetime) -> None:
        """Take in a lane's verdict: PASSED, STOPPED or UNDECIDED. A parcel that nobody scanned at the dock is now."""
        if logistics_no not in self.state.parcels:
            received = ParcelReceived(logistics_no=logistics_no, at=at, by="lane")
            self.take(received)
        parcel = self.state.parcels[logistics_no]
        if fate is Fate.STOPPED and parcel.vehicle is not None:
            self.state.parcels[logistics_no] = msgspec.structs.replace(parcel, stopped=True)
        self._meet(logistics_no, fate, at)

    def customs(self, logistics_no: str, at: datetime) -> list[ParcelRecalled]:
        """Look again at a parcel of which customs has just said something; return the recall, if it is one."""
        parcel = self.state.parcels.get(logistics_no)
        if parcel is None:
            return []
        clearance = self._papers.clearance(logistics_no)
        if clearance is Clearance.CLOSED:
            self._meet(logistics_no, Fate.CLOSED, at)
            return []
        was_released = (parcel.state, Fate.RECALLED) in RULES or parcel.vehicle is not None or parcel.state in AWAY
        if clearance not in RECALLS or not was_released:
            return []
        return [ParcelRecalled(logistics_no=logistics_no, clearance=clearance, state=parcel.state, at=at)]

    def left(self, logistics_no: str, at: datetime) -> None:
        """Take in that a parcel left with its order."""
        self._meet(logistics_no, Fate.GATED_OUT, at)

    def recalled(self, recalled: ParcelRecalled) -> None:
        """Take in a recall."""
        self._meet(recalled.logistics_no, Fate.RECALLED, recalled.at)

    def blocked(self, vehicle: str) -> list[str]:
        """Return the parcels of a vehicle that customs or a lane does not let go. What customs closed it has let go."""
        let_go = (Clearance.RELEASED, Clearance.CLOSED)
        return [
            name
            for name in self.vehicle(vehicle).parcels
            if self._papers.clearance(name) not in let_go or self.state.parcels[name].stopped
        ]

    def _is_released(self, logistics_no: str) -> bool:
        return self._papers.clearance(logistics_no) is Clearance.RELEASED

    def _check_received(self, act: ParcelReceived) -> None:
        known = self.state.parcels.get(act.logistics_no)
        if known is not None:
            raise RefusedError(f"parcel {act.logistics_no!r} was received at {known.received_at.isoformat()}")
        if len(self.state.parcels) - len(self.state.over) >= PARCEL_LIMIT:
            raise RefusedError(f"{PARCEL_LIMIT:,} parcels are on the floor already")

    def _check_moved(self, parcel: Parcel, act: ParcelMoved) -> None:
        name = f"parcel {parcel.logistics_no!r}"
        if (parcel.state, act.step) not in RULES:
            raise RefusedError(f"{name} is {parcel.state} and cannot {act.step}")
        if act.at < parcel.since:
            raise RefusedError(f"{name} is {parcel.state} since {parcel.since.isoformat()}, which is later")
        if act.step in RELEASED_ONLY and not self._is_released(parcel.logistics_no):
            raise RefusedError(f"{name} is not released by customs: {self._papers.clearance(parcel.logistics_no)}")
        check_said(act, two=act.step in TWO_PERSONS, reason=act.step in WITH_REASON)
        if act.step in (Step.BAG, Step.LOAD) and act.into is None:
            raise RefusedError(f"to {act.step} says into what")
        if act.step is Step.LOAD:
            self._check_load(act.into or "")

    def _check_load(self, vehicle: str) -> None:
        loaded = self.state.vehicles.get(vehicle)
        if loaded is None and len(self.state.vehicles) >= VEHICLE_LIMIT:
            raise RefusedError(f"{VEHICLE_LIMIT:,} vehicles are loaded already")
        if loaded is not None and loaded.state is not ParcelState.LOADED:
            raise RefusedError(f"vehicle {vehicle!r} is {loaded.state}")

    def _check_vehicle(self, vehicle: Vehicle, act: VehicleMoved) -> None:
        if vehicle.state is not _VEHICLE_FROM[act.step]:
            raise RefusedError(f"vehicle {vehicle.id!r} is {vehicle.state} and cannot {act.step}")
        if act.step in (VehicleStep.SEAL, VehicleStep.GATE_OUT) and (held := self.blocked(vehicle.id)):
            more = f" and {len(held) - 3} more" if held[3:] else ""
            raise RefusedError(f"vehicle {vehicle.id!r} carries what is not released: {', '.join(held[:3])}{more}")
        if act.step is VehicleStep.SEAL and not act.seals:
            raise RefusedError("to seal names the seals")
        if act.step is VehicleStep.UNSEAL and (act.approved_by in (None, act.by) or not act.reason):
            raise RefusedError("to unseal takes two different people and a reason")

    def _take_moved(self, act: ParcelMoved) -> None:
        parcel = self.state.parcels.get(act.logistics_no)
        if parcel is None:
            return
        if act.step is Step.BAG:
            parcel = msgspec.structs.replace(parcel, bag=act.into)
        elif act.step in (Step.LOAD, Step.UNLOAD):
            parcel = self._reload(parcel, act.into if act.step is Step.LOAD else None)
        self.state.parcels[act.logistics_no] = parcel
        self._meet(act.logistics_no, act.step, act.at)

    def _reload(self, parcel: Parcel, vehicle: str | None) -> Parcel:
        vehicles = self.state.vehicles
        name = parcel.logistics_no
        if parcel.vehicle is not None and (before := vehicles.get(parcel.vehicle)) is not None:
            left = tuple(other for other in before.parcels if other != name)
            vehicles[before.id] = msgspec.structs.replace(before, parcels=left)
            if not left:
                del vehicles[before.id]
        if vehicle is not None:
            after = vehicles.get(vehicle, Vehicle(id=vehicle))
            vehicles[vehicle] = msgspec.structs.replace(after, parcels=(*after.parcels, name))
        return msgspec.structs.replace(parcel, vehicle=vehicle, stopped=False)

    def _take_vehicle(self, act: VehicleMoved) -> None:
        vehicle = self.state.vehicles.get(act.vehicle)
        if vehicle is None:
            return
        fate = _VEHICLE_FATES[act.step]
        for name in vehicle.parcels:
            self._meet(name, fate, act.at)
            if act.step is VehicleStep.DEPART and self._papers.clearance(name) is Clearance.CLOSED:
                self._meet(name, Fate.CLOSED, act.at)  # customs was quicker than the floor
        if act.step is VehicleStep.DEPART:
            del self.state.vehicles[act.vehicle]
            return
        after = RULES.get((vehicle.state, fate), vehicle.state)
        seals = act.seals if act.step is VehicleStep.SEAL else () if act.step is VehicleStep.UNSEAL else vehicle.seals
        self.state.vehicles[act.vehicle] = msgspec.structs.replace(vehicle, state=after, seals=seals)

    def _tally(self, act: TallyClosed) -> Tallied:
        expected = sorted(self._papers.listed(act.bill))
        here = self.state.parcels
        waiting = (parcel for parcel in here.values() if parcel.state is ParcelState.RECEIVED)
        return Tallied(
            bill=act.bill,
            at=act.at,
            expected=len(expected),
            missing=tuple(name for name in expected if name not in here),
            extra=_names(parcel for parcel in waiting if not self._papers.is_listed(parcel.logistics_no)),
            damaged=tuple(name for name in expected if name in here and here[name].damaged),
        )

    def _meet(self, logistics_no: str, what: Step | Fate, at: datetime) -> None:
        parcel = self.state.parcels.get(logistics_no)
        after = RULES.get((parcel.state, what)) if parcel is not None else None
        if parcel is None or after is None:
            return
        bag = parcel.bag if after in _BAGGED else None
        moved = msgspec.structs.replace(parcel, state=after, since=max(at, parcel.since), bag=bag)
        self.state.parcels[logistics_no] = moved
        if after in OVER:
            self.state.over.append(logistics_no)
            for name in self.state.over[:-OVER_LIMIT]:
                del self.state.parcels[name]
            del self.state.over[:-OVER_LIMIT]


def _names(parcels: Iterable[Parcel]) -> tuple[str, ...]:
    return tuple(sorted(parcel.logistics_no for parcel in parcels))
