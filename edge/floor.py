"""The lines being read, one task each. A line is exchanged for its new self without the others noticing."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coldport.ids import LinkId, PointId
from edge.health.status import StatusBoard
from edge.lines.gateway import Line, Profile
from edge.ports import Actuator, Checkpoint, Source
from edge.settings import Wiring, profile_names

Build = Callable[[Line, Mapping[str, Profile]], Source]
"""Makes the source of a line out of its settings and the profiles by name."""

log = logging.getLogger("edge.floor")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A line that is read: what it was made of, so that a change shows, and the task that reads it."""

    line: Line
    profiles: Mapping[str, Profile]
    source: Source
    task: asyncio.Task[None]


class Floor:
    """The lines of one gateway."""

    def __init__(self, build: Build, board: StatusBoard) -> None:
        """Read nothing yet; `build` makes the sources, `board` is told of lines that are taken out."""
        self._build = build
        self._board = board
        self._readings: dict[LinkId, _Reading] = {}
        self._tasks: asyncio.TaskGroup | None = None

    def outputs(self) -> dict[PointId, Actuator]:
        """Return who moves each output at the moment."""
        sources = [reading.source for reading in self._readings.values()]
        return {point: source for source in sources if isinstance(source, Actuator) for point in source.outputs}

    def gates(self) -> dict[PointId, Checkpoint]:
        """Return who holds what passes each gate against a manifest, at the moment."""
        sources = [reading.source for reading in self._readings.values()]
        return {source.point: source for source in sources if isinstance(source, Checkpoint)}

    async def begin(self, wiring: Wiring, tasks: asyncio.TaskGroup) -> None:
        """Read the lines of `wiring` in `tasks`."""
        self._tasks = tasks
        await self.change(wiring)

    async def change(self, wiring: Wiring) -> None:
        """Read the lines of `wiring` from now on: those that differ are stopped and begun, the others go on."""
        if self._tasks is None:
            raise RuntimeError("a floor is changed after it has begun")
        wanted = {LinkId(line.id): (line, _profiles_of(line, wiring)) for line in wiring.settings.lines}
        stale = [name for name, one in self._readings.items() if wanted.get(name) != (one.line, one.profiles)]
        # All that differ stop before any begins: two lines may have exchanged their ports.
        await self._stop(stale)
        for name in stale:
            if name not in wanted:
                log.info("%s is read no more", name)
                self._board.removed(name)
        for name, (line, profiles) in wanted.items():
            if name not in self._readings:
                source = self._build(line, profiles)
                task = self._tasks.create_task(source.run(), name=name)
                self._readings[name] = _Reading(line, profiles, source, task)

    async def stop(self) -> None:
        """Stop reading; every line is given back."""
        await self._stop(list(self._readings))

    async def _stop(self, names: list[LinkId]) -> None:
        ending = [self._readings.pop(name).task for name in names]
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)


def _profiles_of(line: Line, wiring: Wiring) -> dict[str, Profile]:
    return {name: wiring.profiles[name] for name in profile_names(line)}
