"""Tags on shelves near a gate: heard weakly, off and on, for ever. They belong to nothing that passes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from firmware_sim.devices.dock.field import Heard
from firmware_sim.devices.dock.movers import Serials
from firmware_sim.devices.dock.settings import Dock
from firmware_sim.devices.epc import sgtin_96
from firmware_sim.physics.radio import power_for_rssi_dbm, threshold_dbm

_SIDE_DB = 4.0
"""How much weaker the second antenna of the same side hears a shelf tag than the first."""


@dataclass(frozen=True, slots=True)
class ShelfTag:
    """A tag that stays: how loud it is at each antenna that can hear it, and how its loudness drifts."""

    epc: str
    means_dbm: tuple[float | None, ...]
    period_s: float
    phase: float


class Shelves:
    """The tags that stay near one gate."""

    def __init__(self, dock: Dock, dice: Random, serials: Serials) -> None:
        """Fill the shelves."""
        self._dock = dock
        self._dice = dice
        self._serials = serials
        self.tags = [self._put() for _ in range(dock.shelf.tags)]

    def restock(self) -> None:
        """Take some tags away and put others there."""
        self.tags = [self._put() if self._dice.random() < self._dock.shelf.taken else tag for tag in self.tags]

    def heard(self, index: int, now_s: float, *, stirred: bool) -> Iterator[Heard]:
        """Yield what antenna `index` (from 0) hears of them. `stirred`: something large moves in the field."""
        shelf, radio = self._dock.shelf, self._dock.radio
        for tag in self.tags:
            mean_dbm = tag.means_dbm[index]
            if mean_dbm is None:
                continue
            drift_db = shelf.drift_db * math.sin(2 * math.pi * now_s / tag.period_s + tag.phase)
            noise_db = self._dice.gauss(0, shelf.stirred_db if stirred else shelf.noise_db)
            rssi = mean_dbm + drift_db + noise_db
            if power_for_rssi_dbm(radio, rssi) > threshold_dbm(radio, self._dice):
                yield Heard(tag.epc, round(rssi))

    def _put(self) -> ShelfTag:
        goods, shelf, dice = self._dock.goods, self._dock.shelf, self._dice
        antennas = self._dock.portal.antennas
        inside = dice.random() < shelf.inside
        side = [index for index, antenna in enumerate(antennas) if (antenna.x_m > 0) is inside] or [0]
        loudest = side[dice.randrange(len(side))]
        mean_dbm = dice.gauss(shelf.mean_dbm, shelf.spread_db)
        means: list[float | None] = [None] * len(antennas)
        for index in side:
            means[index] = mean_dbm if index == loudest else mean_dbm - _SIDE_DB
        epc = sgtin_96(2, goods.company, goods.item, self._serials.take()).hex().upper()
        return ShelfTag(epc, tuple(means), dice.uniform(20, 180), dice.uniform(0, 2 * math.pi))
