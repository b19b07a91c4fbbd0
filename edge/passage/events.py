"""What a reader at a gate tells, whatever it speaks: tags seen, light barriers, antennas, and what was lost.

Every moment is UTC, made by the driver: the reader's own where its clock can be followed, else that of the arrival. A
gate's events come nearly in order; one may be older than the one before it by as long as a reader holds its reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSeen:
    """One tag answered one antenna.

    `epc` is upper-case hex of whole 16-bit words, antennas count from 1. `rssi_dbm` is None when the reader does not
    tell it, or tells it in a unit of its own. `count` is how often the tag answered from `at` to the report.
    """

    epc: str
    antenna: int
    rssi_dbm: float | None
    at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamChanged:
    """A light barrier was broken, or is whole again. `beam` is the reader's input, from 1.

    The first of a session may only say how the barrier is: an input that has not changed is told all the same.
    """

    beam: int
    broken: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AntennaChanged:
    """An antenna was connected or disconnected: from here on its silence means nothing."""

    antenna: int
    connected: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsLost:
    """Tag reads were lost on their way: the reader's memory ran over, or its numbers have a gap.

    `count` is how many, None when nobody knows; `at` is when it was noticed. A passage nearby may lack tags.
    """

    count: int | None
    at: datetime


GateEvent = TagSeen | BeamChanged | AntennaChanged | ReadsLost


class GateWatch(Protocol):
    """Whoever makes something of a gate's events: the passages."""

    async def take(self, events: Sequence[GateEvent]) -> None:
        """Take what came in one go, in order; waits while the way to the spool is full."""
        ...
