"""A serial port that is there already: a real device hangs on it, or a pty that somebody else made."""

import asyncio

import serial

from coldport.errors import UnavailableError

READ_BYTES = 4096
ARRIVED_LIMIT = 256
"""Reads that wait to be passed on; what comes then is lost, as in the buffer of an adapter."""

_GONE = b""


class SerialPort:
    """A port, taken for one; see `firmware_sim.lines.line.Line`. It is gone for good when it hangs up."""

    def __init__(self, path: str, baud: int, shape: str) -> None:
        """Name the port, its speed, and data bits, parity and stop bits, as `8N1`."""
        self._path = path
        self._baud = baud
        self._shape = shape
        self._port: serial.Serial | None = None
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue(ARRIVED_LIMIT)

    def open(self) -> None:
        """Take the port.

        Raises:
            UnavailableError: It is not there, or somebody has it.
        """
        bits, parity, stops = tuple(self._shape)
        try:
            self._port = serial.Serial(
                self._path,
                self._baud,
                bytesize=int(bits),
                parity=parity,
                stopbits=int(stops),
                timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:
            raise UnavailableError(f"cannot open {self._path}: {error}") from error
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._read)

    def close(self) -> None:
        """Give the port back."""
        if self._port is not None:
            asyncio.get_running_loop().remove_reader(self._port.fileno())
            self._port.close()
            self._port = None

    async def receive(self) -> bytes:
        """Wait for bytes; empty when the port is gone."""
        return await self._arrived.get()

    async def send(self, data: bytes) -> None:
        """Send bytes; they are lost when the port is gone."""
        if self._port is not None:
            try:
                self._port.write(data)
            except OSError:
                self._hang_up()

    def _read(self) -> None:
        if self._port is None:
            return
        try:
            data = self._port.read(READ_BYTES)
        except OSError:
            data = _GONE
        if not data:
            self._hang_up()
        elif not self._arrived.full():
            self._arrived.put_nowait(data)

    def _hang_up(self) -> None:
        self.close()
        if self._arrived.full():
            self._arrived.get_nowait()
        self._arrived.put_nowait(_GONE)
