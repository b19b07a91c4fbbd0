"""The `ST,GS` family and the CAS frames, each read by the columns of its maker's table."""

from second_decoders.shown import Shown, need

HEADS = {b"ST": (True, None), b"US": (False, None), b"OL": (None, "overload"), b"UL": (None, "underload")}


def decode_a_and_d(line: bytes) -> Shown:
    """Also Jadever, which writes blanks for leading zeros and nothing at all out of range."""
    need(len(line) == 18 and line[-4:] == b"kg\r\n" and line[2:3] == line[5:6] == b",", "columns")
    return shown(line[:2], line[3:5], line[6:14])


def decode_dini_argeo(line: bytes) -> Shown:
    address, mode, value, unit = line.split(b",")
    need(address[:2].isdigit() and unit == b"kg\r\n" and len(value) == 8, "columns")
    return shown(address[2:], mode, value)


def decode_tscale(line: bytes) -> Shown:
    need(len(line) == 17 and line[-4:] == b"kg\r\n" and line[2:3] == b",", "columns")
    return shown(line[:2], line[3:5], line[5:13])


def decode_cas(frame: bytes) -> tuple[Shown, int]:
    """Return what 22 bytes show, and the lamp byte."""
    need(len(frame) == 22 and frame[-4:] == b"kg\r\n" and frame[8:9] == b"," and frame[17:18] == b" ", "columns")
    lamps = frame[7]
    need(lamps & 0x80, "lamp byte")
    read = shown(frame[:2], frame[3:5], frame[9:17])
    need(read.trouble or bool(lamps & 0x40) == read.stable, "lamp and header disagree")
    return read, lamps


def decode_cas_short(line: bytes) -> Shown:
    need(len(line) == 10 and line[-2:] == b"\r\n", "columns")
    return Shown(float(line[:8]))


def shown(head: bytes, mode: bytes, value: bytes) -> Shown:
    stable, trouble = HEADS[head]
    net = {b"GS": False, b"NT": True}[mode]
    if trouble:
        return Shown(None, stable, net, trouble)
    sign = -1 if value.lstrip()[:1] == b"-" else 1
    return Shown(sign * float(value.replace(b"-", b" ").replace(b"+", b" ")), stable, net)
