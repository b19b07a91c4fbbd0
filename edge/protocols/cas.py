"""CAS indicators: 22 bytes with a lamp byte, or ten bytes without any status.

Source: CAS CI-200 series owner's manual, chapter on serial communication.
"""

import re
from functools import partial

from edge.protocols.framing import FrameError
from edge.protocols.shown import Shown, bad, displayed, signed_field
from edge.protocols.st_gs import MODES, RANGES
from edge.protocols.streams import FrameStream, LineStream

STABLE_LAMP = 0x40

_LONG_BYTES = 22
_LONG = re.compile(rb"(?:ST|US|OL|UL),(?:GS|NT),..,[ 0-9.+-]{8} [A-Za-z ]{2}\r\n", re.DOTALL)
_SHORT_CHARACTERS = 8


def read_long(frame: bytes) -> Shown:
    r"""Read 22 bytes at their fixed places; the device's number and the lamps may be any byte, CR and LF too.

    Stable is what both header and lamp say.

    Raises:
        FrameError: `digits`.

    >>> read_long(b"ST,GS,\x01\xe4,   12.34 kg\r\n").gross_kg
    12.34
    """
    header, mode = frame[0:2].decode("ascii"), frame[3:5].decode("ascii")
    if header in RANGES:
        return bad(RANGES[header])
    stable = header == "ST" and bool(frame[7] & STABLE_LAMP)
    unit = frame[18:20].decode("ascii").strip(" ")
    return (
        displayed(MODES[mode], signed_field(frame[9:17].decode("ascii")), unit, stable=stable) if unit else bad("unit")
    )


def long_stream() -> FrameStream[Shown]:
    """Return a reader of the 22-byte frame."""
    return FrameStream(_LONG, _LONG_BYTES, read_long)


def read_short(line: bytes, unit: str) -> Shown:
    """Read eight characters before CR LF: a weight in `unit`, right-aligned, and nothing else.

    Raises:
        FrameError: `short`, `digits`.
    """
    if len(line) != _SHORT_CHARACTERS:
        raise FrameError("short", f"{line!r} has not {_SHORT_CHARACTERS} characters")
    return displayed("gross", signed_field(line.decode("latin-1")), unit, stable=None)


def short_stream(unit: str) -> LineStream[Shown]:
    """Return a reader of the ten-byte frame. It does not tell net from gross."""
    return LineStream(partial(read_short, unit=unit))
