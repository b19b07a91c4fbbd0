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
from typing import Any, Protocol

import msgspec

from coldport.bus_memory import MemoryBroker
from coldport.clock import Clock
from coldport.errors import UnavailableError
from coldport.ids import DefinitionId, PointId

GROUP = "coldport.rehearsals"


class NotThereError(UnavailableError):
    """A line is not there, or somebody has it. `reason` goes on the wire, as of a real line."""

    code = "not-there"

    def __init__(self, message: str, reason: str) -> None:
        """Say what is missing."""
        super().__init__(message)
        self.reason = reason


class Ear(Protocol):
    """Who hears what comes to one end of a line."""

    def arrived(self, data: bytes) -> None:
        """Take bytes, which come at once and in order."""
        ...

    def gone(self) -> None:
        """Take note that the other end is gone; no bytes come after it."""
        ...


class End(Protocol):
    """One end of a line of bytes that is there."""

    def send(self, data: bytes) -> None:
        """Send bytes; they are lost when the other end is gone."""
        ...

    def hang_up(self) -> None:
        """Leave. The other end is told; a second call changes nothing."""
        ...


class Bay(Protocol):
    """The lines to the devices, by the names they have outside: serial ports by path, TCP by host and port."""

    def take_serial(self, path: str, ear: Ear) -> End:
        """Open a serial line, for one; raises NotThereError."""
        ...

    def call(self, host: str, port: int, ear: Ear) -> End:
        """Connect to an address; raises NotThereError when nobody listens there."""
        ...


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
    bay: Bay
    tell: Callable[[str, msgspec.Struct], None]
    lines: frozenset[str] | None = None
    wishes: asyncio.Queue[Acknowledge] = field(default_factory=asyncio.Queue)


Part = Callable[[Stage], Coroutine[Any, Any, None]]
"""Plays until it is cancelled."""


def parts() -> list[Part]:
    """Return the installed parts in the order of their names."""
    return [entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)]
