"""The platform of a scale: how it swings when a load comes, what shakes it, and how its zero wanders."""

import math
from typing import Annotated

from msgspec import Meta, Struct

SWING_HZ = 4.0
DAMPING_PER_S = 5.0
"""How the platform swings after a load has changed: its frequency, and how fast the swing dies."""

CREEP_S = 600.0
"""How fast a load cell gives way under a load: in half an hour it is all but done (OIML R 76-1, 3.9.4.1)."""

WANDER_S = 3600.0
"""The zero follows the temperature of the hall, back and forth within the hour (assumed)."""

Divisions = Annotated[float, Meta(ge=0, le=20)]


class Vibration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shakes a platform all the time: the belt's drive and the floor, each a sine, in divisions of the display.

    The amplitudes are what the indicator's filter leaves of it. Drives shake at 10 to 25 Hz, floors at 1 to 5.
    """

    belt_divisions: Divisions = 0.0
    belt_hz: Annotated[float, Meta(ge=5, le=50)] = 16.0
    floor_divisions: Divisions = 0.0
    floor_hz: Annotated[float, Meta(ge=0.2, le=10)] = 3.0


def shaken_divisions(vibration: Vibration, now_s: float) -> float:
    """Return by how many divisions vibration moves the display at a moment."""
    belt = vibration.belt_divisions * math.sin(2 * math.pi * vibration.belt_hz * now_s)
    floor = vibration.floor_divisions * math.sin(2 * math.pi * vibration.floor_hz * now_s + 1.0)
    return belt + floor


def swing(since_s: float) -> float:
    """Return how much of a swing is left, as it swings, `since_s` after it began: 1 at first."""
    return math.exp(-DAMPING_PER_S * since_s) * math.cos(2 * math.pi * SWING_HZ * since_s)


def swing_bound(since_s: float) -> float:
    """Return how much of a swing can be left at most."""
    return math.exp(-DAMPING_PER_S * since_s)


def creep(share: float, since_s: float) -> float:
    """Return what a load seems to gain, as a share of it, `since_s` after it came; `share` in the end."""
    return share * (1 - math.exp(-since_s / CREEP_S))


def wander_divisions(reach_divisions: float, now_s: float) -> float:
    """Return where the zero has wandered to; at most `reach_divisions` to either side, and 0 at first."""
    return reach_divisions * math.sin(2 * math.pi * now_s / WANDER_S)
