"""The antennas of a gate: which tags answer in an inventory round, on which antenna, and how loudly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, MovingTag, TagRead, Update, Value

ROUND_S = 0.1
"""Seconds of one inventory round over both antennas while something moves through the field."""

QUIET_ROUND_S = 1.0
"""Seconds between rounds that matter while nothing but a stray tag is there."""

CHANNELS = 16
"""Channels of the Chinese band, 920.625 to 924.375 MHz (MIIT 2007-205 as kept in 2024)."""


class Antennas(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the antennas hang along the belt, the outer one first, and what else they can hear.

    A tag right under an antenna answers at `peak_dbm`; below `floor_dbm` nothing is read. `stray` is the tag of a shelf
    near by, which antenna 2 hears weakly and for ever.
    """

    positions_m: Annotated[tuple[float, ...], Meta(min_length=1, max_length=16)] = (1.5, 2.5)
    height_m: Annotated[float, Meta(gt=0)] = 0.8
    peak_dbm: float = -46.0
    floor_dbm: float = -68.0
    stray_epc: Annotated[str, Meta(pattern="^[0-9A-F]{24}$")] | None = None
    stray_dbm: float = -66.0


@dataclass(frozen=True, slots=True)
class _Heard:
    epc: bytes
    antenna: int
    mean_dbm: float


class RfidGate:
    """Input `tags`; output `reads`, those of the round just over (empty when there are none)."""

    def __init__(self, antennas: Antennas, dice: Dice) -> None:
        """Start with an empty field."""
        self._antennas = antennas
        self._dice = dice
        self._stray = bytes.fromhex(antennas.stray_epc) if antennas.stray_epc else None

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Run one round."""
        tags = inputs["tags"]
        moving = [tag for tag in tags if isinstance(tag, MovingTag)] if isinstance(tags, tuple) else []
        reads = tuple(read for heard in self._audible(moving, now_s) if (read := self._read(heard, now_s)) is not None)
        return Update({"reads": reads}, now_s + (ROUND_S if moving else QUIET_ROUND_S))

    def _audible(self, moving: list[MovingTag], now_s: float) -> list[_Heard]:
        heard = [
            _Heard(tag.epc, index, path_loss_dbm(self._antennas, position, tag, now_s))
            for tag in moving
            for index, position in enumerate(self._antennas.positions_m, start=1)
        ]
        if self._stray is not None:
            heard.append(_Heard(self._stray, min(2, len(self._antennas.positions_m)), self._antennas.stray_dbm))
        return heard

    def _read(self, heard: _Heard, now_s: float) -> TagRead | None:
        rssi = heard.mean_dbm + self._dice.gauss(0, 1.0)
        channel = 1 + self._dice.randrange(CHANNELS)
        if rssi < self._antennas.floor_dbm or self._dice.random() < 0.1:  # one answer in ten collides
            return None
        return TagRead(heard.epc, heard.antenna, round(rssi), channel, now_s)


def path_loss_dbm(antennas: Antennas, position_m: float, tag: MovingTag, now_s: float) -> float:
    """Return how loud a moving tag is at an antenna: 40 dB a decade of distance, there and back in free space."""
    along_m = tag.speed_m_per_s * (now_s - tag.entered_s) - position_m
    distance_m = math.hypot(along_m, antennas.height_m)
    return antennas.peak_dbm - 40 * math.log10(distance_m / antennas.height_m)
