"""Yaohua XK3190: tF=0, answers of tF=1, the `=` texts, and the fifteen bytes of A12(E)."""

from functools import reduce
from operator import xor

from second_decoders.shown import Shown, need


def decode_tf0(frame: bytes) -> Shown:
    need(len(frame) == 12 and frame[0] == 2 and frame[-1] == 3, "borders")
    need(frame[9:11] == hex_of(frame[1:9]), "xor")
    return Shown(signed(frame[1:9]))


def decode_answer(frame: bytes, weight_digits: int = 6) -> tuple[str, str, Shown | bytes]:
    """Return address, command, and the weight of B, C, D and R or the data of the others."""
    need(frame[:1] == b"\x02" and frame[-1:] == b"\x03" and len(frame) >= 6, "borders")
    need(frame[-3:-1] == hex_of(frame[1:-3]), "xor")
    address, command, data = chr(frame[1]), chr(frame[2]), frame[3:-3]
    if command not in "BCDR":
        return address, command, data
    need(len(data) == weight_digits + 2, "length")
    return address, command, Shown(signed(data))


def decode_backwards(text: bytes) -> Shown:
    need(len(text) == 9 and text[:1] == b"=", "borders")
    return Shown(float(text[:0:-1]))


def decode_forwards(text: bytes) -> Shown:
    need(len(text) == 9 and text[:1] == b"=", "borders")
    return Shown(float(text[1:]))


def decode_a12(line: bytes) -> Shown:
    need(len(line) == 15 and line[-2:] == b"\r\n", "borders")
    need(line[11:13] == hex_of(line[:11]), "xor")
    if line[:9] == b" " * 9:
        return Shown(None, trouble={b"OL": "overload", b"LO": "underload"}[line[9:11]])
    need(line[:1] == b"W" and line[9:11] == b"kg", "letters")
    return Shown(float(line[2:9]), net={b"G": False, b"N": True}[line[1:2]])


def signed(data: bytes) -> float:
    sign, figures, places = data[:1], data[1:-1], data[-1] - 48
    need(sign in (b"+", b"-") and figures.isdigit() and 0 <= places <= 4, "weight")
    return round(int(sign + figures) / 10**places, places)


def hex_of(covered: bytes) -> bytes:
    return b"%02X" % reduce(xor, covered, 0)
