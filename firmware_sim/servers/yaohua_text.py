"""The text dialects of Yaohua indicators: `=` with the digits backwards or forwards, and `WG...kg` of A12(E) and D10.

Source: Shanghai Yaohua, XK3190-A9 and XK3190-A12(E) operation manuals, chapters on serial communication.
"""

from firmware_sim.devices.scale import Platform, Weighing
from firmware_sim.servers.display import is_net

VALUE_CHARACTERS = 7


def backwards(weighing: Weighing, platform: Platform) -> bytes:
    """Return `=`, seven characters from the lowest digit up, and `-` or `0`. Out of range nothing is sent.

    3.000 kg are `=000.3000`, -1.00 kg are `=00.1000-`.
    """
    text = _equals(weighing, platform)
    return b"=" + text[::-1] if text else b""


def forwards(weighing: Weighing, platform: Platform) -> bytes:
    """Return `=`, `-` or `0`, and seven characters. Out of range nothing is sent.

    3.000 kg are `=0003.000`, -1.00 kg are `=-0001.00`.
    """
    text = _equals(weighing, platform)
    return b"=" + text if text else b""


def a12(weighing: Weighing, platform: Platform) -> bytes:
    """Return 15 bytes: `WG` or `WN`, seven characters, `kg`, the XOR of these eleven bytes in hex, CR LF.

    Out of range nine blanks come first and `OL` or `LO` stands where the unit was.
    """
    if weighing.overload or weighing.underload:
        body = " " * 9 + ("OL" if weighing.overload else "LO")
    else:
        body = f"W{'N' if is_net(weighing) else 'G'}{_padded(weighing.net_kg, platform.decimals)}kg"
    parity = 0
    for byte in body.encode("ascii"):
        parity ^= byte
    return f"{body}{parity:02X}\r\n".encode("ascii")


def _padded(value_kg: float, decimals: int) -> str:
    """Return seven characters; without a point the last one is blank.

    >>> _padded(4.139, 3), _padded(-0.1, 1), _padded(120, 0)
    ('004.139', '-0000.1', '000120 ')
    """
    if decimals == 0:
        return f"{value_kg:0{VALUE_CHARACTERS - 1}.0f} "
    return f"{value_kg:0{VALUE_CHARACTERS}.{decimals}f}"


def _equals(weighing: Weighing, platform: Platform) -> bytes:
    if weighing.overload or weighing.underload:
        return b""
    sign = "-" if weighing.net_kg < 0 else "0"
    return f"{sign}{abs(weighing.net_kg):0{VALUE_CHARACTERS}.{platform.decimals}f}".encode("ascii")
