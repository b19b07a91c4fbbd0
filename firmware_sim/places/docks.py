"""Dock gates: antennas outside and inside, two light barriers, and the traffic through them."""

from collections.abc import Iterator

from msgspec import Struct

from coldport.ids import Id
from firmware_sim.devices.dock.gate import DockGate
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.devices.dock.traffic import KINDS
from firmware_sim.places.ground import Ground
from firmware_sim.places.place import Around, FaultMenu, Misfit, Named
from firmware_sim.places.readers import Gate, Reader, breakable
from firmware_sim.places.street import Street


class DockGatePlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dock gate and its reader; the outer light barrier is on input 1, the inner one on input 2."""

    id: Id
    reader: Reader
    dock: Dock = Dock()

    def names(self) -> Iterator[Named]:
        """Yield the gate and what its reader takes up."""
        yield Named(".id", self.id)
        for key, name in self.reader.names():
            yield Named(f".reader{key}", name)

    def signals(self) -> Iterator[str]:
        """Yield the light barriers."""
        yield from self._beams()

    def faults(self) -> FaultMenu:
        """Return the reader, with its antennas."""
        return {self.id: breakable(self.reader, self._gate())}

    def misfits(self, around: Around) -> Iterator[Misfit]:
        """Find what no tag, no load, and no traffic can be."""
        del around
        goods, traffic = self.dock.goods, self.dock.traffic
        if len(goods.company) + len(goods.item) != 13:
            yield Misfit(".dock.goods.item", "company prefix and item reference have 13 digits together")
        if goods.fewest > goods.most:
            yield Misfit(".dock.goods.fewest", "the smallest load has more boxes than the largest")
        if not any(getattr(traffic, kind) for kind in KINDS):
            yield Misfit(".dock.traffic", "every kind of traffic has the weight 0")

    def build(self, ground: Ground) -> None:
        """Build the gate; its traffic comes with it."""
        ground.put(self.id, DockGate(self.dock, ground.dice(self.id)), {})

    def serve(self, street: Street) -> None:
        """Put the reader onto its line."""
        self.reader.serve(street, self._gate())

    def _gate(self) -> Gate:
        return Gate(self.id, len(self.dock.portal.antennas), self._beams())

    def _beams(self) -> tuple[str, str]:
        return f"{self.id}.outer", f"{self.id}.inner"
