"""The workers' twin without processes: what they say is put into their mouths."""

import asyncio

from routing.jobs.ports import Run, Task, Told


class MemoryRun:
    """A `Run` that says what it is given."""

    def __init__(self, task: Task, instance: bytes, start: bytes | None) -> None:
        """Keep the task, to be looked at."""
        self.task, self.instance, self.start = task, instance, start
        self.stopped = False
        self.ended = False
        self._says: asyncio.Queue[Told | None] = asyncio.Queue()

    def say(self, *told: Told | None) -> None:
        """Say these; None is a fall."""
        for one in told:
            self._says.put_nowait(one)

    async def told(self) -> Told | None:
        """Wait for the next thing that it says."""
        return await self._says.get()

    async def stop(self) -> None:
        """Remember that it was asked to stop."""
        self.stopped = True

    async def end(self) -> str:
        """Remember that it has ended."""
        self.ended = True
        return "memory"


class MemoryWorkers:
    """`Workers` that do nothing by themselves."""

    def __init__(self) -> None:
        """Begin without any."""
        self.runs: list[MemoryRun] = []

    async def start(self, task: Task, instance: bytes, start: bytes | None) -> Run:
        """Begin a task."""
        self.runs.append(MemoryRun(task, instance, start))
        return self.runs[-1]
