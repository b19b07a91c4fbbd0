"""Modbus requests and replies, apart from the line they travel on.

Source: MODBUS Application Protocol Specification V1.1b3, sections 6.1 to 6.4 and 7. `modbus_write` has the writing
half; `modbus_rtu` and `modbus_tcp` put these PDUs (function code and data) into frames.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from edge.protocols.framing import FrameError

BIT_LIMIT = 2000
"""Bits one request may ask for (sections 6.1, 6.2)."""
REGISTER_LIMIT = 125
"""Registers one request may ask for (sections 6.3, 6.4)."""
EXCEPTION_BIT = 0x80
GATEWAY_TARGET_SILENT = 0x0B

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, still working",
    6: "device busy",
    8: "memory parity error",
    0x0A: "gateway path unavailable",
    0x0B: "gateway target did not answer",
}


class Function(IntEnum):
    """What is read. Only outputs are written (`modbus_write`): a probe or a door contact is never changed from here."""

    COILS = 1
    DISCRETE_INPUTS = 2
    HOLDING_REGISTERS = 3
    INPUT_REGISTERS = 4

    @property
    def reads_bits(self) -> bool:
        """Whether the values are bits (0 or 1) and not 16-bit registers."""
        return self in (Function.COILS, Function.DISCRETE_INPUTS)


class ExceptionReplyError(FrameError):
    """The unit answered, and said no. Its line and its address are right.

    `number` is the exception code. 0x0B comes from a gateway whose unit was silent: it is the unit's time-out, so its
    reason is `timeout`, and `unit_silent` lets a circuit breaker count it as one.
    """

    code = "modbus-exception"

    def __init__(self, number: int) -> None:
        """Carry the exception code as the unit sent it, known or not."""
        self.number = number
        self.unit_silent = number == GATEWAY_TARGET_SILENT
        reason = "timeout" if self.unit_silent else f"exception-{number}"
        super().__init__(reason, f"the unit answered with exception {number}: {EXCEPTIONS.get(number, 'unknown')}")


class Request(Protocol):
    """What one unit is asked, and how its reply is known."""

    @property
    def function(self) -> int:
        """The function code."""
        ...

    @property
    def reply_head(self) -> bytes:
        """The bytes that the PDU of every good reply begins with."""
        ...

    @property
    def reply_bytes(self) -> int:
        """How long the PDU of a good reply is."""
        ...

    def pdu(self) -> bytes:
        """Return function code and data, as both kinds of frame carry them."""
        ...

    def values(self, pdu: bytes) -> tuple[int, ...]:
        """Return what a reply says, as the request's own class describes.

        Raises:
            ExceptionReplyError: The unit refused.
            FrameError: The PDU is not a reply to this request.
        """
        ...


def check_reply(request: Request, pdu: bytes) -> None:
    """Hold that a PDU is a reply to `request`.

    Raises:
        ExceptionReplyError: The unit refused.
        FrameError: `short`, `wrong-function`, `wrong-length`.
    """
    if len(pdu) < 2:
        raise FrameError("short", f"a reply has at least 2 bytes, this has {len(pdu)}")
    if pdu[0] == request.function | EXCEPTION_BIT and len(pdu) == 2:
        raise ExceptionReplyError(pdu[1])
    if pdu[0] != request.function:
        raise FrameError("wrong-function", f"function {pdu[0]:#04x} came, {request.function:#04x} was asked")
    if not pdu.startswith(request.reply_head) or len(pdu) != request.reply_bytes:
        raise FrameError(
            "wrong-length",
            f"{pdu[:2].hex(' ')} and {len(pdu) - 2} bytes came, "
            f"{request.reply_head.hex(' ')} of {request.reply_bytes} bytes were asked",
        )


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Read `count` bits or registers from `address` on (counted from 0, as on the wire).

    Raises:
        ValueError: `count` or `address` is not what the specification allows. A bug or a settings error, never a
            device's.
    """

    function: Function
    address: int
    count: int

    def __post_init__(self) -> None:
        """Refuse what no unit could answer."""
        limit = BIT_LIMIT if self.function.reads_bits else REGISTER_LIMIT
        if not 1 <= self.count <= limit:
            raise ValueError(f"function {self.function} reads 1 to {limit} values at once, not {self.count}")
        if not 0 <= self.address <= 0x10000 - self.count:
            raise ValueError(f"addresses {self.address}..{self.address + self.count - 1} are not in 0..65535")

    @property
    def _data_bytes(self) -> int:
        return (self.count + 7) // 8 if self.function.reads_bits else 2 * self.count

    @property
    def reply_head(self) -> bytes:
        """Function code and number of data bytes: two a register, one for eight bits begun."""
        return bytes([self.function, self._data_bytes])

    @property
    def reply_bytes(self) -> int:
        """How long the PDU of a good reply is."""
        return 2 + self._data_bytes

    def pdu(self) -> bytes:
        """Return function code and data, as both kinds of frame carry them."""
        return struct.pack(">BHH", self.function, self.address, self.count)

    def values(self, pdu: bytes) -> tuple[int, ...]:
        """Read the reply to this request: `count` bits (0 or 1) or registers (0..65535), lowest address first.

        Raises:
            ExceptionReplyError: The unit refused.
            FrameError: The PDU is not a reply to this request: `wrong-function`, `wrong-length`, `short`.
        """
        check_reply(self, pdu)
        if self.function.reads_bits:
            return tuple(pdu[2 + index // 8] >> index % 8 & 1 for index in range(self.count))
        return struct.unpack(f">{self.count}H", pdu[2:])


class Exchange(Protocol):
    """One request and the search for its reply. `modbus_rtu` and `modbus_tcp` have one each; it is used once."""

    @property
    def outgoing(self) -> bytes:
        """The request's frame."""
        ...

    def feed(self, chunk: bytes) -> tuple[int, ...] | None:
        """Take what has arrived; return the values when the reply is complete, None while it is not.

        Raises:
            FrameError: The reply came and is no good, or the unit refused (ExceptionReplyError). The exchange is over.
        """
        ...

    def give_up(self) -> FrameError:
        """Return why there is no value, when time is up: `timeout` after silence, else what spoiled the reply."""
        ...
