"""A gate whose reader's events become passages: two tasks, one source."""

import asyncio

from coldport.ids import LinkId, PointId
from coldport.messages.manifest import Manifest
from edge.drivers.gates.passages import PassageWatch
from edge.ports import Source


class WatchedGate:
    """A reader, and whoever judges what it sees. It is the `Source` of its point, and a `Checkpoint`."""

    def __init__(self, point: PointId, reader: Source, watch: PassageWatch) -> None:
        """Run both; `reader` tells `watch` by itself."""
        self.name: LinkId = reader.name
        self.point = point
        self._reader = reader
        self._watch = watch

    def expect(self, manifest: Manifest) -> None:
        """Hold what goes in against a manifest from now on."""
        self._watch.expect(manifest)

    async def run(self) -> None:
        """Read and judge for ever; when cancelled, give the line back."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._reader.run())
            tasks.create_task(self._watch.run())
