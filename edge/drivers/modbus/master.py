"""The asking side of a Modbus line: one request at a time, a time-out, and the silence that the line needs between."""

from collections.abc import Callable, Sequence

from coldport.clock import Clock
from edge.ports import Link
from edge.protocols.modbus import Exchange, Request

AROUND_PDU = 3
"""Bytes of a serial reply beside its PDU: unit and CRC."""


class ModbusMaster:
    """A Modbus line, RTU or TCP by what `begin` makes; see `edge.ports.Master`."""

    def __init__(
        self,
        link: Link,
        begin: Callable[[int, Request], Exchange],
        timeout_s: float,
        clock: Clock,
        *,
        silence_s: float = 0.0,
        byte_s: float = 0.0,
    ) -> None:
        """Ask over `link`.

        Args:
            link: The line.
            begin: Makes the exchange for one request to one unit.
            timeout_s: How long a unit may take to answer, beside the time that the bytes need.
            clock: For the time-out.
            silence_s: What the line needs between two frames; 0 over TCP.
            byte_s: What one byte takes on the line; 0 over TCP.
        """
        self._link = link
        self._begin = begin
        self._timeout_s = timeout_s
        self._clock = clock
        self._silence_s = silence_s
        self._byte_s = byte_s
        self._silent_since_s = 0.0

    async def open(self) -> None:
        """Take the line."""
        await self._link.open()
        self._silent_since_s = self._clock.monotonic_s()

    async def close(self) -> None:
        """Give the line back."""
        await self._link.close()

    async def ask(self, unit: int, request: Request) -> Sequence[int]:
        """Ask one unit once; see `edge.ports.Master.ask`."""
        exchange = self._begin(unit, request)
        await self.idle(self._silent_since_s + self._silence_s - self._clock.monotonic_s())
        self._link.discard()
        outgoing = exchange.outgoing
        await self._link.write(outgoing)
        on_wire_s = (len(outgoing) + AROUND_PDU + request.reply_bytes) * self._byte_s
        end_s = self._clock.monotonic_s() + self._timeout_s + on_wire_s
        try:
            while (left_s := end_s - self._clock.monotonic_s()) > 0:
                values = exchange.feed(await self._link.read(left_s))
                if values is not None:
                    return values
            raise exchange.give_up()
        finally:
            self._silent_since_s = self._clock.monotonic_s()

    async def idle(self, duration_s: float) -> None:
        """Leave the line alone for so long; what arrives unasked is dropped."""
        end_s = self._clock.monotonic_s() + duration_s
        while (left_s := end_s - self._clock.monotonic_s()) > 0:
            await self._link.read(left_s)
