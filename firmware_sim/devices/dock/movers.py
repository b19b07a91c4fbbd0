"""What moves through a dock gate: pallets on trucks, trucks without, people; and the tags they carry."""

import math
from dataclasses import dataclass
from random import Random

from firmware_sim.devices.dock.settings import Dock
from firmware_sim.devices.epc import sgtin_96, sscc_96
from firmware_sim.physics.motion import Interval, Track
from firmware_sim.physics.radio import orientation_db

PALLET_M = 1.2
"""Length of a EUR pallet the way it drives in; it is 0.8 m wide."""

HALF_WIDTH_M = 0.4
TRUCK_M = 2.2
"""What a counterbalance truck is longer than its pallet."""

PERSON_M = 0.4


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on a mover: where on it, and what it loses towards each antenna, in dB of one way."""

    epc: str
    kind: str
    dx_m: float
    dy_m: float
    z_m: float
    losses_db: tuple[float, ...]
    answers: bool
    salt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Something on its way. It moves along x at the place `beside_m` of y; when `along`, along y at that place of x.

    `kind` is pallet, truck or person, `role` passage, reversal, parked, along or untagged. From its middle it reaches
    `rear_m` (negative) to `front_m` in x. `truck_side` is -1 when its truck is towards the outside, 1 towards the
    inside.
    """

    kind: str
    role: str
    track: Track
    beside_m: float = 0.0
    along: bool = False
    front_m: float = 0.0
    rear_m: float = 0.0
    truck_side: int = 0
    tags: tuple[Tag, ...] = ()

    def covers(self, beam_m: float) -> list[Interval]:
        """Return when it breaks a light barrier."""
        return [] if self.along else list(self.track.within(beam_m - self.front_m, beam_m - self.rear_m))


class Serials:
    """Numbers the tags of a whole history, so that no two are alike."""

    def __init__(self, first: int = 1) -> None:
        """Begin at `first`."""
        self._next = first

    def take(self) -> int:
        """Return the next number."""
        number = self._next
        self._next += 1
        return number


def load(dock: Dock, dice: Random, serials: Serials) -> tuple[Tag, ...]:
    """Return the tags of a pallet: those of its boxes, and its own, low at its front."""
    goods = dock.goods
    count = round(math.exp(dice.uniform(math.log(goods.fewest), math.log(goods.most))))
    low, high = goods.wet_db_per_m if dice.random() < goods.wet else goods.dry_db_per_m
    db_per_m = dice.uniform(low, high)
    places = [(dice.uniform(-0.55, 0.55), dice.uniform(-0.38, 0.38), dice.uniform(0.2, 1.6)) for _ in range(count)]
    tags = [
        _tag(dock, dice, (sgtin_96(2, goods.company, goods.item, serials.take()).hex().upper(), "box"), place, db_per_m)
        for place in places
    ]
    own = sscc_96(6, goods.company, f"{serials.take():0{17 - len(goods.company)}d}").hex().upper()
    return (*tags, _tag(dock, dice, (own, "pallet"), (dice.uniform(-0.55, 0.55), 0.38, 0.12), db_per_m))


def _tag(dock: Dock, dice: Random, name: tuple[str, str], place: tuple[float, float, float], db_per_m: float) -> Tag:
    """Return a tag with what it loses: by how it lies, and by the goods between it and the side the antenna is on."""
    dx_m, dy_m, z_m = place
    losses = []
    for antenna in dock.portal.antennas:
        through_m = HALF_WIDTH_M - math.copysign(1.0, antenna.y_m) * dy_m
        losses.append(orientation_db(dice) + min(through_m * db_per_m, dock.goods.most_db))
    answers = dice.random() >= dock.goods.dead
    return Tag(name[0], name[1], dx_m, dy_m, z_m, tuple(losses), answers, dice.getrandbits(16))


def drive(dice: Random, places: tuple[float, float], speed_m_per_s: float, unsteady: float, start_s: float) -> Track:
    """Return a way from one place to another, metre by metre at another speed."""
    from_m, to_m = places
    metres = max(1, round(abs(to_m - from_m)))
    moments, stations = [start_s], [from_m]
    for metre in range(1, metres + 1):
        stations.append(from_m + (to_m - from_m) * metre / metres)
        pace = speed_m_per_s * min(max(dice.gauss(1, unsteady), 0.5), 1.5)
        moments.append(moments[-1] + abs(stations[-1] - stations[-2]) / pace)
    return Track(tuple(moments), tuple(stations))


def chain(*tracks: Track) -> Track:
    """Return one way made of several, each of which begins where and no earlier than the one before ends."""
    moments: list[float] = []
    places: list[float] = []
    for track in tracks:
        for moment, place in zip(track.moments, track.places, strict=True):
            if not moments or moment > moments[-1]:
                moments.append(moment)
                places.append(place)
    return Track(tuple(moments), tuple(places))
