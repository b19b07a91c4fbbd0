"""What is expected at the gates, from the bus to whoever holds what passes against it."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from coldport.bus import Bus, Received
from coldport.clock import Clock
from coldport.codec import MalformedMessageError, decode
from coldport.ids import PointId
from coldport.messages.manifest import Manifest
from coldport.supervise import for_ever
from edge.ports import Checkpoint

AGAIN_S = 2.0
"""How often the gates are told again: a line that was exchanged while running has a gate that knows nothing."""

AT_ONCE = 20
GATES_LIMIT = 200
"""Gates whose manifest is kept; a site has a dozen."""

log = logging.getLogger("edge.manifests")


class Manifests:
    """The latest manifest of each gate."""

    def __init__(self, bus: Bus, gates: Callable[[], Mapping[PointId, Checkpoint]], clock: Clock) -> None:
        """Hear manifests on `bus`; `gates` are those that are read at the moment."""
        self._bus = bus
        self._gates = gates
        self._clock = clock
        self._latest: dict[PointId, Manifest] = {}

    async def run(self) -> None:
        """Pass on for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(for_ever("manifests", self._hear, self._clock))
            tasks.create_task(for_ever("manifests to gates", self._tell_again, self._clock))

    async def _hear(self) -> None:
        for received in await self._bus.receive(AT_ONCE):
            self._keep(received)
            self._tell()
            received.ack()

    def _keep(self, received: Received) -> None:
        if not received.payload:
            return  # the topic was erased; what was expected stays so until another manifest comes
        try:
            manifest = decode(Manifest, received.payload)
        except MalformedMessageError as error:
            log.warning("a manifest cannot be read: %s", error)
            return
        point = PointId(manifest.point)
        if point in self._latest or len(self._latest) < GATES_LIMIT:
            self._latest[point] = manifest

    async def _tell_again(self) -> None:
        await self._clock.sleep(AGAIN_S)
        self._tell()

    def _tell(self) -> None:
        for point, gate in self._gates().items():
            manifest = self._latest.get(point)
            if manifest is not None:
                gate.expect(manifest)
