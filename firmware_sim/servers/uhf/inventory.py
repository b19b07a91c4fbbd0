"""An inventory under way, and the tags of one as bytes: each model writes them in its own way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from firmware_sim.devices.device import TagRead
from firmware_sim.devices.rfid_gate import ROUND_S

DATA_LIMIT = 240
"""Bytes of tags in one frame, whose length is told in one byte; the rest follows in further frames."""

TAGS_LIMIT = 256
"""Tags one inventory can hold; those past it are not told, as the reader's memory is full."""


class UhfModel(StrEnum):
    """The two generations."""

    UHF18 = "uhfreader18"
    UHF288 = "uhfreader288"


@dataclass(slots=True)
class Inventory:
    """The tags heard since a host asked, each once on each antenna, at the loudest."""

    began_s: float
    ends_s: float
    antennas: frozenset[int] | None
    heard: dict[tuple[int, bytes], TagRead] = field(default_factory=dict)

    def add(self, reads: Iterable[TagRead]) -> None:
        """Take reads; `antennas` says which are asked for, None all."""
        for read in reads:
            key = read.antenna, read.epc
            if self.antennas is not None and read.antenna not in self.antennas:
                continue
            if key not in self.heard and len(self.heard) >= TAGS_LIMIT:
                continue
            if key not in self.heard or read.rssi_dbm > self.heard[key].rssi_dbm:
                self.heard[key] = read

    def over(self, now_s: float) -> bool:
        """Tell whether it is to be answered: a round has brought something, or the scan time has passed."""
        return now_s >= self.ends_s or (bool(self.heard) and now_s >= self.began_s + ROUND_S)


def frames(model: UhfModel, heard: Iterable[TagRead]) -> Iterator[bytes]:
    """Yield the data of the frames that tell these tags; UHFReader288 has frames of their own for each antenna."""
    if model is UhfModel.UHF18:
        epcs = dict.fromkeys(read.epc for read in heard)
        yield from (bytes([count]) + tags for count, tags in _packed(bytes([len(epc)]) + epc for epc in epcs))
        return
    reads = list(heard)
    for antenna in sorted({read.antenna for read in reads}):
        entries = (_with_rssi(read) for read in reads if read.antenna == antenna)
        yield from (bytes([antenna_bit(antenna), count]) + tags for count, tags in _packed(entries))


def pushed(model: UhfModel, read: TagRead) -> bytes:
    """Return the data of the frame that tells one read by itself: the EPC; with 288 antenna, length, EPC and RSSI."""
    return read.epc if model is UhfModel.UHF18 else bytes([antenna_bit(read.antenna)]) + _with_rssi(read)


def antenna_bit(antenna: int) -> int:
    """Return how an antenna is told: a bit each, from the lowest.

    >>> antenna_bit(3)
    4
    """
    return 1 << antenna - 1 & 0xFF


def _with_rssi(read: TagRead) -> bytes:
    """Return length, EPC and RSSI in dBm as a two's complement; 0xB4 stands for -76 dBm."""
    return bytes([len(read.epc)]) + read.epc + read.rssi_dbm.to_bytes(1, "big", signed=True)


def _packed(entries: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield counts and entries, as many at once as a frame has room for."""
    count, packed = 0, b""
    for entry in entries:
        if count and len(packed) + len(entry) > DATA_LIMIT:
            yield count, packed
            count, packed = 0, b""
        count, packed = count + 1, packed + entry
    if count:
        yield count, packed
