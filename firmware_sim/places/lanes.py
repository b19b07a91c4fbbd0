"""Inspection lanes: a belt with a gate and a scale."""

from collections.abc import Iterator

from msgspec import Struct

from coldport.ids import Id
from firmware_sim.devices.conveyor import Belt, Conveyor
from firmware_sim.devices.rfid_gate import Antennas, RfidGate
from firmware_sim.devices.scale import Platform, Scale
from firmware_sim.faults import ANY_LINE, VALUES, Breakable, FaultKind
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, Baud, FaultMenu, Misfit, Named
from firmware_sim.places.readers import Gate, Reader, breakable
from firmware_sim.places.street import Street
from firmware_sim.servers.scales import CHECKED, Dialect, misfit, speaking
from firmware_sim.servers.serving import Pace

_SHAKERS = {FaultKind.OVERLOAD: "overload", FaultKind.MOTION: "disturbance"}
_SCALE_FAULTS = ANY_LINE | VALUES | {FaultKind.SWALLOW, *_SHAKERS}


class ScalePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scale of a lane, on a serial line of its own that has the scale's name."""

    id: Id
    dialect: Dialect
    platform: Platform
    baud: Baud = 9600


class GatePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gate of a lane: its antennas, and the reader they hang on, with the lane's light barriers on its inputs.

    Input 1 is the entry, input 2 the exit. `hears` is the lane next door whose tags the antennas may hear; that lane
    stands before this one in the file.
    """

    id: Id
    reader: Reader
    antennas: Antennas
    hears: Id | None = None


class Lane(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A belt with a gate and a scale."""

    id: Id
    belt: Belt
    scale: ScalePlace
    gate: GatePlace

    def names(self) -> Iterator[Named]:
        """Yield the scale, the gate, the lane, and what the reader takes up."""
        yield Named(".scale.id", self.scale.id)
        yield Named(".gate.id", self.gate.id)
        yield Named(".id", self.id)
        for key, name in self.gate.reader.names():
            yield Named(f".gate.reader{key}", name)

    def signals(self) -> Iterator[str]:
        """Yield the belt's light barriers, and its tags for the gate next door."""
        yield from (f"{self.id}.{name}" for name in ("entry", "exit", "tags"))

    def faults(self) -> FaultMenu:
        """Return the scale and the gate, with its antennas."""
        has_checksum = self.scale.dialect in CHECKED
        return {
            self.scale.id: Breakable(_SCALE_FAULTS | {FaultKind.CRC} if has_checksum else _SCALE_FAULTS),
            self.gate.id: breakable(self.gate.reader, self._gate()),
        }

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find what no belt, tag or scale can be."""
        belt, hears = self.belt, self.gate.hears
        if hears is not None and (hears == self.id or f"{hears}.tags" not in around.signals):
            yield Misfit(".gate.hears", f"there is no lane {hears!r} next door")
        if len(belt.company) + len(belt.item) != 13:
            yield Misfit(".belt.item", "company prefix and item reference have 13 digits together")
        if belt.lightest_kg > belt.heaviest_kg:
            yield Misfit(".belt.lightest_kg", "the lightest parcel is heavier than the heaviest")
        if belt.shortest_m > belt.longest_m:
            yield Misfit(".belt.shortest_m", "the shortest parcel is longer than the longest")
        if belt.platform_m > belt.shortest_m + 2 * belt.gap_m:
            yield Misfit(
                ".belt.platform_m", "so long a platform, or so narrow a gap, lets two parcels rest on it at once"
            )
        reason = misfit(self.scale.dialect, self.scale.platform)
        if reason is not None:
            yield Misfit(".scale.platform.division_kg", reason)

    def build(self, ground: Ground) -> None:
        """Build the belt, and the scale and the gate at it."""
        scale, gate = self.scale, self.gate
        ground.put(self.id, Conveyor(self.belt, ground.dice(self.id)), {})
        shakers = {name: ground.lever(kind, scale.id, name) for kind, name in _SHAKERS.items()}
        feeds = {"load_kg": f"{self.id}.load_kg", **shakers}
        ground.put(scale.id, Scale(scale.platform, ground.dice(scale.id)), feeds)
        heard = {"tags": f"{self.id}.tags"}
        if gate.hears is not None:
            heard["neighbour_tags"] = f"{gate.hears}.tags"
        ground.put(gate.id, RfidGate(gate.antennas, ground.dice(gate.id)), heard)

    def serve(self, street: Street) -> None:
        """Put the scale and the reader onto their lines."""
        name = self.scale.id
        core = speaking(self.scale.dialect, name, street.device(name, Scale), street.faults)
        street.serial(name, core, Pace.of_baud(self.scale.baud))
        self.gate.reader.serve(street, self._gate())

    def _gate(self) -> Gate:
        beams = f"{self.id}.entry", f"{self.id}.exit"
        return Gate(self.gate.id, len(self.gate.antennas.positions_m), beams)
