"""What a thing on the floor is to the scenario that lists it, whatever it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol

from msgspec import Meta

from coldport.site import Site
from firmware_sim.devices.room import RoomKind
from firmware_sim.faults import Breakable
from firmware_sim.places.ground import Ground
from firmware_sim.places.street import Street

Baud = Annotated[int, Meta(ge=1200, le=115_200)]
Port = Annotated[int, Meta(ge=1, le=65_535)]
UnitNumber = Annotated[int, Meta(ge=1, le=247)]

LOCAL = "127.0.0.1"
"""Where simulated devices listen unless told otherwise: this machine alone can reach them."""

FaultMenu = Mapping[str, Breakable]
"""What can be broken, and how."""


class Named(NamedTuple):
    """A name that nothing else on the floor may have. `key` leads to it in the place's settings, as `.probes[0].id`."""

    key: str
    name: str


class Misfit(NamedTuple):
    """What is wrong with a place, at a key written as above."""

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Around:
    """What a place is checked against. `signals` are those that some place offers, as `c1.air_c`."""

    site: Site
    room_kinds: Mapping[str, RoomKind]
    signals: frozenset[str]


class Place(Protocol):
    """One thing on the floor as `simulation.toml` says it: settings that know what they stand for."""

    def names(self) -> Iterator[Named]:
        """Yield the names of all its parts (the world and the faults know them by these), and its TCP ports."""
        ...

    def signals(self) -> Iterator[str]:
        """Yield what others may be wired to."""
        ...

    def faults(self) -> FaultMenu:
        """Return what of it can be broken, and how."""
        ...

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find what it needs and is not there, and what cannot be."""
        ...

    def build(self, ground: Ground) -> None:
        """Put its devices into the world. What it is wired to is there already: places are built in their order."""
        ...

    def serve(self, street: Street) -> None:
        """Put its devices onto their lines."""
        ...


def port_name(port: int) -> str:
    """Return the name under which a TCP port is taken.

    >>> port_name(15020)
    'port 15020'
    """
    return f"port {port}"
