"""Toledo standard continuous output, read from Mettler Toledo's table of status words."""

from second_decoders.shown import Shown, need

FACTOR = (100.0, 10.0, 1.0, 0.1, 0.01, 0.001, 0.0001, 0.00001)


def decode(frame: bytes, *, with_checksum: bool = True) -> tuple[Shown, float]:
    """Return what is shown, and the tare."""
    need(len(frame) == (18 if with_checksum else 17), "length")
    need(frame[0] == 2 and frame[16] == 13, "borders")
    if with_checksum:
        total = 0
        for byte in frame:
            total = (total + (byte & 127)) % 128
        need(total == 0, "checksum")
    first, second = frame[1], frame[2]
    factor = FACTOR[first & 7]
    weight = int(frame[4:10].replace(b" ", b"0")) * factor
    tare = int(frame[10:16].replace(b" ", b"0")) * factor
    moving, net = bool(second >> 3 & 1), bool(second & 1)
    if second >> 2 & 1:
        return Shown(None, not moving, net, "out of range"), tare
    return Shown(-weight if second >> 1 & 1 else weight, not moving, net), tare
