"""UHFReader18 and UHFReader288, the protocol of Chafon and many OEM gates, on a serial line or over TCP.

`Len Adr Cmd Data.. CRC`, Len counting what follows it. Source: UHFReader18 and UHFReader288 user's manuals; the CRC is
CRC-16/MCRF4XX (reflected polynomial 8408, from FFFF), low byte first. There is no start byte, so after noise the next
frame is found by its CRC. The 288 names the antenna, as a bit, and an RSSI in a unit of its own.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from edge.protocols.framing import FrameError, Tally

_SHORTEST = 5
"""Of Len: address, command, status and CRC."""


class Family(StrEnum):
    """Which of the two a reader is."""

    UHF18 = "18"
    UHF288 = "288"


class Command(IntEnum):
    """What is asked, and what a reply says it answers."""

    INVENTORY = 0x01
    INFO = 0x21
    PUSH = 0xEE
    """Not asked: a reader that sends by itself (push mode) answers this."""


class Status(IntEnum):
    """How a reply ends an inventory, or not, and what is wrong."""

    OK = 0x00
    FINISHED = 0x01
    SCAN_TIME_OVER = 0x02
    MORE_FRAMES = 0x03
    MEMORY_FULL = 0x04
    HEARTBEAT = 0x28
    ANTENNA_FAULT = 0xF8
    EXECUTION_ERROR = 0xF9
    WEAK_SIGNAL = 0xFA
    NO_TAG = 0xFB
    TAG_ERROR = 0xFC
    WRONG_LENGTH = 0xFD
    ILLEGAL_COMMAND = 0xFE
    PARAMETER_ERROR = 0xFF


TAGS_IN = frozenset({Status.OK, Status.FINISHED, Status.SCAN_TIME_OVER, Status.MORE_FRAMES, Status.MEMORY_FULL})
"""Statuses whose reply may hold tags."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One frame of a reader whose CRC is right."""

    address: int
    command: int
    status: int
    data: bytes

    @property
    def ends_inventory(self) -> bool:
        """Whether nothing of the inventory asked for follows: every status does but the one that says so."""
        return self.status != Status.MORE_FRAMES


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag in a reply: upper-case hex; the antenna from 1, None for the 18; the RSSI byte as it came."""

    epc: str
    antenna: int | None
    rssi: int | None


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x8408 if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(_crc_of(byte) for byte in range(256))


def crc16(data: bytes | bytearray) -> int:
    """Return the CRC of everything before it."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def encode_command(address: int, command: int, data: bytes = b"") -> bytes:
    """Return a command; address FF is for any reader.

    >>> encode_command(0, Command.INVENTORY).hex(" ")
    '04 00 01 db 4b'
    """
    frame = bytes([4 + len(data), address, command]) + data
    return frame + crc16(frame).to_bytes(2, "little")


def inventory(family: Family, address: int, antenna: int, scan_time_s: float) -> bytes:
    """Ask for the tags in the field. The 288 is told the antenna, and for how long at most, in steps of 100 ms.

    Its Q is 4 (16 slots to begin with), its session 0, so that a tag answers again and again while it is in the field.
    """
    if family is Family.UHF18:
        return encode_command(address, Command.INVENTORY)
    q, session, mask_bank, target = 4, 0, 1, 0
    tenths = max(1, round(scan_time_s * 10))
    return encode_command(
        address, Command.INVENTORY, bytes([q, session, mask_bank, 0, 0, 0, target, 0x80 | antenna - 1, tenths])
    )


class ReplyReader:
    """Cuts frames out of whatever chunks arrive. At most 256 bytes are kept."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self._buffer = bytearray()
        self.tally = Tally()

    @property
    def amid_frame(self) -> bool:
        """Whether a frame has begun and is not complete, or noise looks like that."""
        return bool(self._buffer)

    def feed(self, chunk: bytes) -> list[Reply]:
        """Take what has arrived; return the frames that are complete."""
        self._buffer += chunk
        found = []
        start = 0
        while start < len(self._buffer):
            stop = start + 1 + self._buffer[start]
            if self._buffer[start] < _SHORTEST:
                self.tally.skipped_bytes += 1
                start += 1
            elif stop > len(self._buffer):
                break
            else:
                frame = self._buffer[start:stop]
                if crc16(frame[:-2]) == int.from_bytes(frame[-2:], "little"):
                    found.append(Reply(frame[1], frame[2], frame[3], bytes(frame[4:-2])))
                    start = stop
                else:
                    self.tally.spoil("crc", frame)
                    start += 1  # its length may be the wrong byte
        del self._buffer[:start]
        return found

    def give_up(self) -> list[Reply]:
        """Tell that what has begun will not be completed; return the frames that it may have hidden."""
        found: list[Reply] = []
        while self._buffer:
            self.tally.skipped_bytes += 1
            rest = bytes(self._buffer[1:])
            self._buffer.clear()
            found += self.feed(rest)
        return found


def tags(family: Family, reply: Reply) -> list[Tag]:
    """Return the tags in a reply to INVENTORY, or in one that a reader pushed.

    Raises:
        FrameError: `malformed`: its CRC is right and its lengths are not.
    """
    if reply.status not in TAGS_IN or not reply.data:
        return []
    if reply.command == Command.PUSH:
        return [_pushed(family, reply.data)]
    if family is Family.UHF18:
        return _listed(reply.data, 0, None)
    return _listed(reply.data, 1, _antenna(reply.data[0]))


def _pushed(family: Family, data: bytes) -> Tag:
    if family is Family.UHF18:
        return Tag(_epc(data), None, None)
    if len(data) < 3 or len(data) != 3 + data[1]:
        raise FrameError("malformed", f"a pushed tag of {len(data)} bytes")
    return Tag(_epc(data[2:-1]), _antenna(data[0]), data[-1])


def _listed(data: bytes, at: int, antenna: int | None) -> list[Tag]:
    """Read a count, then length, EPC and, for a reader that names antennas, RSSI of each tag."""
    extra = 0 if antenna is None else 1
    found = []
    count, at = (data[at], at + 1) if at < len(data) else (0, at)
    for _ in range(count):
        if at >= len(data) or at + 1 + data[at] + extra > len(data):
            raise FrameError("malformed", f"a reply with {count} tags ends in the midst of one")
        end = at + 1 + data[at]
        found.append(Tag(_epc(data[at + 1 : end]), antenna, data[end] if extra else None))
        at = end + extra
    if at != len(data):
        raise FrameError("malformed", f"{len(data) - at} bytes follow the last tag of a reply")
    return found


def _epc(data: bytes) -> str:
    if not data or len(data) % 2 or len(data) > 62:
        raise FrameError("malformed", f"an EPC of {len(data)} bytes")
    return data.hex().upper()


def _antenna(bits: int) -> int:
    if bits.bit_count() != 1:
        raise FrameError("malformed", f"{bits:#04x} names no single antenna")
    return bits.bit_length()
