"""Refrigerated trucks that drive and come back."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.door import Door
from firmware_sim.devices.room import Room
from firmware_sim.devices.truck import Truck
from firmware_sim.faults import Breakable, FaultKind
from firmware_sim.physics.route import Leg, Route
from firmware_sim.physics.thermal import NotNegative, Positive
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.rooms import ROOM_OUTPUTS, put_room
from firmware_sim.places.street import Street


class TruckPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A truck: its box is the zone, built as a room of its kind, with a door that is no point of the site.

    It leaves the yard at `starts_s` and drives its legs, the last of which leads back to 0 km; then it leaves again.
    Within `reach_km` of the yard `ZONE-drive.near` is 1.
    """

    zone: Id
    kind: Id
    legs: Annotated[tuple[Leg, ...], Meta(min_length=1, max_length=100)]
    starts_s: NotNegative = 0.0
    first_defrost_s: NotNegative = 7200.0
    reach_km: Positive = 1.5

    @property
    def drive(self) -> str:
        """Return the name of what drives."""
        return f"{self.zone}-drive"

    @property
    def door(self) -> str:
        """Return the name of the door of the box."""
        return f"{self.zone}-door"

    def names(self) -> Iterator[Named]:
        """Yield the zone, its door, and what drives."""
        for name in (self.zone, self.door, self.drive):
            yield Named(".zone", name)

    def signals(self) -> Iterator[str]:
        """Yield what a room offers, and where the truck is."""
        for output in ROOM_OUTPUTS:
            yield f"{self.zone}.{output}"
        for output in ("opening", "contact"):
            yield f"{self.door}.{output}"
        for output in ("distance_km", "speed_km_per_h", "near"):
            yield f"{self.drive}.{output}"

    def faults(self) -> FaultMenu:
        """Return the cooling unit."""
        return {self.zone: Breakable(frozenset({FaultKind.COMPRESSOR}))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find zones and kinds that nobody knows, and a route that does not come back."""
        if self.zone not in {zone.id for zone in around.site.zones}:
            yield Misfit(".zone", f"the site has no zone {self.zone!r}")
        if self.kind not in around.room_kinds:
            yield Misfit(".kind", f"no room_kinds.{self.kind} in this file")
        if self.legs[-1].to_km != 0:
            yield Misfit(f".legs[{len(self.legs) - 1}].to_km", "the last leg leads back to the yard, to 0 km")

    def build(self, ground: Ground) -> None:
        """Build what drives, then the door that it opens, then the box behind it."""
        route = Route(self.legs, self.starts_s)
        ground.put(self.drive, Truck(route, self.reach_km), {"hand": ground.hand(self.door, "wanted")})
        ground.put(self.door, Door(), {"wanted": f"{self.drive}.wanted"})
        room = Room(
            ground.room_kinds[self.kind],
            ground.weather,
            first_defrost_s=self.first_defrost_s,
            start_k=0.0,
            warmer_k=lambda at_s: route.where(at_s).warmer_k,
        )
        put_room(ground, self.zone, room, opening=f"{self.door}.opening", kind=self.kind)

    def serve(self, street: Street) -> None:
        """Do nothing: a truck is known by the devices in it."""
