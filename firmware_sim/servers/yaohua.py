"""The binary dialects of Yaohua XK3190 indicators: continuous (tF=0) and commands (tF=1).

Source: Shanghai Yaohua, XK3190-A9 operation manual, chapter on serial communication; A22/A23 for the keys `0` and `T`.
"""

from collections.abc import Callable

from firmware_sim.devices.scale import Platform, Scale, Weighing
from firmware_sim.faults import Faults
from firmware_sim.servers.display import Display, digits, is_net

STX, ETX = 0x02, 0x03
COMMAND_BYTES = 6
DECIMALS_LIMIT = 4
"""The byte that tells where the point is goes from '0' to '4'."""

TRUCK, CARGO = b"00000", b"000"
"""Nobody enters truck and cargo numbers on this floor."""


def continuous(weighing: Weighing, platform: Platform) -> bytes:
    """Return a frame of tF=0, 12 bytes: the weight displayed, without unit or any flag.

    Out of range nothing is sent, as A9 does; other models go on sending the last weight (a stuck scale).
    """
    if weighing.overload or weighing.underload:
        return b""
    return _framed(_weight(weighing.net_kg, platform.decimals, 6))


class YaohuaCommands:
    """Answers one host, and only frames that are right and bear its address; to anything else it says nothing."""

    def __init__(self, name: str, scale: Scale, faults: Faults, *, address: str = "A", weight_digits: int = 6) -> None:
        """Have the `address` 'A' to 'Z'. Weights have 6 digits, on XK3190-H2B 8."""
        self._display = Display(name, scale, faults)
        self._address = ord(address)
        self._digits = weight_digits
        self._heard = bytearray()
        self._out = bytearray()
        self._answers: dict[int, Callable[[], bytes | None]] = {
            ord("A"): lambda: b"",
            ord("B"): lambda: self._shown(lambda now: now.gross_kg),
            ord("C"): lambda: self._shown(lambda now: now.tare_kg),
            ord("D"): lambda: self._shown(lambda now: now.net_kg),
            ord("E"): lambda: TRUCK,
            ord("F"): lambda: CARGO,
            ord("R"): lambda: self._shown(lambda now: now.net_kg if is_net(now) else now.gross_kg),
            ord("0"): lambda: b"" if self._display.zero() else None,
            ord("T"): lambda: b"" if self._display.tare() else None,
        }

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes off the line; a frame is hunted for byte by byte."""
        del now_s
        for byte in data:
            self._heard.append(byte)
            del self._heard[:-COMMAND_BYTES]
            if len(self._heard) == COMMAND_BYTES and self._heard[0] == STX and byte == ETX:
                self._obey(bytes(self._heard))

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

    def _obey(self, frame: bytes) -> None:
        address, command = frame[1], frame[2]
        if address != self._address or frame != _framed(frame[1:3]) or command not in self._answers:
            return
        self._heard.clear()
        answer = self._answers[command]()
        if answer is not None:
            self._out += _framed(frame[1:3] + answer)

    def _shown(self, choose: Callable[[Weighing], float]) -> bytes | None:
        now = self._display.weighing()
        if now.overload or now.underload:
            return None
        return _weight(choose(now), self._display.platform.decimals, self._digits)


def _weight(value_kg: float, decimals: int, width: int) -> bytes:
    sign = "-" if value_kg < 0 else "+"
    return f"{sign}{digits(value_kg, decimals, width)}{decimals}".encode("ascii")


def _framed(body: bytes) -> bytes:
    """Return a body between STX and ETX, with the XOR of its bytes as two hexadecimal digits.

    >>> _framed(b"AB").hex(" ")
    '02 41 42 30 33 03'
    """
    parity = 0
    for byte in body:
        parity ^= byte
    return bytes([STX]) + body + f"{parity:02X}".encode("ascii") + bytes([ETX])
