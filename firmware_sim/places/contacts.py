"""Discrete inputs: doors, compressors, defrosts, light barriers."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from firmware_sim.faults import Breakable
from firmware_sim.lines.line import Address
from firmware_sim.places.ground import Ground
from firmware_sim.places.modbus import TCP_FAULTS, serve_tcp
from firmware_sim.places.place import LOCAL, Around, FaultMenu, Misfit, Named, Port, UnitNumber, port_name
from firmware_sim.places.street import Street
from firmware_sim.servers.modules import contacts


class ContactModule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Modbus TCP module; its discrete inputs, from 0, are wired to these signals, as `c1-door.contact`.

    Signals are `DOOR.contact`, and of a room `ZONE.compressor` and `ZONE.defrost`; an input is 1 when its signal is
    not 0.
    """

    id: Id
    port: Port
    inputs: Annotated[tuple[str, ...], Meta(min_length=1, max_length=64)]
    host: str = LOCAL
    unit: UnitNumber = 1

    def names(self) -> Iterator[Named]:
        """Yield the module and its port."""
        yield Named(".id", self.id)
        yield Named(".port", port_name(self.port))

    def signals(self) -> Iterator[str]:
        """Yield nothing: a module only tells."""
        yield from ()

    def faults(self) -> FaultMenu:
        """Return what a Modbus TCP module can have."""
        return {self.id: Breakable(TCP_FAULTS, frozenset({self.unit}))}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find inputs that are wired to nothing."""
        for n, signal in enumerate(self.inputs):
            if signal not in around.signals:
                yield Misfit(f".inputs[{n}]", f"there is no signal {signal!r}")

    def build(self, ground: Ground) -> None:
        """Build nothing: an input is asked when somebody wants to know."""

    def serve(self, street: Street) -> None:
        """Listen."""
        unit = contacts([street.told(signal, self.id, self.unit) for signal in self.inputs])
        serve_tcp(street, self.id, {self.unit: unit}, Address(self.host, self.port))
