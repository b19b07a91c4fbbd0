"""LLRP on the wire: messages cut out of a stream by their length, parameters cut out of a message.

Source: LLRP 1.1, sections 16.1 (message header) and 16.2 (TLV and TV parameters).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edge.protocols.framing import FrameError, StreamLostError
from edge.protocols.llrp.names import MessageType

HEADER = struct.Struct(">HII")
NEWEST = 2
VERSIONS = (1, NEWEST)
"""LLRP 1.0.1 and 1.1. A reader speaks 1 until a client asks for more."""
MESSAGE_LIMIT = 1024 * 1024
"""Bytes of a message that is read. Capabilities of a large reader have 2 kB, a report of 1,000 tags 60 kB."""
SKIP_LIMIT = 16 * 1024 * 1024
"""Bytes of a message that is passed over unread. A longer one cannot be right: its header is not a header."""


_KNOWN = frozenset(MessageType)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` pairs a reply with its request."""

    type: MessageType
    id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that is passed over: of a type we do not read, or too long to be read."""

    type: int
    id: int
    length: int

    @property
    def too_long(self) -> bool:
        """Whether we would have read it, had it been shorter."""
        return self.type in _KNOWN


def encode_message(kind: MessageType, message_id: int, body: bytes = b"", version: int = 1) -> bytes:
    """Return a message; in version 1, LLRP 1.0.1, every reader takes it."""
    return HEADER.pack(version << 10 | kind, HEADER.size + len(body), message_id) + body


class MessageReader:
    """Cuts messages out of whatever chunks arrive. At most `MESSAGE_LIMIT` bytes are kept."""

    def __init__(self) -> None:
        """Begin at the beginning of a message."""
        self._buffer = bytearray()
        self._to_skip = 0

    @property
    def amid_message(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._buffer) or self._to_skip > 0

    def feed(self, chunk: bytes) -> list[Message | Skipped | StreamLostError]:
        """Take what has arrived; return what is complete, in order. After a StreamLostError feed nothing more."""
        skipped = min(self._to_skip, len(chunk))
        self._to_skip -= skipped
        self._buffer += memoryview(chunk)[skipped:]
        found: list[Message | Skipped | StreamLostError] = []
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            head, length, message_id = HEADER.unpack_from(self._buffer, start)
            kind = head & 0x3FF
            # The three highest bits are reserved: a client shall ignore them (section 16.1).
            if head >> 10 & 7 not in VERSIONS or not HEADER.size <= length <= SKIP_LIMIT:
                wrong = bytes(self._buffer[start : start + HEADER.size])
                found.append(StreamLostError("stream-lost", f"{wrong.hex(' ')} is not the header of a message"))
                start = len(self._buffer)
            elif kind not in _KNOWN or length > MESSAGE_LIMIT:
                found.append(Skipped(kind, message_id, length))
                here = min(length, len(self._buffer) - start)
                start += here
                self._to_skip = length - here
            elif len(self._buffer) - start < length:
                break
            else:
                body = bytes(self._buffer[start + HEADER.size : start + length])
                found.append(Message(MessageType(kind), message_id, body))
                start += length
        del self._buffer[:start]
        return found


_TV_BYTES = {1: 2, 2: 8, 3: 8, 4: 8, 5: 8, 6: 1, 7: 2, 8: 2, 9: 4, 10: 2, 11: 2, 12: 2, 13: 12, 14: 2, 16: 4, 17: 2}
"""Bytes behind the type octet of each TV parameter (section 16.2.1.1 and the parameters' own sections)."""


def parameters(body: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Walk the parameters from `start` to the end of `body`: number and contents, without their own header.

    Raises:
        FrameError: `malformed`: a length is wrong, or a TV parameter is unknown, so that its end is unknown too. What
            was yielded before stands.
    """
    end = len(body)
    while start < end:
        first = body[start]
        if first & 0x80:
            kind = first & 0x7F
            size = _TV_BYTES.get(kind)
            if size is None:
                raise FrameError("malformed", f"TV parameter {kind} at byte {start} is unknown")
            begin, stop = start + 1, start + 1 + size
        else:
            if start + 4 > end:
                raise FrameError("malformed", f"{end - start} bytes at byte {start} are no parameter")
            head, length = struct.unpack_from(">HH", body, start)
            kind = head & 0x3FF
            if length < 4:
                raise FrameError("malformed", f"parameter {kind} at byte {start} has a length of {length}")
            begin, stop = start + 4, start + length
        if stop > end:
            raise FrameError("malformed", f"parameter {kind} at byte {start} ends {stop - end} bytes too late")
        yield kind, body[begin:stop]
        start = stop


def tlv(kind: int, *parts: bytes) -> bytes:
    """Return a TLV parameter with its contents, which may be parameters."""
    contents = b"".join(parts)
    return struct.pack(">HH", kind, 4 + len(contents)) + contents


def unpack(layout: struct.Struct, contents: bytes) -> tuple[int, ...]:
    """Return the integers at the beginning of a parameter's contents.

    Raises:
        FrameError: `malformed`: there are fewer bytes than `layout` wants.
    """
    if len(contents) < layout.size:
        raise FrameError("malformed", f"{len(contents)} bytes where {layout.size} are wanted")
    return layout.unpack_from(contents)
