"""The `ST,GS` family: one line of text a weighing, which each maker lays out in its own way.

Sources: A&D, CAS, Dini Argeo, TSCALE and Jadever indicator manuals, chapters on the standard output format.
"""

from firmware_sim.devices.scale import Platform, Weighing
from firmware_sim.servers.display import Display, Keys, is_net

UNIT = "kg"

A_AND_D_KEYS: Keys = {
    "Z": Display.zero,
    "MZ": Display.zero,
    "T": Display.tare,
    "MT": Display.tare,
    "CT": Display.clear_tare,
}


def a_and_d(weighing: Weighing, platform: Platform) -> bytes:
    """Return 18 bytes as A&D: `ST,GS,+00123.4kg`. Out of range the header says so and the digits are zeros."""
    sign, text = _parts(weighing, platform)
    return _line(f"{_status(weighing)},{mode(weighing)},{sign or '+'}{text:0>7}{UNIT}")


def jadever(weighing: Weighing, platform: Platform) -> bytes:
    """Return the same 18 bytes with blanks for leading zeros, and nothing but blanks out of range."""
    sign, text = _parts(weighing, platform)
    shown = "" if _out_of_range(weighing) else text
    return _line(f"{_status(weighing)},{mode(weighing)},{sign or '+'}{shown:>7}{UNIT}")


def dini_argeo(weighing: Weighing, platform: Platform) -> bytes:
    """Return a line as Dini Argeo: the address `01` in front, the weight right-aligned, a comma before the unit."""
    sign, text = _parts(weighing, platform)
    return _line(f"01{_status(weighing)},{mode(weighing)},{sign + text:>8},{UNIT}")


def tscale(weighing: Weighing, platform: Platform) -> bytes:
    """Return a line as TSCALE: no comma after the mode, a blank or a minus, and seven characters."""
    sign, text = _parts(weighing, platform)
    return _line(f"{_status(weighing)},{mode(weighing)}{sign or ' '}{text:>7}{UNIT}")


def status(weighing: Weighing) -> str:
    """Return the two letters of the header without a name for underload: ST, US or OL."""
    if _out_of_range(weighing):
        return "OL"
    return "ST" if weighing.stable else "US"


def mode(weighing: Weighing) -> str:
    """Return what is shown: GS gross, NT net."""
    return "NT" if is_net(weighing) else "GS"


def _status(weighing: Weighing) -> str:
    return "UL" if weighing.underload else status(weighing)


def _out_of_range(weighing: Weighing) -> bool:
    return weighing.overload or weighing.underload


def _parts(weighing: Weighing, platform: Platform) -> tuple[str, str]:
    """Return the minus, if any, and the digits of the weight; zero when it is out of range."""
    value_kg = 0.0 if _out_of_range(weighing) else weighing.net_kg
    return "-" if value_kg < 0 else "", f"{abs(value_kg):.{platform.decimals}f}"


def _line(text: str) -> bytes:
    return f"{text}\r\n".encode("ascii")
