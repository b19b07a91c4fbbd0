"""Joins a core to a line: the only loop of all servers."""

import asyncio
from dataclasses import dataclass

from coldport.clock import Clock
from firmware_sim.faults import FaultKind, Faults
from firmware_sim.lines.line import Line
from firmware_sim.servers.core import Core

TURN_S = 0.02
"""How often a core is asked whether it has something to say by itself."""

SPLIT_S = 0.001
"""Pause between bytes that are sent one by one on a line without a baud rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How slow a line is: seconds a byte takes, and seconds a device thinks before it answers. TCP has neither.

    A device that `only_answers` has nothing to say unasked, and is not asked whether it has.
    """

    byte_s: float = 0.0
    think_s: float = 0.0
    only_answers: bool = False

    @classmethod
    def of_baud(cls, baud: int, think_s: float = 0.0, *, only_answers: bool = False) -> "Pace":
        """Return the pace of a serial line with ten bits a byte (8N1)."""
        return cls(byte_s=10 / baud, think_s=think_s, only_answers=only_answers)


class Serving:
    """Serves one core on one line. `name` is the name under which the line can be broken."""

    def __init__(self, name: str, line: Line, core: Core, *, clock: Clock, pace: Pace, faults: Faults) -> None:
        """Serve nothing yet; see `run`."""
        self._name = name
        self._line = line
        self._core = core
        self._clock = clock
        self._pace = pace
        self._faults = faults
        self._sending = asyncio.Lock()
        self._half_opened = faults.begun(FaultKind.HALF_OPEN, name)

    async def run(self) -> None:
        """Serve until the other end is gone or the core has finished."""
        pumps = [asyncio.create_task(self._listen())]
        if not self._pace.only_answers:
            pumps.append(asyncio.create_task(self._speak()))
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in done:
                pump.result()
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _listen(self) -> None:
        while not self._core.finished and (data := await self._line.receive()):
            await self._clock.sleep(len(data) * self._pace.byte_s + self._pace.think_s + self._slow("delay_s", 0.0))
            if self._is_dead():
                continue
            self._core.receive(data, self._clock.monotonic_s())
            await self._flush()

    async def _speak(self) -> None:
        while not self._core.finished:
            await self._flush()
            await self._clock.sleep(TURN_S)
        await self._flush()

    async def _flush(self) -> None:
        """Send what the core has to say, and take as long as the line would. One at a time: nothing gets in between."""
        async with self._sending:
            data = self._core.send(self._clock.monotonic_s())
            if not data or self._is_dead():
                return
            byte_s = self._pace.byte_s * self._slow("factor", 1.0)
            if self._faults.find(FaultKind.DUPLICATE, self._name):
                data += data
            if not self._faults.find(FaultKind.SPLIT, self._name):
                await self._clock.sleep(len(data) * byte_s)
                await self._line.send(data)
                return
            for byte in data:
                await self._clock.sleep(max(byte_s, SPLIT_S))
                await self._line.send(bytes([byte]))

    def _is_dead(self) -> bool:
        """Tell whether this connection was there when the device forgot all it had."""
        return self._faults.begun(FaultKind.HALF_OPEN, self._name) > self._half_opened

    def _slow(self, parameter: str, usual: float) -> float:
        fault = self._faults.find(FaultKind.SLOW, self._name)
        return usual if fault is None else fault.parameter(parameter)
