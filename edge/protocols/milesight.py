"""Milesight payloads (EM300-TH, EM300-MCS, WS301): channel, type, value, one after the other, least byte first.

Source: Milesight EM300 series and WS301 user guides, payload tables. The channel of the magnet is 06 on the EM300-MCS
and 03 on the WS301.
"""

import struct

from edge.protocols.framing import FrameError
from edge.protocols.uplink import Past, Sent

PORT = 85

HISTORY = (0x20, 0xCE)
HISTORY_BYTES = (8, 7)
"""A stored record has time, temperature, humidity and a last byte (of the EM300-MCS: the magnet); some leave it out."""

ABOUT_ITSELF = {0x01: 1, 0x09: 2, 0x0A: 2, 0x0B: 1, 0x0F: 1, 0x16: 8}
"""Channel FF, sent after a join: versions, power on, class, serial number, by their length. None of it is measured."""

NAMES = ("battery", "temperature", "humidity", "contact")
"""What a message can tell; `contact` is 1 when open."""


def decode_milesight(data: bytes) -> Sent:
    """Return what a message holds.

    A channel that is not known ends the reading, because its length is not known either: what stood before it is kept.

    Raises:
        FrameError: `empty`, `short` (a value is cut off), `unknown-channel` (nothing before it could be read).

    >>> dict(decode_milesight(bytes.fromhex("01755c03673401046865")).values)
    {'battery': 92.0, 'temperature': 30.8, 'humidity': 50.5}
    """
    if not data:
        raise FrameError("empty", "a message without a byte")
    values: dict[str, float | None] = {}
    history: list[Past] = []
    at = 0
    while at < len(data):
        head = (data[at], data[at + 1] if at + 1 < len(data) else -1)
        body = data[at + 2 :]
        if head == HISTORY:
            taken = _history_bytes(body)
            history.append(_past(_whole(body, taken)))
        elif head[0] == 0xFF and head[1] in ABOUT_ITSELF:
            taken = len(_whole(body, ABOUT_ITSELF[head[1]]))
        elif (found := _value(head, body)) is not None:
            name, value, taken = found
            values[name] = value
        else:
            break
        at += 2 + taken
    if at == 0:
        raise FrameError("unknown-channel", f"nothing is known of {data[:2].hex(' ')}")
    return Sent(values, tuple(history), unread=len(data) - at)


def _value(head: tuple[int, int], body: bytes) -> tuple[str, float, int] | None:
    """Return name, value and length of a channel that measures, None if it is not known."""
    match head:
        case (0x01, 0x75):
            return "battery", float(_whole(body, 1)[0]), 1
        case (0x03, 0x67):
            return "temperature", struct.unpack("<h", _whole(body, 2))[0] / 10, 2
        case (0x04, 0x68):
            return "humidity", _whole(body, 1)[0] / 2, 1
        case (0x06 | 0x03, 0x00):
            return "contact", float(_whole(body, 1)[0] != 0), 1
    return None


def _history_bytes(body: bytes) -> int:
    """Return how long the record is that `body` begins with: that length behind which it ends, or the next begins."""
    for length in HISTORY_BYTES:
        if len(body) == length or body[length : length + 2] == bytes(HISTORY):
            return length
    return HISTORY_BYTES[0]


def _past(record: bytes) -> Past:
    epoch_s, temperature, humidity = struct.unpack_from("<IhB", record)
    values: dict[str, float | None] = {"temperature": temperature / 10, "humidity": humidity / 2}
    if len(record) == HISTORY_BYTES[0]:
        values["contact"] = float(record[7] != 0)
    return Past(epoch_s, values)


def _whole(body: bytes, length: int) -> bytes:
    if len(body) < length:
        raise FrameError("short", f"{length} bytes were to follow, {len(body)} did")
    return body[:length]
