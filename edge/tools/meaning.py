"""What bytes on a line mean, as far as one chunk tells. Pure.

Modbus is read by the exchange that the driver would use, LLRP by its headers. Text is shown as text: what a scale's
line or a message says stands in it, and the value that the driver makes of it is told beside it anyway.
"""

import struct
from collections.abc import Callable
from typing import Protocol

from edge.lines.gateway import Line, Profile
from edge.lines.modbus import ModbusRtuLine, ModbusTcpLine
from edge.lines.reader import ReaderLine, ReaderProfile, ReaderProtocol
from edge.protocols.framing import FrameError
from edge.protocols.llrp.names import MessageType
from edge.protocols.llrp.wire import Message, MessageReader, Skipped
from edge.protocols.modbus import Exchange, Function, ReadRequest
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import HEADER_BYTES, TcpExchange
from edge.protocols.uhf_reader import ReplyReader, Status
from edge.tools.tap import Way

TEXT_LIMIT = 400
"""Characters of a text that are shown; a report of a reader over HTTP can be 64 KiB."""

CONTROLS = {0x02: "<STX>", 0x03: "<ETX>", 0x0D: "<CR>", 0x0A: "<LF>", 0x20: " "}


class Meaning(Protocol):
    """Reads one line. It remembers what it needs to know the next bytes by."""

    def of(self, way: Way, data: bytes) -> str:
        """Return in a few words what bytes mean; empty when they say nothing by themselves."""
        ...


def meaning_of(line: Line, profile: Profile | None) -> Meaning:
    """Return what reads the bytes of a line; `profile` is that of a line with one device."""
    if isinstance(line, ModbusRtuLine):
        return ModbusMeaning(over_tcp=False)
    if isinstance(line, ModbusTcpLine):
        return ModbusMeaning(over_tcp=True)
    if isinstance(line, ReaderLine) and isinstance(profile, ReaderProfile):
        if profile.protocol is ReaderProtocol.LLRP:
            return LlrpMeaning()
        if profile.protocol is ReaderProtocol.UHF_READER:
            return UhfMeaning()
    return TextMeaning()


class ModbusMeaning:
    """Requests by their own fields, replies by the request before them."""

    def __init__(self, *, over_tcp: bool) -> None:
        """Read frames with a header (TCP) or with a CRC (RTU)."""
        self._over_tcp = over_tcp
        self._exchange: Exchange | None = None

    def of(self, way: Way, data: bytes) -> str:
        """Return what a chunk means; a reply in several chunks is told with its last."""
        if way is Way.SENT:
            return self._asked(data)
        if self._exchange is None:
            return "unasked"
        try:
            values = self._exchange.feed(data)
        except FrameError as error:
            self._exchange = None
            return f"{error.reason}: {error}"
        if values is None:
            return "a part of the reply"
        self._exchange = None
        return f"reply: {' '.join(map(str, values))}"

    def _asked(self, data: bytes) -> str:
        unit_at = HEADER_BYTES - 1 if self._over_tcp else 0
        unit, number, address, count = struct.unpack_from(">BBHH", data, unit_at)
        self._exchange = None
        if number not in list(Function):
            return f"unit {unit}: function {number}"
        request = ReadRequest(Function(number), address, count)
        begin: Callable[[int, ReadRequest], Exchange] = RtuExchange
        if self._over_tcp:
            transaction = int.from_bytes(data[:2], "big")
            begin = lambda unit, request: TcpExchange(unit, request, transaction)  # noqa: E731 - two short ways to begin
        self._exchange = begin(unit, request)
        name = request.function.name.lower().replace("_", " ")
        return f"unit {unit}: read {count} {name} from {address:#06x}"


class LlrpMeaning:
    """Messages by the names of their types."""

    def __init__(self) -> None:
        """Begin at the beginning of a message, both ways."""
        self._readers = {way: MessageReader() for way in Way}

    def of(self, way: Way, data: bytes) -> str:
        """Return the messages that a chunk completes."""
        found = self._readers[way].feed(data)
        if any(isinstance(one, FrameError) for one in found):
            self._readers[way] = MessageReader()
        return ", ".join(map(_named, found)) or "a part of a message"


def _named(found: Message | Skipped | FrameError) -> str:
    if isinstance(found, FrameError):
        return f"{found.reason}: {found}"
    if isinstance(found, Skipped):
        return f"message {found.type} of {found.length} bytes, passed over"
    return f"{MessageType(found.type).name} {found.id}"


class UhfMeaning:
    """Commands by their code, replies by their status."""

    def __init__(self) -> None:
        """Begin at the beginning of a frame."""
        self._replies = ReplyReader()

    def of(self, way: Way, data: bytes) -> str:
        """Return what was asked, or the replies that a chunk completes."""
        if way is Way.SENT:
            return f"reader {data[1]:#04x}: command {data[2]:#04x}"
        replies = [
            f"reply to {reply.command:#04x}: {_status(reply.status)}, {len(reply.data)} bytes"
            for reply in self._replies.feed(data)
        ]
        return ", ".join(replies) or "a part of a reply"


def _status(number: int) -> str:
    name = next((status.name for status in Status if status == number), f"status {number:#04x}")
    return name.lower().replace("_", " ")


class TextMeaning:
    """Text as text, control characters by name; bytes that are no text say nothing."""

    def of(self, way: Way, data: bytes) -> str:
        """Return the text of a chunk, at most `TEXT_LIMIT` characters of it."""
        del way
        text = "".join(CONTROLS.get(byte) or (chr(byte) if 0x20 < byte < 0x7F else ".") for byte in data[:TEXT_LIMIT])
        return text + (" .." if len(data) > TEXT_LIMIT else "")
