"""A parcel scale: a platform that swings and settles, with zero and tare."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, Update, Value, number
from firmware_sim.physics.platform import (
    Divisions,
    Vibration,
    creep,
    shaken_divisions,
    swing,
    swing_bound,
    wander_divisions,
)
from firmware_sim.physics.thermal import Positive

SHAKE_DIVISIONS = 12
UPDATE_S = 0.1
AT_REST_S = 1.0
MOTION_S = 0.5
"""An indicator says that it stands still when nothing has moved its display for so long."""

TRACKING_DIVISIONS_PER_S = 0.5
"""The fastest a scale may follow its own zero (OIML R 76-1, 4.5.7)."""


OVERLOAD_DIVISIONS = 9
"""The display goes blank above maximum + 9 divisions, and below -20 (OIML R 76-1, 4.2.3)."""

UNDERLOAD_DIVISIONS = 20
ZERO_RANGE = 0.02
"""Zero can be set within 2 % of the maximum to either side (OIML R 76-1, 4.5.1: at most 4 % in all)."""


class Platform(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scale is: its maximum, its division, and the spread of its noise in divisions.

    `vibration` shakes it all the time. Under a load it gives way by `creep_share` of it, and its zero wanders by
    `wander_divisions` to either side within the hour; a scale that does `track_zero` follows it while it is empty.
    """

    capacity_kg: Positive
    division_kg: Positive
    noise_divisions: Annotated[float, Meta(ge=0, le=1)] = 0.1
    vibration: Vibration = Vibration()
    creep_share: Annotated[float, Meta(ge=0, le=0.001)] = 0.0
    wander_divisions: Divisions = 0.0
    track_zero: bool = False

    @property
    def decimals(self) -> int:
        """Return how many decimals the display has, which the division decides."""
        return max(0, -self.exponent)

    @property
    def exponent(self) -> int:
        """Return the division's power of ten: -3 for 5 g, 1 for 20 kg."""
        return math.floor(math.log10(self.division_kg) + 1e-9)

    @property
    def division_digit(self) -> int:
        """Return the division without its power of ten: 1, 2 or 5 in a scale that can be bought."""
        return round(self.division_kg * 10.0**-self.exponent)

    def shown(self, value_kg: float) -> float:
        """Return the whole divisions in which a mass is shown."""
        return round(round(value_kg / self.division_kg) * self.division_kg, self.decimals)

    def above(self, gross_kg: float) -> bool:
        """Tell whether that is more than can be shown."""
        return gross_kg > self.capacity_kg + OVERLOAD_DIVISIONS * self.division_kg

    def below(self, gross_kg: float) -> bool:
        """Tell whether that is less than can be shown."""
        return gross_kg < -UNDERLOAD_DIVISIONS * self.division_kg


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
        self._seen_s = 0.0
        self._stable = True
        self._shakes: deque[tuple[float, float]] = deque()

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move the platform on and look at it."""
        load_kg = number(inputs, "load_kg")
        if number(inputs, "overload"):
            load_kg += 2 * self.platform.capacity_kg
        if load_kg != self._load_kg:
            self._swing_kg = self._felt_kg(now_s) - load_kg
            self._load_kg, self._changed_s = load_kg, now_s
        disturbed = bool(number(inputs, "disturbance"))
        shake_kg = self._shake_kg(now_s, disturbed=disturbed)
        swinging_kg = abs(self._swing_kg) * swing_bound(now_s - self._changed_s)
        self._stable = swinging_kg + self._reach_kg() < self.platform.division_kg / 2 and not disturbed
        wander_kg = wander_divisions(self.platform.wander_divisions, now_s) * self.platform.division_kg
        self._seen_kg = self._felt_kg(now_s) + wander_kg + shake_kg
        self._track(now_s)
        at_rest = self._stable and self.platform.vibration == Vibration()
        return Update({"gross_kg": self.weighing().gross_kg}, now_s + (AT_REST_S if at_rest else UPDATE_S))

    def weighing(self) -> Weighing:
        """Return what the display shows since the last update."""
        gross_kg = self.platform.shown(self._seen_kg - self._zero_kg)
        return Weighing(
            gross_kg=gross_kg,
            tare_kg=self._tare_kg,
            stable=self._stable,
            overload=self.platform.above(gross_kg),
            underload=self.platform.below(gross_kg),
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
        value = self.weighing().gross_kg if tare_kg is None else self.platform.shown(tare_kg)
        if not 0 <= value <= self.platform.capacity_kg:
            return False
        self._tare_kg = value
        return True

    def _felt_kg(self, now_s: float) -> float:
        """Return what the load cell feels of the load, which swings and creeps."""
        since_s = now_s - self._changed_s
        return self._load_kg * (1 + creep(self.platform.creep_share, since_s)) + self._swing_kg * swing(since_s)

    def _shake_kg(self, now_s: float, *, disturbed: bool) -> float:
        """Return what shakes the display now, and keep it for `MOTION_S`."""
        platform, dice = self.platform, self._dice
        divisions = dice.gauss(0, platform.noise_divisions) + shaken_divisions(platform.vibration, now_s)
        if disturbed:
            divisions += dice.uniform(-SHAKE_DIVISIONS, SHAKE_DIVISIONS)
        self._shakes.append((now_s, divisions * platform.division_kg))
        while self._shakes[0][0] < now_s - MOTION_S:
            self._shakes.popleft()
        return self._shakes[-1][1]

    def _reach_kg(self) -> float:
        """Return how far the display has been shaken to either side of late."""
        shakes = [shake_kg for _, shake_kg in self._shakes]
        return (max(shakes) - min(shakes)) / 2

    def _track(self, now_s: float) -> None:
        """Follow the zero while nothing stands there, as fast as is allowed."""
        division_kg, off_kg = self.platform.division_kg, self._seen_kg - self._zero_kg
        most_kg = TRACKING_DIVISIONS_PER_S * division_kg * (now_s - self._seen_s)
        self._seen_s = now_s
        if self.platform.track_zero and self._stable and abs(off_kg) < division_kg / 2:
            self._zero_kg += min(max(off_kg, -most_kg), most_kg)
