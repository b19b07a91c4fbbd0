"""Rooms and their doors."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, PointId
from firmware_sim.devices.door import Door
from firmware_sim.devices.room import Room
from firmware_sim.faults import Breakable, FaultKind
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.street import Street

ROOM_OUTPUTS = ("air_c", "product_c", "humidity_percent", "compressor", "defrost", "power_kw")


class RoomPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room: its zone, its kind, its door's point (or none), and when its coil is defrosted first."""

    zone: Id
    kind: Id
    first_defrost_s: Annotated[float, Meta(ge=0)]
    door: Id | None = None

    def names(self) -> Iterator[Named]:
        """Yield the zone and its door."""
        yield Named(".zone", self.zone)
        if self.door is not None:
            yield Named(".door", self.door)

    def signals(self) -> Iterator[str]:
        """Yield what can be felt in the room, what its plant does, and where its door stands."""
        for output in ROOM_OUTPUTS:
            yield f"{self.zone}.{output}"
        if self.door is not None:
            yield f"{self.door}.opening"
            yield f"{self.door}.contact"

    def faults(self) -> FaultMenu:
        """Return its compressor; what else is broken in a room is a device in it."""
        return {self.zone: Breakable(frozenset({FaultKind.COMPRESSOR}))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find zones, kinds and doors that nobody knows."""
        if self.zone not in {zone.id for zone in around.site.zones}:
            yield Misfit(".zone", f"the site has no zone {self.zone!r}")
        if self.kind not in around.room_kinds:
            yield Misfit(".kind", f"no room_kinds.{self.kind} in this file")
        if self.door is not None and PointId(self.door) not in around.site.points():
            yield Misfit(".door", f"the site has no point {self.door!r}")

    def build(self, ground: Ground) -> None:
        """Build the door, then the room behind it. A room without a door has a wall there."""
        kind = ground.room_kinds[self.kind]
        if self.door is not None:
            ground.put(self.door, Door(), {"wanted": ground.hand(self.door, "wanted")})
        start_k = ground.dice(self.zone).uniform(-0.4, 0.4) * kind.cooling.deadband_k  # no two compressors in step
        room = Room(kind, ground.weather, first_defrost_s=self.first_defrost_s, start_k=start_k)
        opening = ground.hand(self.zone, "shut") if self.door is None else f"{self.door}.opening"
        put_room(ground, self.zone, room, opening=opening, kind=self.kind)

    def serve(self, street: Street) -> None:
        """Do nothing: a room is known by the devices in it."""


def put_room(ground: Ground, zone: str, room: Room, *, opening: str, kind: str) -> None:
    """Put a room into the world: its door's `opening`, a set point from outside that is its kind's first, its fault."""
    feeds = {
        "door": opening,
        "setpoint_c": ground.hand(zone, "setpoint_c", ground.room_kinds[kind].cooling.setpoint_c),
        "tripped": ground.lever(FaultKind.COMPRESSOR, zone, "tripped"),
    }
    ground.put(zone, room, feeds)
