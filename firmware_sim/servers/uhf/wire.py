"""Frames of UHFReader18 and 288: a length, an address, a command, data, and a CRC."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

SHORTEST = 4
"""What Len is at least in a command: address, command and two bytes of CRC."""

GAP_S = 0.2
"""A frame whose next byte does not come for so long is given up. There is no start byte to hunt for."""


class Status(IntEnum):
    """What an answer says about its command."""

    OK = 0x00
    FINISHED = 0x01
    TIME_OVER = 0x02
    MORE = 0x03
    HEARTBEAT = 0x28
    NO_TAG = 0xFB
    WRONG_LENGTH = 0xFD
    ILLEGAL = 0xFE
    WRONG_PARAMETER = 0xFF


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it came; `whole` is whether its CRC was right."""

    address: int
    code: int
    data: bytes
    whole: bool


class Splitter:
    """Cuts what a host sends into commands."""

    def __init__(self) -> None:
        """Start between two frames."""
        self._heard = bytearray()
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> Iterator[Command]:
        """Take bytes, give the commands that are complete; a length that cannot be is skipped as one byte."""
        if now_s - self._last_s > GAP_S:
            self._heard.clear()
        self._last_s = now_s
        self._heard += data
        while self._heard:
            length = self._heard[0]
            if length < SHORTEST:
                del self._heard[0]
                continue
            if len(self._heard) <= length:
                return
            frame = bytes(self._heard[: length + 1])
            del self._heard[: length + 1]
            whole = crc(frame[:-2]) == int.from_bytes(frame[-2:], "little")
            yield Command(frame[1], frame[2], frame[3:-2], whole)


def answer(address: int, code: int, status: int, data: bytes = b"") -> bytes:
    """Return an answer.

    >>> answer(0, 1, Status.NO_TAG).hex(" ")
    '05 00 01 fb f2 3d'
    """
    body = bytes([5 + len(data), address, code, status]) + data
    return body + crc(body).to_bytes(2, "little")


def crc(body: bytes) -> int:
    """Return the CRC of a frame: polynomial 0x8408 (reflected), from 0xFFFF, sent low byte first.

    >>> crc(bytes.fromhex("04ff21")).to_bytes(2, "little").hex()
    '1995'
    """
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value
