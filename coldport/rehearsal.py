"""What the processes of a site share when all of them run in one process, on a clock that jumps.

An entry of the group `coldport.rehearsals` is a *part*: it does what its process does, with the same code from the
drivers to the engines, on memory twins of whatever has a disk or a socket. Parts meet only here, as processes meet
only on the bus and on the lines.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec

from coldport.bus_memory import MemoryBroker
from coldport.clock import Clock
from coldport.ids import DefinitionId, PointId
from coldport.patch_bay import PatchBay

GROUP = "coldport.rehearsals"


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True):
    """An operator acknowledges the newest occurrence of an alarm."""

    definition: DefinitionId
    point: PointId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where parts play. `folder` is the site's.

    `lines` are those of the gateway that are read, None for all. `tell(kind, message)` is called by control with all
    that it records, as it records it: `observation`, `alarm`, `command`, `reply`, and `refused` for an operator's wish
    that came to nothing. `wishes` are those of operators, for control to take.
    """

    folder: Path
    clock: Clock
    broker: MemoryBroker
    bay: PatchBay
    tell: Callable[[str, msgspec.Struct], None]
    lines: frozenset[str] | None = None
    wishes: asyncio.Queue[Acknowledge] = field(default_factory=asyncio.Queue)


Part = Callable[[Stage], Coroutine[Any, Any, None]]
"""Plays until it is cancelled."""


def parts() -> list[Part]:
    """Return the installed parts in the order of their names."""
    return [entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)]
