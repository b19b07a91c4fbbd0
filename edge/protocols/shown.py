"""What a scale shows, whatever it speaks, and the strict reading of its digits."""

import re
from dataclasses import dataclass
from decimal import Decimal

from coldport.messages.observation import Quality
from edge.protocols.framing import FrameError
from edge.protocols.mass import kilograms

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")


NO_WEIGHT = frozenset({"overload", "underload", "tare-low", "unit"})
"""Reasons of a display without a weight that was read well all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a scale showed once, each mass as it gave it. `device_stable` is None when it has no such flag.

    A frame that does not tell net from gross is gross. Bad quality carries no mass and says why: `overload`,
    `underload`, `unit` (pieces, percent) ..
    """

    gross_kg: float | None = None
    tare_kg: float | None = None
    net_kg: float | None = None
    device_stable: bool | None = None
    quality: Quality = Quality.GOOD
    reason: str | None = None

    @property
    def display_kg(self) -> float | None:
        """What stands on the display: the net weight if the scale says so, else the gross weight."""
        return self.gross_kg if self.net_kg is None else self.net_kg

    @property
    def load_kg(self) -> float | None:
        """What weighs on the platform; None when it is not known. For watching loads, never to be recorded.

        A scale that shows net weights without their tare is watched by its net weight.
        """
        if self.gross_kg is not None or self.net_kg is None:
            return self.gross_kg
        return self.net_kg + (self.tare_kg or 0.0)


def bad(reason: str) -> Shown:
    """Return a display without a mass."""
    return Shown(quality=Quality.BAD, reason=reason)


def displayed(mode: str, value: Decimal, unit: str, *, stable: bool | None) -> Shown:
    """Return what a display in `mode` `gross`, `net` or `tare` shows; bad (`unit`) when the unit is none of mass."""
    mass_kg = kilograms(value, unit)
    if mass_kg is None:
        return bad("unit")
    return Shown(
        gross_kg=mass_kg if mode == "gross" else None,
        net_kg=mass_kg if mode == "net" else None,
        tare_kg=mass_kg if mode == "tare" else None,
        device_stable=stable,
    )


def signed_number(sign: str, digits: str) -> Decimal:
    """Read a sign (`-`, `+` or nothing) and digits with at most one point. A zero has no sign.

    Raises:
        FrameError: `digits`: anything else, such as `12 34` or `12.3.4`.

    >>> signed_number("-", "001.20"), signed_number("-", "0.00")
    (Decimal('-1.20'), Decimal('0.00'))
    """
    if not _NUMBER.fullmatch(digits):
        raise FrameError("digits", f"{digits[:20]!r} is not a number")
    value = Decimal(digits)
    return -value if sign == "-" and value else value


def signed_field(field: str) -> Decimal:
    """Read a field of fixed width: blanks, a sign or none, blanks, digits.

    Raises:
        FrameError: `digits`.

    >>> signed_field("+  0.876"), signed_field("   -1.20")
    (Decimal('0.876'), Decimal('-1.20'))
    """
    text = field.strip(" ")
    sign = text[:1] if text[:1] in ("+", "-") else ""
    return signed_number(sign, text.removeprefix(sign).strip(" "))
