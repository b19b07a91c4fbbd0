"""Temperature and humidity transmitters on a serial line."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.devices.probe import Probe
from firmware_sim.faults import Breakable
from firmware_sim.lines.line import Address
from firmware_sim.places.ground import Ground
from firmware_sim.places.modbus import RTU_FAULTS, RTU_OVER_TCP_FAULTS, serve_rtu, unit_misfits
from firmware_sim.places.place import LOCAL, Around, FaultMenu, Misfit, Named, Port, UnitNumber, port_name
from firmware_sim.places.street import Street
from firmware_sim.servers.profiles import Model, transmitter


class ProbePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probe: its room, where it hangs in it, and its unit number on the line. `id` is its label, as `c1-1`."""

    id: Id
    room: Id
    unit: UnitNumber
    offset_c: Annotated[float, Meta(ge=-5, le=5)] = 0.0


class ProbeLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A serial line with transmitters of one model. With a `port` it is behind a serial server: RTU frames over TCP."""

    id: Id
    model: Model
    baud: Literal[2400, 4800, 9600]
    probes: Annotated[tuple[ProbePlace, ...], Meta(min_length=1, max_length=247)]
    port: Port | None = None
    host: str = LOCAL

    def names(self) -> Iterator[Named]:
        """Yield the line, its port and its probes."""
        yield Named(".id", self.id)
        if self.port is not None:
            yield Named(".port", port_name(self.port))
        for p, probe in enumerate(self.probes):
            yield Named(f".probes[{p}].id", probe.id)

    def signals(self) -> Iterator[str]:
        """Yield what the probes feel."""
        for probe in self.probes:
            yield f"{probe.id}.temperature_c"
            yield f"{probe.id}.humidity_percent"

    def faults(self) -> FaultMenu:
        """Return the line; a fault names a unit on it, or concerns them all."""
        kinds = RTU_FAULTS if self.port is None else RTU_OVER_TCP_FAULTS
        return {self.id: Breakable(kinds, frozenset(probe.unit for probe in self.probes))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find probes that hang nowhere, and two on one number."""
        for p, probe in enumerate(self.probes):
            if f"{probe.room}.air_c" not in around.signals:
                yield Misfit(f".probes[{p}].room", f"there is no room {probe.room!r}")
        yield from unit_misfits(self.id, {f".probes[{p}]": probe.unit for p, probe in enumerate(self.probes)})

    def build(self, ground: Ground) -> None:
        """Hang the probes into their rooms."""
        for probe in self.probes:
            device = Probe(ground.probe, probe.offset_c, ground.dice(probe.id))
            ground.put(probe.id, device, {name: f"{probe.room}.{name}" for name in ("air_c", "humidity_percent")})

    def serve(self, street: Street) -> None:
        """Put the transmitters onto the line."""
        units = {
            probe.unit: transmitter(
                self.model,
                probe.unit,
                self.baud,
                temperature_c=street.measured(f"{probe.id}.temperature_c", self.id, probe.unit),
                humidity_percent=street.measured(f"{probe.id}.humidity_percent", self.id, probe.unit),
            )
            for probe in self.probes
        }
        server = None if self.port is None else Address(self.host, self.port)
        serve_rtu(street, self.id, units, self.baud, server)
