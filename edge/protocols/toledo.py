"""Toledo continuous output: a scale that sends what it shows many times a second, unasked.

`STX SWA SWB SWC W W W W W W T T T T T T CR [CHK]`: three status words, six digits of weight, six of tare. Source:
Mettler Toledo IND245 technical manual, appendix on continuous output; vendors differ in the fixed bits, so those
only warn.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from coldport.messages.observation import Quality
from edge.protocols.framing import FrameError
from edge.protocols.mass import kilograms
from edge.protocols.shown import Shown
from edge.protocols.streams import FrameStream

STX, CR = 0x02, 0x0D
BODY_BYTES = 17
EXPONENTS = (2, 1, 0, -1, -2, -3, -4, -5)
"""By the lowest three bits of SWA: where the decimal point stands."""
INCREMENTS = (None, 1, 2, 5)
"""By bits 3 and 4 of SWA."""
UNITS = {1: "g", 2: "t", 3: "oz"}
"""By the lowest three bits of SWC; 0 is kg or lb by SWB, any other is none of mass."""

_SHAPE = re.compile(rb"[\x02\x82].{15}[\x0d\x8d]", re.DOTALL)
_SHAPE_CHECKED = re.compile(_SHAPE.pattern + b".", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousFrame(Shown):
    """What the display shows, and what else the frame tells.

    Bad quality is `overload`, `underload` or `unit`; the frame has one bit for over and under range, and its sign tells
    which. Uncertain: `expanded` (ten times the resolution, with a point that vendors place differently),
    `zero-not-captured` (the zero of the last power-up is in the value).
    """

    division_kg: float | None
    print_request: bool = False
    warnings: tuple[str, ...] = ()
    """Status words whose fixed bits are not as the manual says; `toledo-swa` and so on."""


def checksum(characters: bytes) -> int:
    """Return CHK for STX to CR: the two's complement of the sum of their low seven bits, in seven bits.

    >>> hex(checksum(bytes.fromhex("022c302020203132333420202020 20300d")))
    '0x1b'
    """
    return -sum(character & 0x7F for character in characters) & 0x7F


def read_frame(body: bytes) -> ContinuousFrame:
    """Read the 17 characters from STX to CR. The highest bit of each is ignored: some vendors send parity there.

    Raises:
        FrameError: `short`, `framing` (no STX or CR in its place), `digits`.
    """
    if len(body) != BODY_BYTES:
        raise FrameError("short", f"a frame has {BODY_BYTES} characters, this has {len(body)}")
    plain = bytes(character & 0x7F for character in body)
    if plain[0] != STX or plain[16] != CR:
        raise FrameError("framing", f"{plain.hex(' ')} does not begin with STX and end with CR")
    status_a, status_b, status_c = plain[1:4]
    step = Decimal(1).scaleb(EXPONENTS[status_a & 7])
    increment = INCREMENTS[status_a >> 3 & 3]
    unit = UNITS.get(status_c & 7, "") if status_c & 7 else "kg" if status_b & 0x10 else "lb"
    negative = bool(status_b & 0x02)
    shown_kg = tare_kg = None
    quality, reason = _quality(status_b, status_c, unit)
    if quality is not Quality.BAD:
        weight = _digits(plain[4:10]) * step
        shown_kg = kilograms(-weight if negative and weight else weight, unit)
        tare_kg = kilograms(_digits(plain[10:16]) * step, unit)
    net = bool(status_b & 0x01)
    return ContinuousFrame(
        gross_kg=None if net else shown_kg,
        net_kg=shown_kg if net else None,
        tare_kg=tare_kg,
        device_stable=not status_b & 0x08,
        division_kg=kilograms(increment * step, unit) if increment else None,
        quality=quality,
        reason=reason,
        print_request=bool(status_c & 0x08),
        warnings=_warnings(status_a, status_b, status_c),
    )


def _quality(status_b: int, status_c: int, unit: str) -> tuple[Quality, str | None]:
    if status_b & 0x04:
        return Quality.BAD, "underload" if status_b & 0x02 else "overload"
    if not unit:
        return Quality.BAD, "unit"
    if status_c & 0x10:
        return Quality.UNCERTAIN, "expanded"
    if status_b & 0x40:
        return Quality.UNCERTAIN, "zero-not-captured"
    return Quality.GOOD, None


def _digits(field: bytes) -> Decimal:
    """Read six characters: digits behind blanks or zeros. All blank or a blank inside is not a number."""
    digits = field.lstrip(b" ")
    if not digits.isdigit():
        raise FrameError("digits", f"{field!r} is not a number of six digits")
    return Decimal(digits.decode("ascii"))


def _warnings(status_a: int, status_b: int, status_c: int) -> tuple[str, ...]:
    fixed = (("toledo-swa", status_a & 0x60), ("toledo-swb", status_b & 0x20), ("toledo-swc", status_c & 0x60))
    return tuple(name for name, bits in fixed if bits != 0x20)


def continuous_stream(*, with_checksum: bool) -> FrameStream[ContinuousFrame]:
    """Return a reader of a scale that is set to send the checksum, or not to; without it nothing is checked."""
    if with_checksum:
        return FrameStream(_SHAPE_CHECKED, BODY_BYTES + 1, _read_checked)
    return FrameStream(_SHAPE, BODY_BYTES, read_frame)


def _read_checked(frame: bytes) -> ContinuousFrame:
    body, sent = frame[:BODY_BYTES], frame[BODY_BYTES] & 0x7F
    if checksum(body) != sent:
        raise FrameError("checksum", f"{body.hex(' ')} with checksum {sent:#04x}, not {checksum(body):#04x}")
    return read_frame(body)
