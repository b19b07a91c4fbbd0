"""Is the parcel as heavy as it was declared? The band is widened by the error that the scale may have."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.messages.observation import Quality, Weighing

Mass = Annotated[float, Meta(gt=0, le=100_000)]

AccuracyClass = Literal["I", "II", "III", "IIII"]
_STEPS: dict[AccuracyClass, tuple[int, int]] = {
    "I": (50_000, 200_000),
    "II": (5_000, 20_000),
    "III": (500, 2_000),
    "IIII": (50, 200),
}
IN_SERVICE = 2.0
"""The error allowed in service is twice that of the initial verification (OIML R 76-1:2006, 3.5.2)."""

PLACES = 6
"""Masses are compared to the milligram, so that what is exactly at a limit is within it."""


class ScaleType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on the plate of a scale: verification interval e in kg, accuracy class, the largest load in kg.

    `tare_kg` is the mass of a tray that every parcel lies in, if the scale does not take it off itself.
    """

    e_kg: Mass
    accuracy_class: AccuracyClass = "III"
    max_kg: Mass
    tare_kg: Annotated[float, Meta(ge=0, le=1000)] = 0.0


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a mass may be off the declared one: by kilograms or by a share of it, whichever is more.

    Within `pass_*` it is right, within `recheck_*` it is weighed again, beyond it is opened. The defaults are proposals
    of this project and no rule of any authority.
    """

    pass_kg: Annotated[float, Meta(ge=0)] = 0.02
    pass_share: Annotated[float, Meta(ge=0, le=1)] = 0.05
    recheck_kg: Annotated[float, Meta(ge=0)] = 0.05
    recheck_share: Annotated[float, Meta(ge=0, le=1)] = 0.10


class Fit(StrEnum):
    """Where a mass lies."""

    RIGHT = "right"
    OFF = "off"
    FAR_OFF = "far-off"


def measured_kg(weighing: Weighing, scale: ScaleType) -> float | None:
    """Return what a parcel weighed without its tray, or None: the weighing is bad, or no mass of a parcel."""
    if weighing.quality is not Quality.GOOD:
        return None
    if weighing.gross_kg is not None:
        mass_kg = weighing.gross_kg - scale.tare_kg
        within = weighing.gross_kg <= scale.max_kg
    elif weighing.net_kg is not None:
        mass_kg = weighing.net_kg
        within = mass_kg <= scale.max_kg
    else:
        return None
    return round(mass_kg, PLACES) if within and mass_kg > 0 else None


def error_kg(load_kg: float, scale: ScaleType) -> float:
    """Return the error that a scale in service may have at a load (OIML R 76-1:2006, table 6).

    >>> error_kg(2.0, ScaleType(e_kg=0.005, max_kg=60))
    0.005
    """
    first, second = _STEPS[scale.accuracy_class]
    intervals = round(load_kg / scale.e_kg, PLACES)
    share = 0.5 if intervals <= first else 1.0 if intervals <= second else 1.5
    return round(share * IN_SERVICE * scale.e_kg, PLACES)


def allowed_kg(declared: float, error: float, band: Band) -> float:
    """Return by how much a mass may be off the declared one to be right; all in kg.

    >>> allowed_kg(2.0, 0.005, Band())
    0.105
    """
    return round(max(band.pass_kg, band.pass_share * declared) + error, PLACES)


def fit(measured: float, declared: float, error: float, band: Band) -> Fit:
    """Say how a mass fits the declared one; all in kg. A scale's error widens the band and never narrows it."""
    off = round(abs(measured - declared), PLACES)
    if off <= allowed_kg(declared, error, band):
        return Fit.RIGHT
    if off <= round(max(band.recheck_kg, band.recheck_share * declared) + error, PLACES):
        return Fit.OFF
    return Fit.FAR_OFF
