"""Toledo continuous output with its checksum, and the four letters a scale in this mode obeys.

Source: Mettler Toledo IND245 Technical Manual, appendix on standard continuous output.
"""

from firmware_sim.devices.scale import Platform, Scale, Weighing
from firmware_sim.faults import Faults
from firmware_sim.servers.display import Continuous, is_net

STX, CR = 0x02, 0x0D

_POINT_CODES = {2: 0, 1: 1, 0: 2, -1: 3, -2: 4, -3: 5, -4: 6, -5: 7}
"""Status word A, bits 0 to 2, by the power of ten of the last digit sent: 001 tens, 010 ones, 011 tenths, and so on."""

_INCREMENT_CODES = {1: 1, 2: 2, 5: 3}
"""Status word A, bits 3 and 4, by the digit of the division."""


class ToledoContinuous(Continuous):
    """Sends frames for ever, with or without the checksum at their end. A frame takes 19 ms at 9600 baud."""

    def __init__(self, name: str, scale: Scale, faults: Faults, *, with_checksum: bool = True) -> None:
        """Show what `scale` shows; `name` is the name under which it can be broken."""
        super().__init__(name, scale, faults, frame if with_checksum else short_frame)

    def receive(self, data: bytes, now_s: float) -> None:
        """Obey T (tare), Z (zero) and C (clear the tare); P (print) needs a printer. Nothing is ever answered."""
        del now_s
        for letter in data:
            if letter == ord("T"):
                self.display.tare()
            elif letter == ord("Z"):
                self.display.zero()
            elif letter == ord("C"):
                self.display.clear_tare()


def short_frame(weighing: Weighing, platform: Platform) -> bytes:
    """Return a frame of 17 bytes, as a terminal sends it whose checksum is switched off."""
    return frame(weighing, platform)[:-1]


def frame(weighing: Weighing, platform: Platform) -> bytes:
    """Return one frame of 18 bytes: the displayed weight (net when there is a tare), and the tare.

    A scale out of range shows 0 and says so in status word B.
    """
    exponent = platform.exponent
    out_of_range = weighing.overload or weighing.underload
    shown = 0 if out_of_range else round(weighing.net_kg * 10.0**-exponent)
    status_a = 0x20 | _INCREMENT_CODES[platform.division_digit] << 3 | _POINT_CODES[exponent]
    status_b = 0x30 | is_net(weighing) | (shown < 0) << 1 | out_of_range << 2 | (not weighing.stable) << 3
    text = f"{abs(shown):>6}{round(weighing.tare_kg * 10.0**-exponent):>6}".encode("ascii")
    body = bytes([STX, status_a, status_b, 0x20]) + text + bytes([CR])
    return body + bytes([checksum(body)])


def checksum(body: bytes) -> int:
    """Return what makes the low seven bits of all 18 bytes sum to zero.

    >>> hex(checksum(bytes.fromhex("022c3020202031323334202020202030") + bytes([13])))
    '0x1b'
    """
    return -sum(byte & 0x7F for byte in body) & 0x7F
