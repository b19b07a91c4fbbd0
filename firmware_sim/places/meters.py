"""Energy meters."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.meter import Meter
from firmware_sim.faults import Breakable
from firmware_sim.lines.line import Address
from firmware_sim.places.ground import Ground
from firmware_sim.places.modbus import METER_FAULTS, serve_tcp
from firmware_sim.places.place import LOCAL, Around, FaultMenu, Misfit, Named, Port, UnitNumber, port_name
from firmware_sim.places.street import Street
from firmware_sim.servers.modules import MeterModel, meter


class MeterPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meter on Modbus TCP through which the plants of some rooms, and `base_kw` besides, are fed."""

    id: Id
    model: MeterModel
    port: Port
    rooms: Annotated[tuple[Id, ...], Meta(min_length=1)]
    base_kw: Annotated[float, Meta(ge=0)] = 0.0
    host: str = LOCAL
    unit: UnitNumber = 1

    def names(self) -> Iterator[Named]:
        """Yield the meter and its port."""
        yield Named(".id", self.id)
        yield Named(".port", port_name(self.port))

    def signals(self) -> Iterator[str]:
        """Yield what it measures."""
        yield f"{self.id}.power_kw"
        yield f"{self.id}.energy_kwh"

    def faults(self) -> FaultMenu:
        """Return what a Modbus TCP module that measures can have."""
        return {self.id: Breakable(METER_FAULTS, frozenset({self.unit}))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find rooms that draw nothing, because they are not there."""
        for n, room in enumerate(self.rooms):
            if f"{room}.power_kw" not in around.signals:
                yield Misfit(f".rooms[{n}]", f"there is no room {room!r}")

    def build(self, ground: Ground) -> None:
        """Put the meter before the plants."""
        feeds = {f"load-{n}": f"{room}.power_kw" for n, room in enumerate(self.rooms, start=1)}
        ground.put(self.id, Meter(self.base_kw), feeds)

    def serve(self, street: Street) -> None:
        """Listen."""
        power_kw, energy_kwh = (
            street.measured(f"{self.id}.{name}", self.id, self.unit) for name in ("power_kw", "energy_kwh")
        )
        unit = meter(self.model, power_kw, energy_kwh)
        serve_tcp(street, self.id, {self.unit: unit}, Address(self.host, self.port))
