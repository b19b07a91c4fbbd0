"""The antennas of a lane's gate: which tags answer in an inventory round, on which antenna, and how loudly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, MovingTag, TagRead, Update, Value
from firmware_sim.physics.radio import (
    Antenna,
    Radio,
    fade_db,
    power_at_tag_dbm,
    power_for_rssi_dbm,
    rssi_dbm,
    threshold_dbm,
)

ROUND_S = 0.1
"""Seconds of one inventory round over all antennas while something moves through the field."""

QUIET_ROUND_S = 1.0
"""Seconds between rounds that matter while nothing but a stray tag is there."""

CHANNELS = 16
"""Channels of the Chinese band, 920.625 to 924.375 MHz (MIIT 2007-205 as kept in 2024)."""

COLLISION = 0.1
"""The share of answers lost to others that speak at the same moment (assumed)."""


class Antennas(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the antennas hang beside the belt, the outer one first, how loud they are, and what else they can hear.

    They look across the belt from `beside_m` off its middle, as high as the tags are. The `radio` of a lane is turned
    down further than that of a dock door (assumed). `stray_epc` is the tag of a shelf near by, which antenna 2 hears
    at about `stray_dbm` for ever. `neighbour_m` is how far the middle of the next lane's belt is, whose tags may be
    heard too.
    """

    positions_m: Annotated[tuple[float, ...], Meta(min_length=1, max_length=16)] = (1.5, 2.5)
    beside_m: Annotated[float, Meta(ge=0.3, le=3)] = 0.8
    neighbour_m: Annotated[float, Meta(ge=1, le=10)] = 2.5
    radio: Radio = Radio(tx_dbm=24.0)
    stray_epc: Annotated[str, Meta(pattern="^[0-9A-F]{24}$")] | None = None
    stray_dbm: float = -57.0


@dataclass(frozen=True, slots=True)
class _Audible:
    epc: bytes
    antenna: int
    power_dbm: float
    """What reaches the chip on average."""

    moves: bool


class RfidGate:
    """Inputs `tags` and, where another lane can be heard, `neighbour_tags`.

    Output `reads`, those of the round just over (empty when there are none).
    """

    def __init__(self, antennas: Antennas, dice: Dice) -> None:
        """Start with an empty field."""
        self._antennas = antennas
        self._dice = dice
        self._stray = bytes.fromhex(antennas.stray_epc) if antennas.stray_epc else None

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Run one round."""
        own, next_door = _moving(inputs.get("tags", ())), _moving(inputs.get("neighbour_tags", ()))
        audible = [*self._tags(own, 0.0, now_s), *self._tags(next_door, self._antennas.neighbour_m, now_s)]
        if self._stray is not None:
            power_dbm = power_for_rssi_dbm(self._antennas.radio, self._antennas.stray_dbm)
            number = min(2, len(self._antennas.positions_m))
            audible.append(_Audible(self._stray, number, power_dbm, moves=False))
        reads = tuple(read for heard in audible if (read := self._read(heard, now_s)) is not None)
        return Update({"reads": reads}, now_s + (ROUND_S if own or next_door else QUIET_ROUND_S))

    def _tags(self, tags: list[MovingTag], lane_m: float, now_s: float) -> list[_Audible]:
        return [
            _Audible(tag.epc, number, power_dbm(self._antennas, position_m, tag, lane_m, now_s), moves=True)
            for tag in tags
            for number, position_m in enumerate(self._antennas.positions_m, start=1)
        ]

    def _read(self, heard: _Audible, now_s: float) -> TagRead | None:
        """Return the read of one tag by one antenna in this round, if there is one."""
        radio, dice = self._antennas.radio, self._dice
        echo_db = fade_db(radio, dice) if heard.moves else dice.gauss(0, radio.noise_db)
        power = heard.power_dbm + echo_db
        channel = 1 + dice.randrange(CHANNELS)
        if power < threshold_dbm(radio, dice) or dice.random() < COLLISION:
            return None
        return TagRead(heard.epc, heard.antenna, round(rssi_dbm(radio, power)), channel, now_s)


def power_dbm(antennas: Antennas, position_m: float, tag: MovingTag, lane_m: float, now_s: float) -> float:
    """Return what reaches the chip of a tag from the antenna at a place along the belt, on average.

    `lane_m` is how far the tag's belt is from the gate's own, on the side the antennas look to.
    """
    antenna = Antenna(x_m=position_m, y_m=antennas.beside_m, z_m=1.0)
    along_m = tag.at_m + tag.speed_m_per_s * (now_s - tag.since_s)
    return power_at_tag_dbm(antennas.radio, antenna, along_m, tag.beside_m - lane_m, 1.0) - tag.loss_db


def _moving(value: Value) -> list[MovingTag]:
    return [tag for tag in value if isinstance(tag, MovingTag)] if isinstance(value, tuple) else []
