"""LLRP messages and parameters as bytes (sections 15 and 16 of the standard)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

V1_0_1, V1_1 = 1, 2
"""Versions of the protocol as the header has them. A connection begins with the older one."""

HEADER_BYTES = 10
MESSAGE_LIMIT = 64 * 1024
"""Bytes of one message from a client. An ADD_ROSPEC with 16 antennas has less than 2 KiB."""


class Kind(IntEnum):
    """Message types (table in section 16.1)."""

    GET_READER_CAPABILITIES = 1
    GET_READER_CONFIG = 2
    SET_READER_CONFIG = 3
    CLOSE_CONNECTION_RESPONSE = 4
    GET_READER_CAPABILITIES_RESPONSE = 11
    GET_READER_CONFIG_RESPONSE = 12
    SET_READER_CONFIG_RESPONSE = 13
    CLOSE_CONNECTION = 14
    ADD_ROSPEC = 20
    DELETE_ROSPEC = 21
    START_ROSPEC = 22
    STOP_ROSPEC = 23
    ENABLE_ROSPEC = 24
    DISABLE_ROSPEC = 25
    GET_ROSPECS = 26
    DELETE_ACCESSSPEC = 41
    GET_SUPPORTED_VERSION = 46
    SET_PROTOCOL_VERSION = 47
    GET_REPORT = 60
    RO_ACCESS_REPORT = 61
    KEEPALIVE = 62
    READER_EVENT_NOTIFICATION = 63
    ENABLE_EVENTS_AND_REPORTS = 64
    KEEPALIVE_ACK = 72
    ERROR_MESSAGE = 100
    CUSTOM_MESSAGE = 1023


RESPONSE_OFFSET = 10
"""A response's type is its request's plus ten, save those of CLOSE_CONNECTION and CUSTOM_MESSAGE."""


class Status(IntEnum):
    """Codes of LLRPStatus (section 14.2.1)."""

    SUCCESS = 0
    PARAMETER_ERROR = 100
    FIELD_ERROR = 101
    MISSING_PARAMETER = 103
    OVERFLOW_PARAMETER = 105
    UNSUPPORTED_MESSAGE = 109
    UNSUPPORTED_VERSION = 110
    UNSUPPORTED_PARAMETER = 111


class Problem(Exception):  # noqa: N818 - it is the reader's answer to a request, not a failure of ours
    """A request cannot be carried out; the text goes into the response's LLRPStatus."""

    def __init__(self, status: Status, text: str) -> None:
        """Carry a status code and its explanation."""
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came; `reserved` are the three bits before the version, which must be zero."""

    kind: int
    number: int
    body: bytes
    version: int = V1_0_1
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Parameter:
    """A TLV parameter; `body` without its four bytes of header."""

    kind: int
    body: bytes


class Splitter:
    """Cuts a stream into messages. `lost` when a header cannot be right, after which there is nothing to hold on to."""

    def __init__(self) -> None:
        """Start at a message border."""
        self._buffer = bytearray()
        self.lost = False

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes, give the messages that are whole."""
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES and not self.lost:
            first, length = int.from_bytes(self._buffer[:2], "big"), int.from_bytes(self._buffer[2:6], "big")
            if not HEADER_BYTES <= length <= MESSAGE_LIMIT:
                self.lost = True
                self._buffer.clear()
                return
            if len(self._buffer) < length:
                return
            whole = bytes(self._buffer[:length])
            del self._buffer[:length]
            number = int.from_bytes(whole[6:10], "big")
            yield Message(first & 0x3FF, number, whole[HEADER_BYTES:], first >> 10 & 7, first >> 13)


def message(kind: int, number: int, body: bytes = b"", version: int = V1_0_1) -> bytes:
    """Return a whole message.

    >>> message(Kind.KEEPALIVE, 5).hex(" ")
    '04 3e 00 00 00 0a 00 00 00 05'
    """
    return u16(version << 10 | kind) + u32(HEADER_BYTES + len(body)) + u32(number) + body


def tlv(kind: int, *parts: bytes) -> bytes:
    """Return a parameter with its length."""
    body = b"".join(parts)
    return u16(kind) + u16(4 + len(body)) + body


def tv(kind: int, value: bytes) -> bytes:
    """Return a TV parameter: a type below 128, and a value whose length everybody knows."""
    return bytes([0x80 | kind]) + value


def parameters(body: bytes) -> list[Parameter]:
    """Cut a body into its TLV parameters. Clients send no TV parameter where a reader has to look.

    Raises:
        Problem: A length that runs out of the body, a reserved bit that is set, or a TV parameter.
    """
    found = []
    position = 0
    while position < len(body):
        head = int.from_bytes(body[position : position + 2], "big")
        length = int.from_bytes(body[position + 2 : position + 4], "big")
        if head > 0x3FF or length < 4 or position + length > len(body):
            raise Problem(Status.PARAMETER_ERROR, f"no parameter at byte {position} of {len(body)}")
        found.append(Parameter(head, body[position + 4 : position + length]))
        position += length
    return found


def u8(value: int) -> bytes:
    """Return one byte."""
    return value.to_bytes(1, "big")


def u16(value: int) -> bytes:
    """Return two bytes."""
    return value.to_bytes(2, "big")


def s16(value: int) -> bytes:
    """Return two bytes of two's complement."""
    return value.to_bytes(2, "big", signed=True)


def u32(value: int) -> bytes:
    """Return four bytes."""
    return value.to_bytes(4, "big")


def u64(value: int) -> bytes:
    """Return eight bytes."""
    return value.to_bytes(8, "big")


def at(body: bytes, position: int, size: int) -> int:
    """Return the number of `size` bytes at a position.

    Raises:
        Problem: The body ends before it.
    """
    if len(body) < position + size:
        raise Problem(Status.PARAMETER_ERROR, f"a body of {len(body)} bytes ends before byte {position + size}")
    return int.from_bytes(body[position : position + size], "big")


def status(code: int = Status.SUCCESS, text: str = "") -> bytes:
    """Return the LLRPStatus parameter (287)."""
    encoded = text.encode("utf-8")
    return tlv(287, u16(code), u16(len(encoded)), encoded)
