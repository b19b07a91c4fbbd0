"""Child processes: started, watched, started again with back-off, and never left behind."""

import asyncio
import logging.handlers
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coldport.cli import COULD_NOT_START
from coldport.clock import Clock
from coldport.errors import RefusedError

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
STEADY_S = 30.0
"""A child that has run this long is well again: its next fall is answered at once."""

STOP_WAIT_S = 8.0
"""What a child has between SIGTERM and SIGKILL: the edge flushes its spool, control its snapshot, in well under one."""

LOG_BYTES, LOG_FILES = 5_000_000, 3
"""What a child says is kept in this many files of this size each."""

LINE_LIMIT = 64 * 1024
"""A longer line of a child's output is cut."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run under which name."""

    name: str
    command: Sequence[str]


class Child:
    """One program, kept running."""

    def __init__(self, program: Program, log_folder: Path, clock: Clock, say: Callable[[str], None]) -> None:
        """Prepare; `run` starts it. `say` gets one line each time the child falls."""
        self.program = program
        self._clock = clock
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._last_line = ""
        self._stopping = asyncio.Event()
        log_folder.mkdir(parents=True, exist_ok=True)
        self._log = logging.handlers.RotatingFileHandler(
            log_folder / f"{program.name}.log",
            maxBytes=LOG_BYTES,
            backupCount=LOG_FILES - 1,
            encoding="utf-8",
            delay=True,
        )

    async def run(self) -> None:
        """Keep the program running until `stop`.

        Raises:
            RefusedError: It says that it cannot start (exit code 2); starting it again would not help.
        """
        try:
            await self._keep_running()
        finally:
            self._log.close()

    async def _keep_running(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            began_s = self._clock.monotonic_s()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if code == COULD_NOT_START:
                raise RefusedError(f"{self.program.name}: {self._last_line.removeprefix('coldport: ')}")
            if self._clock.monotonic_s() - began_s > STEADY_S:
                wait_s = FIRST_WAIT_S
            self._say(f"{self.program.name} fell ({_ending(code)}), starting it again in {wait_s:.1f} s")
            await self._clock.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def stop(self) -> None:
        """End the program: SIGTERM, and SIGKILL to what has not ended eight seconds later."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WAIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _run_once(self) -> int:
        # A session of its own: Ctrl-C reaches only the launcher, which ends its children in order.
        process = self._process = await asyncio.create_subprocess_exec(
            *self.program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=LINE_LIMIT,
        )
        if self._stopping.is_set():
            process.kill()
        if process.stdout is not None:
            await self._keep_output(process.stdout)
        return await process.wait()

    async def _keep_output(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readuntil()
            except asyncio.IncompleteReadError as ended:
                line = ended.partial
            except asyncio.LimitOverrunError as overrun:
                line = await output.read(overrun.consumed)
            if not line:
                return
            text = line.decode("utf-8", errors="replace").rstrip()
            self._last_line = text or self._last_line
            self._log.emit(logging.makeLogRecord({"msg": text}))


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def other_owner(lock_file: Path) -> int | None:
    """Take the lock of a data folder for the life of this process; return the pid of whoever has it already."""
    import fcntl  # noqa: PLC0415 - POSIX only, and only `coldport up` needs it

    lock_file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(handle, 32).decode("ascii", errors="replace").strip()
        os.close(handle)
        return int(owner) if owner.isdigit() else 0
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return None
