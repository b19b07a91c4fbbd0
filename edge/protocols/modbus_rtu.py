"""Modbus frames of a serial line: unit, PDU, CRC. Also what serial servers send over TCP unchanged ("RTU over TCP").

A frame is found by its length, not by the silence around it: a TCP serial server or an operating system's buffer does
not keep the silence. Source: MODBUS over Serial Line V1.02, sections 2.5.1 and 6.2.2.
"""

from edge.protocols.framing import FrameError
from edge.protocols.modbus import EXCEPTION_BIT, Request

BUFFER_LIMIT = 512
"""Bytes looked at for one reply. The longest frame has 256; the rest is room for what a noisy line puts before it."""
EXCEPTION_FRAME = 5
AROUND_PDU = 3
"""Bytes of a frame besides its PDU: the unit before, the CRC behind."""
UNITS = range(1, 248)


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """Return the CRC-16 of a frame (polynomial 0xA001 reflected, from 0xFFFF). It is sent low byte first.

    >>> crc16(bytes.fromhex("010300000002")).to_bytes(2, "little").hex()
    'c40b'
    """
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def frame(unit: int, pdu: bytes) -> bytes:
    """Return `unit`, `pdu` and their CRC."""
    body = bytes([unit]) + pdu
    return body + crc16(body).to_bytes(2, "little")


class RtuExchange:
    """One request to one unit of a serial line, and the search for its reply; see `modbus.Exchange`.

    Bytes before the reply are passed over (a line driver that turns round often leaves one or two). A frame of another
    unit or another function is never taken for the reply. Bytes after it are not looked at: nothing on this line speaks
    unasked, so a caller discards what has arrived before it sends the next request.
    """

    def __init__(self, unit: int, request: Request) -> None:
        """Ask `unit`, 1 to 247. There is no answer to a broadcast, so 0 is refused with a ValueError."""
        if unit not in UNITS:
            raise ValueError(f"a Modbus unit on a serial line is 1 to 247, not {unit}")
        self._unit = unit
        self._request = request
        self._buffer = bytearray()
        self._spoiled: FrameError | None = None

    @property
    def outgoing(self) -> bytes:
        """The request's frame."""
        return frame(self._unit, self._request.pdu())

    def feed(self, chunk: bytes) -> tuple[int, ...] | None:
        """Take what has arrived; see `modbus.Exchange.feed`. Reasons: `crc`, `wrong-unit` and those of the request."""
        self._buffer += chunk[: BUFFER_LIMIT - len(self._buffer)]
        start = 0
        while (start := self._buffer.find(self._unit, start)) >= 0:
            size = self._size_at(start)
            if size is not None and len(self._buffer) < start + size:
                return None
            if size is not None:
                found = bytes(self._buffer[start : start + size])
                if crc16(found) == 0:  # a CRC over data and its own CRC is zero
                    return self._request.values(found[1:-2])
                self._spoiled = FrameError("crc", f"the CRC of {found.hex(' ')} is wrong")
            start += 1
        if len(self._buffer) >= AROUND_PDU + self._request.reply_bytes:
            raise self._nothing_here()
        return None

    def _size_at(self, start: int) -> int | None:
        """Return how long the reply is if it begins at `start`, None if it cannot begin there."""
        known = self._buffer[start + 1 : start + 1 + len(self._request.reply_head)]
        if not known or known[0] == self._request.function | EXCEPTION_BIT:
            return EXCEPTION_FRAME
        if self._request.reply_head.startswith(known):
            return AROUND_PDU + self._request.reply_bytes
        return None

    def _nothing_here(self) -> FrameError:
        if self._spoiled:
            return self._spoiled
        if self._buffer[0] != self._unit:
            return FrameError("wrong-unit", f"unit {self._buffer[0]} spoke, unit {self._unit} was asked")
        if self._buffer[1] != self._request.function:
            return FrameError(
                "wrong-function", f"function {self._buffer[1]:#04x} came for {self._request.function:#04x}"
            )
        return FrameError("wrong-length", f"{self._buffer[2]} data bytes announced, other than were asked")

    def give_up(self) -> FrameError:
        """Return why there is no value; see `modbus.Exchange.give_up`. Reasons: `timeout`, `short`, `crc`."""
        if self._spoiled:
            return self._spoiled
        if self._buffer:
            return FrameError("short", f"only {self._buffer[:16].hex(' ')} came from unit {self._unit}")
        return FrameError("timeout", f"unit {self._unit} did not answer")
