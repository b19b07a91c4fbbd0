"""Workers as processes of this machine, each with a budget of memory and of time. The pipe to it is its life line."""

import asyncio
import contextlib
import signal
import sys

import msgspec

from coldport.errors import UnavailableError
from routing.jobs import frames
from routing.jobs.ports import Run, Task, Told

STOP_S = 2.0
"""What a worker has to hand over its best plan when it is stopped; the search hears of it within a tenth of a second,
solvers that seek a bound do not, and what was handed over before is kept then."""

_told = msgspec.json.Decoder(Told)


class ProcessRun:
    """A `Run` in a process; see `routing.jobs.ports.Run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Follow a process that has its task."""
        self._process = process

    async def told(self) -> Told | None:
        """Wait for the next thing that it says."""
        said = await frames.receive(_pipe(self._process.stdout))
        try:
            return None if said is None else _told.decode(said)
        except msgspec.DecodeError:
            return None  # what talks like this is no worker any more

    async def stop(self) -> None:
        """Ask, wait, and kill what did not listen."""
        with contextlib.suppress(ConnectionError):
            await _send(self._process, [frames.STOP])
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._kill()

    async def end(self) -> str:
        """Kill what still runs, and reap it."""
        self._kill()
        code = await self._process.wait()
        return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


class ProcessWorkers:
    """`Workers` on this machine. How many run at once is for `Office` to say."""

    async def start(self, task: Task, instance: bytes, start: bytes | None) -> Run:
        """Start a process and give it its task."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "routing.jobs.work"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise UnavailableError(f"no worker can be started: {error.strerror}") from error
        with contextlib.suppress(ConnectionError):  # it has fallen already, and `told` will say so
            await _send(process, [msgspec.json.encode(task), instance, start or b""])
        return ProcessRun(process)


async def _send(process: asyncio.subprocess.Process, said: list[bytes]) -> None:
    pipe = process.stdin
    if pipe is None:
        raise RuntimeError("a worker has a pipe")
    for one in said:
        pipe.write(len(one).to_bytes(4, "big") + one)
    await pipe.drain()


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if stream is None:
        raise RuntimeError("a worker has a pipe")
    return stream
