"""What can be moved: lamps, sirens and diverters on a module of outputs."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id, PointId
from firmware_sim.devices.diverter import Diverter
from firmware_sim.faults import Breakable
from firmware_sim.lines.line import Address
from firmware_sim.places.ground import Ground, hand
from firmware_sim.places.modbus import TCP_FAULTS, serve_tcp
from firmware_sim.places.place import LOCAL, Around, FaultMenu, Misfit, Named, Port, UnitNumber, port_name
from firmware_sim.places.street import Street
from firmware_sim.servers import modules


class DiverterPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A diverter: its point, its ways counted from 0, and how long it swings."""

    id: Id
    ways: Annotated[int, Meta(ge=2, le=16)] = 2
    travel_s: Annotated[float, Meta(gt=0, le=10)] = 1.2


class OutputModule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Modbus TCP module. Its coils, from 0, are lamps and sirens; its holding registers, from 0, diverters."""

    id: Id
    port: Port
    coils: Annotated[tuple[Id, ...], Meta(max_length=64)] = ()
    diverters: Annotated[tuple[DiverterPlace, ...], Meta(max_length=16)] = ()
    host: str = LOCAL
    unit: UnitNumber = 1

    def names(self) -> Iterator[Named]:
        """Yield the module, its port, and everything on it."""
        yield Named(".id", self.id)
        yield Named(".port", port_name(self.port))
        for key, point in self._points():
            yield Named(key, point)

    def signals(self) -> Iterator[str]:
        """Yield whether a coil is on, and the way a diverter stands at."""
        for coil in self.coils:
            yield hand(coil, "on")
        for diverter in self.diverters:
            yield f"{diverter.id}.way"

    def faults(self) -> FaultMenu:
        """Return what a Modbus TCP module can have."""
        return {self.id: Breakable(TCP_FAULTS, frozenset({self.unit}))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find outputs the site does not have."""
        points = around.site.points()
        for key, name in self._points():
            point = points.get(PointId(name))
            if point is None or not point.quantity.is_output:
                yield Misfit(key, f"the site has no output {name!r}")

    def build(self, ground: Ground) -> None:
        """Build the diverters; a coil is moved by a hand from outside and moves nothing else."""
        for coil in self.coils:
            ground.hand(coil, "on")
        for diverter in self.diverters:
            ground.put(diverter.id, Diverter(diverter.travel_s), {"wanted": ground.hand(diverter.id, "wanted")})

    def serve(self, street: Street) -> None:
        """Listen."""
        told, move = partial(street.told, target=self.id, unit=self.unit), street.world.set
        relays = [modules.Relay(told(hand(c, "on")), partial(move, hand(c, "on"))) for c in self.coils]
        diverters = [
            modules.Diverter(
                told=told(hand(diverter.id, "wanted")),
                tell=partial(move, hand(diverter.id, "wanted")),
                stands=told(f"{diverter.id}.way"),
                ways=diverter.ways,
            )
            for diverter in self.diverters
        ]
        unit = modules.outputs(relays, diverters)
        serve_tcp(street, self.id, {self.unit: unit}, Address(self.host, self.port))

    def _points(self) -> Iterator[tuple[str, str]]:
        for n, coil in enumerate(self.coils):
            yield f".coils[{n}]", coil
        for n, diverter in enumerate(self.diverters):
            yield f".diverters[{n}].id", diverter.id
