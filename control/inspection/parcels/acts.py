"""What happens to parcels and the vehicles they leave on, as the journal keeps it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Person
from coldport.messages.observation import Moment
from control.inspection.clearance import Clearance
from control.inspection.parcels.rules import ParcelState, Step

LogisticsNo = Annotated[str, Meta(min_length=1, max_length=80, description="运单号")]
Number = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,60}$")]
Said = Annotated[str, Meta(min_length=1, max_length=500)]


class ParcelReceived(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="parcel-received"):
    """A parcel was scanned at the dock."""

    logistics_no: LogisticsNo
    at: Moment
    by: Person
    damaged: bool = False


class TallyClosed(Struct, frozen=True, kw_only=True, tag_field="entry", tag="tally-closed"):
    """Nothing more comes of a bill (提运单): what is on its lists and did not come is missing."""

    bill: Annotated[str, Meta(min_length=1, max_length=60)]
    at: Moment
    by: Person


class Tallied(Struct, frozen=True, kw_only=True, tag_field="entry", tag="tallied"):
    """How a bill came out: what its lists name and did not come (少货), what came and no list names (多货)."""

    bill: str
    at: Moment
    expected: int
    missing: tuple[LogisticsNo, ...]
    extra: tuple[LogisticsNo, ...]
    damaged: tuple[LogisticsNo, ...]


class ParcelMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="parcel-moved"):
    """Somebody did something with a parcel; `into` is the bag (总包号) or the vehicle that it went into."""

    logistics_no: LogisticsNo
    step: Step
    at: Moment
    by: Person
    approved_by: Person | None = None
    into: Number | None = None
    reason: Said | None = None


class VehicleStep(StrEnum):
    """What happens to a loaded vehicle."""

    SEAL = "seal"
    UNSEAL = "unseal"
    GATE_OUT = "gate-out"
    DEPART = "depart"


class VehicleMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="entry", tag="vehicle-moved"):
    """A vehicle was sealed (关锁), unsealed by two people with a reason, let out, or has left the country (509)."""

    vehicle: Number
    step: VehicleStep
    at: Moment
    by: Person
    approved_by: Person | None = None
    seals: Annotated[tuple[Number, ...], Meta(max_length=20)] = ()
    reason: Said | None = None


class ParcelRecalled(Struct, frozen=True, kw_only=True, tag_field="entry", tag="parcel-recalled"):
    """Customs stopped a parcel that had been released. `state` is where it stood: one that is away is beyond reach."""

    logistics_no: LogisticsNo
    clearance: Clearance
    state: ParcelState
    at: Moment


ParcelAct = ParcelReceived | TallyClosed | ParcelMoved | VehicleMoved
"""What people do. `Tallied` and `ParcelRecalled` follow from it and from what customs says."""
