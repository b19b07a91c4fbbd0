"""The water in a room's air, as the pressure of its vapour in hPa."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.physics.thermal import lagged

PerHour = Annotated[float, Meta(ge=0)]


class Moisture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast the vapour follows each of its neighbours, in air changes an hour.

    `leak` is the untight room, `door` the wide open door, `coil` the ice or water on a cold coil while it cools, and
    `product` what the goods breathe out; `product_humidity_percent` is the humidity above the goods at rest.
    """

    leak_per_h: Annotated[float, Meta(gt=0)]
    door_per_h: PerHour
    coil_per_h: PerHour
    product_per_h: PerHour
    product_humidity_percent: Annotated[float, Meta(ge=0, le=100)]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A neighbour of the air: how many air changes an hour go there, and the vapour pressure it has, in hPa."""

    rate_per_h: float
    vapour_hpa: float


def saturation_hpa(temperature_c: float) -> float:
    """Return the saturation vapour pressure over water (Magnus form; WMO-No. 8, annex 4.B, Sonntag's constants).

    >>> round(saturation_hpa(20.0), 2)
    23.33
    """
    return 6.112 * math.exp(17.62 * temperature_c / (243.12 + temperature_c))


def frost_point_hpa(temperature_c: float) -> float:
    """Return the saturation pressure over what lies on a coil: ice below zero, water above. Source: as above."""
    if temperature_c >= 0:
        return saturation_hpa(temperature_c)
    return 6.112 * math.exp(22.46 * temperature_c / (272.62 + temperature_c))


def vapour_after(vapour_hpa: float, exchanges: Iterable[Exchange], duration_s: float) -> float:
    """Return the vapour pressure `duration_s` later. Exact while nothing is switched; some rate must be above zero."""
    parts = tuple(exchanges)
    total = sum(part.rate_per_h for part in parts)
    target = sum(part.rate_per_h * part.vapour_hpa for part in parts) / total
    return lagged(vapour_hpa, target, duration_s, 3600 / total)


def humidity_percent(vapour_hpa: float, temperature_c: float) -> float:
    """Return the relative humidity over water; past 100 % the rest has condensed."""
    return min(100.0, 100 * vapour_hpa / saturation_hpa(temperature_c))
