"""Modbus over TCP: a header (MBAP) with a transaction number and a length in front of the PDU.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
"""

import struct

from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.modbus import Request

HEADER_BYTES = 7
LONGEST_PDU = 253
BUFFER_LIMIT = 1024
"""Bytes of unread frames: three of the longest, for late replies to requests given up before."""


class TcpExchange:
    """One request over TCP, and the search for its reply; see `modbus.Exchange`.

    Replies to other transactions are late ones and are passed over. `transaction` should differ from those of the
    requests just before it on the same connection.
    """

    def __init__(self, unit: int, request: Request, transaction: int) -> None:
        """Ask `unit`, 0 to 255 (0 and 255 mean the server itself), as `transaction`, 0 to 65535."""
        if not 0 <= unit <= 255:
            raise ValueError(f"a Modbus unit over TCP is 0 to 255, not {unit}")
        self._unit = unit
        self._request = request
        self._transaction = transaction & 0xFFFF
        self._buffer = bytearray()
        self._heard = False

    @property
    def outgoing(self) -> bytes:
        """The request's frame."""
        pdu = self._request.pdu()
        return struct.pack(">HHHB", self._transaction, 0, 1 + len(pdu), self._unit) + pdu

    def feed(self, chunk: bytes) -> tuple[int, ...] | None:
        """Take what has arrived; see `modbus.Exchange.feed`.

        Raises:
            StreamLostError: `header`: not a Modbus header. The connection must be closed.
            FrameError: `wrong-unit`, and those of `Request.values`.
        """
        self._heard = self._heard or bool(chunk)
        self._buffer += chunk[: BUFFER_LIMIT - len(self._buffer)]
        while len(self._buffer) >= HEADER_BYTES:
            transaction, protocol, length, unit = struct.unpack_from(">HHHB", self._buffer)
            if protocol != 0 or not 2 <= length - 1 <= LONGEST_PDU:
                raise StreamLostError("header", f"{self._buffer[:HEADER_BYTES].hex(' ')} is not a Modbus header")
            end = 6 + length
            if len(self._buffer) < end:
                return None
            pdu = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            if transaction != self._transaction:
                continue
            if unit != self._unit:
                raise FrameError("wrong-unit", f"unit {unit} answered, unit {self._unit} was asked")
            return self._request.values(pdu)
        return None

    def give_up(self) -> FrameError:
        """Return why there is no value; see `modbus.Exchange.give_up`. Reasons: `timeout`, `short`."""
        if self._heard:
            return FrameError("short", f"unit {self._unit}: bytes came, no whole reply to this request")
        return FrameError("timeout", f"unit {self._unit} did not answer")
