"""One gateway at work: every line read in a task of its own, one way to the spool, one way to control."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from coldport.bus import Bus
from coldport.errors import UnavailableError
from edge.ports import Source
from edge.recorder import Recorder
from edge.status import StatusBoard
from edge.uplink import Uplink

GOODBYE_S = 3.0
"""How long stopping may wait for the disk and for the broker."""

log = logging.getLogger("edge.agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The parts of a gateway, put together by `edge.main`."""

    sources: Sequence[Source]
    recorder: Recorder
    uplink: Uplink
    board: StatusBoard
    bus: Bus

    async def run(self, stop: asyncio.Event) -> None:
        """Read, spool and forward until `stop`; then let go of the lines, spool what was read, and say goodbye.

        What is spooled and not confirmed stays in the spool for the next run. An error that is nobody's fault but the
        program's ends all tasks and comes out of here.
        """
        async with asyncio.TaskGroup() as tasks:
            carrying = [
                tasks.create_task(self.recorder.run(), name="recorder"),
                tasks.create_task(self.uplink.run(), name="uplink"),
                tasks.create_task(self.board.run(self.bus), name="status"),
            ]
            reading = [tasks.create_task(source.run(), name=source.name) for source in self.sources]
            await stop.wait()
            await _end(reading)
            await _end(carrying)
        await self._leave()

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self.recorder.flush()
                await self.bus.publish(self.board.will)
        except (UnavailableError, TimeoutError) as error:
            log.warning("stopped without a goodbye: %s", error or "it took too long")


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
