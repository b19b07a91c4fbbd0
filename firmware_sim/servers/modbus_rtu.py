"""Modbus RTU, from the side of the devices on the line.

Source: MODBUS over Serial Line V1.02, section 2.5.1.
"""

from firmware_sim.faults import FaultKind
from firmware_sim.servers.modbus import Slaves

_LENGTHS = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8}
"""Bytes of a request by its function code, address and CRC included."""

_COUNTED = {15, 16}
"""Functions whose request says in byte 6 how many bytes follow."""

FRAME_LIMIT = 256
GAP_S = 0.05
"""Silence that ends a frame: 3.5 characters (4 ms at 9600 baud) in the standard; a pty on a busy machine needs more."""


class RtuSlaves:
    """Listens to a line, and answers for every unit on it. A frame with a bad CRC is not answered by anybody."""

    def __init__(self, slaves: Slaves) -> None:
        """Answer with what `slaves` say."""
        self._slaves = slaves
        self._buffer = bytearray()
        self._heard_s = 0.0
        self._answers = bytearray()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line. What is left of a frame after a silence is dropped."""
        if now_s - self._heard_s > GAP_S:
            self._buffer.clear()
        self._heard_s = now_s
        self._buffer += data
        while frame := self._frame():
            unit, request = frame[0], frame[1:-2]
            answer = self._slaves.answer(unit, request)
            if answer is not None:
                self._answers += self._framed(unit, answer)
        if len(self._buffer) > FRAME_LIMIT:
            self._buffer.clear()

    def send(self, now_s: float) -> bytes:
        """Return the answers since the last call."""
        del now_s
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    @property
    def finished(self) -> bool:
        """A line never ends by itself."""
        return False

    def _frame(self) -> bytes:
        """Take the first whole frame with a good CRC out of the buffer; empty when there is none."""
        length = self._length()
        if length is None or len(self._buffer) < length:
            return b""
        frame = bytes(self._buffer[:length])
        if crc16(frame[:-2]).to_bytes(2, "little") != frame[-2:]:
            self._buffer.clear()
            return b""
        del self._buffer[:length]
        return frame

    def _length(self) -> int | None:
        if len(self._buffer) < 4:
            return None
        function = self._buffer[1]
        if function in _LENGTHS:
            return _LENGTHS[function]
        if function in _COUNTED:
            return 9 + self._buffer[6] if len(self._buffer) > 6 else None
        # Nobody knows how long this one is, so it is whole when its CRC is right.
        whole = crc16(self._buffer[:-2]).to_bytes(2, "little") == self._buffer[-2:]
        return len(self._buffer) if whole else None

    def _framed(self, unit: int, answer: bytes) -> bytes:
        frame = bytes([unit]) + answer
        frame += crc16(frame).to_bytes(2, "little")
        if self._slaves.faults.find(FaultKind.CRC, self._slaves.line, unit):
            return self._slaves.faults.flipped(frame)
        return frame


def crc16(data: bytes | bytearray) -> int:
    """Return the CRC of a frame, which goes onto the line low byte first (polynomial A001 reflected, start FFFF).

    >>> crc16(bytes.fromhex("010300000002")).to_bytes(2, "little").hex()
    'c40b'
    """
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
