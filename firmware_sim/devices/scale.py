"""A parcel scale: a platform that swings and settles, with zero and tare."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, Update, Value, number
from firmware_sim.physics.thermal import Positive

SWING_HZ = 4.0
DAMPING_PER_S = 5.0
"""How the platform swings after a load has changed: its frequency, and how fast the swing dies."""

SHAKE_DIVISIONS = 12
UPDATE_S = 0.1
AT_REST_S = 1.0

OVERLOAD_DIVISIONS = 9
"""The display goes blank above maximum + 9 divisions, and below -20 (OIML R 76-1, 4.2.3)."""

UNDERLOAD_DIVISIONS = 20
ZERO_RANGE = 0.02
"""Zero can be set within 2 % of the maximum to either side (OIML R 76-1, 4.5.1: at most 4 % in all)."""


class Platform(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scale is: its maximum, its division, and the spread of its noise in divisions."""

    capacity_kg: Positive
    division_kg: Positive
    noise_divisions: Annotated[float, Meta(ge=0, le=1)] = 0.1

    @property
    def decimals(self) -> int:
        """Return how many decimals the display has, which the division decides."""
        return max(0, -math.floor(math.log10(self.division_kg) + 1e-9))

    @property
    def division_digit(self) -> int:
        """Return the division without its power of ten: 1, 2 or 5 in a scale that can be bought."""
        return round(self.division_kg * 10.0**self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What the display shows: whole divisions in kilograms, whether it stands still, and whether it is in range."""

    gross_kg: float
    tare_kg: float
    stable: bool
    overload: bool
    underload: bool

    @property
    def net_kg(self) -> float:
        """Return gross less tare; gross when there is no tare."""
        return self.gross_kg - self.tare_kg


class Scale:
    """Inputs `load_kg`, `disturbance` (1: something shakes it) and `overload` (1: far too much stands on it).

    Output `gross_kg`. The rest is asked of it directly: `weighing`, `set_zero`, `set_tare`.
    """

    def __init__(self, platform: Platform, dice: Dice) -> None:
        """Start empty, at zero, at rest."""
        self.platform = platform
        self._dice = dice
        self._load_kg = 0.0
        self._swing_kg = 0.0
        self._changed_s = 0.0
        self._zero_kg = 0.0
        self._tare_kg = 0.0
        self._seen_kg = 0.0
        self._stable = True

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move the platform on and look at it."""
        load_kg = number(inputs, "load_kg")
        if number(inputs, "overload"):
            load_kg += 2 * self.platform.capacity_kg
        if load_kg != self._load_kg:
            self._swing_kg = self._place(now_s) - load_kg
            self._load_kg, self._changed_s = load_kg, now_s
        swinging = abs(self._swing_kg) * math.exp(-DAMPING_PER_S * (now_s - self._changed_s))
        shaken = bool(number(inputs, "disturbance"))
        noise_kg = self._dice.gauss(0, self.platform.noise_divisions * self.platform.division_kg)
        if shaken:
            noise_kg += self._dice.uniform(-SHAKE_DIVISIONS, SHAKE_DIVISIONS) * self.platform.division_kg
        self._stable = swinging < self.platform.division_kg / 2 and not shaken
        self._seen_kg = self._place(now_s) + noise_kg
        return Update({"gross_kg": self.weighing().gross_kg}, now_s + (AT_REST_S if self._stable else UPDATE_S))

    def weighing(self) -> Weighing:
        """Return what the display shows since the last update."""
        gross_kg = self._rounded(self._seen_kg - self._zero_kg)
        division_kg = self.platform.division_kg
        return Weighing(
            gross_kg=gross_kg,
            tare_kg=self._tare_kg,
            stable=self._stable,
            overload=gross_kg > self.platform.capacity_kg + OVERLOAD_DIVISIONS * division_kg,
            underload=gross_kg < -UNDERLOAD_DIVISIONS * division_kg,
        )

    def set_zero(self) -> bool:
        """Take what stands there as zero and forget the tare; False when it is further from zero than allowed."""
        if abs(self._seen_kg) > ZERO_RANGE * self.platform.capacity_kg:
            return False
        self._zero_kg = self._seen_kg
        self._tare_kg = 0.0
        return True

    def set_tare(self, tare_kg: float | None = None) -> bool:
        """Take the load, or a value that is known, as tare; 0 clears it. False when it is negative or too large."""
        value = self.weighing().gross_kg if tare_kg is None else self._rounded(tare_kg)
        if not 0 <= value <= self.platform.capacity_kg:
            return False
        self._tare_kg = value
        return True

    def _place(self, now_s: float) -> float:
        since_s = now_s - self._changed_s
        swing = math.exp(-DAMPING_PER_S * since_s) * math.cos(2 * math.pi * SWING_HZ * since_s)
        return self._load_kg + self._swing_kg * swing

    def _rounded(self, value_kg: float) -> float:
        return round(round(value_kg / self.platform.division_kg) * self.platform.division_kg, self.platform.decimals)
