"""The field of a dock gate: which tags an antenna hears in its turn.

How much power a place gets from an antenna is worked out once for each place, on a grid: a history of ten thousand
passages asks for it ten million times. Echoes belong to a place too, so a tag that stands still does not flicker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from firmware_sim.devices.dock.movers import PALLET_M, Mover, Tag
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.physics.radio import fade_db, power_at_tag_dbm, rssi_dbm, threshold_dbm

CELL_M = 0.1
"""Along x: a third of a wavelength, beyond which echoes have little to do with each other."""

WIDE_CELL_M = 0.2
"""Along y and z."""

_NX, _NY, _NZ = 200, 100, 12
_BEYOND_M = 7.0
"""Nothing is heard from further away."""

_POOL = 4096
"""Echoes, thresholds and noises drawn beforehand, and taken from at random."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A mover, and the cell each of its tags is in when the mover is at 0 of its way."""

    mover: Mover
    cells: tuple[int, ...]


class Heard(NamedTuple):
    """A tag that answered: its EPC, and how loud it was."""

    epc: str
    rssi_dbm: int


class Field:
    """What the antennas hear. One for a whole history: it keeps what it has worked out."""

    def __init__(self, dock: Dock, dice: Random) -> None:
        """Draw the echoes and thresholds."""
        radio = dock.radio
        self._dock = dock
        self._levels: list[dict[int, float]] = [{} for _ in dock.portal.antennas]
        self._fades = [fade_db(radio, dice) for _ in range(_POOL)]
        self._chances = [(threshold_dbm(radio, dice), dice.gauss(0, radio.noise_db)) for _ in range(_POOL)]
        self._hopeless_dbm = radio.sensitivity_dbm - 12 * radio.slope_db

    def heard(self, index: int, movers: Sequence[Placed], now_s: float, dice: Random) -> list[Heard]:
        """Return what antenna `index` (from 0) hears of the movers at a moment, in the order they carry it."""
        found: list[Heard] = []
        stations = [(placed.mover, placed.mover.track.at(now_s)) for placed in movers]
        for placed, (mover, at_m) in zip(movers, stations, strict=True):
            if mover.tags and abs(at_m) < _BEYOND_M:
                shadow_db = self._shadow_db(index, mover, at_m, stations)
                found += self._of_mover(index, placed, at_m, shadow_db, dice)
        return found

    def _of_mover(self, index: int, placed: Placed, at_m: float, shadow_db: float, dice: Random) -> list[Heard]:
        found: list[Heard] = []
        step = round(at_m / WIDE_CELL_M) * _NX * _NZ if placed.mover.along else round(at_m / CELL_M)
        levels, fades, chances, radio = self._levels[index], self._fades, self._chances, self._dock.radio
        hopeless_dbm, salt = self._hopeless_dbm + shadow_db, index * 1021
        for tag, base in zip(placed.mover.tags, placed.cells, strict=True):
            cell = base + step
            level = levels.get(cell)
            if level is None:
                level = levels[cell] = self._level(index, cell)
            level -= tag.losses_db[index]
            if level < hopeless_dbm or not tag.answers:
                continue
            threshold, noise = chances[dice.getrandbits(12)]
            level += fades[(cell * 40_503 + tag.salt + salt) & (_POOL - 1)] + noise - shadow_db
            if level > threshold:
                found.append(Heard(tag.epc, round(rssi_dbm(radio, level))))
        return found

    def _shadow_db(self, index: int, mover: Mover, at_m: float, stations: Sequence[tuple[Mover, float]]) -> float:
        """Return what the truck, and pallets on the other half of the door, take of the way to an antenna."""
        if mover.along:
            return 0.0
        antenna, shadow_db = self._dock.portal.antennas[index], 0.0
        if (antenna.x_m - at_m) * mover.truck_side > 0:
            shadow_db += self._dock.truck_db
        for other, other_m in stations:
            nearer = (other.beside_m - mover.beside_m) * antenna.y_m > 0
            if other.tags and not other.along and nearer and abs(other_m - at_m) < PALLET_M:
                shadow_db += self._dock.between_db
        return shadow_db

    def _level(self, index: int, cell: int) -> float:
        rest, column = divmod(cell, _NX)
        row, layer = divmod(rest, _NZ)
        x_m, y_m = (column - _NX // 2) * CELL_M, (row - _NY // 2) * WIDE_CELL_M
        return power_at_tag_dbm(self._dock.radio, self._dock.portal.antennas[index], x_m, y_m, layer * WIDE_CELL_M)


def placed(mover: Mover) -> Placed:
    """Return a mover made ready for `Field.heard`."""
    return Placed(mover, tuple(_cell(mover, tag) for tag in mover.tags))


def _cell(mover: Mover, tag: Tag) -> int:
    x_m, y_m = (mover.beside_m + tag.dx_m, tag.dy_m) if mover.along else (tag.dx_m, mover.beside_m + tag.dy_m)
    column, row = round(x_m / CELL_M) + _NX // 2, round(y_m / WIDE_CELL_M) + _NY // 2
    return (row * _NZ + round(tag.z_m / WIDE_CELL_M)) * _NX + column
