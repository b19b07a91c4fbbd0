"""A serial line. The only module that knows pyserial; it opens and sets the port, the event loop then watches it."""

import asyncio
import os
from pathlib import Path

import serial

from coldport.clock import Clock
from edge.lines.base import Parity, Serial
from edge.links.inbox import Inbox
from edge.ports import LinkDownError

READ_SIZE = 4096
WRITE_RETRY_S = 0.01
PARITIES = {Parity.NONE: serial.PARITY_NONE, Parity.EVEN: serial.PARITY_EVEN, Parity.ODD: serial.PARITY_ODD}


class SerialLink:
    """A serial port, or a pty; see `edge.ports.Link`. The path is looked up at each `open`, so it may come and go."""

    def __init__(self, path: Path, settings: Serial, clock: Clock) -> None:
        """Name the port: `path` is that of `settings`, made absolute."""
        self._path = path
        self._settings = settings
        self._clock = clock
        self._inbox = Inbox(clock)
        self._port: serial.Serial | None = None

    async def open(self) -> None:
        """Take the port for this process alone."""
        await self.close()
        self._inbox = Inbox(self._clock)
        try:
            self._port = serial.Serial(
                str(self._path),
                baudrate=self._settings.baud,
                bytesize=self._settings.data_bits,
                parity=PARITIES[self._settings.parity],
                stopbits=self._settings.stop_bits,
                timeout=0,
                exclusive=True,
            )
        except serial.SerialException as error:
            reason = {2: "missing", 11: "occupied", 13: "forbidden", 16: "occupied"}.get(error.errno or 0, "link-down")
            raise LinkDownError(f"{self._path}: {error}", reason) from error
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)

    async def close(self) -> None:
        """Give the port back."""
        if self._port is not None:
            asyncio.get_running_loop().remove_reader(self._port.fileno())
            self._port.close()
            self._port = None

    async def read(self, timeout_s: float) -> bytes:
        """Return what has arrived."""
        return await self._inbox.take(timeout_s)

    async def write(self, data: bytes) -> None:
        """Send bytes; waits while the port's own buffer is full."""
        while data:
            self._inbox.check()
            if self._port is None:
                raise LinkDownError("the port is not open")
            try:
                data = data[os.write(self._port.fileno(), data) :]
            except BlockingIOError:
                await self._clock.sleep(WRITE_RETRY_S)
            except OSError as error:
                self._hung_up(error.strerror or str(error))

    def discard(self) -> None:
        """Forget what has arrived, also what the system still holds."""
        self._receive()
        self._inbox.discard()

    def _readable(self) -> None:
        # Readable without bytes means hung up; asked at any other time, it only means that there are none.
        if not self._receive():
            self._hung_up("hung up")

    def _receive(self) -> bool:
        """Take over what the system holds; tell whether that was anything."""
        if self._port is None:
            return False
        try:
            data = os.read(self._port.fileno(), READ_SIZE)
        except BlockingIOError:
            return True
        except OSError as error:
            self._hung_up(error.strerror or str(error))
            return True
        self._inbox.feed(data)
        return bool(data)

    def _hung_up(self, what: str) -> None:
        if self._port is not None:
            # The system would report a dead port as readable again and again.
            asyncio.get_running_loop().remove_reader(self._port.fileno())
        self._inbox.fail(LinkDownError(f"{self._path}: {what}"))
