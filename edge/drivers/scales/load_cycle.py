"""One weight for each load: put on, come to rest, captured once, taken off. Pure: the moment of a frame is an argument.

A load begins when the platform holds more than it did empty, and is captured at its first rest. What makes the next
weighing is a new load, never a new value: two boxes of the same mass are two loads, and a box that lies there for an
hour is one.

A load has gone when the platform is empty again, or rests below the least load. Where parcels follow each other
without the platform becoming quite empty (`back_to_back`), it has gone as well, and another has come,

- when the mass comes to rest more than `change_kg` from what was captured: something came on or went off, if slowly;
- when it swung through a fifth of the captured mass (and `change_kg`), up, down or both, and then comes to rest
  anywhere, at the same mass too: two equal parcels changed places. Less than a fifth is a push or a jolt: the same
  load.

So a hand that leans on a parcel with a fifth of its mass has it weighed twice, and equal parcels that change places
so closely that the sum stays within a fifth are weighed once; no scale can tell them apart. Pallets and trucks go by
the empty platform alone: goods put on in pieces are one load. While nothing is heard anything may happen, so after a
silence they too go by a rest that is another.

Told as bad are loads that left without a rest (`never-stable`), that rested too heavy (`overload`) or too light
(`below-minimum`). A load found at the start may have been weighed before it: uncertain, `placed-before-start`.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf

from coldport.messages.observation import Quality
from edge.drivers.scales.stability import HISTORY_LIMIT, Stability, StableBy
from edge.protocols.shown import Shown, bad

GONE_SHARE = 0.2
"""Through how much of a captured load the mass must swing to begin another of the same mass."""

DRIFT_DIVISIONS = 4
DRIFT_S = 60.0
"""An empty platform that shows more than four divisions for a minute wants its zero key pressed, by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRule:
    """What a load is. Masses in kilograms, `hold_s` as in `edge.drivers.scales.stability.StabilityRule`.

    `empty_kg`: up to this nothing lies there. `minimum_kg`: the least that may be weighed (20 e, OIML R 76-1, 3.2).
    """

    division_kg: float
    empty_kg: float
    minimum_kg: float
    change_kg: float
    hold_s: float
    back_to_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One load: what the scale showed of it, or why there is no weight. `number` counts from 1."""

    number: int
    placed_at: datetime
    shown: Shown
    stable_by: StableBy


@dataclass(slots=True)
class _Empty:
    """No load. `floor_kg` lies there all the same, because it rests and is too light to be one."""

    floor_kg: float = 0.0


@dataclass(slots=True)
class _Settling:
    """A load that has come and not yet been captured.

    A rest too light, and no more than an empty platform above `base_kg`, is what lay there before. `rise_kg` is how far
    the mass has risen from its lowest; from `enough_kg` on something has surely been there, if it was for long enough
    to be weighed: a platform swings for a while when a load has gone. It must rest for the whole `hold_s` even if the
    scale says so at once: it still settles then, and while one load goes as another comes the sum can stand still.
    """

    placed_at: datetime
    since_s: float
    lowest_kg: float
    enough_kg: float
    base_kg: float = inf
    rise_kg: float = 0.0
    still_since_s: float | None = None
    overload_since_s: float | None = None

    def see(self, mass_kg: float, now_s: float) -> None:
        """Take one mass, infinite when it is over the range.

        That raises nothing: a scale without a word for it says the same when it swings below zero.
        """
        if mass_kg == inf:
            self.overload_since_s = now_s if self.overload_since_s is None else self.overload_since_s
            return
        self.overload_since_s = None
        self.lowest_kg = min(self.lowest_kg, mass_kg)
        self.rise_kg = max(self.rise_kg, mass_kg - self.lowest_kg)


@dataclass(slots=True)
class _Captured:
    """A load that has been told; `rest_kg` is infinite when it was over the range. `left_at`: another mass since."""

    rest_kg: float
    left_at: datetime | None = None
    lowest_kg: float = inf
    highest_kg: float = -inf

    def swing(self, mass_kg: float, now: datetime) -> float:
        """Take a mass that is another, and return through how much it has swung since it was that of the rest."""
        if self.left_at is None:
            self.left_at = now
            self.lowest_kg = self.highest_kg = self.rest_kg
        self.lowest_kg, self.highest_kg = min(self.lowest_kg, mass_kg), max(self.highest_kg, mass_kg)
        return self.highest_kg - self.lowest_kg


class LoadCycle:
    """Follows the loads of one scale, frame by frame."""

    def __init__(self, rule: LoadRule) -> None:
        """Begin before the first frame: what lies there then was put on at an unknown time."""
        self._rule = rule
        self._number = 0
        self._phase: _Empty | _Settling | _Captured = _Empty()
        self._from_before: bool | None = None
        self._unheard = False
        self._drift_since_s: float | None = None
        self._recent: deque[tuple[float, float, Shown]] = deque(maxlen=HISTORY_LIMIT)
        self.needs_zero = False
        """Whether the empty platform has shown more than `DRIFT_DIVISIONS` for a minute."""

    def follow(self, shown: Shown, verdict: Stability, now: datetime, now_s: float) -> Captured | None:
        """Take one frame; return the load that it settles, if it does.

        Args:
            shown: What the scale showed; a bad one other than `overload` tells nothing about loads.
            verdict: Whether it is at rest.
            now: When it came, for people.
            now_s: When it came, monotonic seconds.
        """
        mass_kg = inf if shown.reason == "overload" else shown.load_kg
        if mass_kg is None:
            self._unheard = True
            self._watch_zero(-inf if shown.reason == "underload" else None, now_s)
            return None
        self._recent.append((now_s, mass_kg, shown))
        if self._from_before is None:
            self._from_before = mass_kg > self._rule.empty_kg
        if isinstance(self._phase, _Empty):
            self._phase = self._while_empty(self._phase, mass_kg, now, now_s)
        elif isinstance(self._phase, _Captured):
            self._phase = self._while_captured(self._phase, mass_kg, verdict, now, now_s)
        captured = self._settle(self._phase, mass_kg, verdict, now_s) if isinstance(self._phase, _Settling) else None
        self._watch_zero(mass_kg, now_s)
        return captured

    def _while_empty(self, empty: _Empty, mass_kg: float, now: datetime, now_s: float) -> _Empty | _Settling:
        if mass_kg <= self._rule.empty_kg:
            empty.floor_kg = 0.0
        if mass_kg <= empty.floor_kg + self._rule.empty_kg:
            return empty
        return _Settling(now, now_s, empty.floor_kg, self._rule.minimum_kg, base_kg=empty.floor_kg)

    def _while_captured(
        self, load: _Captured, mass_kg: float, verdict: Stability, now: datetime, now_s: float
    ) -> _Empty | _Settling | _Captured:
        rule = self._rule
        if mass_kg <= rule.empty_kg or (verdict.stable and mass_kg < rule.minimum_kg):
            return self._emptied(mass_kg)
        if load.rest_kg == inf:
            # Lightened, it may still have a weight; it has been told already in case it goes without one.
            return load if mass_kg == inf else _Settling(now, now_s, mass_kg, inf)
        if abs(mass_kg - load.rest_kg) <= rule.change_kg:
            if verdict.stable:
                load.left_at, self._unheard = None, False
            return load
        swing_kg = load.swing(mass_kg, now)
        gone_kg = max(rule.change_kg, load.rest_kg * GONE_SHARE)
        another = verdict.stable and (rule.back_to_back or self._unheard)
        if another or (rule.back_to_back and swing_kg >= gone_kg):
            return _Settling(load.left_at or now, now_s, load.lowest_kg, max(rule.minimum_kg, gone_kg))
        return load

    def _settle(self, load: _Settling, mass_kg: float, verdict: Stability, now_s: float) -> Captured | None:
        rule = self._rule
        load.see(mass_kg, now_s)
        light = verdict.stable and mass_kg < rule.minimum_kg
        if mass_kg <= rule.empty_kg or (light and mass_kg <= load.base_kg + rule.empty_kg):
            self._phase = self._emptied(mass_kg)
            surely_there = load.rise_kg >= load.enough_kg and now_s - load.since_s >= rule.hold_s
            return self._tell(load, bad("never-stable"), verdict) if surely_there else None
        if light:
            self._phase = self._emptied(mass_kg)
            return self._tell(load, bad("below-minimum"), verdict)
        if load.overload_since_s is not None and now_s - load.overload_since_s >= rule.hold_s:
            self._phase = _Captured(inf)
            return self._tell(load, bad("overload"), verdict)
        if not self._still(load, verdict, now_s):
            return None
        rest_kg, shown = self._at_rest(now_s)
        self._phase = _Captured(rest_kg)
        return self._tell(load, shown, verdict)

    def _still(self, load: _Settling, verdict: Stability, now_s: float) -> bool:
        if not verdict.stable:
            load.still_since_s = None
            return False
        if load.still_since_s is None:
            load.still_since_s = now_s
        long_enough = now_s - load.still_since_s >= self._rule.hold_s
        return long_enough or verdict.by is StableBy.DERIVED

    def _emptied(self, mass_kg: float) -> _Empty:
        return _Empty(mass_kg if mass_kg > self._rule.empty_kg else 0.0)

    def _at_rest(self, now_s: float) -> tuple[float, Shown]:
        """Take one of the values that the scale showed at rest: the median of their later half.

        In the earlier half it may still have settled; a scale's own flag comes too early by up to half a division. The
        number of values is odd, so that the scale has shown what is taken: nothing is averaged.
        """
        frames = [frame for frame in self._recent if frame[0] >= now_s - self._rule.hold_s]
        count = len(frames) // 2 | 1
        _, rest_kg, shown = sorted(frames[-count:], key=lambda frame: frame[1])[count // 2]
        if shown.quality is Quality.GOOD and (self.needs_zero or self._from_before):
            reason = "needs-zero" if self.needs_zero else "placed-before-start"
            shown = replace(shown, quality=Quality.UNCERTAIN, reason=reason)
        return rest_kg, shown

    def _tell(self, load: _Settling, shown: Shown, verdict: Stability) -> Captured:
        self._number += 1
        self._from_before = self._unheard = False
        return Captured(number=self._number, placed_at=load.placed_at, shown=shown, stable_by=verdict.by)

    def _watch_zero(self, mass_kg: float | None, now_s: float) -> None:
        if mass_kg is None or not isinstance(self._phase, _Empty):
            self._drift_since_s = None
        elif abs(mass_kg) <= DRIFT_DIVISIONS * self._rule.division_kg * 1.000_001:
            self._drift_since_s = None
            self.needs_zero = False
        elif self._drift_since_s is None:
            self._drift_since_s = now_s
        elif now_s - self._drift_since_s >= DRIFT_S:
            self.needs_zero = True
