"""Passes bytes between a device and an agent, and writes down all that passes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TextIO

from coldport.clock import Clock
from firmware_sim.lines.line import Line
from firmware_sim.recording.format import Entry, Head, Kind, entry_text, head_text

Open = Callable[[], AbstractAsyncContextManager[Line]]
"""Opens the line to the device; raises UnavailableError when it is not there."""


class Tape:
    """What has passed so far, on disk line by line: a killed recorder leaves all lines but the one it was writing."""

    def __init__(self, file: TextIO, head: Head, clock: Clock, limit: int) -> None:
        """Begin to write; after `limit` characters the tape is full, says so, and takes nothing more."""
        self.full = False
        self._file = file
        self._clock = clock
        self._start_s = clock.monotonic_s()
        self._left = limit
        self._put(head_text(head))

    def note(self, kind: Kind, data: bytes = b"") -> None:
        """Write down what happens now."""
        if self.full:
            return
        text = entry_text(Entry(self._at_s(), kind, data))
        if len(text) > self._left:
            self.full = True
            text = f"{self._at_s():.6f} {Kind.END}  # the limit is reached\n"
        self._put(text)

    def end(self) -> None:
        """Say that this is all."""
        if not self.full:
            self._put(entry_text(Entry(self._at_s(), Kind.END)))
            self.full = True

    def _at_s(self) -> float:
        return self._clock.monotonic_s() - self._start_s

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
        self._left -= len(text)


class PassThrough:
    """Serves agents on their line, one at a time, by what the device says."""

    def __init__(self, tape: Tape, open_device: Open) -> None:
        """Open the device for each agent that comes."""
        self._tape = tape
        self._open_device = open_device
        self._is_busy = False

    async def serve(self, agent: Line) -> None:
        """Pass bytes until either end is gone. A second agent at the same time is sent away.

        Raises:
            UnavailableError: The device is not there.
        """
        if self._is_busy:
            return
        self._is_busy = True
        try:
            async with self._open_device() as device, self._marked():
                await self._pass(agent, device)
        finally:
            self._is_busy = False

    @asynccontextmanager
    async def _marked(self) -> AsyncIterator[None]:
        self._tape.note(Kind.CONNECTED)
        try:
            yield
        finally:
            self._tape.note(Kind.GONE)

    async def _pass(self, agent: Line, device: Line) -> None:
        pumps = [
            asyncio.create_task(self._pump(agent, device, Kind.ASKED)),
            asyncio.create_task(self._pump(device, agent, Kind.SAID)),
        ]
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in done:
                pump.result()
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, source: Line, target: Line, kind: Kind) -> None:
        while data := await source.receive():
            self._tape.note(kind, data)
            await target.send(data)
