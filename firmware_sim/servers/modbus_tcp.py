"""Modbus TCP, from the side of the device.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3 (the MBAP header).
"""

from firmware_sim.servers.modbus import Slaves

HEADER_BYTES = 7
LENGTH_LIMIT = 254
"""Largest value of the header's length field: the unit and a PDU of 253 bytes."""


class TcpSlaves:
    """One connection. A unit that is not there stays silent, as behind a gateway without a time-out of its own.

    A header that cannot be right makes the rest of the stream unreadable, so the connection is closed.
    """

    def __init__(self, slaves: Slaves) -> None:
        """Answer with what `slaves` say."""
        self._slaves = slaves
        self._buffer = bytearray()
        self._answers = bytearray()
        self.finished = False

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the connection."""
        del now_s
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            transaction, protocol = self._buffer[0:2], self._buffer[2:4]
            length = int.from_bytes(self._buffer[4:6], "big")
            if protocol != b"\0\0" or not 2 <= length <= LENGTH_LIMIT:
                self.finished = True
                self._buffer.clear()
                return
            if len(self._buffer) < 6 + length:
                return
            unit, request = self._buffer[6], bytes(self._buffer[7 : 6 + length])
            del self._buffer[: 6 + length]
            answer = self._slaves.answer(unit, request)
            if answer is not None:
                header = bytes(transaction) + b"\0\0" + (1 + len(answer)).to_bytes(2, "big") + bytes([unit])
                self._answers += header + answer

    def send(self, now_s: float) -> bytes:
        """Return the answers since the last call."""
        del now_s
        answers = bytes(self._answers)
        self._answers.clear()
        return answers
