"""CAS indicators: the 22-byte frame with its lamp byte, the 10-byte frame, and the command mode.

Source: CAS CI-200 owner's manual, chapter on serial communication.
"""

import re

from firmware_sim.devices.scale import Platform, Scale, Weighing
from firmware_sim.faults import Faults
from firmware_sim.servers.display import LINE_LIMIT, Display, Keys, is_net
from firmware_sim.servers.st_gs import UNIT, mode, status

DEVICE = 1
KEYS: Keys = {"01MZ": Display.zero, "01MT": Display.tare}

_ALWAYS, _STABLE, _FIXED, _GROSS, _TARE, _ZERO = 0x80, 0x40, 0x20, 0x04, 0x02, 0x01
_COMMAND = re.compile(r"(\d\d) ?([A-Z]{2})")


def long_frame(weighing: Weighing, platform: Platform) -> bytes:
    """Return 22 bytes: header, mode, the device's number and the lamps as a byte each, the weight, the unit.

    Out of range the header says OL and the weight is blank.
    """
    head = f"{status(weighing)},{mode(weighing)},".encode("ascii")
    text = f",{_value(weighing, platform)} {UNIT}\r\n".encode("ascii")
    return head + bytes([DEVICE, lamps(weighing)]) + text


def short_frame(weighing: Weighing, platform: Platform) -> bytes:
    """Return 10 bytes: the weight right-aligned in eight characters, and CR LF. Out of range nothing is sent."""
    if weighing.overload or weighing.underload:
        return b""
    return f"{_value(weighing, platform)}\r\n".encode("ascii")


def lamps(weighing: Weighing) -> int:
    """Return the lamp byte; bits 7 and 5 are always set.

    >>> hex(lamps(Weighing(gross_kg=1.0, tare_kg=0.0, stable=True, overload=False, underload=False)))
    '0xe4'
    """
    lit = {
        _STABLE: weighing.stable,
        _GROSS: not is_net(weighing),
        _TARE: is_net(weighing),
        _ZERO: weighing.gross_kg == 0,
    }
    return _ALWAYS | _FIXED | sum(bit for bit, on in lit.items() if on)


class CasCommands:
    """Answers `01RW` (read), `01MZ` (zero) and `01MT` (tare).

    A key is echoed when it worked, `!` when it did not; `?` is a command nobody knows. Other devices' numbers are not
    answered.
    """

    def __init__(self, name: str, scale: Scale, faults: Faults) -> None:
        """Have the number 1; `name` is the name under which it can be broken."""
        self._display = Display(name, scale, faults)
        self._heard = bytearray()
        self._out = bytearray()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line; a command ends with CR LF."""
        del now_s
        for byte in data:
            if byte == 0x0A:
                line = self._heard.removesuffix(b"\r").decode("ascii", "replace")
                self._heard.clear()
                self._out += self._answer(line)
            elif len(self._heard) <= LINE_LIMIT:
                self._heard.append(byte)

    def send(self, now_s: float) -> bytes:
        """Return the answers that wait."""
        del now_s
        out = bytes(self._out)
        self._out.clear()
        return self._display.spoken(out)

    @property
    def finished(self) -> bool:
        """A line never ends by itself."""
        return False

    def _answer(self, line: str) -> bytes:
        found = _COMMAND.fullmatch(line)
        if found is None:
            return b"?\r\n"
        if int(found.group(1)) != DEVICE:
            return b""
        command = found.group(2)
        if command == "RW":
            return long_frame(self._display.weighing(), self._display.platform)
        if command not in ("MZ", "MT"):
            return b"?\r\n"
        worked = self._display.zero() if command == "MZ" else self._display.tare()
        return f"{line}\r\n".encode("ascii") if worked else b"!\r\n"


def _value(weighing: Weighing, platform: Platform) -> str:
    if weighing.overload or weighing.underload:
        return " " * 8
    return f"{weighing.net_kg:8.{platform.decimals}f}"
