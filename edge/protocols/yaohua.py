"""Yaohua XK3190 indicators in their two binary ways: tF=0 sends all the time, tF=1 answers commands.

Neither has a stability flag, a unit or an overload mark. Source: Shanghai Yaohua, XK3190-A9 operation manual, chapter
on serial communication; XK3190-H2B for eight digits, XK3190-A22/A23 for the keys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial, reduce
from operator import xor

from edge.protocols.framing import FrameError
from edge.protocols.shown import Shown, displayed, signed_number
from edge.protocols.streams import FrameStream

GROSS, TARE, NET = "B", "C", "D"
"""Commands that ask for a weight."""

_SIZE = 12


def check_characters(body: bytes) -> bytes:
    """Return the XOR of the bytes between STX and itself, as two upper-case hexadecimal characters.

    >>> check_characters(b"+0020002"), check_characters(b"AA")
    (b'1B', b'00')
    """
    return b"%02X" % reduce(xor, body, 0)


def read_continuous(frame: bytes, unit: str) -> Shown:
    """Read the 12 bytes of tF=0, the display in `unit`; the frame does not tell net from gross.

    Raises:
        FrameError: `checksum`.
    """
    return displayed("gross", _weight(_checked(frame)), unit, stable=None)


def continuous_stream(unit: str) -> FrameStream[Shown]:
    """Return a reader of tF=0."""
    shape = re.compile(rb"\x02[+-][0-9]{6}[0-4][0-9A-F]{2}\x03")
    return FrameStream(shape, _SIZE, partial(read_continuous, unit=unit))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command of tF=1 to the indicator `address` (`A` to `Z`), and the stream that its reply is cut out of.

    A frame that is wrong, or for another address, is not answered at all.
    """

    outgoing: bytes
    replies: FrameStream[Decimal | None]


def ask_weight(address: str, command: str, digits: int) -> Exchange:
    r"""Return the exchange for one of the weights, whose reply has `digits` digits (6, on XK3190-H2B 8).

    >>> ask_weight("A", GROSS, 6).outgoing
    b'\x02AB03\x03'
    """
    data = rb"[+-][0-9]{%d}[0-4]" % digits
    return _exchange(address, command, data, digits + 8, lambda frame: _weight(_checked(frame)[2:]))


def press_key(address: str, command: str) -> Exchange:
    """Return the exchange for a key of the indicator (A22, A23: `0` zero, `T` tare). The reply repeats the command."""

    def read(frame: bytes) -> None:
        _checked(frame)

    return _exchange(address, command, b"", 6, read)


def _exchange(address: str, command: str, data: bytes, size: int, read: Callable[[bytes], Decimal | None]) -> Exchange:
    head = f"{address}{command}".encode("ascii")
    shape = re.compile(rb"\x02" + re.escape(head) + data + rb"[0-9A-F]{2}\x03")
    return Exchange(b"\x02" + head + check_characters(head) + b"\x03", FrameStream(shape, size, read))


def _checked(frame: bytes) -> bytes:
    """Return what stands between STX and the check characters, which must be right."""
    body, sent = frame[1:-3], frame[-3:-1]
    if check_characters(body) != sent:
        raise FrameError("checksum", f"{frame!r} with {sent!r}, not {check_characters(body)!r}")
    return body


def _weight(data: bytes) -> Decimal:
    """Read a sign, digits from the highest down, and how many of them stand behind the point."""
    text = data.decode("ascii")
    return signed_number(text[0], text[1:-1]).scaleb(-int(text[-1]))
