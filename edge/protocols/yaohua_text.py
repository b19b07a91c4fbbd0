"""The text of Yaohua indicators: `=` with its digits forwards or backwards, and `WG...kg` of XK3190-A12(E) and D10.

None tells whether the weight moves; only `WG...kg` tells that it is out of range. Choosing the wrong direction of the
digits gives weights that look right, so a new scale is tried with a known mass. Source: Shanghai Yaohua, XK3190-A9 and
XK3190-A12(E) operation manuals, chapters on serial communication.
"""

import re
from functools import partial, reduce
from operator import xor

from edge.protocols.framing import FrameError
from edge.protocols.shown import Shown, bad, displayed, signed_number
from edge.protocols.streams import FrameStream, LineStream

_SIZE = 9
_FORWARD = re.compile(rb"=[0-9-][0-9.]{7}")
_REVERSED = re.compile(rb"=[0-9.]{7}[0-9-]")

_MODES = {"G": "gross", "N": "net", "w": "gross", "n": "net", "t": "tare"}
_CHECKED = re.compile(r"W([GN])(-?)([0-9.]{5,7}) ?kg")
_PLAIN = re.compile(r"w([wnt])(-?)([0-9.]{6,7})(kg|lb)")
_OUT_OF_RANGE = {" " * 9 + "OL": "overload", " " * 9 + "LO": "underload"}


def read_equals(frame: bytes, unit: str, *, backwards: bool) -> Shown:
    """Read `=` and eight characters: a sign or digit, then digits with a point; or all of them the other way round.

    Raises:
        FrameError: `digits`.

    >>> read_equals(b"=-0001.00", "kg", backwards=False).gross_kg
    -1.0
    >>> read_equals(b"=000.3000", "kg", backwards=True).gross_kg
    3.0
    """
    text = frame[1:].decode("ascii")
    if backwards:
        text = text[::-1]
    sign = "-" if text.startswith("-") else ""
    return displayed("gross", signed_number(sign, text.removeprefix("-")), unit, stable=None)


def equals_stream(unit: str, *, backwards: bool) -> FrameStream[Shown]:
    """Return a reader of either direction. The frame does not tell net from gross."""
    shape = _REVERSED if backwards else _FORWARD
    return FrameStream(shape, _SIZE, partial(read_equals, unit=unit, backwards=backwards))


def read_a12(line: bytes) -> Shown:
    """Read the 13 characters before CR LF, of which the last two are the XOR of the others in hexadecimal.

    Raises:
        FrameError: `short`, `checksum`, `syntax`, `digits`.

    >>> read_a12(b"WG004.139kg3D").gross_kg
    4.139
    """
    if len(line) != 13:
        raise FrameError("short", f"{line!r} has not 13 characters")
    body, sent = line[:-2], line[-2:]
    if b"%02X" % reduce(xor, body, 0) != sent:
        raise FrameError("checksum", f"{line!r} with a wrong checksum")
    text = body.decode("latin-1")
    if text in _OUT_OF_RANGE:
        return bad(_OUT_OF_RANGE[text])
    found = _CHECKED.fullmatch(text)
    if not found:
        raise FrameError("syntax", f"{text!r} is not a weight")
    return displayed(_MODES[found[1]], signed_number(found[2], found[3]), "kg", stable=None)


def read_plain_a12(line: bytes) -> Shown:
    """Read a line of an older A12: `ww` gross, `wn` net, `wt` tare, without a checksum.

    Raises:
        FrameError: `syntax`, `digits`.

    >>> read_plain_a12(b"wn-0000.1kg").net_kg
    -0.1
    """
    found = _PLAIN.fullmatch(line.decode("latin-1"))
    if not found or len(line) != 11:
        raise FrameError("syntax", f"{line!r} is not a weight")
    return displayed(_MODES[found[1]], signed_number(found[2], found[3]), found[4], stable=None)


def a12_stream(*, with_checksum: bool) -> LineStream[Shown]:
    """Return a reader of the new or the old lines of an A12."""
    return LineStream(read_a12 if with_checksum else read_plain_a12)
