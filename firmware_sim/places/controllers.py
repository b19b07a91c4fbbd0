"""The controllers of rooms, on a serial line."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.faults import Breakable
from firmware_sim.places.ground import Ground, hand
from firmware_sim.places.modbus import RTU_FAULTS, serve_rtu, unit_misfits
from firmware_sim.places.place import Around, Baud, FaultMenu, Misfit, Named, UnitNumber
from firmware_sim.places.street import Street
from firmware_sim.servers.modbus import Unit
from firmware_sim.servers.modules import controller

Celsius = Annotated[float, Meta(ge=-60, le=60)]


class ControllerPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The controller of a room. It takes set points from `lowest_c` to `highest_c` and refuses others."""

    id: Id
    room: Id
    unit: UnitNumber
    lowest_c: Celsius
    highest_c: Celsius


class ControllerLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A serial line with controllers."""

    id: Id
    controllers: Annotated[tuple[ControllerPlace, ...], Meta(min_length=1, max_length=247)]
    baud: Baud = 9600

    def names(self) -> Iterator[Named]:
        """Yield the line and its controllers."""
        yield Named(".id", self.id)
        for c, one in enumerate(self.controllers):
            yield Named(f".controllers[{c}].id", one.id)

    def signals(self) -> Iterator[str]:
        """Yield nothing: what a controller does is a room's own."""
        yield from ()

    def faults(self) -> FaultMenu:
        """Return the line; a fault names a unit on it, or concerns them all."""
        return {self.id: Breakable(RTU_FAULTS, frozenset(one.unit for one in self.controllers))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find controllers of no room, two on one number, and limits the wrong way round."""
        for c, one in enumerate(self.controllers):
            if f"{one.room}.compressor" not in around.signals:
                yield Misfit(f".controllers[{c}].room", f"there is no room {one.room!r}")
            if one.lowest_c > one.highest_c:
                yield Misfit(f".controllers[{c}].lowest_c", "the lowest set point is above the highest")
        yield from unit_misfits(self.id, {f".controllers[{c}]": one.unit for c, one in enumerate(self.controllers)})

    def build(self, ground: Ground) -> None:
        """Build nothing: a room has its controller in it."""

    def serve(self, street: Street) -> None:
        """Put the controllers onto the line."""
        serve_rtu(street, self.id, {one.unit: _unit(street, self.id, one) for one in self.controllers}, self.baud)


def _unit(street: Street, line: str, place: ControllerPlace) -> Unit:
    setpoint = hand(place.room, "setpoint_c")
    inputs = (f"{place.room}.{name}" for name in ("compressor", "defrost"))
    return controller(
        air_c=street.measured(f"{place.room}.air_c", line, place.unit),
        setpoint=(street.told(setpoint, line, place.unit), partial(street.world.set, setpoint)),
        band_c=(place.lowest_c, place.highest_c),
        inputs=[street.told(signal, line, place.unit) for signal in inputs],
    )
