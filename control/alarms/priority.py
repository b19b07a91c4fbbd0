"""The priority of an alarm: how bad it is if nobody acts, and how soon somebody must. Nobody types it in.

Source: ISA-18.2 / IEC 62682, rationalisation: priority follows from the severity of the consequence and the time to
respond. What a word means here, and the bounds of time, are a site rule.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from coldport.messages.alarm import Priority


class Severity(StrEnum):
    """What is lost if nobody acts."""

    MINOR = "minor"
    """Effort, energy, some shelf life; nothing has to be assessed."""
    SERIOUS = "serious"
    """Goods must be set apart and assessed, or work stands still."""
    SEVERE = "severe"
    """Goods are lost, or somebody may be hurt."""


class Haste(StrEnum):
    """How soon somebody must act."""

    NOW = "now"
    SOON = "soon"
    LATER = "later"


NOW_S = 900.0
"""A quarter of an hour: whoever is called leaves everything else."""

SOON_S = 3_600.0
"""An hour: before the next round."""

PRIORITIES: Mapping[tuple[Severity, Haste], Priority] = MappingProxyType(
    {
        (Severity.SEVERE, Haste.NOW): Priority.CRITICAL,
        (Severity.SEVERE, Haste.SOON): Priority.HIGH,
        (Severity.SEVERE, Haste.LATER): Priority.HIGH,
        (Severity.SERIOUS, Haste.NOW): Priority.HIGH,
        (Severity.SERIOUS, Haste.SOON): Priority.HIGH,
        (Severity.SERIOUS, Haste.LATER): Priority.LOW,
        (Severity.MINOR, Haste.NOW): Priority.LOW,
        (Severity.MINOR, Haste.SOON): Priority.LOW,
        (Severity.MINOR, Haste.LATER): Priority.LOW,
    }
)


def haste_of(time_to_respond_s: float) -> Haste:
    """Return how soon that is; a bound belongs to the sooner side."""
    if time_to_respond_s <= NOW_S:
        return Haste.NOW
    return Haste.SOON if time_to_respond_s <= SOON_S else Haste.LATER


def priority_of(severity: Severity, time_to_respond_s: float) -> Priority:
    """Return the priority that follows."""
    return PRIORITIES[severity, haste_of(time_to_respond_s)]
