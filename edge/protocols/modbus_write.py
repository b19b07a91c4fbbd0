"""Modbus writes: a coil, a register, several registers, and the echo that says they arrived.

Source: MODBUS Application Protocol Specification V1.1b3, sections 6.5, 6.6 and 6.12. The echo proves less than it
seems: an RS-485 adaptor that hears itself sends it too, with no unit there. Only reading back proves a write.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from edge.protocols.framing import FrameError
from edge.protocols.modbus import check_reply

WRITE_LIMIT = 123
"""Registers one request may write (section 6.12)."""
COIL_ON, COIL_OFF = 0xFF00, 0x0000
ECHO_BYTES = 5


class WriteFunction(IntEnum):
    """What is written."""

    COIL = 5
    REGISTER = 6
    REGISTERS = 16


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Write `written` from `address` on (counted from 0, as on the wire): bits for a coil, else registers.

    Raises:
        ValueError: What the specification does not allow. A bug or a settings error, never a device's.
    """

    function: WriteFunction
    address: int
    written: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what no unit could take."""
        limit = WRITE_LIMIT if self.function is WriteFunction.REGISTERS else 1
        top = 1 if self.function is WriteFunction.COIL else 0xFFFF
        if not 1 <= len(self.written) <= limit:
            raise ValueError(f"function {self.function} writes 1 to {limit} values at once, not {len(self.written)}")
        if not all(0 <= value <= top for value in self.written):
            raise ValueError(f"function {self.function} writes values of 0 to {top}, not {self.written}")
        if not 0 <= self.address <= 0x10000 - len(self.written):
            raise ValueError(f"address {self.address} and what follows it are not in 0..65535")

    @property
    def reply_head(self) -> bytes:
        """The function code; the rest of the echo is held against the request once the frame is whole."""
        return bytes([self.function])

    @property
    def reply_bytes(self) -> int:
        """How long the PDU of the echo is."""
        return ECHO_BYTES

    @property
    def _echo(self) -> bytes:
        if self.function is WriteFunction.REGISTERS:
            return struct.pack(">BHH", self.function, self.address, len(self.written))
        value = self.written[0]
        if self.function is WriteFunction.COIL:
            value = COIL_ON if value else COIL_OFF
        return struct.pack(">BHH", self.function, self.address, value)

    def pdu(self) -> bytes:
        """Return function code and data, as both kinds of frame carry them."""
        if self.function is WriteFunction.REGISTERS:
            count = len(self.written)
            return self._echo + struct.pack(f">B{count}H", 2 * count, *self.written)
        return self._echo

    def values(self, pdu: bytes) -> tuple[int, ...]:
        """Return what was written, once the echo has been found to name it.

        Raises:
            ExceptionReplyError: The unit refused.
            FrameError: It is not the echo of this request: `wrong-echo`, `wrong-function`, `wrong-length`, `short`.
        """
        check_reply(self, pdu)
        if pdu != self._echo:
            raise FrameError("wrong-echo", f"{pdu.hex(' ')} came, {self._echo.hex(' ')} was to be confirmed")
        return self.written
