"""Outputs waiting for their turn on a line: a few, in the order in which they were asked for."""

import asyncio
from collections import deque
from dataclasses import dataclass

from edge.drivers.modbus.units import OutputPlace
from edge.ports import LinkDownError
from edge.protocols.framing import FrameError
from edge.protocols.modbus_write import WriteRequest

WAITING_LIMIT = 16
"""Puts waiting on one line: all outputs of a relay module at once. Each takes two exchanges, 0.1 s at 9600 baud."""


@dataclass(frozen=True, slots=True)
class Put:
    """An output to be written, by the unit with this index, and whoever waits for what it then holds."""

    unit: int
    place: OutputPlace
    request: WriteRequest
    outcome: asyncio.Future[float]

    def succeed(self, held: float) -> None:
        """Tell what the device holds now, unless nobody waits any more."""
        if not self.outcome.done():
            self.outcome.set_result(held)

    def fail(self, error: Exception) -> None:
        """Tell that it did not succeed, unless its outcome is known or nobody waits any more."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class PutQueue:
    """The puts of one line. It takes them only while the line is there."""

    def __init__(self) -> None:
        """Belong to a line that is not open yet."""
        self._waiting: deque[Put] = deque()
        self._is_open = False

    def open(self) -> None:
        """Take puts from now on."""
        self._is_open = True

    def close(self, error: LinkDownError) -> None:
        """Take no more, and tell all that wait that their line is gone."""
        self._is_open = False
        while self._waiting:
            self._waiting.popleft().fail(error)

    def take(self) -> Put | None:
        """Return the next one that somebody still waits for."""
        while self._waiting:
            put = self._waiting.popleft()
            if not put.outcome.done():
                return put
        return None

    async def add(self, unit: int, place: OutputPlace, value: float) -> float:
        """Queue a put and return what the device then holds.

        Raises:
            FrameError: `out-of-range` (no value of this output), `queue-full`, or what the device's answer was.
            LinkDownError: The line is not there, or went meanwhile.
        """
        try:
            request = place.writing(value)
        except ValueError as error:
            raise FrameError("out-of-range", f"{place.point}: {error}") from error
        if not self._is_open:
            raise LinkDownError(f"the line of {place.point} is not there")
        if len(self._waiting) >= WAITING_LIMIT:
            raise FrameError("queue-full", f"{WAITING_LIMIT} outputs of this line are waiting already")
        put = Put(unit, place, request, asyncio.get_running_loop().create_future())
        self._waiting.append(put)
        return await put.outcome
