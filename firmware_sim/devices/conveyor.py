"""The belt of a lane: parcels come, pass the gate and its light barriers, stop on the scale, and leave.

The whole belt stops while a parcel is weighed, and with it every parcel on it, in the field of the gate as well.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, MovingTag, Update, Value
from firmware_sim.devices.epc import sgtin_96
from firmware_sim.physics.radio import orientation_db
from firmware_sim.physics.thermal import Positive

ENTRY_BEAM_M = 0.2
EXIT_BEAM_M = 3.8
"""Where the light barriers stand, before the gate's antennas and behind them."""

SCALE_M = 4.5
"""Where the platform of the scale begins."""

HEARD_M = 0.5
"""How far behind the exit a tag may still be heard."""

TICK_S = 0.1
"""How often the weight on the platform is told while parcels move on it or off it."""

READY = 20
"""Parcels that lie ready for a belt: who sends them knows of them before they come onto it."""

_SAME_M = 1e-6

Metres = Annotated[float, Meta(gt=0, le=5)]


class Belt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A belt: a parcel every `every_s` or so, no nearer to the one before than `gap_m`, weighed for `weigh_s`.

    Nothing is put onto it before `starts_s`.

    It moves at `speed_m_per_s`, a little different after each stop (`unsteady` is the spread). Parcels are from
    `shortest_m` to `longest_m` long and from `lightest_kg` to `heaviest_kg`; `dead` is the share of tags that never
    answer. The platform of the scale is `platform_m` long: where that is more than a parcel and its gap, two stand on
    it while they move. `company` and `item` are what stands in the tags.
    """

    every_s: Annotated[float, Meta(ge=1)] = 40.0
    starts_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    gap_m: Annotated[float, Meta(ge=0.02, le=10)] = 0.5
    speed_m_per_s: Annotated[float, Meta(ge=0.2, le=2)] = 0.5
    unsteady: Annotated[float, Meta(ge=0, le=0.3)] = 0.0
    weigh_s: Annotated[float, Meta(ge=1, le=8)] = 6.0
    shortest_m: Metres = 0.3
    longest_m: Metres = 0.6
    platform_m: Metres = 0.8
    lightest_kg: Positive = 1.0
    heaviest_kg: Positive = 30.0
    dead: Annotated[float, Meta(ge=0, le=1)] = 0.0
    company: Annotated[str, Meta(pattern="^[0-9]{6,12}$")] = "6901234"
    item: Annotated[str, Meta(pattern="^[0-9]{1,7}$")] = "056789"
    first_serial: Annotated[int, Meta(ge=0, lt=1 << 37)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel on the belt: its front was at 0 when the belt had moved by `entered_m`; infinity while it lies ready.

    `serial` is the number in its tag. The tag is `tag_m` behind its front, `beside_m` off the middle, lies so
    that it loses `loss_db`, and may be dead.
    """

    serial: int
    epc: bytes
    mass_kg: float
    length_m: float
    entered_m: float
    tag_m: float
    beside_m: float
    loss_db: float
    dead: bool


class Conveyor:
    """Outputs `tags` (those that may be heard), `load_kg` (what really stands on the scale), and two light barriers.

    They are `entry` and `exit`, and 1 while a parcel is in them.
    """

    def __init__(self, belt: Belt, dice: Dice) -> None:
        """Start empty and running; the first parcel comes within half an interval of the belt's start."""
        self._belt = belt
        self._dice = dice
        self._next_s = belt.starts_s + dice.uniform(3.0, max(3.0, belt.every_s / 2))
        self._ready = deque(self._packed(belt.first_serial + n) for n in range(READY))
        self._parcels: list[Parcel] = []
        self._to_weigh: list[Parcel] = []
        self._leg_s = self._leg_m = 0.0  # when the belt last started or stopped, and how far it had moved by then
        self._speed = belt.speed_m_per_s
        self._resumes_s = math.inf

    @property
    def ready(self) -> Sequence[Parcel]:
        """Return the parcels that come onto the belt next, in their order."""
        return tuple(self._ready)

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Put every parcel where it is by now."""
        del inputs  # a belt runs by itself
        self._stop_or_start(now_s)
        moved_m = self._moved_m(now_s)
        self._take_in(now_s, moved_m)
        self._parcels = [parcel for parcel in self._parcels if self._on_belt(parcel, moved_m)]
        tags = tuple(self._tag(parcel) for parcel in self._parcels if not parcel.dead and self._heard(parcel, moved_m))
        loads_kg = [parcel.mass_kg * self._share(parcel, moved_m) for parcel in self._parcels]
        outputs: dict[str, Value] = {
            "tags": tags,
            "load_kg": math.fsum(loads_kg),
            "entry": self._beam(ENTRY_BEAM_M, moved_m),
            "exit": self._beam(EXIT_BEAM_M, moved_m),
        }
        return Update(outputs, self._call_at_s(now_s, moved_m))

    def _moved_m(self, now_s: float) -> float:
        return self._leg_m + self._speed * (now_s - self._leg_s)

    def _stop_or_start(self, now_s: float) -> None:
        """Stop when the parcel to be weighed next is in the middle of the platform; go on when it has been weighed."""
        if now_s >= self._resumes_s:
            self._leg(now_s, self._leg_m, self._belt.speed_m_per_s * (1 + self._dice.gauss(0, self._belt.unsteady)))
            self._resumes_s = math.inf
        elif self._to_weigh and self._speed and self._moved_m(now_s) >= self._stop_m(self._to_weigh[0]) - _SAME_M:
            self._leg(now_s, self._stop_m(self._to_weigh.pop(0)), 0.0)
            self._resumes_s = now_s + self._belt.weigh_s

    def _leg(self, now_s: float, moved_m: float, speed: float) -> None:
        self._leg_s, self._leg_m, self._speed = now_s, moved_m, speed

    def _stop_m(self, parcel: Parcel) -> float:
        """Return how far the belt has moved when the middle of a parcel is in the middle of the platform."""
        return parcel.entered_m + SCALE_M + self._belt.platform_m / 2 + parcel.length_m / 2

    def _room_m(self) -> float:
        """Return how far the belt must have moved before another parcel has room."""
        last = self._parcels[-1] if self._parcels else None
        return -math.inf if last is None else last.entered_m + last.length_m + self._belt.gap_m

    def _take_in(self, now_s: float, moved_m: float) -> None:
        if now_s < self._next_s or moved_m < self._room_m() - _SAME_M:
            return
        parcel = replace(self._ready.popleft(), entered_m=moved_m)
        self._ready.append(self._packed(parcel.serial + READY))
        self._parcels.append(parcel)
        self._to_weigh.append(parcel)
        self._next_s = max(self._next_s + self._belt.every_s * self._dice.uniform(0.75, 1.25), now_s)

    def _packed(self, serial: int) -> Parcel:
        belt, dice = self._belt, self._dice
        length_m = dice.uniform(belt.shortest_m, belt.longest_m)
        return Parcel(
            serial=serial,
            epc=sgtin_96(2, belt.company, belt.item, serial),
            mass_kg=dice.uniform(belt.lightest_kg, belt.heaviest_kg),
            length_m=length_m,
            entered_m=math.inf,
            tag_m=dice.uniform(0, length_m),
            beside_m=dice.uniform(-0.2, 0.2),
            loss_db=orientation_db(dice),
            dead=dice.random() < belt.dead,
        )

    def _on_belt(self, parcel: Parcel, moved_m: float) -> bool:
        return moved_m - parcel.entered_m - parcel.length_m < SCALE_M + self._belt.platform_m - _SAME_M

    def _heard(self, parcel: Parcel, moved_m: float) -> bool:
        return moved_m - parcel.entered_m - parcel.tag_m < EXIT_BEAM_M + HEARD_M

    def _tag(self, parcel: Parcel) -> MovingTag:
        at_m = self._leg_m - parcel.entered_m - parcel.tag_m
        return MovingTag(parcel.epc, self._leg_s, at_m, self._speed, parcel.beside_m, parcel.loss_db)

    def _share(self, parcel: Parcel, moved_m: float) -> float:
        """Return how much of a parcel is on the platform."""
        front_m = moved_m - parcel.entered_m
        on_m = min(front_m, SCALE_M + self._belt.platform_m) - max(front_m - parcel.length_m, SCALE_M)
        return min(max(on_m / parcel.length_m, 0.0), 1.0)

    def _changes(self, parcel: Parcel, moved_m: float) -> bool:
        """Return whether a parcel is moving onto the platform or off it."""
        beyond_m = moved_m - parcel.entered_m - SCALE_M + _SAME_M
        return 0 <= beyond_m < parcel.length_m or beyond_m >= self._belt.platform_m

    def _beam(self, place_m: float, moved_m: float) -> float:
        fronts = [(moved_m - parcel.entered_m, parcel.length_m) for parcel in self._parcels]
        return float(any(front_m - length_m + _SAME_M < place_m <= front_m + _SAME_M for front_m, length_m in fronts))

    def _call_at_s(self, now_s: float, moved_m: float) -> float:
        """Return when something happens next: a stop, a parcel, a beam, or a weight that changes."""
        if not self._speed:
            return self._resumes_s
        places = [self._stop_m(parcel) for parcel in self._to_weigh[:1]]
        end_m = SCALE_M + self._belt.platform_m
        for parcel in self._parcels:
            rear_m = parcel.entered_m + parcel.length_m
            places += [parcel.entered_m + place for place in (ENTRY_BEAM_M, EXIT_BEAM_M, SCALE_M, end_m)]
            places += [rear_m + place for place in (ENTRY_BEAM_M, EXIT_BEAM_M, end_m)]
            places.append(parcel.entered_m + parcel.tag_m + EXIT_BEAM_M + HEARD_M)
        moments = [self._leg_s + (place - self._leg_m) / self._speed for place in places if place > moved_m + _SAME_M]
        moments.append(max(self._next_s, self._leg_s + (self._room_m() - self._leg_m) / self._speed))
        if any(self._changes(parcel, moved_m) for parcel in self._parcels):
            moments.append(now_s + TICK_S)
        return max(min(moments), now_s + _SAME_M)
