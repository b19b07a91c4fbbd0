"""One gateway at work: every line read in a task of its own, one way to the spool, one way to control."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coldport.bus import Bus
from coldport.errors import UnavailableError
from edge.floor import Floor
from edge.health.status import StatusBoard
from edge.reload import Reload
from edge.settings import Wiring
from edge.spool.recorder import Recorder

GOODBYE_S = 3.0
"""How long stopping may wait for the disk and for the broker."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Something that goes on for as long as the gateway runs."""

log = logging.getLogger("edge.agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The parts of a gateway, put together by `edge.gateway`. `works` go on beside the reading, by name."""

    wiring: Wiring
    floor: Floor
    works: Mapping[str, Work]
    reload: Reload
    recorder: Recorder
    board: StatusBoard
    bus: Bus

    async def run(self, stop: asyncio.Event) -> None:
        """Read, spool and forward until `stop`; then let go of the lines, spool what was read, and say goodbye.

        What is spooled and not confirmed stays in the spool for the next run. An error that is nobody's fault but the
        program's ends all tasks and comes out of here.
        """
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(work(), name=name) for name, work in self.works.items()]
            reloading = tasks.create_task(self.reload.run(), name="reload")
            await self.floor.begin(self.wiring, tasks)
            await stop.wait()
            await _end([reloading])
            await self.floor.stop()
            await _end(working)
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
