"""When a weight is stable, and who says so: the scale, or this rule because the scale cannot.

Many scales send no stability flag; then it is derived from the values, and the observation says `derived`, because a
derived one is worth less in a dispute. Pure: the moment of each frame is an argument.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

DEVICE_FRAMES = 2
"""Frames in a row that must carry the device's flag: a single one can be the moment between two movements."""
FEWEST_FRAMES = 3
HISTORY_LIMIT = 200
"""Frames remembered: three seconds of a truck scale at 20 frames a second, three times over."""


class StableBy(StrEnum):
    """Who says whether a weight is stable."""

    DEVICE = "device"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityRule:
    """What counts as stable when the scale does not say.

    `division_kg` is the scale's d. `hold_s` is how long the values must stay within one d: 0.5 for parcels, 1.5 for
    pallets, 3 for trucks. `rate_hz` is how many frames a second the scale sends, so that lost frames are not taken for
    rest; 0 when it is asked. `gap_s` without a frame begins anew.
    """

    division_kg: float
    hold_s: float = 0.5
    rate_hz: float = 0.0
    gap_s: float = 1.0

    @property
    def frames(self) -> int:
        """Frames that must agree: at least three, and all that should have come in `hold_s`."""
        return min(HISTORY_LIMIT, max(FEWEST_FRAMES, int(self.rate_hz * self.hold_s)))


@dataclass(frozen=True, slots=True)
class Stability:
    """The verdict on one frame."""

    stable: bool
    by: StableBy


class StabilityWatch:
    """Judges the frames of one scale, one after the other."""

    def __init__(self, rule: StabilityRule) -> None:
        """Begin with no frame seen; nothing is stable yet."""
        self._rule = rule
        self._flags = 0
        self._history: deque[tuple[float, float]] = deque(maxlen=HISTORY_LIMIT)
        self._last_s: float | None = None

    def judge(self, now_s: float, mass_kg: float | None, *, device_stable: bool | None) -> Stability:
        """Judge one frame.

        Args:
            now_s: When it came, monotonic seconds; never before the frame before it.
            mass_kg: What the scale showed; None for overload, underload and any other frame without a value, which
                is not stable and begins anew.
            device_stable: The device's own flag; None when it has none.
        """
        by = StableBy.DERIVED if device_stable is None else StableBy.DEVICE
        if self._last_s is None or now_s - self._last_s > self._rule.gap_s or mass_kg is None:
            self._flags = 0
            self._history.clear()
        self._last_s = now_s
        if mass_kg is None:
            return Stability(stable=False, by=by)
        self._history.append((now_s, mass_kg))
        if device_stable is None:
            return Stability(stable=self._at_rest(now_s), by=by)
        self._flags = self._flags + 1 if device_stable else 0
        return Stability(stable=self._flags >= DEVICE_FRAMES, by=by)

    def _at_rest(self, now_s: float) -> bool:
        """Whether the latest frames lie within one division for long enough; binary fractions get some slack."""
        lowest = highest = self._history[-1][1]
        for count, (at_s, mass_kg) in enumerate(reversed(self._history), start=1):
            lowest, highest = min(lowest, mass_kg), max(highest, mass_kg)
            if highest - lowest > self._rule.division_kg * 1.000_001:
                return False
            if count >= self._rule.frames and now_s - at_s >= self._rule.hold_s - 1e-9:
                return True
        return False
